"""What the routes depend on: the accounts, and the one that a request is about."""

from typing import Annotated

from fastapi import Depends, HTTPException
from starlette.requests import HTTPConnection

from epos.simulator.accounts import Accounts, DojoAccount, UnknownAccount


def accounts_of(connection: HTTPConnection) -> Accounts:
    accounts: Accounts = connection.app.state.accounts
    return accounts


TheAccounts = Annotated[Accounts, Depends(accounts_of)]


def account_named(accounts: TheAccounts, account: str | None = None) -> DojoAccount:
    """For the control API: `?account=`, optional while there is only one account."""
    try:
        return accounts.named(account)
    except UnknownAccount as error:
        raise HTTPException(404, str(error)) from None


TheAccount = Annotated[DojoAccount, Depends(account_named)]
