"""More ways to take something off after the bill was shown."""

from typing import Any

import pytest

from tests.support.days import at, report
from tests.support.tabs import TillTab, open_tab
from tests.support.venues import Venue

Json = dict[str, Any]
DAY, ANNA = "2026-11-25", {"waiter_id": "anna"}


async def off(tab: TillTab) -> list[tuple[str, int]]:
    found = (await report(tab.venue, DAY))["incidents"]
    return [(one["tabId"], one["amount"]) for one in found if one["kind"] == "after-bill"]


@pytest.fixture
async def evening(bistro: Venue) -> Venue:
    await at(bistro, f"{DAY} 19:00")
    return bistro


async def test_said_to_be_taken_away(evening: Venue) -> None:
    """A salad costs 9.60 here and 8.00 away: the waiter keeps 1.60."""
    salad = {"plu": "salad", "categoryId": "food", "name": "Salad", "price": 960, "vatRate": 2000}
    salad |= {"takeaway": {"price": 800, "vatRate": 0}}
    await evening.admin.ok("POST", "/till/v1/menu/items", salad)
    tab = await open_tab(evening, "salad", who=ANNA)
    await evening.till.call("GET", f"{tab.path}/bill?format=page")  # shown on a screen
    await tab.do("takeaway", takeaway=True)
    assert await off(tab) == [(tab.id, 160)]


async def test_half_of_a_bottle(evening: Venue) -> None:
    tab = await open_tab(evening, "wine", "milk", who=ANNA)
    await evening.till.call("GET", f"{tab.path}/bill")
    lines = [{"lineId": tab.line("wine")["id"], "quantity": 1, "parts": 2}]
    await tab.do("split", lines=lines)
    assert await off(tab) == [(tab.id, 397)]
