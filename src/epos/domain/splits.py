"""Rounding an amount and sharing it, in whole minor units."""

from collections.abc import Sequence

WHOLE = 10_000
"""All of something, in hundredths of a percent."""


def half_up(dividend: int, divisor: int) -> int:
    """To the nearest whole, a half upwards; below nothing as above it, so that a refund undoes a sale."""
    rounded = (2 * abs(dividend) + divisor) // (2 * divisor)
    return rounded if dividend >= 0 else -rounded


def share(amount: int, percentage: int) -> int:
    """A percentage of an amount, half up; 1250 is 12.5 percent."""
    return half_up(amount * percentage, WHOLE)


def equal_parts(amount: int, parts: int) -> list[int]:
    """`amount` in equal parts that sum to it; the first payers carry the odd pennies."""
    each, odd = divmod(amount, parts)
    return [each + 1] * odd + [each] * (parts - odd)


def shared(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` in parts by weight that sum to it, by largest remainder, ties to the earlier.

    Where every weight is 0 the parts are equal. A negative amount is shared as its opposite is. An amount
    of at most the sum of the weights takes from none more than its weight. Raises ValueError for a
    negative weight, and where there is an amount and nobody to bear it.
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
