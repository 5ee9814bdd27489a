"""Who stands at the till: signing in, and a manager's word for what staff may not do alone."""

from typing import Annotated

from pydantic import Field

from epos.contract.base import Answer, ClosedRequest, Id, Says

Pin = Annotated[
    str,
    Field(strict=True, pattern=r"^[0-9]{4,12}$", repr=False),
    Says("must be text of 4 to 12 digits"),
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
