"""The lines that a bill has above and below its order."""

from collections.abc import Iterator
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
    Size,
)
from epos.contract.orders import OrderType
from epos.domain.bill import Entry, Tax, money, tax_summary
from epos.domain.order_status import OrderStatus
from epos.domain.paper import WIDTHS, wrapped
from epos.store.statements import Record
from epos.store.venues import BillProfile

_THANKS = "Thank you, see you again soon"
_VOID = {OrderStatus.CANCELED: "Canceled", OrderStatus.FAILED: "Failed"}


def header(profile: BillProfile, row: Record) -> BillSection:
    """Who asks for the money, and what for. `row` is the order as it is answered."""
    lines = [*_merchant(profile), _rule(), *_place(row), *_particulars(profile, row), _rule()]
    return BillSection.model_construct(lines=lines)


def footer(profile: BillProfile, row: Record) -> BillSection:
    """What the total holds, what of it is paid, and the venue's last words."""
    sections = (_contained(row), _settlement(row), _farewell(profile))
    lines = [line for section in map(list, sections) if section for line in (_rule(), *section)]
    return BillSection.model_construct(lines=[_rule("Double"), *lines[1:]])


# --- the header -----------------------------------------------------------------------------------


def _merchant(profile: BillProfile) -> Iterator[BillLine]:
    """Lines of the kinds that a terminal formats itself; it moves the tax number to the bottom."""
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


def _place(row: Record) -> Iterator[BillLine]:
    collected = "Collection" if row["order_type"] == OrderType.Collection else None
    place = row["table_name"] or collected
    if place:
        yield from _text(place, size=Size.Header1, align=Align.Center, bold=True)


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
            yield from _text(f"{name}: {fact}")


# --- the footer -----------------------------------------------------------------------------------


def _contained(row: Record) -> Iterator[BillLine]:
    """VAT by rate, and the service charge."""
    for entry in tax_summary(map(_tax, from_json(row["content"]).get("taxLines", ()))):
        yield from _entry(entry)
    if row["service_charge_amount"]:
        charge = money(row["service_charge_amount"], row["currency"])
        yield from _text(f"Includes service charge {charge}", align=Align.Right)


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
        yield from _entry(Entry(name, paid, currency))
        if tip:
            yield from _entry(Entry("and a tip of", tip, currency, depth=1))
    void = _VOID.get(row["status"])
    if void is not None:
        yield from _text(void, size=Size.Header2, align=Align.Center, bold=True)
        return
    balance = row["total_amount"] - row["paid_amount"]
    yield from _entry(Entry("Left to pay", balance, currency), bold=True)


def _farewell(profile: BillProfile) -> Iterator[BillLine]:
    for paragraph in (profile.bill_message or _THANKS).splitlines():
        yield from _text(paragraph, align=Align.Center)
    if profile.website:
        url = BillURL(url=profile.website, showQr=True, showUrl=True)
        yield _line(BillLineType.URL, url=url)


# --- lines ----------------------------------------------------------------------------------------


def _entry(entry: Entry, *, bold: bool | None = None) -> Iterator[BillLine]:
    """Filled to the width of the paper and set at the right: amounts end in one column on paper of
    32 characters, where it is wider, and where a terminal folds spaces.
    """
    for value in entry.lines():
        text = BillText(value=value, size=Size.Body, align=Align.Right, bold=bold)
        yield _line(BillLineType.Text, text=text)


def _text(
    value: str, *, size: Size = Size.Body, align: Align = Align.Left, bold: bool | None = None
) -> Iterator[BillLine]:
    for part in wrapped(value, WIDTHS[size]):
        text = BillText(value=part, size=size, align=align, bold=bold)
        yield _line(BillLineType.Text, text=text)


def _rule(line: Literal["Single", "Double"] = "Single") -> BillLine:
    rule = BillHorizontalLine(line=line)
    return _line(BillLineType.HorizontalLine, horizontalLine=rule)


def _line(kind: BillLineType, **member: Any) -> BillLine:
    return BillLine.model_construct(lineType=kind, **member)
