"""Cash drawers: the float, and what goes in and out beside payments."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, model_validator

from epos.contract.base import Answer, ClosedRequest, Id, Time, Wording, violation
from epos.till_contract.base import KeyedRequest, Minor
from epos.till_contract.staff import Approval
from epos.till_contract.tab_requests import Reason


class CorrectFloat(KeyedRequest):
    """The float that was really in the drawer at the start of the day."""

    amount: Minor
    """The cash in the drawer at the start, in minor units."""
    reason: Reason
    """Why it is corrected."""
    drawer: Id | None = None
    """The drawer: `main`, or a device that has one. If it is not sent: that of the device, or the venue's
    only one.
    """
    approval: Approval
    """The approval of a manager."""


class MoveCash(KeyedRequest):
    """Cash that goes into a drawer or out of it, or a drawer that is opened without a sale."""

    type: Annotated[
        Literal["paid-in", "paid-out", "to-safe", "no-sale"],
        Wording("must be paid-in, paid-out, to-safe or no-sale"),
    ]
    """`paid-in`: into the drawer. `paid-out`: out of it, such as for milk or for tips. `to-safe`: to the
    safe. `no-sale`: the drawer was only opened.
    """
    amount: Minor = 0
    """How much, in minor units. 0 with `no-sale`."""
    reason: Reason
    """What it is for."""
    drawer: Id | None = None
    """The drawer: `main`, or a device that has one. If it is not sent: that of the device, or the venue's
    only one.
    """
    approval: Approval | None = None
    """A manager's approval. Required if the venue wants that."""

    @model_validator(mode="after")
    def _fits_its_type(self) -> "MoveCash":
        if self.type == "no-sale" and self.amount:
            raise violation("must be 0 with no-sale", "amount")
        if self.type != "no-sale" and not self.amount:
            raise violation("must be more than 0", "amount")
        return self


class CountedDrawer(ClosedRequest):
    """The cash that was counted in one drawer."""

    drawer: Id
    """The drawer."""
    countedCash: Minor
    """The cash in it, in minor units, with the float and the tips."""


class CashMovement(Answer):
    """Cash that went into a drawer or out of it, or a drawer that was opened without a sale."""

    type: str
    """`paid-in`, `paid-out`, `to-safe`, `no-sale`, or `float` for a float that was corrected."""
    drawer: str
    """The drawer."""
    amount: int
    """How much, in minor units. Of a `float`: the new float."""
    reason: str
    """What it was for, in the words of staff."""
    by: str | None = None
    """The name of the waiter."""
    approvedBy: str | None = None
    """The name of the manager who approved it."""
    at: Time
    """When."""


class OpenDrawer(KeyedRequest):
    """The cash that is put into a drawer before it is used."""

    openingFloat: Minor
    """The cash, in minor units."""


class CloseDrawer(KeyedRequest):
    """A drawer is counted and closed; the day goes on. What comes into it later is in its next Z."""

    countedCash: Minor | None = None
    """The cash that was counted, in minor units, with the float and the tips. It stays in the drawer as the
    next float. If it is not sent: what should be there stays.
    """
    approval: Approval | None = None
    """A manager's approval. Required if the venue wants that for cash."""


class DrawerFigures(Answer):
    """The cash of a drawer from its Z before, or the start of the day. `expected` is `float` plus `takings`
    plus `paidIn`, less `paidOut` and `toSafe`. Amounts are minor units.
    """

    zNumber: int | None = None
    """The running number of the drawer's Z: 1, 2, 3, without a gap. Absent: an X; the drawer is open."""
    closedAt: Time | None = None
    """When it was closed."""
    closedBy: str | None = None
    """The name of who closed it."""
    float: int
    """The cash that was in it at the start: its float, or what stayed there at the Z before."""
    takings: int
    """The cash that was taken, with tips, less what was given back."""
    taken: int
    """The cash that was taken, with tips."""
    givenBack: int
    """The cash that was given back, with tips."""
    paidIn: int
    """What was paid in beside payments."""
    paidOut: int
    """What was paid out beside payments."""
    toSafe: int
    """What went to the safe."""
    expected: int
    """The cash that should be in the drawer."""
    counted: int | None = None
    """The cash that was counted."""
    difference: int | None = None
    """`counted` less `expected`."""


class DrawerReport(DrawerFigures):
    """What happened in a drawer since its last Z, or since the day began: an X, or with `zNumber` its Z."""

    day: dt.date
    """The business day."""
    drawer: str
    """The drawer: `main`, or the id of the device."""
    venue: str
    """The venue's name."""
    currency: str
    """The venue's currency, as its ISO 4217 code."""
    movements: list[CashMovement] = Field(default_factory=list)
    """What went in and out beside payments, in its order."""


class DrawerCash(Answer):
    """The cash of one drawer. `expected` is `float` plus `takings` plus `paidIn`, less `paidOut` and
    `toSafe`. Amounts are minor units.
    """

    drawer: str
    """The drawer: `main`, or the id of the device."""
    float: int
    """The cash at the start of the day."""
    takings: int
    """The cash that was taken, with tips, less what was given back."""
    paidIn: int
    """What was paid in beside payments."""
    paidOut: int
    """What was paid out beside payments."""
    toSafe: int
    """What went to the safe."""
    expected: int
    """The cash that should be in the drawer."""
    counted: int | None = None
    """The cash that was counted last, if nothing came into the drawer since."""
    difference: int | None = None
    """`counted` less `expected`: the sum of the differences of its Zs."""
    zs: list[DrawerFigures] = Field(default_factory=list)
    """The drawer's Zs of the day, in their order: their sums are the day's."""


class DayCash(Answer):
    """The cash of a day, of all drawers. Amounts are minor units."""

    float: int = 0
    """The cash at the start of the day."""
    takings: int = 0
    """The cash that was taken, with tips, less what was given back."""
    paidIn: int = 0
    """What was paid in beside payments."""
    paidOut: int = 0
    """What was paid out beside payments."""
    toSafe: int = 0
    """What went to the safe."""
    expected: int
    """The cash that should be in the drawers: `float` plus `takings` plus `paidIn`, less `paidOut` and
    `toSafe`.
    """
    counted: int | None = None
    """The cash that was counted when the day was closed."""
    difference: int | None = None
    """`counted` less `expected`."""
    openingFloat: int
    """The same as `float`."""
    taken: int
    """The cash that was taken, with tips."""
    givenBack: int
    """The cash that was given back, with tips."""
    drawers: list[DrawerCash] = Field(default_factory=list)
    """Each drawer by itself."""
    movements: list[CashMovement] = Field(default_factory=list)
    """What went in and out beside payments, in its order."""
