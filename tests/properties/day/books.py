"""What a bookkeeper notes, day by day: sales, takings, tips, drawers, vouchers, and what to ask about."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.properties.day.bill import IN_TOTAL, Key

Json = dict[str, Any]
Rows = dict[Key, tuple[int, int]]
Way = tuple[str, str | None]
"""A kind of payment: its source, and for other money its method."""
FLOWS = {"taken": 1, "given_back": -1, "paid_in": 1, "paid_out": -1, "to_safe": -1}
"""What happens to the cash of a drawer, and whether it becomes more."""
MAIN = "main"


@dataclass
class DrawerZ:
    """One closing of a drawer: what happened in it since the one before. `moves`, among the figures: how
    often something else than a payment did.
    """

    number: int
    figures: Counter[str]
    counted: int | None

    @property
    def expected(self) -> int:
        return cash_in(self.figures)

    @property
    def left(self) -> int:
        return self.expected if self.counted is None else self.counted

    @property
    def more(self) -> int:
        """Than expected."""
        return self.left - self.expected


def cash_in(figures: Counter[str]) -> int:
    return figures["float"] + sum(sign * figures[name] for name, sign in FLOWS.items())


@dataclass
class DayNotes:
    sales: Counter[Key] = field(default_factory=Counter)
    counts: Counter[Key] = field(default_factory=Counter)
    sold: Counter[int] = field(default_factory=Counter)
    """How many items and orders, by order."""
    sold_for: Counter[int] = field(default_factory=Counter)
    """What the items came to, by order."""
    items: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Amount and count of what tabs sold of each item, by PLU."""
    charges: Counter[str | None] = field(default_factory=Counter)
    """Service charge by waiter."""
    ways: dict[Way, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    tips: Counter[tuple[str | None, str]] = field(default_factory=Counter)
    """By waiter and source."""
    drawers: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    vouchers: Counter[str] = field(default_factory=Counter)
    incidents: list[tuple[str, int, int, int]] = field(default_factory=list)
    """Kind, order, amount, count."""
    zs: dict[str, list[DrawerZ]] = field(default_factory=lambda: defaultdict(list))
    floats_said: set[str] = field(default_factory=set)
    """The drawers whose float somebody said."""
    counted: int | None = None
    papers: list[int] = field(default_factory=list)
    """The numbers of receipts and credit notes."""

    has_entries: bool = False
    """Whether anything was sold or taken, even if it came to nothing."""

    @property
    def is_empty(self) -> bool:
        moved = any(any(figures.values()) for figures in self.drawers.values())
        closed = any(self.zs.values())
        return not (self.has_entries or self.floats_said or self.incidents or moved or closed)

    @property
    def total(self) -> int:
        return sum(amount for key, amount in self.sales.items() if key[0] in IN_TOTAL)

    @property
    def paid(self) -> int:
        return sum(way["paid"] - way["paid_back"] for way in self.ways.values())

    @property
    def used_drawers(self) -> list[str]:
        """The main one also where nobody used any."""
        used = {drawer for drawer, figures in self.drawers.items() if any(figures.values())}
        used |= {drawer for drawer, zs in self.zs.items() if zs} | self.floats_said
        return sorted(used or {MAIN})

    def expected_in(self, drawer: str) -> int:
        return cash_in(self.drawers[drawer])

    def since_last_z(self, drawer: str) -> Counter[str]:
        """What happened in a drawer that is in no Z; its float is what stayed there."""
        zs, whole = self.zs[drawer], self.drawers[drawer]
        found = Counter(
            {name: whole[name] - sum(z.figures[name] for z in zs) for name in (*FLOWS, "moves")}
        )
        found["float"] = zs[-1].left if zs else whole["float"]
        return found

    def has_news(self, drawer: str) -> bool:
        figures = self.since_last_z(drawer)
        return not self.zs[drawer] or any(figures[name] for name in (*FLOWS, "moves"))

    @property
    def cash_over(self) -> int:
        """What was counted more than expected: of all drawers, or else in those that were counted."""
        if self.counted is not None:
            return self.counted - sum(self.expected_in(drawer) for drawer in [*self.drawers])
        return sum(z.more for zs in self.zs.values() for z in zs)

    def sale(self, order: int, before: Rows, after: Rows, was: str | None, now: str | None) -> None:
        """An order came to `before` with one waiter, and comes to `after` with (perhaps) another."""
        amounts, counts = Counter[tuple[str | None, Key]](), Counter[tuple[str | None, Key]]()
        for sign, rows, waiter in ((-1, before, was), (1, after, now)):
            for key, (amount, count) in rows.items():
                amounts[waiter, key] += sign * amount
                counts[waiter, key] += sign * count
        for waiter, key in {*amounts, *counts}:
            amount, count = amounts[waiter, key], counts[waiter, key]
            self.has_entries |= bool(amount or count)
            self.sales[key] += amount
            self.counts[key] += count
            if key[0] in ("item", "order"):
                self.sold[order] += count
            if key[0] == "item":
                self.sold_for[order] += amount
            if key[0] == "service_charge":
                self.charges[waiter] += amount


def differences(notes: DayNotes, told: Json, ids: dict[int, str]) -> list[str]:
    """What the report of the day says otherwise. `ids`: the server's, of the orders."""
    found = []
    for name, ours, theirs in _figures(notes, told, ids):
        if ours != theirs:
            found.append(f"{name}: the report says {theirs}, the notes say {ours}")
    return found


def _figures(notes: DayNotes, told: Json, ids: dict[int, str]) -> list[tuple[str, Any, Any]]:
    return [
        ("sales", notes.total, told["sales"]),
        ("orders", _orders(notes), told["orders"]),
        ("categories", _categories(notes), _told_categories(told)),
        ("Dojo's orders", *_dojos_orders(notes, told["dojoOrders"])),
        ("VAT of Dojo's orders", _dojos_vat(notes), _told_dojos_vat(told["dojoOrders"])),
        ("service charge", _by_rate(notes, "service_charge"), _told_by_rate(told["serviceCharge"])),
        ("VAT", _vat(notes), _told_vat(told)),
        ("voids", _voids(notes), _told_voids(told)),
        ("takings", _takings(notes), _told_takings(told)),
        ("waiters", _waiters(notes), _told_waiters(told)),
        ("incidents", _incidents(notes, ids), _told_incidents(told)),
        ("drawers", _drawers(notes), _told_drawers(told)),
        ("Zs", _zs(notes), _told_zs(told)),
        ("vouchers sold", notes.vouchers["sold"], told["vouchers"]["sold"]),
        ("vouchers redeemed", notes.vouchers["redeemed"], told["vouchers"]["redeemed"]),
        ("papers", _papers(notes), told["receipts"]),
        ("difference", (0, 0), _checks(told)),
    ]


def _checks(told: Json) -> tuple[int, int]:
    books = told["reconciliation"]
    assert books["owedAtStart"] + books["sales"] - books["takings"] == books["owedAtEnd"]
    return books["difference"], books["ledgerDifference"]


def _papers(notes: DayNotes) -> Json:
    if not notes.papers:
        return {"count": 0}
    return {"count": len(notes.papers), "first": min(notes.papers), "last": max(notes.papers)}


# --- each figure, as noted and as told ------------------------------------------------------------


def _without_nothing(figures: dict[Any, Any]) -> dict[Any, Any]:
    return {key: amounts for key, amounts in figures.items() if any(amounts)}


def _orders(notes: DayNotes) -> int:
    """A tab that holds the second half of a bottle has sold something too."""
    return sum(1 for order in notes.sold if notes.sold[order] > 0 or notes.sold_for[order] > 0)


def _of(notes: DayNotes, kind: str) -> int:
    return sum(amount for key, amount in notes.sales.items() if key[0] == kind)


def _dojos_orders(notes: DayNotes, told: Json) -> tuple[Any, Any]:
    unknown = notes.sales["derived", None, None]
    count = notes.counts["order", None, None]
    return (
        (count, _of(notes, "order"), unknown),
        (told["orders"], told["amount"], told.get("unknownVat", 0)),
    )


def _dojos_vat(notes: DayNotes) -> dict[Any, Any]:
    rates = {key[2] for key in notes.sales} - {None}
    by_menu = {
        (rate, True): (notes.sales["derived", None, rate], notes.sales["derived_vat", None, rate])
        for rate in rates
    }
    return _without_nothing(
        by_menu | {(rate, False): (0, notes.sales["order_vat", None, rate]) for rate in rates}
    )


def _told_dojos_vat(told: Json) -> dict[Any, Any]:
    return _without_nothing(
        {
            (row["vatRate"], row.get("derived", False)): (row.get("gross", 0), row["vat"])
            for row in told["vat"]
        }
    )


def _by_rate(notes: DayNotes, kind: str) -> dict[int | None, int]:
    return {key[2]: amount for key, amount in notes.sales.items() if key[0] == kind and amount}


def _told_by_rate(rows: list[Json]) -> dict[int | None, int]:
    return {row.get("vatRate"): row["amount"] for row in rows if row["amount"]}


def _categories(notes: DayNotes) -> dict[Any, Any]:
    keys = {key[1:] for key in notes.sales if key[0] in ("item", "discount", "refund")}
    return _without_nothing(
        {
            key: (
                notes.counts["item", *key],
                notes.sales["item", *key],
                notes.sales["discount", *key],
                notes.sales["refund", *key],
            )
            for key in keys
        }
    )


def _told_categories(told: Json) -> dict[Any, Any]:
    for row in told["categories"]:
        assert row["net"] == row["items"] + row["discounts"] + row.get("refunds", 0)
    return _without_nothing(
        {
            (row["category"], row["vatRate"]): (
                row["count"],
                row["items"],
                row["discounts"],
                row.get("refunds", 0),
            )
            for row in told["categories"]
        }
    )


def _vat(notes: DayNotes) -> dict[Any, Any]:
    gross, vat = Counter[int](), Counter[int]()
    for (kind, _, rate), amount in notes.sales.items():
        if rate is None:
            continue
        if kind in IN_TOTAL:
            gross[rate] += amount
        if kind == "vat":
            vat[rate] += amount
    rates = {*gross, *vat}
    return {
        rate: (gross[rate], vat[rate], gross[rate] - vat[rate])
        for rate in rates
        if gross[rate] or vat[rate]
    }


def _told_vat(told: Json) -> dict[Any, Any]:
    return _without_nothing(
        {row["vatRate"]: (row["gross"], row["vat"], row["net"]) for row in told["vat"]}
    )


def _voids(notes: DayNotes) -> dict[Any, Any]:
    keys = [key for key in notes.sales if key[0] == "void"]
    return _without_nothing({key[1:]: (notes.counts[key], notes.sales[key]) for key in keys})


def _told_voids(told: Json) -> dict[Any, Any]:
    return _without_nothing(
        {(row["category"], row["vatRate"]): (row["count"], row["amount"]) for row in told["voids"]}
    )


_WAY = ("payments", "paid", "tips", "ended", "paid_back", "tips_back", "partly")


def _takings(notes: DayNotes) -> dict[Any, Any]:
    return _without_nothing(
        {way: tuple(figures[name] for name in _WAY) for way, figures in notes.ways.items()}
    )


def _told_takings(told: Json) -> dict[Any, Any]:
    names = ("payments", "paid", "tips", "ended", "paidBack", "tipsBack", "partlyRefunded")
    return _without_nothing(
        {
            (way["source"], way.get("method")): tuple(way[name] for name in names)
            for way in told["takings"]
        }
    )


def _waiters(notes: DayNotes) -> dict[Any, Any]:
    who = {waiter for waiter, _ in notes.tips} | set(notes.charges)
    return _without_nothing(
        {
            waiter: (
                *(notes.tips[waiter, source] for source in ("cash", "dojo", "other")),
                notes.charges[waiter],
            )
            for waiter in who
        }
    )


def _told_waiters(told: Json) -> dict[Any, Any]:
    names = ("cashTips", "cardTips", "otherTips", "serviceCharge")
    for row in told["waiters"]:
        assert row["tips"] == row["cashTips"] + row["cardTips"] + row["otherTips"]
    return _without_nothing(
        {row.get("waiterId"): tuple(row[name] for name in names) for row in told["waiters"]}
    )


def _incidents(notes: DayNotes, ids: dict[int, str]) -> Any:
    return sorted(
        (kind, ids[order], amount, count) for kind, order, amount, count in notes.incidents
    )


def _told_incidents(told: Json) -> Any:
    return sorted(
        (one["kind"], one["tabId"], one["amount"], one.get("count", 0)) for one in told["incidents"]
    )


def _drawers(notes: DayNotes) -> dict[Any, Any]:
    names = ("float", "taken", "paid_in", "paid_out", "to_safe")
    return _without_nothing(
        {
            drawer: (
                figures["float"],
                figures["taken"] - figures["given_back"],
                *(figures[name] for name in names[2:]),
                notes.expected_in(drawer),
            )
            for drawer, figures in list(notes.drawers.items())
        }
    )


def _zs(notes: DayNotes) -> dict[str, list[Any]]:
    """And what was counted last, if nothing happened since."""
    found = {}
    for drawer, zs in list(notes.zs.items()):
        if zs:
            counted = None if notes.has_news(drawer) else zs[-1].counted
            closed = [(z.number, z.figures["float"], z.expected, z.counted) for z in zs]
            found[drawer] = [*closed, counted]
    return found


def _told_zs(told: Json) -> dict[str, list[Any]]:
    found = {}
    for drawer in told["cash"]["drawers"]:
        zs = drawer["zs"]
        if zs:
            names = ("zNumber", "float", "expected", "counted")
            closed = [tuple(z.get(name) for name in names) for z in zs]
            found[drawer["drawer"]] = [*closed, drawer.get("counted")]
            _check_sums(drawer)
    return found


def _check_sums(drawer: Json) -> None:
    """Of a drawer that was counted last: each figure of the day is the sum of its Zs."""
    if "difference" not in drawer:
        return
    for name in ("takings", "paidIn", "paidOut", "toSafe"):
        assert drawer[name] == sum(z[name] for z in drawer["zs"]), name
    assert drawer["float"] == drawer["zs"][0]["float"]
    assert drawer["difference"] == sum(z.get("difference", 0) for z in drawer["zs"])


def _told_drawers(told: Json) -> dict[Any, Any]:
    names = ("float", "takings", "paidIn", "paidOut", "toSafe", "expected")
    cash = told["cash"]
    for name in names:
        assert cash[name] == sum(drawer[name] for drawer in cash["drawers"])
    return _without_nothing(
        {drawer["drawer"]: tuple(drawer[name] for name in names) for drawer in cash["drawers"]}
    )


@dataclass
class Books:
    """All days. `closed`: the report with which each closed."""

    days: dict[date, DayNotes] = field(default_factory=lambda: defaultdict(DayNotes))
    closed: list[date] = field(default_factory=list)
    z_numbers: Counter[str] = field(default_factory=Counter)
    """How often each drawer was closed."""

    @property
    def last_closed(self) -> date:
        return self.closed[-1] if self.closed else date.min

    def knows_drawer(self, drawer: str) -> bool:
        """Whether cash was in it on any day, or somebody counted it."""
        return any(
            any(notes.drawers.get(drawer, {}).values()) or notes.zs.get(drawer)
            for notes in self.days.values()
        )

    def owed_after(self, day: date) -> int:
        """What all orders owe at the end of a day."""
        until = [notes for one, notes in self.days.items() if one <= day]
        return sum(notes.total - notes.paid for notes in until)
