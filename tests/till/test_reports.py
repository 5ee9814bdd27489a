"""Reports over a range of days, and the bookkeeper's journal."""

import csv
import io
from collections import Counter
from typing import Any

import pytest

from tests.support.days import DAYS, at, close, report
from tests.support.orders import payment
from tests.support.recording import open_order, record
from tests.support.rows import execute
from tests.support.tabs import open_tab
from tests.support.venues import Venue

Json = dict[str, Any]
REPORTS = "/till/v1/reports"
THURSDAY, FRIDAY, SATURDAY = "2026-11-26", "2026-11-27", "2026-11-28"
ANNA, BEN = {"waiter_id": "anna"}, {"waiter_id": "ben"}


async def ranged(venue: Venue, by: str, first: str = THURSDAY, last: str = SATURDAY) -> Json:
    path = f"{REPORTS}/sales?fromDay={first}&toDay={last}&by={by}"
    told: Json = await venue.till.ok("GET", path)
    return told


async def journal(venue: Venue, first: str = THURSDAY, last: str = SATURDAY) -> Json:
    """The journal, of which each day balances."""
    path = f"{REPORTS}/journal?fromDay={first}&toDay={last}"
    told: Json = await venue.till.ok("GET", path)
    balance = Counter[str]()
    for line in told["lines"]:
        balance[line["day"]] += line["debit"] - line["credit"]
    assert set(balance.values()) <= {0}, balance
    assert told["debits"] == told["credits"]
    return told


def booked(told: Json) -> dict[str, int]:
    """Debits less credits by account."""
    sums = Counter[str]()
    for line in told["lines"]:
        sums[line["name"]] += line["debit"] - line["credit"]
    return {name: amount for name, amount in sums.items() if amount}


@pytest.fixture
async def two_days(bistro: Venue) -> Venue:
    """A Thursday with a burger and two milks of Anna's, a Friday with a wine of Ben's and Dojo's order."""
    await at(bistro, f"{THURSDAY} 19:00")
    tab = await open_tab(bistro, who=ANNA)
    await tab.add(
        {"plu": "burger", "modifiers": [{"plu": "cheese"}]}, {"plu": "milk", "quantity": 2}
    )
    await tab.discount(tab.line("burger"), amount=150)
    await tab.do("payments", type="cash", tip=200)
    await at(bistro, f"{FRIDAY} 21:30")
    wine = await open_tab(bistro, "wine", who=BEN)
    await wine.do("payments", {"type": "other", "method": "voucher"})
    await record(bistro, await open_order(bistro, 1_000), payment(600, 60))
    return bistro


class TestARange:
    async def test_by_day(self, two_days: Venue) -> None:
        told = await ranged(two_days, "day")
        assert [(row["key"], row["sales"], row["vat"]) for row in told["rows"]] == [
            (THURSDAY, 1_450, 200),
            (FRIDAY, 1_795, 133),
        ]
        for row in told["rows"]:
            assert row["sales"] == (await report(two_days, row["key"]))["sales"]
        assert told["sum"]["sales"] == 3_245

    async def test_by_category(self, two_days: Venue) -> None:
        rows = {row.get("key"): row for row in (await ranged(two_days, "category"))["rows"]}
        assert {key: row["sales"] for key, row in rows.items()} == {
            "Food": 1_200,
            "Drinks": 1_045,
            None: 1_000,
        }
        assert (rows["Food"]["items"], rows["Food"]["discounts"]) == (1_350, -150)

    async def test_by_item(self, two_days: Venue) -> None:
        rows = (await ranged(two_days, "item"))["rows"]
        assert [(row["key"], row["name"], row["count"], row["items"]) for row in rows] == [
            ("burger", "Burger", 1, 1_350),
            ("wine", "Wine", 1, 795),
            ("milk", "Milk", 2, 250),
        ]
        assert len((await ranged(two_days, "item", FRIDAY))["rows"]) == 1

    @pytest.mark.parametrize(
        ("by", "sales"),
        [
            ("hour", {"19": 1_450, "21": 1_795}),
            ("waiter", {"anna": 1_450, "ben": 795, None: 1_000}),
            ("area", {"area_main": 2_245, None: 1_000}),
            ("vat-rate", {"2000": 1_995, "0": 250, None: 1_000}),
        ],
    )
    async def test_by_what_else_was_sold(
        self, two_days: Venue, by: str, sales: dict[str | None, int]
    ) -> None:
        told = await ranged(two_days, by)
        assert {row.get("key"): row["sales"] for row in told["rows"]} == sales
        assert told["sum"]["sales"] == 3_245

    async def test_by_how_it_was_paid(self, two_days: Venue) -> None:
        rows = {row["key"]: row for row in (await ranged(two_days, "tender"))["rows"]}
        assert {key: (row["paid"], row["tips"], row["total"]) for key, row in rows.items()} == {
            "cash": (1_450, 200, 1_650),
            "dojo": (600, 60, 660),
            "voucher": (795, 0, 795),
        }

    async def test_by_device(self, two_days: Venue) -> None:
        await execute(
            two_days, "UPDATE payment SET device_id = 'bar' WHERE venue_id = $1 AND source = 'cash'"
        )
        rows = {row.get("key"): row["paid"] for row in (await ranged(two_days, "device"))["rows"]}
        assert rows == {"bar": 1_450, None: 1_395}

    async def test_as_a_spreadsheet_and_as_a_page(self, two_days: Venue) -> None:
        path = f"{REPORTS}/sales?fromDay={THURSDAY}&toDay={SATURDAY}&by=category&format="
        sheet = await two_days.till.call("GET", f"{path}csv")
        rows = list(csv.DictReader(io.StringIO(sheet.text, newline="")))
        assert [(row["key"], row["sales"]) for row in rows][:2] == [
            ("Drinks", "10.45"),
            ("Food", "12.00"),
        ]
        page = await two_days.till.call("GET", f"{path}page")
        assert "£12.00" in page.text
        assert page.headers["content-type"] == "text/html; charset=utf-8"

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("fromDay=2026-11-27&toDay=2026-11-26", "toDay"),
            ("fromDay=2026-11-27&toDay=2028-11-26", "toDay"),
            ("fromDay=today", "fromDay"),
            ("toDay=2026-11-27", "fromDay"),
            ("fromDay=2026-11-27&by=moon", "by"),
        ],
    )
    async def test_what_is_refused(self, quiet_venue: Venue, query: str, field: str) -> None:
        error = await quiet_venue.till.refused(400, "GET", f"{REPORTS}/sales?{query}")
        assert error["debugMessage"].startswith(field)

    async def test_another_venues_days_are_not_in_it(
        self, two_days: Venue, other_venue: Venue
    ) -> None:
        for by in ("day", "item", "tender", "area"):
            assert (await ranged(other_venue, by))["rows"] == []
        assert (await journal(other_venue))["lines"] == []


class TestTheJournal:
    async def test_sales_takings_tips_and_what_is_owed(self, two_days: Venue) -> None:
        await two_days.till.ok("POST", f"{DAYS}/open", {})
        body = {"type": "paid-out", "amount": 70, "reason": "Milk"}
        await two_days.till.ok("POST", f"{DAYS}/{FRIDAY}/cash", body)
        assert booked(await journal(two_days)) == {
            "card": 660,
            "cash": 1_580,
            "other-voucher": 795,
            "cash-paid-out": 70,
            "sales-20": -1_662,
            "sales-0": -250,
            "vat-output": -333,
            "sales-dojo": -1_000,
            "tips-payable": -260,
            "guests-owe": 400,
        }

    async def test_the_bookkeepers_own_accounts(self, two_days: Venue) -> None:
        body = {"accounts": [{"name": "cash", "code": "1200"}]}
        await two_days.admin.ok("PUT", f"{REPORTS}/accounts", body)
        await two_days.till.refused(403, "PUT", f"{REPORTS}/accounts", body)
        assert await two_days.till.ok("GET", f"{REPORTS}/accounts") == body["accounts"]
        lines = (await journal(two_days))["lines"]
        assert {line["account"] for line in lines if line["name"] == "cash"} == {"1200"}
        path = f"{REPORTS}/journal?fromDay={THURSDAY}&format=csv"
        sheet = await two_days.till.call("GET", path)
        assert f"{THURSDAY},cash,1200,16.50,0.00\r\n" in sheet.text

    async def test_an_account_is_named_once(self, quiet_venue: Venue) -> None:
        twice = [{"name": "cash", "code": "1"}, {"name": "cash", "code": "2"}]
        await quiet_venue.admin.refused(400, "PUT", f"{REPORTS}/accounts", {"accounts": twice})


async def test_a_new_closing_time_hides_no_day(bistro: Venue) -> None:
    """With 23:00 the Thursday evening was Friday's already; with 04:00 it is Thursday's again."""
    await execute(bistro, "UPDATE venue SET closing_time = '23:00' WHERE id = $1")
    await at(bistro, f"{THURSDAY} 23:30")
    await open_tab(bistro, "burger", who=ANNA)
    assert (await report(bistro, FRIDAY))["sales"] == 1_250
    await execute(bistro, "UPDATE venue SET closing_time = '04:00' WHERE id = $1")
    assert (await report(bistro, FRIDAY))["sales"] == 1_250
    days = [day["day"] for day in await bistro.till.ok("GET", DAYS)]
    assert days == [FRIDAY, THURSDAY]
    await bistro.till.refused(404, "GET", f"{DAYS}/{SATURDAY}/report")
    await close(bistro, THURSDAY)
    await at(bistro, f"{FRIDAY} 20:00")
    assert (await close(bistro, FRIDAY))["sales"] == 1_250
