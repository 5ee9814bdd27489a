"""Waiters: signing in, a manager's word for what staff may not do alone, and their set-up."""

from typing import Annotated

from pydantic import Field

from epos.contract.base import Answer, ClosedRequest, Flag, Id, Wording
from epos.till_contract.base import Name, OwnId

Pin = Annotated[
    str,
    Field(strict=True, pattern=r"^[0-9]{4,12}$", repr=False),
    Wording("must be text of 4 to 12 digits"),
]
"""Never answered, and never logged."""


class Approval(ClosedRequest):
    """A manager's word: his id and PIN."""

    waiterId: Id
    pin: Pin


class SignIn(ClosedRequest):
    """Who wants to work at this till."""

    waiterId: Id
    pin: Pin


class SignedIn(Answer):
    """The waiter whose PIN it was."""

    id: str
    name: str
    isManager: bool


class WaiterChange(ClosedRequest):
    """What of a waiter can be changed."""

    name: Name
    isManager: Flag = False
    """Sees all, whatever the access policy, and may approve."""


class NewWaiter(WaiterChange):
    id: OwnId | None = None
    """Unset: one is made. It is what terminals send as `waiter-id`."""


class Waiter(Answer):
    """A member of staff."""

    id: str
    name: str
    isManager: bool
    hasPin: bool


class SetPin(ClosedRequest):
    pin: Pin
