"""Waiters: their set-up, signing in, and the approval of a manager."""

from typing import Annotated

from pydantic import Field

from epos.contract.base import Answer, ClosedRequest, Flag, Id, Wording
from epos.till_contract.base import KeyedRequest, Name, OwnId

Pin = Annotated[
    str,
    Field(strict=True, pattern=r"^[0-9]{4,12}$", repr=False),
    Wording("must be text of 4 to 12 digits"),
]
"""A PIN. It is never answered and never logged."""


class Approval(ClosedRequest):
    """A manager's approval of something that staff may not do alone."""

    waiterId: Id
    """The id of the manager."""
    pin: Pin
    """The manager's PIN: 4 to 12 digits."""


class SignIn(KeyedRequest):
    """A waiter who wants to work at this till."""

    waiterId: Id
    """The id of the waiter."""
    pin: Pin
    """The waiter's PIN: 4 to 12 digits."""


class SignedIn(Answer):
    """The waiter who signed in."""

    id: str
    """The id of the waiter. The till sends it as `waiter-id` from now on."""
    name: str
    """The waiter's name."""
    isManager: bool
    """Whether the waiter may approve what staff may not do alone."""


class WaiterChange(KeyedRequest):
    """The new content of a waiter. A property that is not sent gets its default."""

    name: Name
    """The waiter's name, as bills print it."""
    isManager: Flag = False
    """Whether the waiter is a manager: sees everything, whatever the access policy, and may approve."""


class NewWaiter(WaiterChange):
    """A new waiter. An id that was removed before brings that waiter back."""

    id: OwnId | None = None
    """The id that terminals send as `waiter-id`. If it is not sent, the server makes one."""


class Waiter(Answer):
    """A member of staff."""

    id: str
    """The id of the waiter, which terminals send as `waiter-id`."""
    name: str
    """The waiter's name, as bills print it."""
    isManager: bool
    """Whether the waiter is a manager: sees everything, whatever the access policy, and may approve."""
    hasPin: bool
    """Whether the waiter has a PIN and so can sign in."""


class SetPin(KeyedRequest):
    """A new PIN for a waiter. It replaces the old one."""

    pin: Pin
    """The new PIN: 4 to 12 digits. Only its hash is stored."""
