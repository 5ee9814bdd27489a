"""Refund receipts and credit notes: what went back of an order's payments, on a grid of 32 characters."""

from collections.abc import Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo

from epos.domain.bill import Entry
from epos.domain.errors import Conflict, NotFound
from epos.domain.order_status import OrderOrigin
from epos.domain.paper import WIDTH, centered, wrapped
from epos.domain.receipt import Charged, named, summary
from epos.domain.requester import Requester
from epos.domain.tab_sums import TaxedSum, sums
from epos.services.till import tab_rows
from epos.services.till.papers import Sheet
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.tabs import tab_row
from epos.store.venues import BillProfile

_RULE = "-" * WIDTH


class RefundReceipts:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, tab_id: str, requester: Requester) -> Sheet:
        """A credit note where a refund made the bill smaller, with the VAT that went back; else a refund
        receipt. Raises NotFound, and Conflict while nothing went back.
        """
        async with self._database.snapshot(requester.venue_id) as store:
            row = await store.tabs.answer(tab_id, requester.waiter_id)
            if row is None:
                raise NotFound("The tab")
            refunds = await store.refunds.of_order(tab_id)
            if not refunds:
                raise Conflict("Nothing has been given back")
            profile = await store.venue.bill_profile(row)
        title = "Credit note" if row["refund_amount"] else "Refund receipt"
        lines = _lines(title, profile, row, refunds)
        return Sheet(title, "".join(f"{line.rstrip()}\n" for line in lines))


def _lines(title: str, profile: BillProfile, row: Record, refunds: list[Record]) -> Iterator[str]:
    zone, currency = ZoneInfo(profile.time_zone), row["currency"]
    heading = (profile.name, *profile.address_lines, profile.postcode, _RULE, title)
    for value in heading:
        if value:
            yield from (centered(part, WIDTH) for part in wrapped(value, WIDTH))
    yield f"Reference: {row['reference']}"
    yield f"Date of supply: {row['created_at'].astimezone(zone):%d %b %Y}"
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
    yield from wrapped(f"To receipt No. {row['id']}", WIDTH)
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
