"""What was taken and given back, in all and for each order: to be held against the EPOS's books."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from epos.contract.events import PaymentIntentStatus as Status
from epos.simulator.intents import Intent

Json = dict[str, Any]


def books(intents: Iterable[Intent]) -> Json:
    """Captured, reversed and refunded, and what is left for each order: paid and tips."""
    sums = {"captured": 0, "reversed": 0, "refunded": 0}
    orders: dict[str, dict[str, int]] = defaultdict(lambda: {"paid": 0, "tips": 0})
    for intent in intents:
        sums["captured"] += intent.captured
        sums["refunded"] += intent.refunded
        if intent.status is Status.Reversed:
            sums["reversed"] += intent.captured
        elif intent.order_id is not None and _counts(intent):
            orders[intent.order_id]["paid"] += intent.paid
            orders[intent.order_id]["tips"] += intent.tip
    net = sums["captured"] - sums["reversed"] - sums["refunded"]
    return {**sums, "net": net, "orders": dict(orders)}


def _counts(intent: Intent) -> bool:
    """A payment refunded in part still counts in full: no event says how much is left of it."""
    return intent.captured > 0 and intent.refunded < intent.captured
