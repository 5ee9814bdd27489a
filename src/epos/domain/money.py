"""Arithmetic in whole minor units: rounding, percentages, VAT, parts of an amount, change."""

from collections.abc import Sequence

from epos.domain.errors import InvalidRequest

WHOLE = 10_000
"""All of an amount, in hundredths of a percent."""


def half_up(dividend: int, divisor: int) -> int:
    """Round to the nearest whole number, a half away from 0, so that a refund equals its sale."""
    rounded = (2 * abs(dividend) + divisor) // (2 * divisor)
    return rounded if dividend >= 0 else -rounded


def percentage_of(amount: int, percentage: int) -> int:
    """A percentage of an amount, half up; 1250 is 12.5 percent."""
    return half_up(amount * percentage, WHOLE)


def vat_in(gross: int, rate: int) -> int:
    """The VAT that a gross amount includes, half up; `rate` in hundredths of a percent."""
    return half_up(gross * rate, WHOLE + rate)


def equal_parts(amount: int, parts: int) -> list[int]:
    """`amount` in equal parts that sum to it; the first parts are a penny larger."""
    each, odd = divmod(amount, parts)
    return [each + 1] * odd + [each] * (parts - odd)


def shared(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` in parts by weight that sum to it, by largest remainder, ties to the earlier.

    If every weight is 0, the parts are equal. A negative amount is shared as its opposite is. An amount
    of at most the sum of the weights gives no part that is larger than its weight. Raises ValueError for
    a negative weight, and for an amount without weights.
    """
    if (weights and min(weights) < 0) or (amount and not weights):
        raise ValueError(f"{amount} cannot be shared by {weights}")
    if amount < 0:
        return [-part for part in shared(-amount, weights)]
    whole = sum(weights)
    if not whole:
        return equal_parts(amount, len(weights)) if weights else []
    parts, remainders = zip(*(divmod(amount * weight, whole) for weight in weights), strict=True)
    by_remainder = sorted(range(len(weights)), key=lambda index: -remainders[index])
    odd = set(by_remainder[: amount - sum(parts)])
    return [part + (index in odd) for index, part in enumerate(parts)]


def change_given(due: int, tip: int, tendered: int) -> int:
    """The change to give back. Raises InvalidRequest if too little is tendered."""
    for field, amount in (("due", due), ("tip", tip)):
        if amount < 0:
            raise InvalidRequest(field, "must not be less than 0")
    if tendered < due + tip:
        raise InvalidRequest("tendered", f"must be at least {due + tip}")
    return tendered - due - tip
