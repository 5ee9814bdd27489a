"""Sharing an amount between people, in whole minor units."""

_WHOLE = 10_000  # hundredths of a percent


def equal_parts(amount: int, parts: int) -> list[int]:
    """`amount` in equal parts that sum to it; the first payers carry the odd pennies."""
    each, odd = divmod(amount, parts)
    return [each + 1] * odd + [each] * (parts - odd)


def share(amount: int, percentage: int) -> int:
    """A percentage of an amount that is not negative, half up; 1250 is 12.5 percent."""
    return (2 * amount * percentage + _WHOLE) // (2 * _WHOLE)
