"""Rounding and sharing, as docs/arithmetic.md says it, with fractions instead of remainders."""

from collections.abc import Sequence
from fractions import Fraction
from math import floor

HALF = Fraction(1, 2)


def pence(amount: Fraction) -> int:
    """Half up, and a refund as its sale."""
    return floor(amount + HALF) if amount >= 0 else -floor(-amount + HALF)


def percentage(amount: int, rate: int) -> int:
    """`rate`: hundredths of a percent."""
    return pence(Fraction(amount * rate, 10_000))


def vat_in(gross: int, rate: int) -> int:
    return pence(Fraction(gross * rate, 10_000 + rate))


def share(amount: int, weights: Sequence[int]) -> list[int]:
    """By largest remainder; of two equal fractions the earlier gets the penny."""
    if not weights:
        assert amount == 0, "nothing can be shared among nobody"
        return []
    whole = sum(weights)
    exact = [
        Fraction(amount * (weight if whole else 1), whole or len(weights)) for weight in weights
    ]
    parts = [floor(one) for one in exact]
    left = amount - sum(parts)
    for place in sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))[
        :left
    ]:
        parts[place] += 1
    return parts
