"""Vouchers and gift cards: sold outside VAT, redeemed as a payment."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import model_validator

from epos.contract.base import LARGEST_AMOUNT, Answer, Time, Wording, violation, whole_number
from epos.till_contract.base import ConfirmedRequest, OwnId
from epos.till_contract.tab_requests import Method


class SellVoucher(ConfirmedRequest):
    """Sell a voucher for anything that the venue sells: no sale and no VAT until it is redeemed."""

    code: OwnId | None = None
    """The code on the voucher. If it is not sent: a new one. A code is sold once."""
    amount: Annotated[int, *whole_number(1, LARGEST_AMOUNT)]
    """The value in minor units, which is what is paid for it. More than 25000 is a Conflict until it is
    sent with `confirm`.
    """
    type: Annotated[Literal["cash", "other"], Wording("must be cash or other")]
    """How it is paid: `cash`, or `other` with a `method`."""
    method: Method | None = None
    """Only for `other`, and required then: what it is, such as `card machine`."""

    @model_validator(mode="after")
    def _fits_its_type(self) -> "SellVoucher":
        if (self.type == "other") != (self.method is not None):
            missing = self.method is None
            words = "is required with other money" if missing else "must not be sent with cash"
            raise violation(words, "method")
        return self


class Voucher(Answer):
    """A voucher that the venue sold. Amounts are minor units."""

    code: str
    """The code on the voucher."""
    amount: int
    """What it was sold for."""
    redeemed: int
    """What payments have redeemed of it, less what was given back of them."""
    left: int
    """What it is still worth: `amount` less `redeemed`."""
    soldAt: Time
    """When it was sold."""
    soldOn: dt.date
    """The business day of the sale."""


class VoucherFigures(Answer):
    """Vouchers are owed to those who have them: no sales, and no VAT until they are redeemed. Amounts are
    minor units.
    """

    sold: int
    """What was sold on this day, or on these days."""
    redeemed: int
    """What was redeemed on them, less what was given back: it is in the takings."""
    outstanding: int
    """What all vouchers were still worth when the report was made."""
