"""What a till asks of tabs."""

from typing import Annotated, Literal

from pydantic import Field

from epos.contract.base import (
    LARGEST_AMOUNT,
    LARGEST_COUNT,
    ClosedRequest,
    Flag,
    Id,
    Says,
    Time,
    short_text,
    whole,
)
from epos.contract.orders import OrderStatus
from epos.domain.splits import WHOLE
from epos.till_contract.base import Covers, Label, Minor, Version
from epos.till_contract.lists import ListRequest
from epos.till_contract.staff import Approval

Note = Annotated[str, *short_text(500)]
Reason = Annotated[
    str,
    Field(strict=True, min_length=1, max_length=100, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$"),
    Says("must be text of 1 to 100 characters, not all blank, without NUL characters"),
]
"""In the words of staff; shown on the tab, never in a log."""
Quantity = Annotated[int, *whole(1, LARGEST_COUNT)]


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
        Literal["open", "all"] | OrderStatus, Says("must be open, all, or the name of a status")
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
    percentage: Annotated[int, *whole(1, WHOLE)] | None = None
    amount: Annotated[int, *whole(1, LARGEST_AMOUNT)] | None = None
    approval: Approval


class TakeDiscountAway(ClosedRequest):
    """The order's discount, or all of a line's."""

    version: Version
    lineId: Id | None = None


class SetServiceCharge(ClosedRequest):
    """The service charge, on or off."""

    version: Version
    rate: Annotated[int, *whole(0, WHOLE)] | None = None
    """Unset: the venue's. 0 takes it off."""


class DescribeTab(ClosedRequest):
    """What the tab shall say of itself: what is not sent is cleared."""

    version: Version
    covers: Covers | None = None
    note: Note | None = None
    displayName: Label | None = None
