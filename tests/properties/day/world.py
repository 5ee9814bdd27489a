"""The venue as the model knows it: its menu, clock, orders, payments, vouchers and deposits."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.properties.day.bill import Sums, Tab, add_up
from tests.properties.day.books import Books, DayNotes, Rows
from tests.properties.day.dojos import Content

START = datetime(2026, 10, 23, 17, tzinfo=UTC)
"""Two evenings before the night in which the clocks go back."""
LADDER = (
    "New",
    "Submitted",
    "Confirmed",
    "Accepted",
    "Preparing",
    "Prepared",
    "Ready",
    "Finalized",
)
CLOSED = ("Finalized", "Canceled", "Failed")
NOON = time(12)
_ZONE = ZoneInfo("Europe/London")


class Refused(Exception):
    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass
class Payment:
    """`paid` and `tips`: what is left of it; `back`: all that went back; `credited`: by how much the bill
    became smaller for it.
    """

    source: str
    paid: int
    tips: int
    method: str | None = None
    waiter: str | None = None
    drawer: str = "main"
    voucher: str | None = None
    deposit: str | None = None
    intent: str | None = None
    status: str = "recorded"
    back: int = 0
    credited: int = 0
    id: str = ""

    @property
    def counts(self) -> bool:
        return self.status in ("recorded", "captured")

    @property
    def left(self) -> int:
        return self.paid + self.tips


@dataclass
class Order:
    """A tab, or an order of Dojo's (`tab` None)."""

    uid: int
    tab: Tab | None
    status: str = "New"
    waiter: str | None = None
    is_collection: bool = False
    takeaway: bool | None = None
    rounds: int = 0
    billed: int | None = None
    """What the bill came to that a guest saw, less what was taken off since."""
    content: Content = field(default_factory=lambda: Content(0))
    """Of Dojo's order."""
    given_back: int = 0
    """Of Dojo's order; a tab's is on the tab."""
    went_back: list[tuple[int, int]] = field(default_factory=list)
    """Each refund: how much, and by how much the bill became smaller for it."""
    on_paper: int = 0
    """How many of them a refund receipt says."""
    payments: list[Payment] = field(default_factory=list)
    lock: tuple[str, datetime] | None = None
    version: int = 1
    noted: Rows = field(default_factory=dict)
    noted_waiter: str | None = None
    noted_items: Counter[tuple[str, str]] = field(default_factory=Counter)
    id: str = ""
    seen_version: int = 0
    """The server's; each change is one more, here and there."""

    @property
    def is_open(self) -> bool:
        return self.status not in CLOSED

    @property
    def sums(self) -> Sums:
        if self.tab is not None:
            return add_up(self.tab)
        return self.content.sums(self.given_back)

    @property
    def total(self) -> int:
        return self.sums.total

    @property
    def paid(self) -> int:
        return sum(payment.paid for payment in self.payments if payment.counts)

    @property
    def tips(self) -> int:
        return sum(payment.tips for payment in self.payments if payment.counts)

    @property
    def balance(self) -> int:
        return self.total - self.paid

    @property
    def rows(self) -> Rows:
        """What the order is in the day's sales."""
        rows = self.sums.rows
        if self.status in ("Canceled", "Failed"):
            return {key: amounts for key, amounts in rows.items() if key[0] == "void"}
        return rows

    def items(self) -> Counter[tuple[str, str]]:
        """Amount and count of what it sells of each item, by PLU."""
        found = Counter[tuple[str, str]]()
        if self.tab is not None and self.status not in ("Canceled", "Failed"):
            for line in self.tab.live:
                for plu, (amount, count) in line.items().items():
                    found["amount", plu] += amount
                    found["count", plu] += count
        return found

    def locked(self, now: datetime) -> bool:
        return self.lock is not None and self.lock[1] > now


@dataclass
class Voucher:
    amount: int
    left: int


@dataclass
class World:
    now: datetime = START
    charge_rate: int = 0
    charge_is_compulsory: bool = False
    finalizes: bool = True
    closing: time = time(4)
    orders: dict[int, Order] = field(default_factory=dict)
    vouchers: dict[str, Voucher] = field(default_factory=dict)
    deposits: dict[str, tuple[int, bool]] = field(default_factory=dict)
    """By party: the amount, and whether it is counted on a tab."""
    books: Books = field(default_factory=Books)
    papers: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    """By order: the numbers of its receipts, and their kinds."""
    last_paper: int = 0
    uids: int = 0
    ids: dict[int, str] = field(default_factory=dict)
    """The server's ids of all orders, also of those that are forgotten."""

    def uid(self) -> int:
        self.uids += 1
        return self.uids

    @property
    def begun(self) -> date:
        """The day by the clock: it ends at the closing time; one from noon on is of its own date."""
        at = self.now.astimezone(_ZONE).replace(tzinfo=None)
        until = timedelta(hours=self.closing.hour, minutes=self.closing.minute)
        return (at - until).date() + timedelta(days=1 if self.closing >= NOON else 0)

    @property
    def today(self) -> date:
        """The day on which things are entered."""
        return (
            max(self.begun, self.books.last_closed + timedelta(days=1))
            if self.books.closed
            else self.begun
        )

    @property
    def notes(self) -> DayNotes:
        return self.books.days[self.today]

    def changed(self, order: Order) -> None:
        """An order was changed: its next version, and what the day's sales become."""
        order.version += 1
        self.note_sales(order)

    def note_sales(self, order: Order) -> None:
        rows, items = order.rows, order.items()
        if (rows, order.waiter) != (order.noted, order.noted_waiter):
            self.notes.sale(order.uid, order.noted, rows, order.noted_waiter, order.waiter)
        if items != order.noted_items:
            self.notes.items.update(items)
            self.notes.items.subtract(order.noted_items)
        order.noted, order.noted_waiter, order.noted_items = rows, order.waiter, items

    def note_money(
        self, payment: Payment, paid: int, tips: int, *, what: str, partly: int = 0
    ) -> None:
        """What a payment counts changes by `paid` and `tips`. `what`: payments, ended or (part) nothing."""
        self.notes.has_entries = True
        way = self.notes.ways[payment.source, payment.method]
        if what:
            way[what] += 1
        way["partly"] += partly
        for name, amount in (("paid", paid), ("tips", tips)):
            way[name if amount > 0 else f"{name}_back"] += abs(amount)
        self.notes.tips[payment.waiter, payment.source] += tips
        if payment.source == "cash":
            drawer = self.notes.drawers[payment.drawer]
            drawer["taken" if paid + tips > 0 else "given_back"] += abs(paid + tips)
        if payment.voucher is not None:
            self.notes.vouchers["redeemed"] += paid + tips
            self.vouchers[payment.voucher].left -= paid + tips

    def incident(self, order: Order, kind: str, amount: int, count: int = 0) -> None:
        self.notes.incidents.append((kind, order.uid, amount, count))

    # --- what a till may touch --------------------------------------------------------------------

    def order(self, uid: int, version: int | None = None) -> Order:
        """For a change from the till; `version`: the one that it saw."""
        order = self.orders[uid]
        if version is not None and order.version != version:
            raise Refused(409, "stale")
        if version is not None and order.locked(self.now):
            raise Refused(409, "a terminal has locked it")
        return order

    def open_tab(self, uid: int, version: int) -> tuple[Order, Tab]:
        order = self.order(uid, version)
        if order.tab is None:
            raise Refused(409, "its content is Dojo's")
        if not order.is_open:
            raise Refused(409, order.status)
        return order, order.tab

    def owed_by_orders(self) -> int:
        return sum(notes.total - notes.paid for notes in self.books.days.values())

    def outstanding(self) -> int:
        return sum(voucher.left for voucher in self.vouchers.values())

    def takings(self) -> Counter[tuple[str, str | None]]:
        """All that was ever taken, less what went back, tips too, by kind of payment."""
        sums = Counter[tuple[str, str | None]]()
        for notes in self.books.days.values():
            for way, figures in notes.ways.items():
                sums[way] += (
                    figures["paid"] + figures["tips"] - figures["paid_back"] - figures["tips_back"]
                )
        return sums
