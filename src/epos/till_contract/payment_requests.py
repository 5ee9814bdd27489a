"""What a till sends about money beside the payments of a tab: corrections, tips and deposits."""

from typing import Annotated, Literal

from pydantic import model_validator

from epos.contract.base import LARGEST_AMOUNT, Flag, Id, Wording, violation, whole_number
from epos.till_contract.base import ConfirmedRequest, KeyedRequest, Minor, Version
from epos.till_contract.staff import Approval
from epos.till_contract.tab_requests import Method, Reason, check_method


class CorrectPayment(KeyedRequest):
    """Take back a payment that never happened. A card payment ends only by Dojo's events, except one that
    Dojo disputes or that has no payment intent: that can be corrected.
    """

    version: Version
    """The tab's version that the change is based on. If it has changed since: Conflict."""
    reason: Reason
    """Why the payment ends."""
    approval: Approval
    """The approval of a manager."""


class RefundOrder(KeyedRequest):
    """Give back all payments that a till took for an order."""

    version: Version
    """The tab's version that the change is based on. If it has changed since: Conflict."""
    owedAgain: Flag | None = None
    """true: the guest owes it again. false: the bill becomes smaller by it. If it is not sent: false for a
    finished order, else true.
    """
    reason: Reason
    """Why the money goes back."""
    approval: Approval
    """The approval of a manager."""


class TakeTip(ConfirmedRequest):
    """A tip alone: with nothing of the bill, also after the bill was paid."""

    version: Version
    """The tab's version that the change is based on. If it has changed since: Conflict."""
    type: Annotated[Literal["cash", "other"], Wording("must be cash or other")]
    """`cash`, or `other` with a `method`."""
    amount: Annotated[int, *whole_number(1, LARGEST_AMOUNT)]
    """The tip in minor units."""
    method: Method | None = None
    """Only for `other`, and required then: such as `voucher`. Not `cash`, `dojo` or `deposit`."""

    @model_validator(mode="after")
    def _fits_its_type(self) -> "TakeTip":
        if (self.type == "other") != (self.method is not None):
            required = "is required with other money"
            raise violation(
                required if self.method is None else "must not be sent with cash", "method"
            )
        check_method(self.method)
        return self


class CorrectTip(ConfirmedRequest):
    """Another tip than the one that a payment has: less, none at all, or more."""

    version: Version
    """The tab's version that the change is based on. If it has changed since: Conflict."""
    tip: Minor
    """The right tip of the payment, in minor units. 0: the tip is taken back."""
    reason: Reason
    """Why the tip is another one."""
    approval: Approval
    """The approval of a manager."""


class CountDeposit(KeyedRequest):
    """Count the deposit of a party as a payment of a tab. A deposit is counted once."""

    version: Version
    """The tab's version that the change is based on. If it has changed since: Conflict."""
    partyId: Id | None = None
    """The id of the party. If neither id is sent: the party of the tab."""
    reservationId: Id | None = None
    """The id of the reservation that the party was seated from. Not together with `partyId`."""
    amount: Annotated[int, *whole_number(1, LARGEST_AMOUNT)] | None = None
    """How much of the deposit, in minor units. If it is not sent: all of it, but at most what is left to
    pay. Required if Dojo has given back a part of the deposit.
    """

    @model_validator(mode="after")
    def _names_one(self) -> "CountDeposit":
        if self.partyId is not None and self.reservationId is not None:
            raise violation("must not be sent with partyId", "reservationId")
        return self
