"""A closed day says the same for ever, however it is asked; a change is on the day when it is made."""

from typing import Any

import pytest

from tests.support.days import at, close
from tests.support.pins import APPROVAL
from tests.support.rows import add_area, add_table, execute
from tests.support.tabs import TillTab, open_tab
from tests.support.venues import Venue

Json = dict[str, Any]
THURSDAY, FRIDAY = "2026-11-26", "2026-11-27"
SOLD_BY = ("day", "category", "item", "hour", "waiter", "area", "vat-rate")
TAKEN_BY = ("tender", "device")


async def of_day(venue: Venue, by: str, day: str) -> Json:
    path = f"/till/v1/reports/sales?fromDay={day}&toDay={day}&by={by}"
    told: Json = await venue.till.ok("GET", path)
    return told


async def figures(venue: Venue, by: str, day: str, name: str = "sales") -> dict[str | None, int]:
    rows = (await of_day(venue, by, day))["rows"]
    return {row.get("key"): row[name] for row in rows}


@pytest.fixture
async def tab(bistro: Venue) -> TillTab:
    """A burger with cheese, a wine and two milks at a table of the bar, on a Thursday that is closed."""
    await add_area(bistro, "bar", "Bar", 1)
    await add_table(bistro, "b1", "B1", "bar")
    await at(bistro, f"{THURSDAY} 19:00")
    tab = await open_tab(bistro, tableId="b1", waiterId="anna")
    burger = {"plu": "burger", "modifiers": [{"plu": "cheese"}]}
    await tab.add(burger, "wine", {"plu": "milk", "quantity": 2})
    await tab.do("payments", type="cash", amount=400, tip=50)
    await close(bistro, THURSDAY)
    await at(bistro, f"{FRIDAY} 12:00")
    return tab


async def test_nothing_that_is_done_on_friday_changes_thursday(tab: TillTab) -> None:
    venue = tab.venue
    before = [await of_day(venue, by, THURSDAY) for by in (*SOLD_BY, *TAKEN_BY)]
    await tab.void(tab.line("wine"), approval=APPROVAL)
    await tab.do("transfer", tableId="t2", waiterId="ben")
    await tab.discount(tab.line("burger"), percentage=1_000)
    await tab.do("split", lines=[{"lineId": tab.line("milk")["id"], "quantity": 1}])
    await tab.do("payments", {"type": "other", "method": "voucher"})
    [cash, _] = (await tab.read())["payments"]
    refund = {"amount": 100, "reason": "Cold", "approval": APPROVAL}
    await tab.do(f"payments/{cash['id']}/refund", refund)
    await execute(venue, "UPDATE venue SET closing_time = '23:00' WHERE id = $1")
    await execute(venue, "UPDATE dining_table SET area_id = 'area_main' WHERE venue_id = $1")
    assert [await of_day(venue, by, THURSDAY) for by in (*SOLD_BY, *TAKEN_BY)] == before


async def test_a_line_that_is_voided_on_friday_is_less_on_friday(tab: TillTab) -> None:
    await tab.void(tab.line("wine"), approval=APPROVAL)
    assert await figures(tab.venue, "item", FRIDAY, "items") == {"wine": -795}
    assert await figures(tab.venue, "item", FRIDAY, "count") == {"wine": -1}
    assert await figures(tab.venue, "category", FRIDAY, "items") == {"Drinks": -795}
    thursday = {"burger": 1_350, "wine": 795, "milk": 250}
    assert await figures(tab.venue, "item", THURSDAY, "items") == thursday


async def test_a_tab_that_goes_to_another_area_takes_its_sales_along(tab: TillTab) -> None:
    await tab.do("transfer", tableId="t2")
    assert await figures(tab.venue, "area", THURSDAY) == {"bar": 2_395}
    assert await figures(tab.venue, "area", FRIDAY) == {"bar": -2_395, "area_main": 2_395}


async def test_a_table_that_is_put_into_another_area_takes_nothing_along(tab: TillTab) -> None:
    """What the tab sells then is in the area where it was opened, until it goes to another table."""
    table = {"name": "B1", "areaId": "area_main", "maxCovers": 4}
    await tab.venue.admin.ok("PUT", "/till/v1/tables/b1", table)
    await tab.add("wine")
    assert await figures(tab.venue, "area", FRIDAY) == {"bar": 795}
    await tab.void(tab.lines[-1])
    assert await figures(tab.venue, "area", FRIDAY) == {}


async def test_a_tab_that_only_goes_to_another_area_sells_nothing(tab: TillTab) -> None:
    await tab.do("transfer", tableId="t2")
    for by in SOLD_BY:
        rows = (await of_day(tab.venue, by, FRIDAY))["rows"]
        assert len(rows) == (2 if by == "area" else 0), by


@pytest.mark.parametrize("closing_time", ["00:00", "19:30", "23:59"])
async def test_a_new_closing_time_hides_no_item(tab: TillTab, closing_time: str) -> None:
    await execute(tab.venue, f"UPDATE venue SET closing_time = '{closing_time}' WHERE id = $1")
    thursday = {"burger": 1_350, "wine": 795, "milk": 250}
    assert await figures(tab.venue, "item", THURSDAY, "items") == thursday


async def test_each_way_adds_up_to_the_day(tab: TillTab) -> None:
    await tab.discount(percentage=1_000)
    for day in (THURSDAY, FRIDAY):
        sums = {by: (await of_day(tab.venue, by, day))["sum"] for by in SOLD_BY}
        items = sums.pop("item")
        assert {of["sales"] for of in sums.values()} == {sums["day"]["sales"]}
        assert {of["items"] for of in sums.values()} == {items.get("items", 0)}


async def test_items_that_change_their_names_stay_what_they_were_called(tab: TillTab) -> None:
    item = {"name": "House wine", "categoryId": "drinks", "price": 895, "vatRate": 2_000}
    await tab.venue.admin.ok("PUT", "/till/v1/menu/items/wine", item)
    await tab.add("wine")
    rows = (await of_day(tab.venue, "item", FRIDAY))["rows"]
    assert [(row["name"], row["items"]) for row in rows] == [("House wine", 895)]
    rows = (await of_day(tab.venue, "item", THURSDAY))["rows"]
    assert ("Wine", 795) in [(row["name"], row["items"]) for row in rows]
