"""The lines that a bill has above and below its order."""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from pydantic_core import from_json

from epos.contract.bills import Align, BillLine, BillSection, Size
from epos.contract.orders import OrderType
from epos.domain.bill import Entry, Tax, money, tax_summary
from epos.domain.order_status import OrderStatus
from epos.services.bill_lines import entry, farewell, merchant, rule, stacked, text
from epos.store.statements import Record
from epos.store.venues import BillProfile

_VOID = {OrderStatus.CANCELED: "Canceled", OrderStatus.FAILED: "Failed"}


def header(profile: BillProfile, row: Record) -> BillSection:
    """Who asks for the money, and what for. `row` is the order as it is answered."""
    lines = [*merchant(profile), rule(), *_place(row), *_particulars(profile, row), rule()]
    return BillSection.model_construct(lines=lines)


def footer(profile: BillProfile, row: Record) -> BillSection:
    """What the total holds, what of it is paid, and the venue's last words."""
    lines = stacked(_contained(row), _settlement(row), farewell(profile))
    return BillSection.model_construct(lines=lines)


# --- the header -----------------------------------------------------------------------------------


def _place(row: Record) -> Iterator[BillLine]:
    collected = "Collection" if row["order_type"] == OrderType.Collection else None
    place = row["table_name"] or collected
    if place:
        yield from text(place, size=Size.Header1, align=Align.Center, bold=True)


def _particulars(profile: BillProfile, row: Record) -> Iterator[BillLine]:
    local = profile.now.astimezone(ZoneInfo(profile.time_zone))
    facts = (
        ("Covers", profile.covers),
        ("Waiter", profile.waiter_name or row["waiter_id"]),
        ("Reference", row["reference"]),
        ("Date", f"{local:%d %b %Y %H:%M}"),
    )
    for name, fact in facts:
        if fact is not None:
            yield from text(f"{name}: {fact}")


# --- the footer -----------------------------------------------------------------------------------


def _contained(row: Record) -> Iterator[BillLine]:
    """VAT by rate, and the service charge."""
    for tax in taxes(row):
        yield from entry(tax)
    if row["service_charge_amount"]:
        charge = money(row["service_charge_amount"], row["currency"])
        yield from text(f"Includes service charge {charge}", align=Align.Right)


def taxes(row: Record) -> list[Entry]:
    """The VAT in the order, one entry a rate."""
    return tax_summary(map(_tax, from_json(row["content"]).get("taxLines", ())))


def _tax(line: dict[str, Any]) -> Tax:
    amount = line["amountTotal"]
    rate = line.get("amountPercentage")
    return Tax(line.get("name"), rate, amount["value"], amount["currencyCode"])


def _settlement(row: Record) -> Iterator[BillLine]:
    """Each payment and its tip, then what is left; a tip pays nothing of it."""
    currency = row["currency"]
    payments = from_json(row["payments"]) if row["payments"] else []
    for number, (_, paid, tip) in enumerate(payments, start=1):
        name = f"Payment {number}" if len(payments) > 1 else "Payment"
        yield from entry(Entry(name, paid, currency))
        if tip:
            yield from entry(Entry("and a tip of", tip, currency, depth=1))
    void = _VOID.get(row["status"])
    if void is not None:
        yield from text(void, size=Size.Header2, align=Align.Center, bold=True)
        return
    balance = row["total_amount"] - row["paid_amount"]
    yield from entry(Entry("Left to pay", balance, currency), bold=True)
