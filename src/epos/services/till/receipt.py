"""The VAT receipt: the bill's lines with the rate that each bears, and how it was paid."""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from pydantic_core import from_json

from epos.contract.bills import Align, BillLine, BillSection, OrderBill, Size
from epos.domain.bill import Entry
from epos.domain.errors import Conflict
from epos.domain.order_status import OrderOrigin, OrderStatus
from epos.domain.payments import EFFECTIVE, PaymentSource
from epos.domain.receipt import Charged, codes, named, summary
from epos.domain.tab import Tab
from epos.domain.tab_sums import sums
from epos.services import bill_text, mapping
from epos.services.bills import (
    entry,
    farewell,
    merchant,
    rule,
    stacked,
    taxes,
    text,
    whole_line,
)
from epos.services.till import tab_rows
from epos.store.statements import Record
from epos.store.venues import BillProfile

_UNTAXED = "No VAT"
_PAID_BY = {PaymentSource.DOJO: "Card", PaymentSource.CASH: "Cash"}


def refuse_unpaid(row: Record) -> None:
    """Raises Conflict for an order of which nothing was paid, or that came to nothing."""
    if row["status"] in (OrderStatus.CANCELED, OrderStatus.FAILED):
        raise Conflict(f"The order is {row['status']}, so there is no receipt for it")
    if not row["paid_amount"] and row["status"] != OrderStatus.FINALIZED:
        raise Conflict("Nothing has been paid; until then the bill says what is to pay")


def render(profile: BillProfile, order: Record, row: Record) -> str:
    """Lines of at most 32 terminal cells. `order` is as the contract has it, `row` as staff see it.

    A venue without a VAT number charges no VAT, so its receipts say nothing of it.
    """
    tab = None if row["origin"] == OrderOrigin.DOJO else tab_rows.tab(row, tab_rows.lines_of(row))
    taxed = tab if profile.tax_number else None
    vat = _vat(taxed, order) if profile.tax_number else iter(())
    receipt = OrderBill.model_construct(
        header=BillSection.model_construct(lines=list(_header(profile, order))),
        order=mapping.order(order),
        footer=BillSection.model_construct(
            lines=stacked(vat, _settlement(row), _farewell(profile, order))
        ),
    )
    return bill_text.render(receipt, marks=[] if taxed is None else _marks(taxed))


def _header(profile: BillProfile, order: Record) -> Iterator[BillLine]:
    """The date of supply is that of the order; guests eat before they pay."""
    title = "VAT receipt" if profile.tax_number else "Receipt"
    zone = ZoneInfo(profile.time_zone)
    yield from merchant(profile)
    yield rule()
    yield from text(title, size=Size.Header1, align=Align.Center, bold=True)
    if order["paid_amount"] < order["total_amount"]:
        yield from text("paid in part", align=Align.Center)
    if order["table_name"]:
        yield from text(order["table_name"])
    facts = (
        ("Covers", profile.covers),
        ("Waiter", profile.waiter_name or order["waiter_id"]),
        ("Reference", order["reference"]),
        ("Date of supply", f"{order['created_at'].astimezone(zone):%d %b %Y}"),
        ("Printed", f"{profile.now.astimezone(zone):%d %b %Y %H:%M}"),
    )
    for name, fact in facts:
        if fact is not None:
            yield from text(f"{name}: {fact}")
    yield rule()


def _codes(tab: Tab) -> dict[int, str]:
    return codes(part.vat_rate for line in tab.live_lines for part in line.parts)


def _marks(tab: Tab) -> Iterator[str]:
    """The rate's letter for each line and each of its sub-items."""
    letters = _codes(tab)
    for line in tab.live_lines:
        yield f"{letters[line.vat_rate]} "
        for item in line.sub_items:
            yield f"{letters[item.vat_rate]} "


def _vat(tab: Tab | None, order: Record) -> Iterator[BillLine]:
    """By rate, highest first; of an order of Dojo's as Dojo said it."""
    if tab is None:
        for tax in taxes(order):
            yield from entry(tax)
        return
    letters, added = _codes(tab), sums(tab)
    rows = [
        Charged(named(letters[tax.vat_rate], tax.vat_rate), tax.gross, tax.vat)
        for tax in added.taxes
    ]
    untaxed = added.total - sum(tax.gross for tax in added.taxes)
    if untaxed:  # a voluntary service charge
        rows.append(Charged(_UNTAXED, untaxed, 0))
    for value in summary(rows, order["currency"]) if rows else ():
        yield whole_line(value)


def _settlement(row: Record) -> Iterator[BillLine]:
    """Each payment that counts, with its tip and its change, then what is left to pay."""
    currency, payments = row["currency"], from_json(row["payments"] or "[]")
    for payment in payments:
        if payment["status"] in EFFECTIVE:
            for written in _payment(payment, currency):
                yield from entry(written)
    balance = row["total_amount"] - row["paid_amount"]
    if balance:
        yield from entry(Entry("Left to pay", balance, currency), bold=True)


def _payment(payment: dict[str, Any], currency: str) -> Iterator[Entry]:
    paid, tips, tendered = (
        payment["paid_amount"],
        payment["tips_amount"],
        payment["tendered_amount"],
    )
    name = _PAID_BY.get(payment["source"]) or payment["method"].capitalize()
    yield Entry(name, paid, currency)
    if tips:
        yield Entry("and a tip of", tips, currency, depth=1)
    if tendered is not None and tendered > paid + tips:
        yield Entry("Given", tendered, currency, depth=1)
        yield Entry("Change", tendered - paid - tips, currency, depth=1)
    if payment["refunded_amount"]:
        yield Entry("refunded of it", -payment["refunded_amount"], currency, depth=1)


def _farewell(profile: BillProfile, order: Record) -> Iterator[BillLine]:
    yield from farewell(profile)
    yield from text("Receipt No.", align=Align.Center)
    yield from text(order["id"], align=Align.Center)
