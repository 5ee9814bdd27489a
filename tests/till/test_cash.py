"""Cash drawers: floats, what goes in and out beside payments, and that every penny is explained."""

from typing import Any

import pytest

from tests.support.audit import trail
from tests.support.days import DAYS, at, close, report
from tests.support.orders import payment
from tests.support.pins import APPROVAL, WAITER_PIN
from tests.support.recording import record
from tests.support.rows import execute
from tests.support.tabs import open_tab
from tests.support.venues import Venue

Json = dict[str, Any]
DAY, NEXT = "2026-11-25", "2026-11-26"
ANNA = {"waiter_id": "anna"}


@pytest.fixture
async def evening(bistro: Venue) -> Venue:
    """A Wednesday evening with a float of 100.00."""
    await at(bistro, f"{DAY} 19:00")
    await bistro.till.ok("POST", f"{DAYS}/open", {"openingFloat": 10_000})
    return bistro


async def move(venue: Venue, kind: str, amount: int = 0, **more: Any) -> Json:
    device = more.pop("device_id", None)
    who: dict[str, str] = ANNA if device is None else {"device_id": device}
    body = {"type": kind, "amount": amount, "reason": "Milk", **more}
    cash: Json = await venue.till.ok("POST", f"{DAYS}/{DAY}/cash", body, **who)
    return cash


async def take_cash(venue: Venue, plu: str, tip: int = 0, **who: str) -> Json:
    """Sell one item for cash; the payment."""
    tab = await open_tab(venue, plu, who=who or ANNA)
    taken: Json = (await tab.do("payments", type="cash", tip=tip))["payments"][-1]
    return {"tab": tab, **taken}


def named(cash: Json, *figures: str) -> Json:
    return {name: cash[name] for name in figures}


WHOLE = ("float", "takings", "paidIn", "paidOut", "toSafe", "expected")


async def test_expected_cash_explains_every_penny(evening: Venue) -> None:
    taken = await take_cash(evening, "burger", tip=150)
    await take_cash(evening, "wine")
    back = {"reason": "Cold", "approval": APPROVAL}
    await taken["tab"].do(f"payments/{taken['id']}/refund", back)
    await move(evening, "paid-in", 2_000)
    await move(evening, "paid-out", 350)
    await move(evening, "to-safe", 5_000)
    cash = await move(evening, "no-sale")
    whole = {"float": 10_000, "takings": 795, "paidIn": 2_000, "paidOut": 350, "toSafe": 5_000}
    assert named(cash, *WHOLE) == whole | {"expected": 7_445}
    assert (cash["taken"], cash["givenBack"]) == (2_195, 1_400)
    x_report = await evening.till.ok("GET", f"{DAYS}/{DAY}/x-report")
    assert (x_report["cash"], x_report["isClosed"]) == (cash, False)
    closed = await close(evening, DAY, counted=7_440)
    assert (closed["cash"]["counted"], closed["cash"]["difference"]) == (7_440, -5)
    moved = [(one["type"], one["amount"], one["by"]) for one in closed["cash"]["movements"]]
    assert moved == [
        ("paid-in", 2_000, "Anna"),
        ("paid-out", 350, "Anna"),
        ("to-safe", 5_000, "Anna"),
        ("no-sale", 0, "Anna"),
    ]


class TestTheFloat:
    async def test_a_manager_corrects_it(self, evening: Venue) -> None:
        body = {"amount": 100_000, "reason": "A nought too few", "approval": APPROVAL}
        cash = await evening.till.ok("PUT", f"{DAYS}/{DAY}/float", body, **ANNA)
        assert (cash["float"], cash["expected"]) == (100_000, 100_000)
        entry = (await trail(evening, DAY))[-1]
        assert entry["action"] == "day.float_corrected"
        figures = named(entry["details"], "float", "was", "approved_by")
        assert figures == {"float": 100_000, "was": 10_000, "approved_by": "max"}
        assert "nought" not in str(entry["details"])
        [moved] = (await report(evening, DAY))["cash"]["movements"]
        assert named(moved, "type", "amount", "reason", "by", "approvedBy") == {
            "type": "float",
            "amount": 100_000,
            "reason": "A nought too few",
            "by": "Anna",
            "approvedBy": "Max",
        }
        [day] = [day for day in await evening.till.ok("GET", DAYS) if day["day"] == DAY]
        assert day["openingFloat"] == 100_000

    async def test_nobody_else_does(self, evening: Venue) -> None:
        body = {"amount": 1, "reason": "Mine", "approval": {"waiterId": "anna", "pin": WAITER_PIN}}
        await evening.till.refused(403, "PUT", f"{DAYS}/{DAY}/float", body)
        await evening.till.refused(400, "PUT", f"{DAYS}/{DAY}/float", {"amount": 1, "reason": "No"})
        assert (await report(evening, DAY))["cash"]["float"] == 10_000

    async def test_of_a_day_that_nobody_opened(self, bistro: Venue) -> None:
        await at(bistro, f"{DAY} 19:00")
        body = {"amount": 7_000, "reason": "Forgotten", "approval": APPROVAL}
        assert (await bistro.till.ok("PUT", f"{DAYS}/{DAY}/float", body))["float"] == 7_000


class TestWhichDay:
    async def test_a_closed_day_takes_nothing(self, evening: Venue) -> None:
        await close(evening, DAY, counted=10_000)
        moved = {"type": "paid-out", "amount": 1, "reason": "Milk"}
        float_ = {"amount": 1, "reason": "A slip", "approval": APPROVAL}
        for method, what, body in (("POST", "cash", moved), ("PUT", "float", float_)):
            error = await evening.till.refused(409, method, f"{DAYS}/{DAY}/{what}", body)
            assert error["debugMessage"] == f"The business day {DAY} is closed"

    async def test_one_that_has_not_begun_neither(self, evening: Venue) -> None:
        body = {"type": "paid-out", "amount": 1, "reason": "Milk"}
        await evening.till.refused(404, "POST", f"{DAYS}/{NEXT}/cash", body)
        await evening.till.refused(400, "POST", f"{DAYS}/today/cash", body)

    async def test_yesterday_until_it_is_closed(self, evening: Venue) -> None:
        await at(evening, f"{NEXT} 09:00")
        assert (await move(evening, "to-safe", 9_000))["expected"] == 1_000
        assert (await report(evening, NEXT))["cash"]["expected"] == 0

    async def test_a_day_with_nothing_but_cash_must_be_closed_too(self, bistro: Venue) -> None:
        await at(bistro, f"{DAY} 19:00")
        await move(bistro, "paid-in", 500)
        await at(bistro, f"{NEXT} 19:00")
        words = f"The business day {DAY} is open; close it first"
        body = {"approval": APPROVAL}
        error = await bistro.till.refused(409, "POST", f"{DAYS}/{NEXT}/close", body)
        assert error["debugMessage"] == words
        assert DAY in [day["day"] for day in await bistro.till.ok("GET", DAYS)]


class TestADrawerForEachDevice:
    @pytest.fixture
    async def two_tills(self, evening: Venue) -> Venue:
        await execute(evening, "UPDATE venue SET has_drawer_per_device = true WHERE id = $1")
        return evening

    async def test_each_has_its_cash(self, two_tills: Venue) -> None:
        await take_cash(two_tills, "burger", device_id="bar")
        await take_cash(two_tills, "wine", device_id="door")
        await move(two_tills, "to-safe", 1_000, device_id="bar")
        await move(two_tills, "paid-in", 300, drawer="door")
        body = {"amount": 500, "reason": "Change", "drawer": "bar", "approval": APPROVAL}
        await two_tills.till.ok("PUT", f"{DAYS}/{DAY}/float", body)
        counted = [
            {"drawer": "bar", "countedCash": 750},
            {"drawer": "door", "countedCash": 1_090},
            {"drawer": "main", "countedCash": 10_000},
        ]
        body = {"approval": APPROVAL, "countedDrawers": counted}
        cash = (await two_tills.till.ok("POST", f"{DAYS}/{DAY}/close", body))["cash"]
        told = [named(one, "drawer", "expected", "difference") for one in cash["drawers"]]
        assert told == [
            {"drawer": "bar", "expected": 750, "difference": 0},
            {"drawer": "door", "expected": 1_095, "difference": -5},
            {"drawer": "main", "expected": 10_000, "difference": 0},
        ]
        assert named(cash, "expected", "counted") == {"expected": 11_845, "counted": 11_840}
        page = await two_tills.till.call("GET", f"{DAYS}/{DAY}/report?format=page")
        assert "<th>door</th>" in page.text

    async def test_counting_is_checked(self, two_tills: Venue) -> None:
        twice = [{"drawer": "bar", "countedCash": 1}, {"drawer": "bar", "countedCash": 2}]
        other = {"countedCash": 7, "countedDrawers": twice[:1]}
        for body in ({"countedDrawers": twice}, other):
            sent = {"approval": APPROVAL, **body}
            await two_tills.till.refused(400, "POST", f"{DAYS}/{DAY}/close", sent)

    async def test_else_there_is_one(self, evening: Venue) -> None:
        await take_cash(evening, "burger", device_id="bar")
        [drawer] = (await report(evening, DAY))["cash"]["drawers"]
        assert named(drawer, "drawer", "expected") == {"drawer": "main", "expected": 11_250}


async def test_a_manager_approves_what_moves_where_the_venue_wants_it(evening: Venue) -> None:
    await execute(evening, "UPDATE venue SET cash_needs_approval = true WHERE id = $1")
    moves = (("paid-in", 100), ("paid-out", 100), ("to-safe", 100), ("no-sale", 0))
    for kind, amount in moves:
        body = {"type": kind, "amount": amount, "reason": "Milk"}
        error = await evening.till.refused(403, "POST", f"{DAYS}/{DAY}/cash", body)
        assert error["debugMessage"] == f"Cash {kind}: a manager must approve"
        cash = await move(evening, kind, amount, approval=APPROVAL)
        assert cash["movements"][-1]["approvedBy"] == "Max"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"type": "no-sale", "amount": 5}, "amount"),
        ({"type": "paid-out", "amount": 0}, "amount"),
        ({"type": "paid-out"}, "amount"),
        ({"type": "stolen", "amount": 5}, "type"),
        ({"type": "paid-out", "amount": -5}, "amount"),
        ({"type": "paid-out", "amount": 5, "reason": ""}, "reason"),
    ],
)
async def test_what_is_refused(evening: Venue, body: Json, field: str) -> None:
    sent = {"reason": "Milk", **body}
    error = await evening.till.refused(400, "POST", f"{DAYS}/{DAY}/cash", sent)
    assert field in error["debugMessage"]


async def test_tips_in_cash_and_on_cards_stand_apart(evening: Venue) -> None:
    await take_cash(evening, "burger", tip=150)
    tab = await open_tab(evening, "wine", who=ANNA)
    await record(evening, tab.id, payment(795, 80))
    [anna] = (await report(evening, DAY))["waiters"]
    figures = named(anna, "waiterId", "tips", "cashTips", "cardTips", "otherTips")
    assert figures == {
        "waiterId": "anna",
        "tips": 230,
        "cashTips": 150,
        "cardTips": 80,
        "otherTips": 0,
    }
