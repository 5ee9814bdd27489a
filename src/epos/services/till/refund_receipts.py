"""Refund receipts and credit notes: what went back of an order's payments, on a grid of 32 characters.

`receipts` gives them their numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from pydantic_core import from_json

from epos.domain.bill import Entry
from epos.domain.errors import Conflict, NotFound
from epos.domain.order_status import OrderOrigin
from epos.domain.paper import WIDTH, centered, wrapped
from epos.domain.receipt import Charged, named, summary
from epos.domain.requester import Requester
from epos.domain.tab_sums import TaxedSum, sums
from epos.services.till import tab_rows
from epos.store.statements import Record
from epos.store.tabs import tab_row
from epos.store.venue_store import VenueStore
from epos.store.venues import BillProfile

_RULE = "-" * WIDTH


@dataclass(frozen=True, slots=True)
class Refunded:
    """What a refund receipt is printed from. `row`: the order as staff see it."""

    profile: BillProfile
    row: Record
    refunds: list[Record]
    receipts: list[Record]
    """What was printed for the payments before."""

    @property
    def customer(self) -> tuple[str, str] | None:
        """Name and address of whom the last invoice named."""
        named = [row["customer"] for row in self.receipts if row["customer"] is not None]
        if not named:
            return None
        name, address = from_json(named[-1])
        return name, address

    @property
    def title(self) -> str:
        return "Credit note" if self.row["refund_amount"] else "Refund receipt"

    def said(self) -> dict[str, Any]:
        """What it says, beside the words of the venue."""
        named = ("id", "amount", "tips", "credited")
        refunds = [[refund[name] for name in named] for refund in self.refunds]
        return {"refunds": refunds, "credited": self.row["refund_amount"]}


async def read_refund(store: VenueStore, tab_id: str, requester: Requester) -> Refunded:
    """Raises NotFound, and Conflict while nothing went back."""
    row = await store.tabs.answer(tab_id, requester.waiter_id)
    if row is None:
        raise NotFound("The tab")
    refunds = await store.refunds.of_order(tab_id)
    if not refunds:
        raise Conflict("Nothing has been given back")
    receipts = await store.receipts.of_order(tab_id)
    return Refunded(await store.venue.bill_profile(row), row, refunds, receipts)


def render_refund(refunded: Refunded) -> str:
    """Lines of at most 32 terminal cells, without the number."""
    return "".join(f"{line.rstrip()}\n" for line in _lines(refunded))


def _lines(refunded: Refunded) -> Iterator[str]:
    profile, row, refunds = refunded.profile, refunded.row, refunded.refunds
    zone, currency = ZoneInfo(profile.time_zone), row["currency"]
    heading = (profile.name, *profile.address_lines, profile.postcode, _RULE, refunded.title)
    for value in heading:
        if value:
            yield from (centered(part, WIDTH) for part in wrapped(value, WIDTH))
    if refunded.customer is not None:
        name, address = refunded.customer
        yield from wrapped(f"To: {name}", WIDTH)
        yield from wrapped(address, WIDTH)
    yield f"Reference: {row['reference']}"
    yield f"Date of supply: {row['created_at'].astimezone(zone):%d %b %Y}"
    yield f"Printed: {profile.now.astimezone(zone):%d %b %Y %H:%M}"
    yield _RULE
    for refund in refunds:
        yield f"{refund['at'].astimezone(zone):%d %b %Y %H:%M}"
        yield from Entry(_way(refund), refund["amount"], currency).lines()
        if refund["reason"]:
            yield from wrapped(f"for {refund['reason']}", WIDTH)
    yield _RULE
    total = sum(refund["amount"] for refund in refunds)
    yield from Entry("Given back", total, currency).lines()
    if row["refund_amount"]:
        yield from Entry("Taken off the bill", row["refund_amount"], currency).lines()
        if profile.tax_number:
            yield from _vat(row)
    for receipt in refunded.receipts:
        yield f"To receipt No. {receipt['number']}, {receipt['at'].astimezone(zone):%d %b %Y}"
    yield from wrapped(f"To order {row['id']}", WIDTH)
    if profile.tax_number:
        yield f"VAT No. {profile.tax_number}"


def _way(refund: Record) -> str:
    names = {"dojo": "Card", "cash": "Cash"}
    name: str = names.get(refund["source"]) or str(refund["method"]).capitalize()
    return name


def _vat(row: Record) -> Iterator[str]:
    """By rate: what the bill was smaller by, and the VAT in that. For a tab; Dojo's VAT is Dojo's."""
    if row["origin"] == OrderOrigin.DOJO:
        return
    tab = tab_rows.tab_of(tab_row(row))
    left = {tax.vat_rate: tax for tax in sums(tab).taxes}
    rows = []
    for tax in sums(replace(tab, refund=0)).taxes:
        now = left.get(tax.vat_rate, TaxedSum(tax.vat_rate, 0, 0))
        if tax.gross != now.gross:
            name = named("", tax.vat_rate).strip()
            rows.append(Charged(name, tax.gross - now.gross, tax.vat - now.vat))
    yield from summary(rows, row["currency"]) if rows else ()
