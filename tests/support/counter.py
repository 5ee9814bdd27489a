"""Money over the counter, as a test tells it."""

from typing import Any

from tests.support.pins import APPROVAL
from tests.support.tabs import TillTab

Json = dict[str, Any]


async def pay(tab: TillTab, **body: Any) -> Json:
    """Cash for all that is left, if nothing else is said; the payment."""
    payment: Json = (await tab.do("payments", {"type": "cash"} | body))["payments"][-1]
    return payment


async def end(tab: TillTab, payment: Json, how: str = "refund", reason: str = "Cold food") -> Json:
    return await tab.do(f"payments/{payment['id']}/{how}", reason=reason, approval=APPROVAL)


def money(tab: TillTab) -> tuple[str, int, int, int]:
    """Status, paid, tips and balance."""
    shown = tab.shown
    return shown["status"], shown["paid"], shown["tips"], shown["balance"]
