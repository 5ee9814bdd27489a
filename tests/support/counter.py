"""Money over the counter, as a test tells it."""

from typing import Any

from tests.support.pins import APPROVAL
from tests.support.tabs import TillTab

Json = dict[str, Any]


async def pay(tab: TillTab, **body: Any) -> Json:
    """Cash for all that is left, if nothing else is said; the payment."""
    payment: Json = (await tab.do("payments", {"type": "cash"} | body))["payments"][-1]
    return payment


async def end(
    tab: TillTab, payment: Json, how: str = "refund", reason: str = "Cold food", **body: Any
) -> Json:
    return await tab.do(f"payments/{payment['id']}/{how}", reason=reason, approval=APPROVAL, **body)


async def give_back(tab: TillTab, payment: Json, amount: int, **body: Any) -> Json:
    """A part of a payment; the payment as it is then."""
    sent = {"amount": amount, "reason": "Cold food", "approval": APPROVAL} | body
    answer = await tab.do(f"payments/{payment['id']}/refund", sent)
    left: Json = next(one for one in answer["payments"] if one["id"] == payment["id"])
    return left


def money(tab: TillTab) -> tuple[str, int, int, int]:
    """Status, paid, tips and balance."""
    shown = tab.shown
    return shown["status"], shown["paid"], shown["tips"], shown["balance"]
