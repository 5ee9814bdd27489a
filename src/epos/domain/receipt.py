"""The VAT summary of a receipt: the amount charged at each rate, and the VAT in it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from epos.domain.bill import Entry, amount, currency_sign, percentage
from epos.domain.paper import left, table


@dataclass(frozen=True, slots=True)
class Charged:
    """All amounts with one rate, VAT included. `name` is a short name of the rate."""

    name: str
    gross: int
    vat: int

    @property
    def net(self) -> int:
        return self.gross - self.vat


def codes(rates: Iterable[int]) -> dict[int, str]:
    """A letter for each rate, highest rate first; it marks the lines of the bill."""
    return {rate: _code(place) for place, rate in enumerate(sorted(set(rates), reverse=True))}


def named(code: str, rate: int) -> str:
    return f"{code} {percentage(rate)}"


def summary(charged: Iterable[Charged], currency: str) -> Iterator[str]:
    """A table as wide as the paper; a line for each amount if the table would be too wide."""
    rows, sign = list(charged), currency_sign(currency).strip()
    cells = [[one.name, *map(amount, (one.net, one.vat, one.gross))] for one in rows]
    lines = table([["Rate", f"Net {sign}", f"VAT {sign}", f"Gross {sign}"], *cells])
    if lines:
        yield from lines
        return
    for one in rows:
        yield left(one.name)
        for name, value in (("Net", one.net), ("VAT", one.vat), ("Gross", one.gross)):
            yield from Entry(name, value, currency, depth=1).lines()


def _code(place: int) -> str:
    before, letter = divmod(place, 26)
    return (_code(before - 1) if before else "") + chr(ord("A") + letter)
