"""Business days as a test tells them: the venue's clock, closing, reports."""

from typing import Any

from tests.support.clock import freeze
from tests.support.pins import APPROVAL
from tests.support.venues import Venue

Json = dict[str, Any]
DAYS = "/till/v1/days"


async def at(venue: Venue, moment: str) -> None:
    """The venue's clock stands at this moment; `2026-11-25 19:00` is UTC."""
    await freeze(venue, f"{moment}+00:00")


async def close(venue: Venue, day: str, counted: int | None = None) -> Json:
    body = {"approval": APPROVAL} | ({} if counted is None else {"countedCash": counted})
    report: Json = await venue.till.ok("POST", f"{DAYS}/{day}/close", body)
    return report


async def report(venue: Venue, day: str) -> Json:
    """As it stands, or as it was when the day closed. Its books agree."""
    told: Json = await venue.till.ok("GET", f"{DAYS}/{day}/report")
    check_books(told)
    return told


def check_books(report: Json) -> None:
    books = report["reconciliation"]
    assert books["owedAtStart"] + books["sales"] - books["takings"] == books["owedAtEnd"]
    assert books["difference"] == books["ledgerDifference"] == 0, books
    assert books["sales"] == report["sales"]
    parts = [sold["net"] for sold in report["categories"]]
    parts += [charge["amount"] for charge in report["serviceCharge"]]
    assert sum(parts) + report["dojoOrders"]["amount"] == report["sales"]
    takings = report["takings"]
    assert sum(way["paid"] - way["paidBack"] for way in takings) == books["takings"]
    tips = sum(way["tips"] - way["tipsBack"] for way in takings)
    assert sum(share["tips"] for share in report["waiters"]) == tips
    charged = sum(charge["amount"] for charge in report["serviceCharge"])
    assert sum(share["serviceCharge"] for share in report["waiters"]) == charged
