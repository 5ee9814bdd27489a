"""Bills: an order between the lines that the venue prints above and below it."""

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic_core import from_json

from epos.contract.bills import (
    Align,
    BillHorizontalLine,
    BillLine,
    BillLineType,
    BillMerchantAddress,
    BillMerchantEmailAddress,
    BillMerchantName,
    BillMerchantPhoneNumber,
    BillSection,
    BillTaxNumber,
    BillText,
    BillURL,
    OrderBill,
    Size,
)
from epos.contract.orders import OrderType
from epos.domain.bill import Entry, Tax, money, percentage, tax_summary
from epos.domain.errors import NotFound
from epos.domain.order_status import OrderStatus
from epos.domain.paper import WIDTHS, wrapped
from epos.domain.payments import DEPOSIT
from epos.domain.requester import Requester
from epos.services import bill_text, mapping
from epos.services.locked_orders import lock_visible
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.store.venues import BillProfile

_THANKS = "Thank you, see you again soon"
_VOID = {OrderStatus.CANCELED: "Canceled", OrderStatus.FAILED: "Failed"}


class Bills:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, order_id: str, requester: Requester) -> OrderBill:
        """The order as GetOrderById would answer it now, and the lines around it.

        What a guest sees of a tab for the first time is remembered, because what is taken off after that
        is reported; only then the order is locked. Raises NotFound for an order that does not exist or that
        the waiter may not see.
        """
        async with self._database.snapshot(requester.venue_id) as store:
            row, profile = await _read(store, order_id, requester)
        if _is_news(row, profile):
            row, profile = await self._show(order_id, requester)
        return OrderBill.model_construct(
            header=header(profile, row),
            order=mapping.order(row),
            footer=footer(profile, row),
        )

    async def _show(self, order_id: str, requester: Requester) -> tuple[Record, BillProfile]:
        """Remember the total that is shown; with the order locked, so that it is the one that is shown."""

        async def work(store: VenueStore) -> tuple[Record, BillProfile]:
            await lock_visible(store, order_id, requester)
            row, profile = await _read(store, order_id, requester)
            if _is_news(row, profile):
                await store.tabs.show(order_id, row["total_amount"])
            return row, profile

        return await self._database.write(requester.venue_id, work)

    async def text(self, order_id: str, requester: Requester) -> str:
        """The whole bill as people read it. Raises NotFound as `get` does."""
        return await asyncio.to_thread(bill_text.render, await self.get(order_id, requester))


async def _read(
    store: VenueStore, order_id: str, requester: Requester
) -> tuple[Record, BillProfile]:
    row = await store.orders.answer(order_id, requester.waiter_id)
    if row is None:
        raise NotFound("The order")
    return row, await store.venue.bill_profile(row)


def _is_news(row: Record, profile: BillProfile) -> bool:
    """Whether no guest has seen this total of a tab; one that is finished may be opened again."""
    if profile.billed_total is None or row["status"] in _VOID:
        return False
    shows_new_total: bool = profile.billed_total != row["total_amount"]
    return shows_new_total


# --- the sections above and below the order -------------------------------------------------------


def header(profile: BillProfile, row: Record) -> BillSection:
    """The venue, the table, and the order's particulars. `row` is the order as it is answered."""
    lines = [*merchant(profile), rule(), *_place(row), *_particulars(profile, row), rule()]
    return BillSection.model_construct(lines=lines)


def footer(profile: BillProfile, row: Record) -> BillSection:
    """The taxes in the total, the payments, what is left to pay, and the venue's message."""
    lines = stacked(
        _contained(profile, row), _deposit(profile), _settlement(row), farewell(profile)
    )
    return BillSection.model_construct(lines=lines)


def _deposit(profile: BillProfile) -> Iterator[BillLine]:
    """What the party paid before it came, and for what; how much of it is counted, the payments say."""
    if profile.deposit_amount and profile.deposit_currency:
        paid = money(profile.deposit_amount, profile.deposit_currency)
        yield from text(f"Deposit paid before: {paid}")
        if profile.deposit_description:
            yield from text(f"for {profile.deposit_description}")


def _place(row: Record) -> Iterator[BillLine]:
    collected = "Collection" if row["order_type"] == OrderType.Collection else None
    place = row["table_name"] or collected
    if place:
        yield from text(place, size=Size.Header1, align=Align.Center, bold=True)


def _particulars(profile: BillProfile, row: Record) -> Iterator[BillLine]:
    local = profile.now.astimezone(ZoneInfo(profile.time_zone))
    particulars = (
        ("Covers", profile.covers),
        ("Waiter", profile.waiter_name or row["waiter_id"]),
        ("Reference", row["reference"]),
        ("Date", f"{local:%d %b %Y %H:%M}"),
    )
    for name, value in particulars:
        if value is not None:
            yield from text(f"{name}: {value}")


def _contained(profile: BillProfile, row: Record) -> Iterator[BillLine]:
    """VAT by rate, and the service charge."""
    for tax in taxes(row):
        yield from entry(tax)
    if row["service_charge_amount"]:
        if profile.optional_charge_rate:
            rate = percentage(profile.optional_charge_rate)
            yield from text(f"Optional service charge {rate}", align=Align.Right)
        charge = money(row["service_charge_amount"], row["currency"])
        yield from text(f"Includes service charge {charge}", align=Align.Right)


def taxes(row: Record) -> list[Entry]:
    """The VAT in the order, one entry a rate."""
    return tax_summary(taxes_in(row["content"]))


def taxes_in(content: str) -> list[Tax]:
    """The tax lines of an order's content."""
    return list(map(_tax, from_json(content).get("taxLines", ())))


def _tax(line: dict[str, Any]) -> Tax:
    amount = line["amountTotal"]
    rate = line.get("amountPercentage")
    return Tax(line.get("name"), rate, amount["value"], amount["currencyCode"])


def _settlement(row: Record) -> Iterator[BillLine]:
    """Each payment with its tip, then the balance; a tip does not reduce it."""
    currency = row["currency"]
    payments = from_json(row["payments"]) if row["payments"] else []
    for number, (_, paid, tip, method) in enumerate(payments, start=1):
        name = f"Payment {number}" if len(payments) > 1 else "Payment"
        yield from entry(Entry("Deposit" if method == DEPOSIT else name, paid, currency))
        if tip:
            yield from entry(Entry("and a tip of", tip, currency, depth=1))
    void = _VOID.get(row["status"])
    if void is not None:
        yield from text(void, size=Size.Header2, align=Align.Center, bold=True)
        return
    balance = row["total_amount"] - row["paid_amount"]
    yield from entry(Entry("Left to pay", balance, currency), bold=True)


# --- lines of every paper that the venue prints ---------------------------------------------------


def merchant(profile: BillProfile) -> Iterator[BillLine]:
    """Lines that the terminal formats itself; it moves the tax number to the bottom."""
    yield _line(BillLineType.MerchantName, merchantName=BillMerchantName(name=profile.name))
    if profile.address_lines or profile.postcode:
        address = BillMerchantAddress(
            addressLines=profile.address_lines, postcode=profile.postcode or ""
        )
        yield _line(BillLineType.MerchantAddress, merchantAddress=address)
    if profile.phone_number:
        phone = BillMerchantPhoneNumber(phoneNumber=profile.phone_number)
        yield _line(BillLineType.MerchantPhoneNumber, merchantPhoneNumber=phone)
    if profile.email_address:
        email = BillMerchantEmailAddress(emailAddress=profile.email_address)
        yield _line(BillLineType.MerchantEmailAddress, merchantEmailAddress=email)
    if profile.tax_number:
        tax_number = BillTaxNumber(name="VAT", number=profile.tax_number)
        yield _line(BillLineType.TaxNumber, taxNumber=tax_number)


def farewell(profile: BillProfile) -> Iterator[BillLine]:
    for paragraph in (profile.bill_message or _THANKS).splitlines():
        yield from text(paragraph, align=Align.Center)
    if profile.website:
        url = BillURL(url=profile.website, showQr=True, showUrl=True)
        yield _line(BillLineType.URL, url=url)


def entry(entry: Entry, *, bold: bool | None = None) -> Iterator[BillLine]:
    """Fill the line to the paper's width and align it right, so that amounts end in one column: on paper
    of 32 characters, on wider paper, and where a terminal collapses spaces.
    """
    for value in entry.lines():
        yield whole_line(value, bold=bold)


def whole_line(value: str, *, bold: bool | None = None) -> BillLine:
    """A line of Body size whose text already fills the paper's width."""
    filled = BillText(value=value, size=Size.Body, align=Align.Right, bold=bold)
    return _line(BillLineType.Text, text=filled)


def text(
    value: str, *, size: Size = Size.Body, align: Align = Align.Left, bold: bool | None = None
) -> Iterator[BillLine]:
    for part in wrapped(value, WIDTHS[size]):
        line = BillText(value=part, size=size, align=align, bold=bold)
        yield _line(BillLineType.Text, text=line)


def rule(line: Literal["Single", "Double"] = "Single") -> BillLine:
    return _line(BillLineType.HorizontalLine, horizontalLine=BillHorizontalLine(line=line))


def stacked(*sections: Iterable[BillLine]) -> list[BillLine]:
    """The sections that are not empty: a double line above, a single one between them."""
    filled = [lines for lines in map(list, sections) if lines]
    parted = [line for lines in filled for line in (rule(), *lines)]
    return [rule("Double"), *parted[1:]]


def _line(kind: BillLineType, **member: Any) -> BillLine:
    return BillLine.model_construct(lineType=kind, **member)
