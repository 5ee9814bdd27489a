"""Business days: open and close them, and the report of a day.

The report of a day contains what was entered on that day. When a payment ends on a later day, it counts
on that later day, which then also names the day of the payment.
"""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from epos.contract.base import Answer, ClosedRequest, Time, Wording
from epos.till_contract.base import KeyedRequest, Minor
from epos.till_contract.cash import CountedDrawer, DayCash
from epos.till_contract.incidents import Incident
from epos.till_contract.staff import Approval
from epos.till_contract.tabs import PriceDifference
from epos.till_contract.vouchers import VoucherFigures


class OpenDay(KeyedRequest):
    """The start of the business day. Optional: the first sale or payment opens the day."""

    openingFloat: Minor = 0
    """The cash in the drawer at the start, in minor units."""


class ReportQuery(ClosedRequest):
    """The form of a day's report."""

    format: Annotated[Literal["json", "csv", "page"], Wording("must be json, csv or page")] = "json"
    """`json`, `csv`, or `page` to be printed. The default is `json`."""


class CloseDay(KeyedRequest):
    """The end of the business day. Its report never changes afterwards."""

    approval: Approval
    """The manager who closes the day."""
    countedCash: Minor | None = None
    """The cash that was counted in all drawers, in minor units, with the float and the tips. If it is not
    sent: the sum of `countedDrawers`.
    """
    countedDrawers: Annotated[list[CountedDrawer], Field(max_length=100)] = Field(
        default_factory=list
    )
    """The cash that was counted, drawer by drawer."""


class BusinessDay(Answer):
    """A business day: from the venue's closing time to its next closing time."""

    day: dt.date
    """The date on which the day begins."""
    isCurrent: bool
    """Whether sales and payments count on this day now."""
    isClosed: bool
    """Whether a manager has closed the day."""
    openedAt: Time | None = None
    """When the day was opened. Absent if nobody opened it explicitly."""
    openedBy: str | None = None
    """The id of the waiter who opened the day."""
    openingFloat: int
    """The cash in the drawer at the start, in minor units."""
    closedAt: Time | None = None
    """When the day was closed."""
    closedBy: str | None = None
    """The id of the manager who closed the day."""
    countedCash: int | None = None
    """The cash that was counted in the drawer, in minor units."""


class CategorySales(Answer):
    """What tabs sold of one category at one VAT rate. Void lines do not count. Amounts are minor units."""

    category: str
    """The name of the category."""
    vatRate: int
    """The VAT rate in hundredths of a percent."""
    count: int
    """How many items were sold."""
    items: int
    """What the items cost before discounts, with VAT."""
    discounts: int
    """The discounts: 0 or less."""
    refunds: int | None = None
    """What was given back without a void or a discount that says for what: less than 0. Absent: nothing."""
    net: int
    """What the items cost after discounts and refunds, with VAT: `items` plus `discounts` and `refunds`."""


class RateVat(Answer):
    """The VAT of what tabs sold at one rate, with a compulsory service charge. Amounts are minor units."""

    vatRate: int
    """The VAT rate in hundredths of a percent."""
    gross: int
    """The sales at this rate, with VAT."""
    vat: int
    """The VAT in `gross`."""
    net: int
    """The sales at this rate, without VAT."""


class DojoVat(Answer):
    """The VAT of Dojo's orders at one rate: as Dojo sent it, or derived from the venue's menu."""

    vatRate: int | None = None
    """The VAT rate in hundredths of a percent, if Dojo sent one."""
    vat: int
    """The VAT in minor units."""
    derived: bool | None = None
    """true: Dojo sent no VAT with these orders; the rate is the menu's when they came. Else absent."""
    gross: int | None = None
    """Where it is derived: what the orders came to at this rate, in minor units, with VAT."""


class OrderPriceDifference(PriceDifference):
    """A product of an order from Dojo whose price is not the menu's."""

    tabId: str
    """The id of the order."""
    reference: str
    """Its short code for people."""


class PriceDifferences(Answer):
    """What came from Dojo on the day at another price than the menu's, by order."""

    count: int
    """How many there are. At most 500 of them are listed."""
    differences: list[OrderPriceDifference]
    """Each by itself, the newest orders first."""


class DojoSales(Answer):
    """The orders that came from Dojo. Their items have no category of the menu."""

    orders: int
    """How many orders."""
    amount: int
    """Their totals in minor units, without service charge."""
    vat: list[DojoVat]
    """Their VAT, by rate: as Dojo sent it, and derived from the menu."""
    unknownVat: int | None = None
    """How much of `amount` (and of a compulsory service charge) has a VAT that neither Dojo nor the menu
    knows. Absent: none.
    """
    priceDifferences: PriceDifferences | None = None
    """What had another price than the menu's. Absent: nothing."""


class VoidItems(Answer):
    """What was voided of one category at one VAT rate. It is not part of the sales."""

    category: str
    """The name of the category."""
    vatRate: int
    """The VAT rate in hundredths of a percent."""
    count: int
    """How many items were voided."""
    amount: int
    """What they would have cost, in minor units."""


class ServiceCharge(Answer):
    """The service charge at one VAT rate."""

    vatRate: int | None = None
    """The VAT rate in hundredths of a percent. Absent: a voluntary charge, which includes no VAT."""
    amount: int
    """The service charge in minor units."""


class Takings(Answer):
    """The money of one kind of payment. Amounts are minor units."""

    source: str
    """The kind of payment: `dojo` (by card), `cash` or `other`."""
    method: str | None = None
    """For `other`: what it was, such as `voucher`."""
    payments: int
    """How many payments were made on this day."""
    paid: int
    """What they paid, without tips."""
    tips: int
    """Their tips."""
    ended: int
    """How many payments ended on this day, whenever they were made."""
    paidBack: int
    """What went back of payments, without tips: all of ended ones, parts of others."""
    tipsBack: int
    """What went back of tips."""
    total: int
    """What is left: `paid` plus `tips`, less `paidBack` and `tipsBack`."""
    partlyRefunded: int
    """Of `paidBack` and `tipsBack`: refunds of a part of a payment. Less than 0 when a payment has ended
    of which a part had gone back.
    """


class WaiterShare(Answer):
    """The tips and the service charge of one waiter's orders, less refunds. Amounts are minor units."""

    waiterId: str | None = None
    """The id of the waiter. Absent: orders without a waiter."""
    name: str | None = None
    """The waiter's name."""
    tips: int
    """The tips."""
    cashTips: int = 0
    """The tips in cash."""
    cardTips: int = 0
    """The tips on cards."""
    otherTips: int = 0
    """The tips by other payments."""
    serviceCharge: int
    """The service charge."""


class EndedPayment(Answer):
    """A payment that was reversed, refunded or canceled on this day. Amounts are minor units."""

    paymentId: str
    """The id of the payment."""
    orderId: str
    """The id of its order or tab."""
    source: str
    """The kind of payment: `dojo` (by card), `cash` or `other`."""
    method: str | None = None
    """For `other`: what it was, such as `voucher`."""
    status: str
    """How it ended: `reversed`, `refunded` or `canceled`."""
    paid: int
    """What it had paid, without the tip."""
    tips: int
    """Its tip."""
    ofDay: dt.date
    """The business day of the payment."""
    at: Time
    """When it ended."""
    reason: str | None = None
    """Why, in the words of staff."""
    by: str | None = None
    """The id of the manager who ended it at a till. Absent: Dojo ended it."""
    byName: str | None = None
    """The manager's name."""


class PartialRefund(Answer):
    """A refund of a part of a payment. The payment counts what is left."""

    paymentId: str
    """The id of the payment."""
    orderId: str
    """The id of its order or tab."""
    source: str | None = None
    """`dojo` (by card), `cash` or `other`. Absent where an older version closed the day."""
    method: str | None = None
    """For `other`: what it was, such as `voucher`."""
    amount: int
    """The refunded part in minor units."""
    ofDay: dt.date
    """The business day of the payment."""
    at: Time
    """When the server learned of the refund."""


class OpenOrder(Answer):
    """A tab that is open, or an order that is not settled."""

    id: str
    """The id of the order or tab."""
    origin: str
    """`till` for a tab, `dojo` for an order from Dojo."""
    reference: str
    """The short code for people."""
    status: str
    """How far the order is."""
    balance: int
    """What is left to pay, in minor units. Less than 0: a canceled order's payments are to be refunded."""


class OpenOrders(Answer):
    """What was open when the report was made."""

    count: int
    """How many orders and tabs are open or not settled."""
    orders: list[OpenOrder]
    """These orders, the newest first, 500 at most."""


class Reconciliation(Answer):
    """A check of the report. What all orders owed before the day, plus the day's sales, less its takings,
    must be what they owe after it. Tips do not count. Amounts are minor units.
    """

    owedAtStart: int
    """What all orders owed before the day."""
    sales: int
    """The sales of the day."""
    takings: int
    """The takings of the day, without tips."""
    owedAtEnd: int
    """`owedAtStart` plus `sales`, less `takings`."""
    since: int
    """What came on later days, until the report was made."""
    ordersOwe: int
    """What all orders owed when the report was made, by their own totals and payments."""
    difference: int
    """`ordersOwe` less what it should be, `owedAtEnd` plus `since`: 0 if the books are right."""
    ledgerDifference: int
    """The day's payments by the ledger, less the same by the journal: 0 if the books are right."""


class ReceiptNumbers(Answer):
    """The receipts, credit notes and refund receipts that were printed for the first time on a day. Their
    numbers have no gap.
    """

    count: int
    """How many."""
    first: int | None = None
    """The first number. Absent if there was none."""
    last: int | None = None
    """The last number. Absent if there was none."""


class DayReport(Answer):
    """The report of a business day. The report of a closed day never changes."""

    day: dt.date
    """The date on which the day begins."""
    zNumber: int | None = None
    """The running number of a closed day: 1, 2, 3, without a gap."""
    venue: str | None = None
    """The venue's name."""
    vatNumber: str | None = None
    """The venue's VAT registration number."""
    timeZone: str
    """The venue's time zone, as an IANA name."""
    currency: str
    """The venue's currency, as its ISO 4217 code."""
    isClosed: bool
    """Whether the day is closed. If not, the report can still change."""
    closedAt: Time | None = None
    """When the day was closed."""
    closedBy: str | None = None
    """The id of the manager who closed the day."""
    closedByName: str | None = None
    """The manager's name."""
    orders: int
    """How many orders and tabs had a sale on this day."""
    covers: int
    """How many guests they had: as the tabs say, else as the parties say that sat there."""
    sales: int
    """All sales in minor units, with VAT and service charge, without tips."""
    categories: list[CategorySales]
    """What tabs sold, by category and VAT rate."""
    dojoOrders: DojoSales
    """The orders that came from Dojo."""
    serviceCharge: list[ServiceCharge]
    """The service charge, by VAT rate."""
    vat: list[RateVat]
    """The VAT of what tabs sold, by rate, the highest first."""
    voids: list[VoidItems]
    """What was voided, by category and VAT rate."""
    takings: list[Takings]
    """The money, by kind of payment."""
    waiters: list[WaiterShare]
    """Tips and service charge, by waiter."""
    endedPayments: list[EndedPayment]
    """The payments that ended on this day."""
    partialRefunds: list[PartialRefund]
    """The refunds of a part of a payment on this day."""
    incidents: list[Incident] = Field(default_factory=list)
    """What was taken off, given away, given back or opened again, in its order."""
    vouchers: VoucherFigures | None = None
    """Vouchers and gift cards: what was sold and redeemed, and what is owed. Absent in older reports."""
    receipts: ReceiptNumbers | None = None
    """The numbers of the day's receipts. Absent in older reports."""
    cash: DayCash
    """The cash of all drawers, and of each."""
    openOrders: OpenOrders
    """The orders and tabs that were open when the report was made."""
    reconciliation: Reconciliation
    """The check of the report against orders and ledger."""
