"""The report over a range of days, by whatever: its rows add up to what the days were noted with."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from tests.properties.day.bill import IN_TOTAL
from tests.properties.day.books import DayNotes

Json = dict[str, Any]
_VAT = ("vat", "order_vat", "derived_vat")
_KINDS = {
    "items": "item",
    "discounts": "discount",
    "refunds": "refund",
    "dojoOrders": "order",
    "serviceCharge": "service_charge",
}
_KEY_OF = {"category": 1, "vat-rate": 2}


def unlike(by: str, told: Json, days: Mapping[date, DayNotes]) -> list[str]:
    """What a report says otherwise than the notes of its days."""
    sums, ours = Counter(_figures(told["sum"])), _whole(by, days)
    wrong = [f"by {by}: {sums}, the notes say {ours}"] if +sums != +ours or -sums != -ours else []
    if by in _KEY_OF:
        rows, noted = Counter[Any](), _by_key(_KEY_OF[by], days)
        for row in told["rows"]:
            rows[row.get("key")] += row["sales"]
        rows = Counter({key: amount for key, amount in rows.items() if amount})
        wrong += [f"by {by}: {rows}, the notes say {noted}"] if rows != noted else []
    return wrong


def _figures(row: Json) -> Json:
    return {name: amount for name, amount in row.items() if amount and name not in ("key", "name")}


def _whole(by: str, days: Mapping[date, DayNotes]) -> Counter[str]:
    found = Counter[str]()
    for notes in days.values():
        found.update(_taken(notes) if by in ("device", "tender") else _sold(by, notes))
    return Counter({name: amount for name, amount in found.items() if amount})


def _sold(by: str, notes: DayNotes) -> Counter[str]:
    found = Counter[str]()
    for key, amount in notes.sales.items():
        for name, kind in _KINDS.items():
            found[name] += amount if key[0] == kind else 0
        found["sales"] += amount if key[0] in IN_TOTAL else 0
        found["vat"] += amount if key[0] in _VAT else 0
    for key, count in notes.counts.items():
        found["count"] += count if key[0] in ("item", "order") else 0
    if by == "item":
        dojos = sum(count for key, count in notes.counts.items() if key[0] == "order")
        return Counter({"items": found["items"], "count": found["count"] - dojos})
    if by == "category":
        del found["vat"]
    return found


def _taken(notes: DayNotes) -> Counter[str]:
    found = Counter[str]()
    for figures in notes.ways.values():
        found["payments"] += figures["payments"]
        found["paid"] += figures["paid"] - figures["paid_back"]
        found["tips"] += figures["tips"] - figures["tips_back"]
    found["total"] = found["paid"] + found["tips"]
    return found


def _by_key(place: int, days: Mapping[date, DayNotes]) -> Counter[Any]:
    found = Counter[Any]()
    for notes in days.values():
        for key, amount in notes.sales.items():
            if key[0] in IN_TOTAL:
                found[None if key[place] is None else str(key[place])] += amount
    return Counter({key: amount for key, amount in found.items() if amount})
