"""A report over a range as a spreadsheet and as a page, by whatever it is asked."""

import pytest

from tests.support.days import at
from tests.support.tabs import open_tab
from tests.support.venues import Venue

REPORTS = "/till/v1/reports"
THURSDAY = "2026-11-26"
WAYS = ("day", "category", "item", "hour", "waiter", "area", "device", "tender", "vat-rate")


@pytest.mark.parametrize("by", WAYS)
async def test_each_way_as_a_spreadsheet_and_as_a_page(bistro: Venue, by: str) -> None:
    await at(bistro, f"{THURSDAY} 19:00")
    tab = await open_tab(bistro, "burger", who={"waiter_id": "anna", "device_id": "bar"})
    await tab.do("payments", type="cash")
    path = f"{REPORTS}/sales?fromDay={THURSDAY}&by={by}&format="
    sheet = await bistro.till.call("GET", f"{path}csv")
    assert sheet.headers["content-type"] == "text/csv; charset=utf-8"
    assert "12.50" in sheet.text
    page = await bistro.till.call("GET", f"{path}page")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "£12.50" in page.text
    if by == "waiter":
        assert "Anna" in page.text


async def test_the_journal_as_a_page(bistro: Venue) -> None:
    await at(bistro, f"{THURSDAY} 19:00")
    await (await open_tab(bistro, "burger")).do("payments", type="cash")
    page = await bistro.till.call("GET", f"{REPORTS}/journal?fromDay={THURSDAY}&format=page")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for text in ("vat-output", "£2.08", "£12.50"):
        assert text in page.text
