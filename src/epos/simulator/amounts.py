"""Amounts as people read them."""


def shown(value: int, currency: str) -> str:
    """`GBP 12.50`."""
    return f"{currency} {value / 100:.2f}"
