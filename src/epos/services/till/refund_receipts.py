"""Refund receipts and credit notes: what went back of an order's payments since the last one, on a grid of
32 characters.

`receipts` gives them their numbers.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from pydantic_core import from_json

from epos.domain.bill import Entry
from epos.domain.errors import Conflict, NotFound
from epos.domain.order_status import OrderOrigin
from epos.domain.paper import WIDTH, centered, wrapped
from epos.domain.requester import Requester
from epos.domain.taxed import Taxed, added, of_derived, of_sent, of_tab, vat_lines
from epos.services.bills import taxes_in
from epos.services.menu_checks import derived_of
from epos.services.refunded_bill import read
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
    """Those that are on no earlier paper."""
    taken_off: Taxed
    """By how much they made the bill smaller."""
    receipts: list[Record]
    """What was printed for the payments before."""
    copy_of: int | None
    """The number of the last paper, if nothing went back since."""

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
        return "Credit note" if self.taken_off.total > 0 else "Refund receipt"

    @property
    def refund_ids(self) -> list[str]:
        return [refund["id"] for refund in self.refunds]


async def read_refund(store: VenueStore, tab_id: str, requester: Requester) -> Refunded:
    """Raises NotFound, and Conflict while nothing went back."""
    row = await store.tabs.answer(tab_id, requester.waiter_id)
    if row is None:
        raise NotFound("The tab")
    refunds = await store.refunds.of_order(tab_id)
    if not refunds:
        raise Conflict("Nothing has been given back")
    papers = await store.receipts.of_order(tab_id)
    notes = [paper for paper in papers if paper["kind"] == "refund"]
    new = _without_those_on(notes, refunds)
    return Refunded(
        profile=await store.venue.bill_profile(row),
        row=row,
        refunds=new,
        taken_off=added(_taken_off(row, refunds, refund) for refund in new),
        receipts=[paper for paper in papers if paper["kind"] == "receipt"],
        copy_of=None if new else notes[-1]["number"],
    )


def _without_those_on(notes: list[Record], refunds: list[Record]) -> list[Record]:
    """The refunds that no note says. A note of an older version says all that there were."""
    said = {key for note in notes if note["refunds"] for key in from_json(note["refunds"])}
    until = [note["at"] for note in notes if note["refunds"] is None]
    return [
        refund
        for refund in refunds
        if refund["id"] not in said and not (until and refund["at"] <= until[-1])
    ]


def _taken_off(row: Record, refunds: list[Record], refund: Record) -> Taxed:
    """What a refund took off the bill at that time. Older versions did not keep it: as the bill is now."""
    if refund["taken_off"] is not None:
        return read(refund["taken_off"])
    credited = refund["credited"]
    if not credited:
        return Taxed()
    before = sum(one["credited"] for one in refunds[: refunds.index(refund)])
    bill = _bill_of(row)
    found = bill(before).less(bill(before + credited))
    return found if found.total == credited else Taxed(unknown=credited)


def _bill_of(row: Record) -> Callable[[int], Taxed]:
    """What the bill consists of after a refund."""
    if row["origin"] != OrderOrigin.DOJO:
        tab = tab_rows.tab_of(tab_row(row))
        return lambda refund: of_tab(replace(tab, refund=refund))
    derived = derived_of(row["derived"])
    if derived is not None:
        return lambda refund: of_derived(derived, refund)
    taxes, total = taxes_in(row["dojo_content"]), row["total_amount"] + row["refund_amount"]
    return lambda refund: of_sent(taxes, total, refund)


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
    yield from _off_the_bill(refunded)
    for receipt in refunded.receipts:
        yield f"To receipt No. {receipt['number']}, {receipt['at'].astimezone(zone):%d %b %Y}"
    yield from wrapped(f"To order {row['id']}", WIDTH)
    if profile.tax_number:
        yield f"VAT No. {profile.tax_number}"


def _way(refund: Record) -> str:
    names = {"dojo": "Card", "cash": "Cash"}
    name: str = names.get(refund["source"]) or str(refund["method"]).capitalize()
    return name


def _off_the_bill(refunded: Refunded) -> Iterator[str]:
    """What the bill is smaller by, or larger where it is owed again, and its VAT by rate."""
    taken_off, currency = refunded.taken_off, refunded.row["currency"]
    if taken_off.total > 0:
        yield from Entry("Taken off the bill", taken_off.total, currency).lines()
    elif taken_off.total:
        yield from Entry("On the bill again", -taken_off.total, currency).lines()
    if refunded.profile.tax_number:
        by_menu = refunded.row["origin"] == OrderOrigin.DOJO
        yield from vat_lines(taken_off, currency, by_menu=by_menu)
