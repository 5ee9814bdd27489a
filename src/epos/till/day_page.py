"""A day's report as a page to be printed: plain HTML, no scripts, everything that people wrote escaped."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from epos.domain.bill import money, percentage
from epos.till.html import document
from epos.till_contract.cash import DrawerCash
from epos.till_contract.days import (
    CategorySales,
    DayReport,
    EndedPayment,
    PartialRefund,
    Takings,
)
from epos.till_contract.incidents import Incident

_STYLE = """
body { font: 11pt/1.4 sans-serif; max-width: 50em; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; width: 100%; margin-bottom: 1.5em; }
caption { text-align: left; font-weight: bold; padding: .3em 0; }
th, td { text-align: left; padding: .15em .5em .15em 0; border-bottom: 1px solid #ccc; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
@media print { body { margin: 0; max-width: none; } table { break-inside: avoid; } }
"""

_WAITER = ("", "Tips in cash", "On cards", "Other tips", "All tips", "Service charge")
_CASH = (
    ("Float", "float"),
    ("Taken, tips in it, less given back", "takings"),
    ("Paid in", "paidIn"),
    ("Paid out", "paidOut"),
    ("To the safe", "toSafe"),
    ("Should be there", "expected"),
    ("Counted", "counted"),
    ("Difference", "difference"),
)
_MOVES = {
    "float": "Float corrected",
    "paid-in": "Paid in",
    "paid-out": "Paid out",
    "to-safe": "To the safe",
    "no-sale": "Opened without a sale",
}
_NAMES = {"dojo": "Card, by Dojo", "cash": "Cash"}
_KINDS = {
    "void": "Void",
    "discount": "Discount",
    "comp": "Comp",
    "cancel": "Cancelled",
    "refund": "Refund",
    "correct": "Corrected payment",
    "reopen": "Reopened",
    "break-lock": "Lock broken",
    "after-bill": "After the bill",
}

Cell = str | int | None
"""A text, an amount, or nothing."""


def render(report: DayReport) -> str:
    state = "closed" if report.isClosed else "still open"
    title = f"Business day {report.day}, {state}"
    tables = "".join(_Tables(report).all())
    return document(title, _STYLE, f"{_heading(report)}<h1>{escape(title)}</h1>\n{tables}")


def _heading(report: DayReport) -> str:
    vat = f"VAT No. {report.vatNumber}" if report.vatNumber else None
    number = f"Z {report.zNumber}" if report.zNumber else None
    return "".join(f"<p>{escape(line)}</p>\n" for line in (report.venue, vat, number) if line)


class _Tables:
    """The sections of a report, in the order in which one reads them."""

    def __init__(self, report: DayReport) -> None:
        self._report = report
        self._references = _references(report)

    def all(self) -> Iterable[str]:
        yield from (self._summary(), self._sales(), self._vat(), self._prices(), self._voids())
        yield from (self._takings(), self._vouchers(), self._cash(), self._drawer_zs())
        yield from (self._movements(), self._waiters(), self._ended())
        yield from (self._parts(), self._incidents(), self._left(), self._books())

    def _summary(self) -> str:
        report = self._report
        rows: list[list[Cell]] = [
            ["Sales", report.sales],
            ["Orders", str(report.orders)],
            ["Covers", str(report.covers)],
        ]
        if report.receipts is not None and report.receipts.count:
            rows.append(["Receipts", f"No. {report.receipts.first} to {report.receipts.last}"])
        if report.closedAt is not None:
            closed_at = report.closedAt.astimezone(ZoneInfo(report.timeZone))
            closed_by = f"{closed_at:%Y-%m-%d %H:%M %Z}, {report.closedByName or report.closedBy}"
            rows.append(["Closed", closed_by])
        return self._table("The day", (), rows)

    def _sales(self) -> str:
        report = self._report
        rows: list[list[Cell]] = [
            [sold.category, percentage(sold.vatRate), str(sold.count), *_amounts(sold)]
            for sold in report.categories
        ]
        dojo = report.dojoOrders
        if dojo.orders or dojo.amount:
            rows.append(["Orders from Dojo", None, str(dojo.orders), None, None, None, dojo.amount])
        rows += [
            ["Service charge", _rate(charge.vatRate), None, None, None, None, charge.amount]
            for charge in report.serviceCharge
        ]
        rows.append(["All", None, None, None, None, None, report.sales])
        head = ("Category", "VAT", "Count", "Items", "Discounts", "Refunds", "Net")
        return self._table("Sales, VAT in them", head, rows)

    def _vat(self) -> str:
        rows: list[list[Cell]] = [
            [percentage(tax.vatRate), tax.gross, tax.vat, tax.net] for tax in self._report.vat
        ]
        dojo = self._report.dojoOrders
        rows += [
            [
                f"Dojo's orders, {'by the menu' if tax.derived else 'as sent'} {_rate(tax.vatRate) or ''}",
                tax.gross,
                tax.vat,
                None if tax.gross is None else tax.gross - tax.vat,
            ]
            for tax in dojo.vat
        ]
        if dojo.unknownVat:
            rows.append(["Dojo's orders, VAT unknown", dojo.unknownVat, None, None])
        return self._table("VAT", ("Rate", "Gross", "VAT", "Net"), rows)

    def _prices(self) -> str:
        found = self._report.dojoOrders.priceDifferences
        rows: list[list[Cell]] = [
            [one.reference, one.name, str(one.count), one.price, one.menuPrice]
            for one in (found.differences if found else ())
        ]
        head = ("Order", "Product", "Count", "Price", "In the menu")
        return self._table("From Dojo at another price than the menu's", head, rows)

    def _voids(self) -> str:
        rows: list[list[Cell]] = [
            [void.category, percentage(void.vatRate), str(void.count), void.amount]
            for void in self._report.voids
        ]
        return self._table("Made void", ("Category", "VAT", "Count", "Amount"), rows)

    def _takings(self) -> str:
        rows: list[list[Cell]] = [
            [_way(row), str(row.payments), row.paid, row.tips, *_back(row), row.total]
            for row in self._report.takings
        ]
        head = ("", "Payments", "Paid", "Tips", "Paid back", "Tips back", "Total")
        return self._table("Takings", head, rows)

    def _vouchers(self) -> str:
        """What guests paid for vouchers is no sale: the venue owes it until they redeem them."""
        figures = self._report.vouchers
        if figures is None or not (figures.sold or figures.redeemed or figures.outstanding):
            return ""
        rows: list[list[Cell]] = [
            ["Sold, not in the sales", figures.sold],
            ["Redeemed, in the takings", figures.redeemed],
            ["Owed for all vouchers", figures.outstanding],
        ]
        return self._table("Vouchers", (), rows)

    def _cash(self) -> str:
        cash = self._report.cash
        columns = [*cash.drawers, cash] if len(cash.drawers) > 1 else [cash]
        head = ["", *(getattr(column, "drawer", "All") for column in columns)]
        rows: list[list[Cell]] = [
            [name, *(getattr(column, figure) for column in columns)]
            for name, figure in _CASH
            if figure not in ("counted", "difference") or cash.counted is not None
        ]
        return self._table("Cash", [escape(name) for name in head], rows)

    def _drawer_zs(self) -> str:
        """Where there are several drawers, or one was closed by itself: its Zs add up to the drawer."""
        drawers = self._report.cash.drawers
        if len(drawers) == 1 and not self._was_closed_by_itself(drawers[0]):
            return ""
        rows: list[list[Cell]] = [
            [
                drawer.drawer,
                f"Z {z.zNumber}",
                None if z.closedAt is None else self._time(z.closedAt),
                z.closedBy,
                *(z.float, z.expected, z.counted, z.difference),
            ]
            for drawer in drawers
            for z in drawer.zs
        ]
        head = ("Drawer", "Z", "Closed", "By", "Float", "Should be there", "Counted", "Difference")
        return self._table("Each time a drawer was closed", head, rows)

    def _was_closed_by_itself(self, drawer: DrawerCash) -> bool:
        """Before the end of the day, which closes each drawer at the same moment as the day."""
        return len(drawer.zs) > 1 or any(z.closedAt != self._report.closedAt for z in drawer.zs)

    def _movements(self) -> str:
        rows: list[list[Cell]] = [
            [
                self._time(row.at),
                _MOVES.get(row.type, row.type),
                row.drawer,
                row.reason,
                row.by,
                row.approvedBy,
                row.amount,
            ]
            for row in self._report.cash.movements
        ]
        head = ("Time", "What", "Drawer", "Reason", "By", "Approved", "Amount")
        return self._table("Cash in and out beside payments", head, rows)

    def _time(self, at: datetime) -> str:
        return f"{at.astimezone(ZoneInfo(self._report.timeZone)):%H:%M}"

    def _waiters(self) -> str:
        rows: list[list[Cell]] = [
            [
                share.name or share.waiterId or "Nobody's",
                share.cashTips,
                share.cardTips,
                share.otherTips,
                share.tips,
                share.serviceCharge,
            ]
            for share in self._report.waiters
        ]
        return self._table("By waiter", _WAITER, rows)

    def _ended(self) -> str:
        rows = [self._gone_back(payment) for payment in self._report.endedPayments]
        head = ("Tab", "Payment", "What", "Of", "Reason", "Paid", "Tips")
        return self._table("Payments that ended", head, rows)

    def _gone_back(self, payment: EndedPayment) -> list[Cell]:
        said = ", ".join(text for text in (payment.reason, payment.byName or payment.by) if text)
        named = [self._named(payment), _way(payment), payment.status, self._day(payment), said]
        return [*named, payment.paid, payment.tips]

    def _parts(self) -> str:
        rows: list[list[Cell]] = [
            [self._named(part), _way(part), self._day(part), part.amount]
            for part in self._report.partialRefunds
        ]
        return self._table("Refunded in part", ("Tab", "Payment", "Of", "Amount"), rows)

    def _named(self, payment: EndedPayment | PartialRefund) -> str:
        """The tab's reference; the payment's id where an older report names no tab."""
        return self._references.get(payment.orderId, payment.paymentId)

    def _incidents(self) -> str:
        rows = [self._incident(one) for one in self._report.incidents]
        head = ("Time", "What", "Tab", "Count", "Reason", "By", "Approved", "Amount")
        return self._table("Taken off, given back, opened again", head, rows)

    def _incident(self, one: Incident) -> list[Cell]:
        place = ", ".join(text for text in (one.reference, one.table) if text)
        count = None if one.count is None else str(one.count)
        named = [self._time(one.at), _KINDS.get(one.kind, one.kind), place, count]
        return [*named, one.reason, one.by, one.approvedBy, one.amount]

    def _left(self) -> str:
        left = self._report.openOrders
        rows: list[list[Cell]] = [
            [order.reference, order.id, order.status, order.balance] for order in left.orders
        ]
        head = ("Reference", "Id", "Status", "Balance")
        return self._table(f"Left open: {left.count}", head, rows)

    def _books(self) -> str:
        books = self._report.reconciliation
        rows: list[list[Cell]] = [
            ["Owed at the start", books.owedAtStart],
            ["Sales", books.sales],
            ["Takings", -books.takings],
            ["Owed at the end", books.owedAtEnd],
            ["Entered on later days", books.since],
            ["Owed by the orders themselves", books.ordersOwe],
            ["Difference", books.difference],
            ["Difference of the ledger", books.ledgerDifference],
        ]
        return self._table("Reconciliation", (), rows)

    def _day(self, payment: EndedPayment | PartialRefund) -> str:
        return "today" if payment.ofDay == self._report.day else str(payment.ofDay)

    def _table(self, caption: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
        body = "".join(f"<tr>{''.join(map(self._cell, row))}</tr>\n" for row in rows)
        if not body:
            return ""
        heading = f"<tr>{''.join(f'<th>{name}</th>' for name in head)}</tr>\n" if head else ""
        return f"<table><caption>{caption}</caption>\n{heading}{body}</table>\n"

    def _cell(self, value: Cell) -> str:
        if isinstance(value, int):
            return f'<td class="n">{escape(money(value, self._report.currency))}</td>'
        return f"<td>{escape(value or '')}</td>"


def _rate(hundredths: int | None) -> str | None:
    return None if hundredths is None else percentage(hundredths)


def _references(report: DayReport) -> dict[str, str]:
    """The references of tabs and orders that the report has, by their ids."""
    found = report.dojoOrders.priceDifferences
    named = {one.tabId: one.reference for one in (found.differences if found else ())}
    named |= {order.id: order.reference for order in report.openOrders.orders}
    return named | {one.tabId: one.reference for one in report.incidents}


def _way(row: Takings | EndedPayment | PartialRefund) -> str:
    return _NAMES.get(row.source or "") or row.method or row.source or ""


def _amounts(sold: CategorySales) -> tuple[int, int, int | None, int]:
    """The first three add up to the last."""
    return sold.items, sold.discounts, sold.refunds, sold.net


def _back(row: Takings) -> tuple[int, int]:
    return -row.paidBack, -row.tipsBack
