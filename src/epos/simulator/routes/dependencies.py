"""What the routes depend on: the accounts, and the one that a request is about."""

from typing import Annotated

from fastapi import Depends, HTTPException
from starlette.requests import HTTPConnection

from epos.simulator.accounts import Accounts, DojoAccount, UnknownAccount


def accounts_of(connection: HTTPConnection) -> Accounts:
    accounts: Accounts = connection.app.state.accounts
    return accounts


TheAccounts = Annotated[Accounts, Depends(accounts_of)]


async def account_named(accounts: TheAccounts, account: str | None = None) -> DojoAccount:
    """For the control API: `?account=`, optional while there is only one account. What the request does,
    it does at the account's time; asynchronous, because FastAPI runs others in another context.
    """
    try:
        found = accounts.named(account)
    except UnknownAccount as error:
        raise HTTPException(404, str(error)) from None
    found.clock.enter()
    return found


TheAccount = Annotated[DojoAccount, Depends(account_named)]
