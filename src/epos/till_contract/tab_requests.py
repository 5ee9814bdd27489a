"""What a till sends about tabs."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from epos.contract.base import (
    LARGEST_AMOUNT,
    LARGEST_COUNT,
    ClosedRequest,
    Flag,
    Id,
    Time,
    Wording,
    short_text,
    violation,
    whole_number,
)
from epos.contract.orders import OrderStatus
from epos.domain.splits import WHOLE
from epos.domain.tab_rules import MOST_LINES
from epos.till_contract.base import Covers, Label, Minor, Version
from epos.till_contract.paging import ListRequest
from epos.till_contract.staff import Approval

Note = Annotated[str, *short_text(500)]
Reason = Annotated[
    str,
    Field(strict=True, min_length=1, max_length=100, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$"),
    Wording("must be text of 1 to 100 characters, not all blank, without NUL characters"),
]
"""In the words of staff; shown on the tab, never in a log."""
Quantity = Annotated[int, *whole_number(1, LARGEST_COUNT)]


MOST_ITEMS = 100
"""In one request."""
MOST_PARTS = 50
"""Modifiers, or sub-items, of one item."""


class Collection(ClosedRequest):
    """An order to be fetched: as soon as possible, unless it says when."""

    asap: Flag | None = None
    collectAt: Time | None = None
    name: Label | None = None
    """Whose it is."""


class OpenTab(ClosedRequest):
    """A new tab: at a table, to be fetched, or neither, at the bar say."""

    key: Id | None = None
    """The till's own name for this request: sent again, it opens nothing and answers the tab."""
    tableId: Id | None = None
    collection: Collection | None = None
    partyId: Id | None = None
    """Unset: the party that sits at the table."""
    waiterId: Id | None = None
    """Unset: the waiter who asks."""
    covers: Covers | None = None
    note: Note | None = None
    displayName: Label | None = None


class ListTabs(ListRequest):
    """Which tabs, and where their list goes on."""

    tableId: Id | None = None
    waiterId: Id | None = None
    """By assignment: the tab's own waiter, else its table's, else its area's."""
    status: Annotated[
        Literal["open", "all"] | OrderStatus, Wording("must be open, all, or the name of a status")
    ] = "open"


class NewModifier(ClosedRequest):
    """A change to an item, which the menu offers with it."""

    plu: Id
    quantity: Quantity = 1
    """For each single item."""


_PARTS = (Field(max_length=MOST_PARTS, fail_fast=True),)
_Modifiers = Annotated[list[NewModifier], *_PARTS]


class NewSubItem(ClosedRequest):
    """A part of an item: anything that the menu has."""

    plu: Id
    quantity: Quantity = 1
    """For each single item."""
    price: Minor | None = None
    """Where the menu has none, and only there."""
    modifiers: _Modifiers = Field(default_factory=list)
    note: Note | None = None


class NewItem(ClosedRequest):
    """So many of one item. Name, category, price and VAT rate are the menu's."""

    plu: Id
    quantity: Quantity = 1
    price: Minor | None = None
    """Where the menu has none, and only there."""
    modifiers: _Modifiers = Field(default_factory=list)
    subItems: Annotated[list[NewSubItem], *_PARTS] = Field(default_factory=list)
    note: Note | None = None
    cover: Covers | None = None
    """Whose it is."""


class AddItems(ClosedRequest):
    """What the guests have ordered: all of it is added, or nothing."""

    version: Version
    items: Annotated[list[NewItem], Field(min_length=1, max_length=MOST_ITEMS, fail_fast=True)]


class ChangeLine(ClosedRequest):
    """A line as it shall be: what is not sent is cleared. After it was sent to the kitchen only its
    cover can change.
    """

    version: Version
    quantity: Quantity
    note: Note | None = None
    cover: Covers | None = None


class VoidLine(ClosedRequest):
    """A line that shall count no more."""

    version: Version
    lineId: Id
    quantity: Quantity | None = None
    """Unset: all of it."""
    reason: Reason
    approval: Approval | None = None
    """A manager's, which a line needs that was sent to the kitchen."""


class SendTab(ClosedRequest):
    """All that the kitchen has not been told yet."""

    version: Version


class GiveDiscount(ClosedRequest):
    """Either a percentage or an amount, which takes off at most what there is."""

    version: Version
    lineId: Id | None = None
    """Unset: on the whole order, in the place of the one before. A line may have several."""
    name: Reason
    """What it is for; bills print it."""
    percentage: Annotated[int, *whole_number(1, WHOLE)] | None = None
    amount: Annotated[int, *whole_number(1, LARGEST_AMOUNT)] | None = None
    approval: Approval


class TakeDiscountAway(ClosedRequest):
    """The order's discount, or all of a line's."""

    version: Version
    lineId: Id | None = None


class SetServiceCharge(ClosedRequest):
    """The service charge, on or off."""

    version: Version
    rate: Annotated[int, *whole_number(0, WHOLE)] | None = None
    """Unset: the venue's. 0 takes it off."""


class DescribeTab(ClosedRequest):
    """What the tab shall say of itself: what is not sent is cleared."""

    version: Version
    covers: Covers | None = None
    note: Note | None = None
    displayName: Label | None = None


# --- status, holds, moves ---------------------------------------------------------------------------


LONGEST_HOLD = 60
"""In seconds. A till that edits for longer sends its hold again."""


class HoldTab(ClosedRequest):
    """Someone edits the tab at this till."""

    seconds: Annotated[int, *whole_number(1, LONGEST_HOLD)]
    """From now on, by the venue's clock."""


class BreakLock(ClosedRequest):
    """The lock that a manager ends, as it was seen on the tab."""

    lockId: Id
    approval: Approval


class Progress(StrEnum):
    """Where the kitchen and the floor may move an order on."""

    Submitted = "Submitted"
    Confirmed = "Confirmed"
    Accepted = "Accepted"
    Preparing = "Preparing"
    Prepared = "Prepared"
    Ready = "Ready"


class MoveOn(ClosedRequest):
    """A step forward; steps may be skipped."""

    version: Version
    status: Progress


class ChangeTab(ClosedRequest):
    """A change that needs nothing but the version."""

    version: Version


class GiveReason(ClosedRequest):
    """A change that somebody will ask about."""

    version: Version
    reason: Reason


class Cancel(ClosedRequest):
    """An order that shall not be."""

    version: Version
    reason: Reason
    approval: Approval | None = None
    """A manager's, which a tab needs of which something was sent to the kitchen."""


class Reopen(ClosedRequest):
    """A manager opens a finished tab again."""

    version: Version
    reason: Reason
    approval: Approval


class Transfer(ClosedRequest):
    """To another table, to another waiter, or both."""

    version: Version
    tableId: Id | None = None
    """The party that sits there gets the tab; nobody there, no party."""
    waiterId: Id | None = None


class Merge(ClosedRequest):
    """The other tab, whose lines are to stand on one tab with these."""

    version: Version
    otherTabId: Id
    otherVersion: Version


class TakenLine(ClosedRequest):
    """So many of a line."""

    lineId: Id
    quantity: Quantity


class Split(ClosedRequest):
    """What a new tab gets: lines, or all that some covers have had."""

    version: Version
    lines: (
        Annotated[list[TakenLine], Field(min_length=1, max_length=MOST_LINES, fail_fast=True)]
        | None
    ) = None
    covers: (
        Annotated[list[Covers], Field(min_length=1, max_length=MOST_LINES, fail_fast=True)] | None
    ) = None
    tableId: Id | None = None
    """Unset: the same table and party."""
    waiterId: Id | None = None
    """Unset: the same waiter."""


# --- payments ---------------------------------------------------------------------------------------


Method = Annotated[
    str,
    Field(strict=True, pattern=r"^[a-z0-9]+([ -][a-z0-9]+)*$", max_length=40),
    Wording("must be 1 to 40 of a-z and 0-9, with single spaces or - between them"),
]
"""Such as voucher, cheque or bank transfer: reports sum by it, so one spelling is one method."""


class TakePayment(ClosedRequest):
    """Money that was taken for a tab, or for an order of Dojo's."""

    version: Version
    type: Annotated[Literal["cash", "other"], Wording("must be cash or other")]
    amount: Annotated[int, *whole_number(1, LARGEST_AMOUNT)] | None = None
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
