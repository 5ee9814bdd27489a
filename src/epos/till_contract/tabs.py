"""Tabs as staff see them, and the orders of Dojo beside them."""

from epos.contract.base import Answer, AsStored, Time
from epos.contract.content import Discount, OrderItem, TaxLine
from epos.contract.paging import Page


class TabModifier(Answer):
    """A change to an item."""

    plu: str
    name: str
    price: int
    quantity: int
    """For each single item."""


class TabSubItem(Answer):
    """A part of an item with a category and a VAT rate of its own."""

    plu: str
    name: str
    category: str
    vatRate: int
    price: int
    quantity: int
    """For each single item."""
    modifiers: list[TabModifier]
    note: str | None = None


class TabDiscount(Answer):
    """What is taken off."""

    name: str
    percentage: int | None = None
    """Unset where an amount was given."""
    amount: int
    """What it takes off."""


class TabVoid(Answer):
    """Why a line counts nothing."""

    reason: str
    by: str | None = None
    """The manager who approved it, else the waiter."""
    at: Time


class TabLine(Answer):
    """A line as it was sold: name, category, price and VAT rate are the menu's of that moment."""

    id: str
    plu: str
    name: str
    category: str
    vatRate: int
    price: int
    """Of one, without modifiers and sub-items."""
    quantity: int
    modifiers: list[TabModifier]
    subItems: list[TabSubItem]
    note: str | None = None
    cover: int | None = None
    """Whose it is."""
    discounts: list[TabDiscount]
    sentRound: int | None = None
    """The round in which it went to the kitchen; unset until then, as `sentAt` is."""
    sentAt: Time | None = None
    void: TabVoid | None = None
    gross: int
    """Before discounts; of a void line, what it would have been."""
    total: int
    """After its own discounts, before the order's; 0 for a void line."""


class TabServiceCharge(Answer):
    """The service charge: a percentage of what all discounts leave."""

    rate: int
    bearsVat: bool
    amount: int


class TabTax(Answer):
    """The VAT in all that bears one rate."""

    vatRate: int
    gross: int
    vat: int


class TabPayment(Answer):
    """A row of the ledger, whatever has become of it."""

    id: str
    source: str
    """dojo, cash or other."""
    method: str | None = None
    """How, where the source is other."""
    paymentIntentId: str | None = None
    paid: int
    tips: int
    tendered: int | None = None
    """The cash that was handed over."""
    change: int | None = None
    refunded: int | None = None
    """Of a card payment that was refunded in part: how much of it. It still counts."""
    status: str
    """It counts while it is recorded or captured; reversed, refunded or canceled it does not."""
    recordedAt: Time
    waiterId: str | None = None


class TabLock(Answer):
    """Who may write to the order until when."""

    lockId: str
    until: Time
    holder: str


class TabCollection(Answer):
    """An order to be fetched."""

    asap: bool | None = None
    collectAt: Time | None = None
    name: str | None = None


class DojoContent(Answer):
    """What is in an order of Dojo's, as Dojo sent it."""

    items: AsStored[list[OrderItem]]
    discounts: AsStored[list[Discount]] | None = None
    taxLines: AsStored[list[TaxLine]] | None = None


class TabSummary(Answer):
    """A tab, or an order of Dojo's, without what is in it."""

    id: str
    origin: str
    """till for a tab; dojo for an order that Dojo made and whose content is Dojo's."""
    version: int
    """Grows with every change, by whomever; every write carries the one that it saw."""
    status: str
    statusReason: str | None = None
    """Why staff cancelled, rejected or reopened it, the last time they did."""
    reference: str
    displayName: str
    tableId: str | None = None
    partyId: str | None = None
    reservationId: str | None = None
    waiterId: str | None = None
    covers: int | None = None
    note: str | None = None
    collection: TabCollection | None = None
    """Set when it is fetched, unset when it is eaten here."""
    total: int
    """To be paid, VAT and service charge in it, tips not."""
    paid: int
    """By the payments that count, without tips."""
    tips: int
    balance: int
    payable: bool
    heldUntil: Time | None = None
    """Until then someone edits it at a till, and terminals are told not to take money."""
    mergedInto: str | None = None
    """The tab that has its lines now."""
    openedAt: Time
    updatedAt: Time


class Tab(TabSummary):
    """A tab with its lines, its sums and its ledger."""

    lines: list[TabLine]
    """None for an order of Dojo's: what is in it is `dojoContent`."""
    dojoContent: DojoContent | None = None
    discount: TabDiscount | None = None
    """On the whole order."""
    serviceCharge: TabServiceCharge | None = None
    taxes: list[TabTax]
    rounds: int
    """How often it was sent to the kitchen: the last round's number."""
    payments: list[TabPayment]
    lock: TabLock | None = None
    """The live lock on it, if there is one."""


class TabPage(Page):
    """One page of tabs."""

    data: list[TabSummary]


class Merged(Answer):
    """What became of two tabs."""

    tab: Tab
    """With the lines of both. Where only one had payments, it is that one."""
    emptied: Tab
    """Canceled; `mergedInto` names the other."""


class Parted(Answer):
    """What became of a tab that was split."""

    tab: Tab
    """The tab as it was known, with its payments and what was not taken."""
    taken: Tab
    """The new one."""
