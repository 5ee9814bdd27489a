"""Amounts on a bill, as text and in lines."""

from collections.abc import Iterable
from dataclasses import dataclass

from epos.domain.paper import WIDTH, cells, columns

_SIGNS = {"GBP": "£", "EUR": "€"}
_INDENT = "  "


def money(value: int, currency: str) -> str:
    """Format `value`, in minor units, with its currency: £1,234.50, -€2.00."""
    sign = "-" if value < 0 else ""
    return f"{sign}{currency_sign(currency)}{amount(abs(value))}"


def amount(value: int) -> str:
    """Format `value`, in minor units, without a currency: 1,234.50."""
    units, hundredths = divmod(abs(value), 100)
    return f"{'-' if value < 0 else ''}{units:,}.{hundredths:02}"


def percentage(hundredths: int) -> str:
    """2000 is 20%, 1250 is 12.5%."""
    sign = "-" if hundredths < 0 else ""
    units, rest = divmod(abs(hundredths), 100)
    decimals = f".{rest:02}".rstrip("0") if rest else ""
    return f"{sign}{units}{decimals}%"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a bill. `value` is in minor units, None for a line without an amount.

    `depth` is the indentation: 0 for an item, 1 for what belongs to it.
    """

    name: str
    value: int | None
    currency: str
    lead: str = ""
    depth: int = 0

    def lines(self) -> list[str]:
        amount = "" if self.value is None else _printed(self.value, self.currency)
        return columns(self.name, amount, lead=_INDENT * self.depth + self.lead)


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax on the order or a part of it. `rate` is in hundredths of a percent."""

    name: str | None
    rate: int | None
    value: int
    currency: str

    @property
    def label(self) -> str:
        """The name with the rate, unless the name has a rate already."""
        name = self.name or "VAT"
        return name if self.rate is None or "%" in name else f"{name} {percentage(self.rate)}"


def tax_summary(taxes: Iterable[Tax]) -> list[Entry]:
    """One entry for each rate and name, highest rate first."""
    sums: dict[tuple[int, str, str], int] = {}
    for tax in taxes:
        key = (-(tax.rate or 0), tax.label, tax.currency)
        sums[key] = sums.get(key, 0) + tax.value
    return [Entry(label, sums[rate, label, code], code) for rate, label, code in sorted(sums)]


def currency_sign(currency: str) -> str:
    """The text in front of an amount."""
    return _SIGNS.get(currency, f"{currency} ")


def _printed(value: int, currency: str) -> str:
    """The exact amount if it fits in a line, else a rounded one: quantity times price may be very large."""
    exact = money(value, currency)
    if cells(exact) <= WIDTH:
        return exact
    plain = exact.replace(",", "")
    if cells(plain) <= WIDTH:
        return plain
    return f"~{currency_sign(currency)}{value / 100:.2e}"
