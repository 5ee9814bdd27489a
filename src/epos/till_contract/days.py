"""Business days: opening and closing them, and what a day's report says.

What a report says of a day counts what was entered on it. A payment that ends later counts on the day
on which that is heard, and what is said of it then names the day of the payment.
"""

import datetime as dt

from epos.contract.base import Answer, ClosedRequest, Time
from epos.till_contract.base import Minor
from epos.till_contract.staff import Approval


class OpenDay(ClosedRequest):
    """The business day begins. It need not be said: whatever is sold or paid finds its day by itself."""

    openingFloat: Minor = 0
    """The cash that is in the drawer."""


class CloseDay(ClosedRequest):
    """The business day ends; its report never changes again."""

    approval: Approval
    countedCash: Minor | None = None
    """The cash that was found in the drawer, float and tips in it."""


class BusinessDay(Answer):
    """A day, from the venue's closing time to the next."""

    day: dt.date
    isCurrent: bool
    """Whether what is sold and paid now counts on it."""
    isClosed: bool
    openedAt: Time | None = None
    openedBy: str | None = None
    openingFloat: int
    closedAt: Time | None = None
    closedBy: str | None = None
    countedCash: int | None = None


class CategorySales(Answer):
    """What tabs sold of one category at one VAT rate; void lines are not in it."""

    category: str
    vatRate: int
    count: int
    items: int
    """Before discounts."""
    discounts: int
    """What was taken off: not more than 0."""
    net: int


class RateVat(Answer):
    """The VAT in all that tabs sold at one rate; a compulsory service charge is in it."""

    vatRate: int
    gross: int
    vat: int
    net: int


class DojoVat(Answer):
    """The VAT of Dojo's orders, as Dojo sent it."""

    vatRate: int | None = None
    vat: int


class DojoSales(Answer):
    """Orders that came from Dojo. Their content is Dojo's: they are in no category."""

    orders: int
    amount: int
    """Without service charge."""
    vat: list[DojoVat]


class VoidItems(Answer):
    """What was made void: it counts nothing."""

    category: str
    vatRate: int
    count: int
    amount: int


class ServiceCharge(Answer):
    """What was charged for service, by the VAT rate that it bears."""

    vatRate: int | None = None
    """Unset where it bears none."""
    amount: int


class Takings(Answer):
    """The money of one way to pay."""

    source: str
    """dojo (by card), cash or other."""
    method: str | None = None
    """How, where the source is other."""
    payments: int
    paid: int
    tips: int
    ended: int
    """How many payments ended, whenever they were made."""
    paidBack: int
    tipsBack: int
    total: int
    """Paid and tips, less what went back."""
    partlyRefunded: int
    """Parts of card payments that Dojo gave back; the payments still count, and so does all of them in
    `total`. Less than 0 where such a payment has ended."""


class WaiterShare(Answer):
    """Tips and service charge on the orders of one waiter, less what went back."""

    waiterId: str | None = None
    """Unset for orders that are nobody's."""
    name: str | None = None
    tips: int
    serviceCharge: int


class EndedPayment(Answer):
    """A payment that was reversed, refunded or canceled."""

    paymentId: str
    orderId: str
    source: str
    method: str | None = None
    status: str
    paid: int
    tips: int
    ofDay: dt.date
    """The business day of the payment."""
    at: Time
    reason: str | None = None
    by: str | None = None
    """The manager who did it at a till."""


class PartialRefund(Answer):
    """A part of a card payment that Dojo gave back; the payment still counts."""

    paymentId: str
    orderId: str
    amount: int
    ofDay: dt.date
    """The business day of the payment."""
    at: Time


class CashDrawer(Answer):
    """What should be in the drawer, and what was."""

    openingFloat: int
    taken: int
    """Tips in it."""
    givenBack: int
    expected: int
    counted: int | None = None
    difference: int | None = None
    """Counted less expected."""


class OpenOrder(Answer):
    """A tab that is open, or an order that owes something."""

    id: str
    origin: str
    reference: str
    status: str
    balance: int
    """Less than 0 for a canceled order with payments: to be given back."""


class OpenOrders(Answer):
    """What was left open when the report was made."""

    count: int
    orders: list[OpenOrder]
    """The newest five hundred."""


class Reconciliation(Answer):
    """What all orders owed before, and sales less takings, is what they owe after; and the check of that
    against the orders and the ledger themselves. Tips are in none of it.
    """

    owedAtStart: int
    sales: int
    takings: int
    owedAtEnd: int
    since: int
    """What came on later days, until the report was made."""
    ordersOwe: int
    """What all orders owed when the report was made, by their own totals and payments."""
    difference: int
    """What they owe less what they should: 0."""
    ledgerDifference: int
    """What the ledger counts of the day's payments, less what the journal says of them: 0."""


class DayReport(Answer):
    """All that happened on a business day. Of a closed one it is as it was when the day closed."""

    day: dt.date
    timeZone: str
    """The venue's, an IANA name."""
    currency: str
    isClosed: bool
    closedAt: Time | None = None
    closedBy: str | None = None
    orders: int
    """On how many something was sold."""
    covers: int
    """Of the tabs among them."""
    sales: int
    """All of it, VAT and service charge in it."""
    categories: list[CategorySales]
    dojoOrders: DojoSales
    serviceCharge: list[ServiceCharge]
    vat: list[RateVat]
    voids: list[VoidItems]
    takings: list[Takings]
    waiters: list[WaiterShare]
    endedPayments: list[EndedPayment]
    partialRefunds: list[PartialRefund]
    cash: CashDrawer
    openOrders: OpenOrders
    reconciliation: Reconciliation
