"""Lines that every paper of the venue has: its name above, its last words below, texts and amounts."""

from collections.abc import Iterable, Iterator
from typing import Any, Literal

from epos.contract.bills import (
    Align,
    BillHorizontalLine,
    BillLine,
    BillLineType,
    BillMerchantAddress,
    BillMerchantEmailAddress,
    BillMerchantName,
    BillMerchantPhoneNumber,
    BillTaxNumber,
    BillText,
    BillURL,
    Size,
)
from epos.domain.bill import Entry
from epos.domain.paper import WIDTHS, wrapped
from epos.store.venues import BillProfile

_THANKS = "Thank you, see you again soon"


def merchant(profile: BillProfile) -> Iterator[BillLine]:
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


def farewell(profile: BillProfile) -> Iterator[BillLine]:
    for paragraph in (profile.bill_message or _THANKS).splitlines():
        yield from text(paragraph, align=Align.Center)
    if profile.website:
        url = BillURL(url=profile.website, showQr=True, showUrl=True)
        yield _line(BillLineType.URL, url=url)


def entry(entry: Entry, *, bold: bool | None = None) -> Iterator[BillLine]:
    """Filled to the width of the paper and set at the right: amounts end in one column on paper of
    32 characters, where it is wider, and where a terminal folds spaces.
    """
    for value in entry.lines():
        yield whole_line(value, bold=bold)


def whole_line(value: str, *, bold: bool | None = None) -> BillLine:
    """A line of Body size that is as wide as the paper already."""
    filled = BillText(value=value, size=Size.Body, align=Align.Right, bold=bold)
    return _line(BillLineType.Text, text=filled)


def text(
    value: str, *, size: Size = Size.Body, align: Align = Align.Left, bold: bool | None = None
) -> Iterator[BillLine]:
    for part in wrapped(value, WIDTHS[size]):
        written = BillText(value=part, size=size, align=align, bold=bold)
        yield _line(BillLineType.Text, text=written)


def rule(line: Literal["Single", "Double"] = "Single") -> BillLine:
    return _line(BillLineType.HorizontalLine, horizontalLine=BillHorizontalLine(line=line))


def stacked(*sections: Iterable[BillLine]) -> list[BillLine]:
    """Those that say anything, below a double line, with a single one between them."""
    filled = [lines for lines in map(list, sections) if lines]
    parted = [line for lines in filled for line in (rule(), *lines)]
    return [rule("Double"), *parted[1:]]


def _line(kind: BillLineType, **member: Any) -> BillLine:
    return BillLine.model_construct(lineType=kind, **member)
