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
from epos.domain.money import WHOLE
from epos.domain.tab_changes import MOST_LINES
from epos.till_contract.base import ConfirmedRequest, Covers, KeyedRequest, Label, Minor, Version
from epos.till_contract.paging import ListRequest
from epos.till_contract.staff import Approval

Note = Annotated[str, *short_text(500)]
Reason = Annotated[
    str,
    Field(strict=True, min_length=1, max_length=100, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$"),
    Wording("must be text of 1 to 100 characters, not all blank, without NUL characters"),
]
"""A reason in the words of staff. It is shown on the tab and is never logged."""
Quantity = Annotated[int, *whole_number(1, LARGEST_COUNT)]


MOST_ITEMS = 100
"""The most items in one request."""
MOST_PARTS = 50
"""The most modifiers, or sub-items, of one item."""


# --- open and list ------------------------------------------------------------------------------------


class Collection(ClosedRequest):
    """Details of an order that guests collect. Without `collectAt`: as soon as possible."""

    asap: Flag | None = None
    """true: the guests collect the order as soon as possible."""
    collectAt: Time | None = None
    """When the guests collect the order. Not together with `asap` true."""
    name: Label | None = None
    """The name of the person who collects it."""


class OpenTab(ConfirmedRequest):
    """A new tab: at a table, for collection, or neither, such as at the bar."""

    tableId: Id | None = None
    """The id of the table. Not together with `collection`."""
    collection: Collection | None = None
    """Details of an order that guests collect. Not together with `tableId`."""
    partyId: Id | None = None
    """The id of the party that orders. If it is not sent: the party at the table."""
    waiterId: Id | None = None
    """The id of the waiter who serves the tab. If it is not sent: the waiter of the request."""
    covers: Covers | None = None
    """How many guests the tab is for."""
    note: Note | None = None
    """A note for the staff."""
    displayName: Label | None = None
    """The name of the tab on card machines. If it is not sent: the table and the reference."""


class ListTabs(ListRequest):
    """Which tabs and Dojo orders to list. They must match every filter that is sent."""

    tableId: Id | None = None
    """Only those of this table."""
    waiterId: Id | None = None
    """Only those that this waiter serves: by the tab's own waiter, or its table's, or its area's."""
    status: Annotated[
        Literal["open", "all"] | OrderStatus, Wording("must be open, all, or the name of a status")
    ] = "open"
    """`open`, the default: only those that are not closed. `all`: every one. Or a status: only those
    with this status.
    """


# --- items and prices ---------------------------------------------------------------------------------


class NewModifier(ClosedRequest):
    """A change to an item: one of the item's modifiers in the menu."""

    plu: Id
    """The modifier's product code."""
    quantity: Quantity = 1
    """How many for each single item. More than one of a modifier that takes money off needs a manager's
    approval.
    """


_PARTS = (Field(max_length=MOST_PARTS, fail_fast=True),)
_Modifiers = Annotated[list[NewModifier], *_PARTS]


class NewSubItem(ClosedRequest):
    """A part of an item with a price of its own: any item of the menu."""

    plu: Id
    """The product code of the sub-item."""
    quantity: Quantity = 1
    """How many for each single item."""
    price: Minor | None = None
    """The price of one in minor units, with VAT. Required if the menu has no price, refused if it has."""
    modifiers: _Modifiers = Field(default_factory=list)
    """Changes to the sub-item."""
    note: Note | None = None
    """A wish of the guests, for the kitchen."""


class NewItem(ClosedRequest):
    """An item to add. Its name, category, price and VAT rate are copied from the menu."""

    plu: Id
    """The item's product code."""
    quantity: Quantity = 1
    """How many of the item."""
    price: Minor | None = None
    """The price of one in minor units, with VAT. Required if the menu has no price, refused if it has."""
    modifiers: _Modifiers = Field(default_factory=list)
    """Changes to the item."""
    subItems: Annotated[list[NewSubItem], *_PARTS] = Field(default_factory=list)
    """Parts of the item with prices of their own."""
    note: Note | None = None
    """A wish of the guests, for the kitchen."""
    cover: Covers | None = None
    """The number of the guest who gets it, such as the seat."""
    takeaway: Flag | None = None
    """true: the guests take it away, at the price and VAT rate of that. If it is not sent: as the tab says,
    and true for an order that is collected.
    """


class AddItems(ConfirmedRequest):
    """Items to add to a tab. If one is refused, none is added."""

    version: Version
    """The tab's version that the change is based on. If it has changed since: Conflict."""
    items: Annotated[list[NewItem], Field(min_length=1, max_length=MOST_ITEMS, fail_fast=True)]
    """The items. Each becomes a line of the tab."""
    approval: Approval | None = None
    """A manager's approval. Required for a modifier that takes money off an item more than once."""


class ChangeLine(ConfirmedRequest):
    """The new content of a line. A property that is not sent is cleared. When the line has been sent to
    the kitchen, only `cover` may change.
    """

    version: Version
    """The tab's version that the change is based on. If it has changed since: Conflict."""
    quantity: Quantity
    """How many of the item."""
    note: Note | None = None
    """A wish of the guests, for the kitchen."""
    cover: Covers | None = None
    """The number of the guest who gets it, such as the seat."""
    approval: Approval | None = None
    """A manager's approval. Required for more of an item that a modifier takes money off more than once."""


class VoidLine(KeyedRequest):
    """A line, or a part of it, that does not count any more. It stays on the tab, marked as void."""

    version: Version
    """The tab's version that the change is based on. If it has changed since: Conflict."""
    lineId: Id
    """The id of the line."""
    quantity: Quantity | None = None
    """How many of the line. If it is not sent: all."""
    reason: Reason
    """Why the line is voided."""
    approval: Approval | None = None
    """A manager's approval. Required if the line has been sent to the kitchen."""


class SendTab(KeyedRequest):
    """Send to the kitchen all lines that it has not received yet, as one round."""

    version: Version
    """The tab's version that the change is based on. If it has changed since: Conflict."""


class GiveDiscount(KeyedRequest):
    """A discount on a line or on the whole order: either `percentage` or `amount`."""

    version: Version
    """The tab's version that the change is based on. If it has changed since: Conflict."""
    lineId: Id | None = None
    """The id of the line, which may have several discounts. If it is not sent: the whole order, which
    has one; a new one replaces it.
    """
    name: Reason
    """What the discount is for. Bills print it."""
    percentage: Annotated[int, *whole_number(1, WHOLE)] | None = None
    """The discount in hundredths of a percent: 10% is 1000."""
    amount: Annotated[int, *whole_number(1, LARGEST_AMOUNT)] | None = None
    """The discount in minor units. It takes off at most what is left of the price."""
    approval: Approval
    """The approval of a manager."""


class TakeDiscountAway(KeyedRequest):
    """Remove the discount of the order, or all discounts of a line."""

    version: Version
    """The tab's version that the change is based on. If it has changed since: Conflict."""
    lineId: Id | None = None
    """The id of the line. If it is not sent: the discount of the order."""


class SetServiceCharge(KeyedRequest):
    """Set or remove the service charge."""

    version: Version
    """The tab's version that the change is based on. If it has changed since: Conflict."""
    rate: Annotated[int, *whole_number(0, WHOLE)] | None = None
    """The rate in hundredths of a percent: 12.5% is 1250. 0 removes the service charge. If it is not
    sent: the venue's rate.
    """


class SetTakeaway(KeyedRequest):
    """Whether the guests take away what they ordered. It can be changed until it is paid."""

    version: Version
    """The tab's version that the change is based on. If it has changed since: Conflict."""
    takeaway: Flag
    """true: they take it away. false: they eat it here."""
    lineIds: (
        Annotated[list[Id], Field(min_length=1, max_length=MOST_LINES, fail_fast=True)] | None
    ) = None
    """The ids of the lines. If it is not sent: all lines, and those that are added later."""


class DescribeTab(ConfirmedRequest):
    """The new description of a tab. A property that is not sent is cleared."""

    version: Version
    """The tab's version that the change is based on. If it has changed since: Conflict."""
    covers: Covers | None = None
    """How many guests the tab is for."""
    note: Note | None = None
    """A note for the staff."""
    displayName: Label | None = None
    """The name of the tab on card machines. If it is not sent: the table and the reference."""


# --- hold, lock and status ----------------------------------------------------------------------------


LONGEST_HOLD = 60
"""In seconds. A till that edits for longer sends its hold again."""


class HoldTab(KeyedRequest):
    """A hold: somebody edits the tab at this till, so terminals must not take a payment now."""

    seconds: Annotated[int, *whole_number(1, LONGEST_HOLD)]
    """How long the hold lasts from now, in seconds."""


class BreakLock(KeyedRequest):
    """End the lock of a terminal before it expires."""

    lockId: Id
    """The id of the lock, as the tab shows it."""
    approval: Approval
    """The approval of a manager."""


class Progress(StrEnum):
    """The statuses that staff can set. The other statuses have operations of their own."""

    Submitted = "Submitted"
    Confirmed = "Confirmed"
    Accepted = "Accepted"
    Preparing = "Preparing"
    Prepared = "Prepared"
    Ready = "Ready"


class MoveOn(KeyedRequest):
    """A new status for the order. It may skip statuses, but never go back."""

    version: Version
    """The tab's version that the change is based on. If it has changed since: Conflict."""
    status: Progress
    """The new status."""


class ChangeTab(KeyedRequest):
    """A change that needs only the version."""

    version: Version
    """The tab's version that the change is based on. If it has changed since: Conflict."""


class Cancel(KeyedRequest):
    """Cancel an order."""

    version: Version
    """The tab's version that the change is based on. If it has changed since: Conflict."""
    reason: Reason
    """Why the order is cancelled."""
    approval: Approval | None = None
    """A manager's approval. Required for a tab with lines that have been sent to the kitchen, and for an
    order from Dojo that is accepted or has payments.
    """


class Reject(KeyedRequest):
    """Reject an order that waits as Submitted."""

    version: Version
    """The tab's version that the change is based on. If it has changed since: Conflict."""
    reason: Reason
    """Why the order is rejected."""
    approval: Approval | None = None
    """A manager's approval. Required for a tab with lines that have been sent to the kitchen, and for an
    order from Dojo that has payments.
    """


class Reopen(KeyedRequest):
    """Open a finished order again."""

    version: Version
    """The tab's version that the change is based on. If it has changed since: Conflict."""
    reason: Reason
    """Why the order is opened again."""
    approval: Approval
    """The approval of a manager."""


# --- transfer, merge and split ------------------------------------------------------------------------


class Transfer(KeyedRequest):
    """Move an order to another table, to another waiter, or both."""

    version: Version
    """The tab's version that the change is based on. If it has changed since: Conflict."""
    tableId: Id | None = None
    """The id of the new table. The order then belongs to the party that sits there, if there is one."""
    waiterId: Id | None = None
    """The id of the new waiter."""


class Merge(KeyedRequest):
    """Put the lines of this tab and of another tab on one tab."""

    version: Version
    """The tab's version that the change is based on. If it has changed since: Conflict."""
    otherTabId: Id
    """The id of the other tab."""
    otherVersion: Version
    """The other tab's version that the change is based on. If it has changed since: Conflict."""


class TakenLine(ClosedRequest):
    """A line, or a part of it, that goes to the new tab."""

    lineId: Id
    """The id of the line."""
    quantity: Quantity
    """How many of the line; with `parts`: how many of these parts."""
    parts: Annotated[int, *whole_number(2, 100)] | None = None
    """Into how many equal parts the line is divided: a bottle by two is 1 of 2 `parts`. What the parts come
    to adds up to the line. If it is not sent, whole ones of the line's quantity go.
    """


class Split(KeyedRequest):
    """What goes to a new tab: either `lines`, or everything of some `covers`."""

    version: Version
    """The tab's version that the change is based on. If it has changed since: Conflict."""
    lines: (
        Annotated[list[TakenLine], Field(min_length=1, max_length=MOST_LINES, fail_fast=True)]
        | None
    ) = None
    """The lines that go to the new tab."""
    covers: (
        Annotated[list[Covers], Field(min_length=1, max_length=MOST_LINES, fail_fast=True)] | None
    ) = None
    """The numbers of the guests whose lines go to the new tab."""
    tableId: Id | None = None
    """The id of the new tab's table. If it is not sent: the same table and party."""
    waiterId: Id | None = None
    """The id of the new tab's waiter. If it is not sent: the same waiter."""


# --- payments -----------------------------------------------------------------------------------------


Method = Annotated[
    str,
    Field(strict=True, pattern=r"^[a-z0-9]+([ -][a-z0-9]+)*$", max_length=40),
    Wording("must be 1 to 40 of a-z and 0-9, with single spaces or - between them"),
]
"""Such as voucher, cheque or bank transfer. Reports sum by it, so its form is strict."""


_NOT_OTHER = {
    "cash": "must not be cash; send the type cash",
    "dojo": "must not be dojo; Dojo itself says what it took by card",
    "deposit": "must not be deposit; POST /till/v1/tabs/{tabId}/deposits counts a deposit",
}
"""Methods that reports would add to money of another kind."""


def check_method(method: str | None) -> None:
    """Refuse the name of money that is not taken as another payment."""
    if method in _NOT_OTHER:
        raise violation(_NOT_OTHER[method], "method")


class TakePayment(ConfirmedRequest):
    """A payment in cash or by another method, for a tab or an order from Dojo."""

    version: Version
    """The tab's version that the change is based on. If it has changed since: Conflict."""
    type: Annotated[Literal["cash", "other"], Wording("must be cash or other")]
    """`cash`, or `other` with a `method`."""
    amount: Annotated[int, *whole_number(1, LARGEST_AMOUNT)] | None = None
    """What is paid of the bill, in minor units, without the tip. If it is not sent: all that is left."""
    tip: Minor = 0
    """The tip in minor units."""
    tendered: Minor | None = None
    """Only for cash: the cash that the guest gave, in minor units. If it is not sent: the exact sum."""
    method: Method | None = None
    """Only for `other`, and required then: such as `voucher`. Not `cash`, `dojo` or `deposit`."""
    voucher: Id | None = None
    """Only for the method `voucher`: the code of a voucher that the venue sold. It pays what it is worth,
    at most what is left.
    """

    @model_validator(mode="after")
    def _fits_its_type(self) -> "TakePayment":
        if self.type == "cash" and self.method is not None:
            raise violation("must not be sent with cash", "method")
        if self.type == "other" and self.method is None:
            raise violation("is required with other money", "method")
        check_method(self.method)
        if self.type == "other" and self.tendered is not None:
            raise violation("must not be sent with other money", "tendered")
        if self.voucher is not None and self.method != "voucher":
            raise violation("must be sent with the method voucher", "voucher")
        return self


class EndPayment(KeyedRequest):
    """Give back a payment that was taken at a till, or a part of it. What Dojo took by card, Dojo gives
    back.
    """

    version: Version
    """The tab's version that the change is based on. If it has changed since: Conflict."""
    amount: Annotated[int, *whole_number(1, LARGEST_AMOUNT)] | None = None
    """What goes back, in minor units: of the bill first, of the tip last. If it is not sent: all that is
    left of the payment. More than that: Conflict.
    """
    owedAgain: Flag | None = None
    """true: the guest owes it again, such as to pay it in another way. false: the bill becomes smaller by
    it. If it is not sent: false for an `amount` of a finished order, else true.
    """
    reason: Reason
    """Why the money goes back."""
    approval: Approval
    """The approval of a manager."""
