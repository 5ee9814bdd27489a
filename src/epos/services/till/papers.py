"""What a till prints: the bill, the VAT receipt (its number: `receipts`), the kitchen's ticket."""

import asyncio
import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from pydantic_core import from_json

from epos.contract.bills import Align, BillLine, BillSection, OrderBill, Size
from epos.contract.orders import OrderType
from epos.domain.bill import Entry
from epos.domain.errors import Conflict, NotFound
from epos.domain.kitchen import WIDTH, Dish, Extra, hanging
from epos.domain.order_status import OrderOrigin, OrderStatus
from epos.domain.paper import centered, wrapped
from epos.domain.payments import EFFECTIVE, PaymentSource
from epos.domain.receipt import Charged, codes, named, summary
from epos.domain.requester import Requester
from epos.domain.tab import Line, Modifier, Tab
from epos.domain.tab_sums import sums
from epos.domain.taxed import UNTAXED, Taxed, of_derived, vat_lines
from epos.services import bill_text, mapping
from epos.services.bills import (
    Bills,
    entry,
    farewell,
    merchant,
    rule,
    stacked,
    taxes,
    text,
    whole_line,
)
from epos.services.menu_checks import derived_of
from epos.services.till import tab_rows
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.tabs import Line as LineRow
from epos.store.tabs import tab_row
from epos.store.venue_store import VenueStore
from epos.store.venues import BillProfile

Json = dict[str, Any]

MOST_SIMPLIFIED = 25_000
"""The most that a simplified VAT invoice may come to, in minor units, VAT included (docs/vat.md)."""
_PAID_BY = {PaymentSource.DOJO: "Card", PaymentSource.CASH: "Cash"}
_RULE, _END = "-" * WIDTH, "=" * WIDTH
_STOP = {
    OrderStatus.SUBMITTED: "NOT ACCEPTED YET",
    OrderStatus.CANCELED: "CANCELED",
    OrderStatus.FAILED: "FAILED",
}
"""The title above what must not be made, or not yet."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One paper: its title, and lines of text on a grid of characters."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Customer:
    """Whom a VAT invoice is for."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Round:
    """One round of an order: `number` is None for an order of Dojo's, which has only one."""

    number: int | None
    at: datetime
    dishes: Sequence[Dish]
    voids: Sequence[Dish]


class Papers:
    def __init__(self, database: Database, bills: Bills) -> None:
        self._database = database
        self._bills = bills

    async def bill(self, tab_id: str, requester: Requester) -> Sheet:
        """The bill that a terminal would print. Raises NotFound."""
        return Sheet("Bill", await self._bills.text(tab_id, requester))

    async def kitchen_ticket(self, tab_id: str, wanted: int | None, requester: Requester) -> Sheet:
        """The ticket of one round; the last one if `wanted` is None.

        Raises NotFound, also for the round, and Conflict for a tab that was never sent.
        """
        async with self._database.snapshot(requester.venue_id) as store:
            row = await _visible(store, tab_id, requester)
            the_round = _round_of(row, wanted)
            profile = await store.venue.bill_profile(row)
            wishes = await _guest_requests(store, row["party_id"])
        ticket = await asyncio.to_thread(_render_ticket, row, profile, the_round, wishes)
        return Sheet("Kitchen ticket", ticket)


async def _visible(store: VenueStore, tab_id: str, requester: Requester) -> Record:
    row = await store.tabs.answer(tab_id, requester.waiter_id)
    if row is None:
        raise NotFound("The tab")
    return row


async def _guest_requests(store: VenueStore, party_id: str | None) -> str | None:
    party = None if party_id is None else await store.parties.answer(party_id)
    requests: str | None = None if party is None else party["guest_requests"]
    return requests


# --- the receipt ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PaidOrder:
    """What a receipt is printed from. `order`: the row for the contract; `row`: the row for staff."""

    profile: BillProfile
    order: Record
    row: Record

    @property
    def tab(self) -> Tab | None:
        """None for an order of Dojo's."""
        if self.row["origin"] == OrderOrigin.DOJO:
            return None
        return tab_rows.tab_of(tab_row(self.row))

    @property
    def by_menu(self) -> Taxed | None:
        """What an order of Dojo's consists of by the menu; None where the VAT is Dojo's, and for a tab."""
        derived = derived_of(self.row["derived"])
        return None if derived is None else of_derived(derived, self.row["refund_amount"])

    @property
    def knows_vat(self) -> bool:
        """Whether the VAT of all of it is known."""
        if self.row["origin"] != OrderOrigin.DOJO:
            return True
        by_menu = self.by_menu
        return bool(taxes(self.order)) if by_menu is None else not by_menu.unknown

    @property
    def shows(self) -> int | None:
        """The total of a tab that its guest sees; None for an order of Dojo's."""
        return None if self.row["origin"] == OrderOrigin.DOJO else self.order["total_amount"]

    def said(self) -> Json:
        """What the receipt says about the order, beside the words of the venue."""
        order = self.order
        named = ("content", "total_amount", "service_charge_amount", "paid_amount")
        money = ("id", "paid_amount", "tips_amount", "refunded_amount", "tendered_amount")
        payments = [
            [payment[name] for name in money]
            for payment in from_json(self.row["payments"] or "[]")
            if payment["status"] in EFFECTIVE
        ]
        return {name: order[name] for name in named} | {"payments": payments}


async def read_receipt(store: VenueStore, tab_id: str, requester: Requester) -> PaidOrder:
    """Raises NotFound, and Conflict for an order without a payment, or one that was cancelled or failed."""
    row = await _visible(store, tab_id, requester)
    if row["status"] in (OrderStatus.CANCELED, OrderStatus.FAILED):
        raise Conflict(f"The order is {row['status']}, so there is no receipt for it")
    if not row["paid_amount"] and row["status"] != OrderStatus.FINALIZED:
        raise Conflict("Nothing has been paid; until then the bill says what is to pay")
    order = await store.orders.answer(tab_id)
    assert order is not None, "read in the same transaction"  # noqa: S101
    return PaidOrder(await store.venue.bill_profile(order), order, row)


def render_receipt(paid: PaidOrder, customer: Customer | None = None) -> str:
    """Lines of at most 32 terminal cells, without the number.

    A venue without a VAT number charges no VAT, so its receipts do not mention it.
    """
    profile, order, tab = paid.profile, paid.order, paid.tab if paid.profile.tax_number else None
    receipt = OrderBill.model_construct(
        header=BillSection.model_construct(lines=list(_header(paid, customer))),
        order=mapping.order(order),
        footer=BillSection.model_construct(
            lines=stacked(
                _vat(tab, paid) if profile.tax_number else iter(()),
                _settlement(paid.row),
                _why_no_invoice(paid, customer),
                _farewell(profile, order),
            )
        ),
    )
    return bill_text.render(receipt, marks=[] if tab is None else _marks(tab))


def _title(paid: PaidOrder, customer: Customer | None) -> str:
    """Up to 250 a receipt with VAT by rate is a simplified invoice. Above that an invoice names the
    customer. What does not, or does not know its VAT, is no invoice (docs/vat.md).
    """
    if not paid.profile.tax_number or not paid.knows_vat:
        return "Receipt"
    if paid.order["total_amount"] <= MOST_SIMPLIFIED:
        return "VAT receipt"
    return "Receipt" if customer is None else "VAT invoice"


def _header(paid: PaidOrder, customer: Customer | None) -> Iterator[BillLine]:
    """The date of supply is that of the order; guests eat before they pay."""
    profile, order, title = paid.profile, paid.order, _title(paid, customer)
    zone = ZoneInfo(profile.time_zone)
    yield from merchant(profile)
    yield rule()
    yield from text(title, size=Size.Header1, align=Align.Center, bold=True)
    if order["paid_amount"] < order["total_amount"]:
        yield from text("paid in part", align=Align.Center)
    if customer is not None:
        yield from text(f"To: {customer.name}")
        yield from text(customer.address)
    if order["table_name"]:
        yield from text(order["table_name"])
    fields = (
        ("Covers", profile.covers),
        ("Waiter", profile.waiter_name or order["waiter_id"]),
        ("Reference", order["reference"]),
        ("Date of supply", f"{order['created_at'].astimezone(zone):%d %b %Y}"),
        ("Printed", f"{profile.now.astimezone(zone):%d %b %Y %H:%M}"),
    )
    for name, value in fields:
        if value is not None:
            yield from text(f"{name}: {value}")
    yield rule()


def _codes(tab: Tab) -> dict[int, str]:
    return codes(part.vat_rate for line in tab.live_lines for part in line.parts)


def _marks(tab: Tab) -> Iterator[str]:
    """The rate's letter for each line and each of its sub-items; for a part of a line, of each rate."""
    letters = _codes(tab)
    for line in tab.live_lines:
        if line.piece is not None:
            yield from (f"{letters[part.vat_rate]} " for part in line.parts)
            continue
        yield f"{letters[line.vat_rate]} "
        for item in line.sub_items:
            yield f"{letters[item.vat_rate]} "


def _vat(tab: Tab | None, paid: PaidOrder) -> Iterator[BillLine]:
    """By rate, highest first; for an order of Dojo's as Dojo sent it, else by the menu."""
    order = paid.order
    if tab is None:
        by_menu = paid.by_menu
        for tax in taxes(order) if by_menu is None else ():
            yield from entry(tax)
        for line in () if by_menu is None else vat_lines(by_menu, order["currency"], by_menu=True):
            yield whole_line(line)
        return
    letters, added = _codes(tab), sums(tab)
    rows = [
        Charged(named(letters[tax.vat_rate], tax.vat_rate), tax.gross, tax.vat)
        for tax in added.taxes
    ]
    untaxed = added.total - sum(tax.gross for tax in added.taxes)
    if untaxed:  # a voluntary service charge
        rows.append(Charged(UNTAXED, untaxed, 0))
    for value in summary(rows, order["currency"]) if rows else ():
        yield whole_line(value)


def _settlement(row: Record) -> Iterator[BillLine]:
    """Each payment that counts, with its tip and its change, then what is left to pay."""
    currency, payments = row["currency"], from_json(row["payments"] or "[]")
    for payment in payments:
        if payment["status"] in EFFECTIVE:
            for part in _payment(payment, currency):
                yield from entry(part)
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


def _why_no_invoice(paid: PaidOrder, customer: Customer | None) -> Iterator[BillLine]:
    if not paid.profile.tax_number or _title(paid, customer) != "Receipt":
        return
    if paid.knows_vat:
        yield from text("This is not a VAT invoice. Ask staff for one, with your name and address.")
    else:
        yield from text("This is not a VAT invoice: its VAT is not known.")


def _farewell(profile: BillProfile, order: Record) -> Iterator[BillLine]:
    yield from farewell(profile)
    yield from text("Order", align=Align.Center)
    yield from text(order["id"], align=Align.Center)


# --- the kitchen ticket ---------------------------------------------------------------------------


def _round_of(row: Record, wanted: int | None) -> Round:
    """The wanted round of a tab, the one that was sent last if `wanted` is None; an order of Dojo's is one
    round.

    Raises Conflict for a tab that was not sent yet, NotFound for a round that does not exist.
    """
    if row["origin"] == OrderOrigin.DOJO:
        if wanted not in (None, 1):
            raise NotFound("The round")
        items = from_json(row["dojo_content"])["items"]
        return Round(None, row["created_at"], [_dojo_dish(item) for item in items], [])
    sent = [line for line in tab_row(row).lines.values() if line["sent_round"] is not None]
    if not sent:
        raise Conflict("Nothing of the tab has been sent to the kitchen")
    number = _newest(sent) if wanted is None else wanted
    ours = [line for line in sent if line["sent_round"] == number]
    if not ours:
        raise NotFound("The round")
    dish = partial(_dish, collected=row["order_type"] == OrderType.Collection)
    at = min(_time(line["sent_at"]) for line in ours)
    until = max(_time(line["sent_at"]) for line in ours)
    voids = [line for line in sent if _time(line["sent_at"]) <= until and _is_void_since(line, at)]
    made = [line for line in ours if line["void_reason"] is None]
    return Round(number, at, list(map(dish, made)), list(map(dish, voids)))


def _newest(sent: list[LineRow]) -> int:
    """The round that was sent last: after a merge the rounds of the other tab have higher numbers, also
    those that were sent earlier.
    """
    newest = max(sent, key=lambda line: (_time(line["sent_at"]), line["sent_round"]))
    number: int = newest["sent_round"]
    return number


def _render_ticket(
    row: Record, profile: BillProfile, the_round: Round, guest_requests: str | None
) -> str:
    """Lines of at most 24 terminal cells. `row` is the order as staff see it."""
    wishes = "\n".join(wish for wish in (row["note"], guest_requests) if wish)
    printed = [
        *_heading(row, the_round),
        *_fields(row, profile, the_round),
        *(line for wish in wishes.splitlines() for line in hanging("! ", wish)),
        _RULE,
        *(line for dish in the_round.dishes for line in dish.lines()),
        *_voids(the_round.voids),
        _END,
    ]
    return "".join(f"{line.rstrip()}\n" for line in printed)


def _heading(row: Record, the_round: Round) -> Iterator[str]:
    stop = _STOP.get(row["status"])
    collected = "Collection" if row["order_type"] == OrderType.Collection else row["display_name"]
    number = None if the_round.number is None else f"Round {the_round.number}"
    for title in (stop, row["table_name"] or collected, number):
        if title:
            yield from map(_middle, wrapped(title, WIDTH))
    yield _RULE


def _middle(line: str) -> str:
    return centered(line, WIDTH)


def _fields(row: Record, profile: BillProfile, the_round: Round) -> Iterator[str]:
    zone = ZoneInfo(profile.time_zone)
    fields = (
        ("Covers", profile.covers),
        ("For", row["customer_name"]),
        ("Waiter", profile.waiter_name or row["waiter_id"]),
        ("Order", row["reference"]),
        ("Sent", f"{the_round.at.astimezone(zone):%d %b %H:%M}"),
        ("Due", _local(row["collect_at"] or row["ready_at"], zone)),
    )
    for name, value in fields:
        if value is not None:
            yield from hanging(f"{name}: ", str(value))


def _local(due: datetime | None, zone: ZoneInfo) -> str | None:
    """None also for the first and last day of the calendar: in some zones they have no local time."""
    with contextlib.suppress(OverflowError):
        return None if due is None else f"{due.astimezone(zone):%d %b %H:%M}"
    return None


def _voids(voids: Iterable[Dish]) -> Iterator[str]:
    lines = [line for dish in voids for line in dish.lines()]
    if lines:
        yield from (_END, _middle("VOID"), *lines)


def _dish(row: LineRow, *, collected: bool) -> Dish:
    """A void dish has its reason in place of the note. What is taken away is marked, where not all is."""
    line = tab_rows.line_of(row)
    packed = (Extra(1, "Take away"),) if line.takeaway and not collected else ()
    return Dish(
        line.quantity if line.piece is None else 1,
        line.label,
        (*_extras(line.modifiers), *packed),
        tuple(_parts(line)),
        line.note if line.void is None else line.void.reason,
        line.cover,
    )


def _parts(line: Line) -> Iterator[Dish]:
    for item in line.sub_items:
        count = line.quantity * item.quantity
        yield Dish(count, item.name, _extras(item.modifiers), note=item.note)


def _extras(modifiers: Iterable[Modifier]) -> tuple[Extra, ...]:
    return tuple(Extra(modifier.quantity, modifier.name) for modifier in modifiers)


def _dojo_dish(item: Json, times: int = 1) -> Dish:
    count = times * item["quantity"]
    return Dish(
        count,
        item["name"],
        tuple(Extra(one["quantity"], one["name"]) for one in item.get("modifiers", ())),
        tuple(_dojo_dish(part, count) for part in item.get("subItems", ())),
        item.get("note"),
    )


def _is_void_since(line: LineRow, at: datetime) -> bool:
    return line["void_reason"] is not None and _time(line["voided_at"]) >= at


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
