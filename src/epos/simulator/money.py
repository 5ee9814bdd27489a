"""Sharing a bill. The simulated Dojo has its own few lines for it: it shares no code with the server."""

from epos.simulator.wishes import PaymentWish


def equal_parts(amount: int, parts: int) -> list[int]:
    """The first payers carry the odd pennies."""
    return [amount // parts + (index < amount % parts) for index in range(parts)]


def parts_of(wish: PaymentWish, balance: int) -> list[int]:
    """What each payer pays; nobody pays nothing."""
    parts = wish.amounts or equal_parts(balance, wish.equal or 1)
    return [part for part in parts if part > 0]


def tip_of(wish: PaymentWish, index: int, part: int) -> int:
    if index < len(wish.tips):
        return wish.tips[index]
    return (part * wish.tipPercent + 50) // 100
