"""A Z for each drawer, as often as it is counted, and one of the day: the sum of them, to the penny."""

import asyncio
from random import Random
from typing import Any

import asyncpg
import pytest

from epos.domain.requester import Requester
from epos.till_contract.cash import CloseDrawer
from tests.support.counter import pay
from tests.support.days import DAYS, at, close, report
from tests.support.pins import APPROVAL
from tests.support.rows import execute
from tests.support.services import WiredServices
from tests.support.tabs import open_tab
from tests.support.venues import Venue

Json = dict[str, Any]
DAY, NEXT = "2026-11-25", "2026-11-26"
BAR, HALL = {"device_id": "bar"}, {"device_id": "hall"}
FLOWS = ("takings", "taken", "givenBack", "paidIn", "paidOut", "toSafe")


@pytest.fixture
async def evening(bistro: Venue) -> Venue:
    """A venue where each device has a drawer."""
    await at(bistro, f"{DAY} 19:00")
    await execute(bistro, "UPDATE venue SET has_drawer_per_device = true WHERE id = $1")
    return bistro


async def take(venue: Venue, who: dict[str, str], plu: str = "burger", tip: int = 0) -> None:
    tab = await open_tab(venue, plu, who=who)
    await pay(tab, tip=tip)


async def move(venue: Venue, kind: str, amount: int, **who: str) -> None:
    body = {"type": kind, "amount": amount, "reason": "Milk"}
    await venue.till.ok("POST", f"{DAYS}/{DAY}/cash", body, **who)


async def x_report(venue: Venue, drawer: str, day: str = DAY) -> Json:
    told: Json = await venue.till.ok("GET", f"{DAYS}/{day}/drawers/{drawer}/x-report")
    return told


async def z_report(venue: Venue, drawer: str, counted: int | None = None, **more: Any) -> Json:
    body = more | ({} if counted is None else {"countedCash": counted})
    told: Json = await venue.till.ok("POST", f"{DAYS}/{DAY}/drawers/{drawer}/close", body)
    return told


async def open_drawer(venue: Venue, drawer: str, amount: int) -> Json:
    """By the device that has the drawer."""
    path, body = f"{DAYS}/{DAY}/drawers/{drawer}/open", {"openingFloat": amount}
    told: Json = await venue.till.ok("POST", path, body, device_id=drawer)
    return told


def check(told: Json) -> None:
    """Every penny of the drawer is explained."""
    flows = told["takings"] + told["paidIn"] - told["paidOut"] - told["toSafe"]
    assert told["expected"] == told["float"] + flows
    assert told["takings"] == told["taken"] - told["givenBack"]


def check_sums(day: Json) -> None:
    """The day's cash is the sum of its drawers, each of them the sum of its Zs."""
    cash = day["cash"]
    for figure in ("float", "takings", "paidIn", "paidOut", "toSafe", "expected"):
        assert cash[figure] == sum(drawer[figure] for drawer in cash["drawers"]), figure
    for drawer in cash["drawers"]:
        zs = drawer["zs"]
        for z in zs:
            check(z)
        for figure in ("takings", "paidIn", "paidOut", "toSafe"):
            assert drawer[figure] == sum(z[figure] for z in zs), figure
        assert drawer["float"] == zs[0]["float"]
        if "difference" in drawer:
            assert drawer["difference"] == sum(z.get("difference", 0) for z in zs)


async def test_a_shift_ends_and_the_evening_goes_on(evening: Venue) -> None:
    await open_drawer(evening, "bar", 5_000)
    await take(evening, BAR, tip=100)
    await move(evening, "paid-out", 300, **BAR)
    await take(evening, HALL, "wine")
    x = await x_report(evening, "bar")
    check(x)
    assert (x["float"], x["takings"], x["expected"]) == (5_000, 1_350, 6_050)
    assert "zNumber" not in x
    first = await z_report(evening, "bar", 6_040)
    check(first)
    assert (first["zNumber"], first["difference"]) == (1, -10)
    assert [row["type"] for row in first["movements"]] == ["float", "paid-out"]
    await take(evening, BAR, "chips", tip=50)
    await move(evening, "to-safe", 6_000, **BAR)
    later = await x_report(evening, "bar")
    assert (later["float"], later["takings"], later["expected"]) == (6_040, 500, 540)
    assert [row["type"] for row in later["movements"]] == ["to-safe"]
    body = {
        "approval": APPROVAL,
        "countedDrawers": [
            {"drawer": "bar", "countedCash": 545},
            {"drawer": "hall", "countedCash": 795},
        ],
    }
    day = await evening.till.ok("POST", f"{DAYS}/{DAY}/close", body)
    check_sums(day)
    bar, hall = day["cash"]["drawers"]
    assert [z["zNumber"] for z in bar["zs"]] == [1, 2]
    assert [z["difference"] for z in bar["zs"]] == [-10, 5]
    assert [z["zNumber"] for z in hall["zs"]] == [1]
    assert (day["zNumber"], day["cash"]["difference"]) == (1, -5)
    assert day == await report(evening, DAY), "a closed day never changes"


async def test_numbers_go_on_for_each_drawer(evening: Venue) -> None:
    await take(evening, BAR)
    await take(evening, HALL)
    await z_report(evening, "bar")
    await close(evening, DAY)
    await at(evening, f"{NEXT} 19:00")
    await take(evening, BAR)
    bar, *_ = (await close(evening, NEXT))["cash"]["drawers"]
    assert [z["zNumber"] for z in bar["zs"]] == [2]
    assert bar["zs"][0]["float"] == 0, "a day begins with the float that is said"


async def test_closed_again_it_is_the_same_z(evening: Venue) -> None:
    await take(evening, BAR)
    first = await z_report(evening, "bar", 1_250)
    assert await z_report(evening, "bar") == first
    assert await z_report(evening, "bar", 1_250) == first
    path = f"{DAYS}/{DAY}/drawers/bar/close"
    error = await evening.till.refused(409, "POST", path, {"countedCash": 1_300})
    assert error["debugMessage"] == "The drawer bar is closed, with 1250 counted"
    day = await close(evening, DAY)
    check_sums(day)
    assert [z["zNumber"] for z in day["cash"]["drawers"][0]["zs"]] == [1]
    assert day["cash"]["counted"] == 1_250, "what was counted when the drawer was closed"


async def test_a_float_that_is_said_twice(evening: Venue) -> None:
    for _ in range(2):
        assert (await open_drawer(evening, "bar", 5_000))["float"] == 5_000
    path = f"{DAYS}/{DAY}/drawers/bar"
    error = await evening.till.refused(409, "POST", f"{path}/open", {"openingFloat": 1})
    assert error["debugMessage"] == "The drawer bar was opened with a float of 5000"
    assert (await open_drawer(evening, "main", 300))["float"] == 300
    day = {day["day"]: day for day in await evening.till.ok("GET", DAYS)}[DAY]
    assert day["openingFloat"] == 300
    await z_report(evening, "bar")
    await evening.till.refused(409, "POST", f"{path}/open", {"openingFloat": 5_000})
    body = {"amount": 1, "reason": "A slip", "drawer": "bar", "approval": APPROVAL}
    await evening.till.refused(409, "PUT", f"{DAYS}/{DAY}/float", body)


async def test_a_float_that_comes_after_the_z(evening: Venue) -> None:
    """It would be cash of the day that no Z of the drawer has."""
    await take(evening, {})
    first = await z_report(evening, "main", 1_250)
    error = await evening.till.refused(409, "POST", f"{DAYS}/open", {"openingFloat": 5_000})
    assert "what stayed is its float" in error["debugMessage"]
    day = await close(evening, DAY)
    check_sums(day)
    assert day["cash"]["difference"] == first["difference"] == 0


async def test_a_drawer_that_was_opened_without_a_sale(evening: Venue) -> None:
    """Beside a drawer that took money, it is one of the day too, and what happened in it is in a Z."""
    await take(evening, BAR)
    await move(evening, "no-sale", 0)
    [movement] = (await z_report(evening, "main"))["movements"]
    assert movement["type"] == "no-sale"
    await open_drawer(evening, "hall", 0)
    day = await close(evening, DAY)
    check_sums(day)
    assert [row["drawer"] for row in day["cash"]["drawers"]] == ["bar", "hall", "main"]


async def test_cash_that_was_counted_already(evening: Venue) -> None:
    """One figure for all drawers cannot say in which of them something else was counted."""
    await take(evening, BAR)
    await take(evening, HALL)
    await z_report(evening, "bar", 1_250)
    await z_report(evening, "hall", 1_250)
    body = {"countedCash": 2_000, "approval": APPROVAL}
    error = await evening.till.refused(409, "POST", f"{DAYS}/{DAY}/close", body)
    assert "2500 in all" in error["debugMessage"]
    day = await evening.till.ok("POST", f"{DAYS}/{DAY}/close", body | {"countedCash": 2_500})
    assert (day["cash"]["counted"], day["cash"]["difference"]) == (2_500, 0)


async def test_a_count_is_an_entry_of_its_day(evening: Venue) -> None:
    """Cash was found where none should be: the day of the count is closed before a later one."""
    await z_report(evening, "main", 60)
    await at(evening, f"{NEXT} 19:00")
    await take(evening, BAR)
    error = await evening.till.refused(
        409, "POST", f"{DAYS}/{NEXT}/close", {"approval": APPROVAL, "countedCash": 1_250}
    )
    assert DAY in error["debugMessage"]
    day = await close(evening, DAY)
    assert (day["cash"]["counted"], day["cash"]["difference"]) == (60, 60)


async def test_what_is_missing_in_one_drawer_is_in_the_journal(evening: Venue) -> None:
    """Also where the other one was not counted, and before the day is closed."""
    await take(evening, BAR)
    await take(evening, HALL)
    await z_report(evening, "bar", 1_240)
    path = f"/till/v1/reports/journal?fromDay={DAY}"
    for told in (await evening.till.ok("GET", path), await close(evening, DAY)):
        assert told
        lines = (await evening.till.ok("GET", path))["lines"]
        booked = {line["name"]: line["debit"] - line["credit"] for line in lines}
        assert (booked["cash"], booked["cash-over-short"]) == (2 * 1_250 - 10, 10)


async def test_what_is_refused(evening: Venue) -> None:
    path = f"{DAYS}/{DAY}/drawers"
    await evening.till.refused(404, "GET", f"{path}/attic/x-report")
    await evening.till.refused(404, "POST", f"{path}/attic/close", {})
    await evening.till.refused(404, "GET", f"{DAYS}/2027-01-01/drawers/main/x-report")
    await take(evening, BAR)
    await execute(evening, "UPDATE venue SET cash_needs_approval = true WHERE id = $1")
    await evening.till.refused(403, "POST", f"{path}/bar/close", {})
    z = await z_report(evening, "bar", approval=APPROVAL)
    assert z["closedBy"] == "Max"
    await close(evening, DAY)
    for what, body in (("open", {"openingFloat": 1}), ("close", {"approval": APPROVAL})):
        error = await evening.till.refused(409, "POST", f"{path}/bar/{what}", body)
        assert "is closed" in error["debugMessage"]
    for change in ("UPDATE drawer_z SET counted = 0", "DELETE FROM drawer_z"):
        with pytest.raises(asyncpg.PostgresError):
            await execute(evening, f"{change} WHERE venue_id = $1")


async def test_other_venues_have_other_drawers(evening: Venue, other_venue: Venue) -> None:
    await take(evening, BAR)
    await z_report(evening, "bar")
    await at(other_venue, f"{DAY} 19:00")
    await other_venue.till.refused(404, "GET", f"{DAYS}/{DAY}/drawers/bar/x-report")


async def test_two_who_close_it_at_one_moment_make_one_z(
    evening: Venue, services: WiredServices
) -> None:
    await take(evening, BAR)
    requester = Requester(evening.id, "till", "trace-of-a-test")
    drawers = services.till.cash_drawers
    told = await services.meet(
        drawers.close(DAY, "bar", CloseDrawer(countedCash=1_250), requester),
        drawers.close(DAY, "bar", CloseDrawer(countedCash=1_250), requester),
    )
    assert [one.zNumber for one in told] == [1, 1]


async def test_tills_take_money_while_drawers_are_closed(evening: Venue) -> None:
    """Whatever comes first: each penny is in one Z of its drawer, and none is in two."""
    random = Random(15)
    who = {"bar": BAR, "hall": HALL}

    async def shift(drawer: str) -> None:
        for _ in range(6):
            await take(evening, who[drawer], random.choice(["burger", "wine", "cake"]))

    async def count(drawer: str) -> None:
        for _ in range(3):
            path = f"{DAYS}/{DAY}/drawers/{drawer}/close"
            answer = await evening.till.call("POST", path, {})
            assert answer.status_code in (200, 404, 503), answer.text

    await asyncio.gather(shift("bar"), count("bar"), shift("hall"), count("hall"))
    before = await report(evening, DAY)
    for drawer in ("bar", "hall"):
        check(await x_report(evening, drawer))
    day = await close(evening, DAY)
    check_sums(day)
    assert day["cash"]["takings"] == before["cash"]["takings"] > 0
    for drawer in day["cash"]["drawers"]:
        assert [z["zNumber"] for z in drawer["zs"]] == list(range(1, len(drawer["zs"]) + 1))


class TestADrawerThatNobodyHas:
    """A misspelt name is refused: it would be one more drawer, with the cash of another."""

    async def refused(self, venue: Venue, words: str, **who: str) -> None:
        path = f"{DAYS}/{DAY}"
        moved = {"type": "paid-out", "amount": 350, "reason": "Milk", "drawer": "brr"}
        float_ = {"amount": 350, "reason": "Slip", "drawer": "brr", "approval": APPROVAL}
        for method, what, body in (
            ("POST", "cash", moved),
            ("PUT", "float", float_),
            ("POST", "drawers/brr/open", {"openingFloat": 0}),
        ):
            error = await venue.till.refused(400, method, f"{path}/{what}", body, **who)
            assert error["debugMessage"] == f"drawer {words}"
        counted = {"countedDrawers": [{"drawer": "brr", "countedCash": 1}], "approval": APPROVAL}
        error = await venue.till.refused(400, "POST", f"{path}/close", counted, **who)
        assert error["debugMessage"] == f"countedDrawers[0].drawer {words}"
        await venue.till.refused(404, "POST", f"{path}/drawers/brr/close", {}, **who)

    async def test_where_the_venue_has_one(self, bistro: Venue) -> None:
        await at(bistro, f"{DAY} 19:00")
        await self.refused(bistro, "must be main: the venue has one drawer", device_id="brr")
        body = {"type": "paid-in", "amount": 350, "reason": "Milk", "drawer": "main"}
        cash = await bistro.till.ok("POST", f"{DAYS}/{DAY}/cash", body)
        assert [drawer["drawer"] for drawer in cash["drawers"]] == ["main"]

    async def test_where_each_device_has_one(self, evening: Venue) -> None:
        await take(evening, BAR)
        await self.refused(evening, "must be main or a device that has taken cash", **HALL)
        body = {"type": "paid-in", "amount": 350, "reason": "Milk"}
        for drawer, who in (("bar", HALL), ("hall", HALL), ("main", BAR)):
            sent = body | {"drawer": drawer}
            cash = await evening.till.ok("POST", f"{DAYS}/{DAY}/cash", sent, **who)
        told = [(drawer["drawer"], drawer["expected"]) for drawer in cash["drawers"]]
        assert told == [("bar", 1_600), ("hall", 350), ("main", 350)]

    async def test_one_that_had_cash_on_another_day_is_known(self, evening: Venue) -> None:
        await take(evening, BAR)
        await close(evening, DAY)
        await at(evening, f"{NEXT} 19:00")
        body = {"openingFloat": 5_000}
        await evening.till.ok("POST", f"{DAYS}/{NEXT}/drawers/bar/open", body, **HALL)


class TestAnotherSettingOfTheDrawers:
    """Cash stays in the drawer that took it: the setting waits for the end of the day."""

    WORDS = (
        f"hasDrawerPerDevice stays as it is: the business day {DAY} has cash in it; "
        "close the day first"
    )

    async def test_it_waits_while_the_day_has_cash(self, evening: Venue) -> None:
        await take(evening, BAR)
        await z_report(evening, "bar", 1_250)
        profile = await evening.admin.ok("GET", "/till/v1/profile")
        body = profile | {"hasDrawerPerDevice": False}
        error = await evening.admin.refused(409, "PUT", "/till/v1/profile", body)
        assert error["debugMessage"] == self.WORDS
        layout = await evening.admin.ok("GET", "/till/v1/layout")
        layout["venue"]["hasDrawerPerDevice"] = False
        error = await evening.admin.refused(409, "PUT", "/till/v1/layout", layout)
        assert self.WORDS in error["debugMessage"]
        assert await evening.admin.ok("PUT", "/till/v1/profile", profile | {"name": "Renamed"})
        day = await close(evening, DAY)
        assert [drawer["drawer"] for drawer in day["cash"]["drawers"]] == ["bar"]
        await self.switch(evening)

    async def switch(self, venue: Venue) -> None:
        profile = await venue.admin.ok("GET", "/till/v1/profile")
        await venue.admin.ok("PUT", "/till/v1/profile", profile | {"hasDrawerPerDevice": False})

    async def test_a_float_is_cash(self, evening: Venue) -> None:
        await evening.till.ok("POST", f"{DAYS}/open", {"openingFloat": 10_000})
        await self.refused(evening)

    async def test_a_movement_is(self, evening: Venue) -> None:
        await move(evening, "paid-in", 100, **BAR)
        await self.refused(evening)

    async def test_a_count_is(self, evening: Venue) -> None:
        await z_report(evening, "main", 0)
        await self.refused(evening)

    async def refused(self, venue: Venue) -> None:
        body = await venue.admin.ok("GET", "/till/v1/profile")
        body["hasDrawerPerDevice"] = False
        error = await venue.admin.refused(409, "PUT", "/till/v1/profile", body)
        assert error["debugMessage"] == self.WORDS

    async def test_a_card_is_no_cash(self, evening: Venue) -> None:
        await pay(await open_tab(evening, "burger", who=BAR), type="other", method="cheque")
        await self.switch(evening)

    async def test_whoever_takes_cash_meanwhile(self, evening: Venue) -> None:
        """The cash is first and the setting waits, or the cash is in the one drawer."""
        body = await evening.admin.ok("GET", "/till/v1/profile")
        body["hasDrawerPerDevice"] = False
        moves = [asyncio.create_task(move(evening, "paid-in", 100, **BAR)) for _ in range(4)]
        changed = await evening.admin.call("PUT", "/till/v1/profile", body)
        await asyncio.gather(*moves)
        assert changed.status_code in (200, 409)
        drawers = (await report(evening, DAY))["cash"]["drawers"]
        told = [(drawer["drawer"], drawer["expected"]) for drawer in drawers]
        assert told == [("main" if changed.status_code == 200 else "bar", 400)]
