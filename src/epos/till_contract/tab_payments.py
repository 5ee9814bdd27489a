"""Money over the counter: cash and whatever else is no card of Dojo's."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from epos.contract.base import LARGEST_AMOUNT, ClosedRequest, Says, violation, whole
from epos.till_contract.base import Minor, Version
from epos.till_contract.staff import Approval
from epos.till_contract.tab_requests import Reason

Method = Annotated[
    str,
    Field(strict=True, pattern=r"^[a-z0-9]+([ -][a-z0-9]+)*$", max_length=40),
    Says("must be 1 to 40 of a-z and 0-9, with single spaces or - between them"),
]
"""Such as voucher, cheque or bank transfer: reports sum by it, so one spelling is one method."""


class TakePayment(ClosedRequest):
    """Money that was taken for a tab, or for an order of Dojo's."""

    version: Version
    type: Annotated[Literal["cash", "other"], Says("must be cash or other")]
    amount: Annotated[int, *whole(1, LARGEST_AMOUNT)] | None = None
    """Of the bill; unset: all that is left to pay."""
    tip: Minor = 0
    """On top of it."""
    tendered: Minor | None = None
    """Of cash: what was handed over; unset: the exact sum. The answer says the change."""
    method: Method | None = None
    """Of other money: what it is."""

    @model_validator(mode="after")
    def _fits_its_type(self) -> "TakePayment":
        if self.type == "cash" and self.method is not None:
            raise violation("must not be sent with cash", "method")
        if self.type == "other" and self.method is None:
            raise violation("is required with other money", "method")
        if self.type == "other" and self.tendered is not None:
            raise violation("must not be sent with other money", "tendered")
        return self


class EndPayment(ClosedRequest):
    """A payment over the counter that shall count no more. A card's ends only by what Dojo says; one that
    Dojo disputes, or that has no intent, may be corrected.
    """

    version: Version
    reason: Reason
    approval: Approval
