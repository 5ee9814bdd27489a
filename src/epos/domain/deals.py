"""Deals: several items of the menu at one price."""

from collections.abc import Sequence
from dataclasses import dataclass

from epos.domain.money import shared


@dataclass(frozen=True, slots=True)
class ListPrice:
    """What one part of a deal costs by itself, with its VAT rate."""

    price: int
    vat_rate: int


def priced(deal: int, parts: Sequence[ListPrice]) -> list[int]:
    """The price of each part in the deal: the deal's price, shared by the prices that they have by
    themselves, by largest remainder. So each VAT rate gets its part of what the guest pays.
    """
    return shared(deal, [part.price for part in parts])
