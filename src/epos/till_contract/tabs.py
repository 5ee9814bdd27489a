"""Tabs as staff see them, and orders from Dojo beside them."""

from epos.contract.base import Answer, AsStored, Time
from epos.contract.content import Discount, OrderItem, TaxLine
from epos.contract.paging import Page


class TabModifier(Answer):
    """A change to an item, as it was sold."""

    plu: str
    """The modifier's product code."""
    name: str
    """The modifier's name."""
    price: int
    """The price of one modifier in minor units, with VAT. It may be negative."""
    quantity: int
    """How many for each single item."""


class TabSubItem(Answer):
    """A part of an item, as it was sold, with a category and a VAT rate of its own."""

    plu: str
    """The product code of the sub-item."""
    name: str
    """The name of the sub-item."""
    category: str
    """The name of its category."""
    vatRate: int
    """Its VAT rate in hundredths of a percent."""
    price: int
    """The price of one in minor units, with VAT, without modifiers."""
    quantity: int
    """How many for each single item."""
    modifiers: list[TabModifier]
    """Changes to the sub-item."""
    note: str | None = None
    """A wish of the guests, for the kitchen."""


class TabDiscount(Answer):
    """A discount on a line or on the order."""

    name: str
    """What the discount is for."""
    percentage: int | None = None
    """The discount in hundredths of a percent. Absent if it was given as an amount."""
    amount: int
    """What it takes off, in minor units."""


class TabVoid(Answer):
    """Why a line does not count."""

    reason: str
    """The reason, in the words of staff."""
    by: str | None = None
    """The id of the manager who approved it, or else of the waiter."""
    at: Time
    """When the line was voided."""


class TabLinePart(Answer):
    """Which part of a line this is, since the line was split by parts."""

    taken: int
    """How many of `of` equal parts."""
    of: int
    """In how many equal parts the line was divided."""


class TabLine(Answer):
    """A line of a tab. Name, category, price and VAT rate are what the menu said when it was sold."""

    id: str
    """The id of the line."""
    plu: str
    """The item's product code."""
    name: str
    """The item's name."""
    category: str
    """The name of the item's category."""
    vatRate: int
    """The item's VAT rate in hundredths of a percent."""
    price: int
    """The price of one item in minor units, with VAT, without modifiers and sub-items."""
    quantity: int
    """How many of the item. Of a line that was split by parts: of the whole line."""
    part: TabLinePart | None = None
    """The part that this is of a line that was split by parts: `gross` and `total` are those of the part.
    Absent: a whole line.
    """
    modifiers: list[TabModifier]
    """Changes to the item."""
    subItems: list[TabSubItem]
    """Parts of the item with prices of their own."""
    note: str | None = None
    """A wish of the guests, for the kitchen."""
    cover: int | None = None
    """The number of the guest who gets it, such as the seat."""
    takeaway: bool
    """Whether the guests take it away. `price` and `vatRate` are those of that."""
    discounts: list[TabDiscount]
    """The discounts of the line, in their order."""
    sentRound: int | None = None
    """The number of the round in which the line was sent to the kitchen. Absent: not sent yet."""
    sentAt: Time | None = None
    """When the line was sent to the kitchen. Absent: not sent yet."""
    void: TabVoid | None = None
    """Why the line does not count. Absent: it counts."""
    gross: int
    """The price of the whole line in minor units, before discounts, also of a void line."""
    total: int
    """The price in minor units after the line's discounts, before the order's. 0 for a void line."""


class TabServiceCharge(Answer):
    """The service charge: a percentage of what is left after all discounts."""

    rate: int
    """The rate in hundredths of a percent."""
    bearsVat: bool
    """true: compulsory, with VAT at the rates of the items. false: voluntary, without VAT."""
    amount: int
    """The service charge in minor units."""


class TabTax(Answer):
    """The VAT at one rate."""

    vatRate: int
    """The VAT rate in hundredths of a percent."""
    gross: int
    """The part of the total at this rate, in minor units, with VAT."""
    vat: int
    """The VAT in `gross`, in minor units."""
    derived: bool | None = None
    """true: Dojo said no VAT of its order, and this is the menu's rate when the order came. Else absent."""


class PriceDifference(Answer):
    """A product of an order from Dojo whose price is not the menu's. The order is what Dojo says."""

    plu: str
    """The product code."""
    name: str
    """The name, as Dojo sent it."""
    count: int
    """How many of it."""
    price: int
    """The price of one in minor units, as Dojo sent it."""
    menuPrice: int
    """The price of one in the menu when the order came, in minor units."""


class TabPayment(Answer):
    """A payment of the tab, also one that has ended. Amounts are minor units."""

    id: str
    """The id of the payment."""
    source: str
    """The kind of payment: `dojo` (by card), `cash` or `other`."""
    method: str | None = None
    """For `other`: what it is, such as `voucher`."""
    paymentIntentId: str | None = None
    """For a card payment: Dojo's id of the payment intent."""
    paid: int
    """What it counts for the total, without the tip: what was paid, less what was given back. When it has
    ended: what was paid.
    """
    tips: int
    """The tip, less what was given back of it."""
    tendered: int | None = None
    """For cash: the cash that the guest gave."""
    change: int | None = None
    """For cash: the change that the guest got back."""
    refundedAmount: int | None = None
    """What was given back of it, with the tip. `paid` and `tips` are what is left, as long as it counts."""
    status: str
    """`recorded` or `captured`: the payment counts. `reversed`, `refunded` or `canceled`: it has ended."""
    recordedAt: Time
    """When the payment was recorded."""
    waiterId: str | None = None
    """The id of the waiter who took it."""
    deviceId: str | None = None
    """The id of the device where it was taken."""


class TabLock(Answer):
    """The live lock of a terminal: no till may change the tab until it ends."""

    lockId: str
    """The id of the lock."""
    until: Time
    """When the lock expires."""
    holder: str
    """Who has the lock, in words."""


class TabCollection(Answer):
    """Details of an order that guests collect."""

    asap: bool | None = None
    """true: the guests collect the order as soon as possible."""
    collectAt: Time | None = None
    """When the guests collect the order."""
    name: str | None = None
    """The name of the person who collects it."""


class DojoContent(Answer):
    """The content of an order from Dojo, as Dojo sent it."""

    items: AsStored[list[OrderItem]]
    """What was ordered."""
    discounts: AsStored[list[Discount]] | None = None
    """Reductions of the order or of its items."""
    taxLines: AsStored[list[TaxLine]] | None = None
    """Taxes on the order or on its items."""


class TabSummary(Answer):
    """A tab, or an order from Dojo, without its lines. Amounts are minor units."""

    id: str
    """The id of the tab. Dojo knows the tab as an order with the same id."""
    origin: str
    """`till` for a tab, `dojo` for an order from Dojo. A till cannot change the content of the latter."""
    version: int
    """The version of the tab. It grows with each change. A request sends the one that it is based on."""
    status: str
    """How far the order is, as in the EPOS Data API."""
    statusReason: str | None = None
    """Why staff cancelled, rejected or reopened the order the last time."""
    reference: str
    """A short code of the order for people."""
    displayName: str
    """The name of the order on card machines."""
    tableId: str | None = None
    """The id of the table."""
    partyId: str | None = None
    """The id of the party that ordered."""
    reservationId: str | None = None
    """For a pre-order: the id of the reservation that it is for."""
    waiterId: str | None = None
    """The id of the waiter who serves the order."""
    covers: int | None = None
    """How many guests the tab is for."""
    note: str | None = None
    """A note for the staff."""
    collection: TabCollection | None = None
    """For an order that guests collect. Absent for one that is eaten here."""
    total: int
    """What is to be paid, with VAT and service charge, without tips, less `refunded`."""
    paid: int
    """What the payments that count have paid, without tips."""
    tips: int
    """The tips of the payments that count."""
    refunded: int | None = None
    """By how much `total` is smaller because money was given back, and no void or discount says for what.
    Absent: by nothing.
    """
    balance: int
    """What is left to pay: `total` less `paid`."""
    payable: bool
    """Whether a payment may be taken now: the order is open, something is left to pay, and no till
    edits it.
    """
    heldUntil: Time | None = None
    """Until when a till holds the tab to edit it. Absent: no till holds it."""
    pricesDiffer: bool | None = None
    """true: an order from Dojo has prices that are not the menu's (`priceDifferences`). Else absent."""
    mergedInto: str | None = None
    """The id of the tab that has the lines of this one since they were merged."""
    openedAt: Time
    """When the tab was opened."""
    updatedAt: Time
    """When the tab changed last."""


class Tab(TabSummary):
    """A tab, or an order from Dojo, with its lines, sums and payments. Amounts are minor units."""

    lines: list[TabLine]
    """The lines of the tab, with void ones. Empty for an order from Dojo (see `dojoContent`)."""
    dojoContent: DojoContent | None = None
    """The content of an order from Dojo. Absent for a tab."""
    discount: TabDiscount | None = None
    """The discount on the whole order."""
    serviceCharge: TabServiceCharge | None = None
    """The service charge, if there is one."""
    taxes: list[TabTax]
    """The VAT in the total, by rate. Empty for an order from Dojo whose VAT Dojo sent (`dojoContent`)."""
    unknownVat: int | None = None
    """For an order from Dojo: how much of the total has a VAT that neither Dojo nor the menu knows, in
    minor units. Absent: none.
    """
    priceDifferences: list[PriceDifference] | None = None
    """What has another price in the order from Dojo than in the menu. Absent: nothing."""
    rounds: int
    """How often the tab was sent to the kitchen. It is also the number of the last round."""
    payments: list[TabPayment]
    """All payments, also those that have ended."""
    lock: TabLock | None = None
    """The live lock of a terminal, if there is one."""


class TabPage(Page):
    """One page of tabs and orders from Dojo, the newest first."""

    data: list[TabSummary]
    """The tabs of this page, without their lines."""


class Merged(Answer):
    """The two tabs of a merge."""

    tab: Tab
    """The tab that has the lines of both. If only one had payments, it is that one."""
    emptied: Tab
    """The other tab: canceled, without lines. Its `mergedInto` names the first."""


class Parted(Answer):
    """The two tabs of a split."""

    tab: Tab
    """The tab that was split, with its payments and with what stays."""
    taken: Tab
    """The new tab, with what was taken."""
