"""Business days: what is reported, when a day ends, and that a closed one never changes."""

from typing import Any

import pytest

from tests.support.days import DAYS, at, close, report
from tests.support.orders import event, gbp, order, payment
from tests.support.pins import APPROVAL, WAITER_PIN
from tests.support.recording import hear, open_order, record
from tests.support.rows import execute, fetch, make_tab
from tests.support.tabs import open_tab
from tests.support.venues import Venue

Json = dict[str, Any]
WEDNESDAY, THURSDAY, FRIDAY = "2026-11-25", "2026-11-26", "2026-11-27"


@pytest.fixture
async def evening(venue: Venue) -> Venue:
    """A venue on a Wednesday evening."""
    await at(venue, f"{WEDNESDAY} 19:00")
    return venue


async def test_a_day_of_orders_and_card_payments(evening: Venue) -> None:
    tax_lines = [{"name": "VAT", "amountPercentage": 2000, "amountTotal": gbp(1500)}]
    dinner = await open_order(
        evening,
        10_000,
        serviceChargeAmount=gbp(1_000),
        taxLines=tax_lines,
        dine_in={"tableId": "t1", "waiterId": "anna"},
    )
    await record(evening, dinner, payment(6_000, 500))
    sent_back = payment(4_000, 100)
    await record(evening, dinner, sent_back)
    await hear(evening, sent_back, "Reversed")
    told = await report(evening, WEDNESDAY)
    assert (told["orders"], told["sales"], told["isClosed"]) == (1, 10_000, False)
    assert told["dojoOrders"] == {
        "orders": 1,
        "amount": 9_000,
        "vat": [{"vatRate": 2000, "vat": 1_500}],
    }
    assert told["serviceCharge"] == [{"amount": 1_000}]
    assert told["takings"] == [
        {"source": "dojo", "payments": 2, "paid": 10_000, "tips": 600}
        | {"ended": 1, "paidBack": 4_000, "tipsBack": 100, "total": 6_500, "partlyRefunded": 0}
    ]
    assert told["waiters"] == [
        {"waiterId": "anna", "name": "Anna", "tips": 500, "serviceCharge": 1_000}
        | {"cashTips": 0, "cardTips": 500, "otherTips": 0}
    ]
    ended = told["endedPayments"][0]
    assert (ended["status"], ended["paid"], ended["ofDay"]) == ("reversed", 4_000, WEDNESDAY)
    assert [left["balance"] for left in told["openOrders"]["orders"]] == [4_000]
    assert told["reconciliation"] == {
        "owedAtStart": 0,
        "sales": 10_000,
        "takings": 6_000,
        "owedAtEnd": 4_000,
        "since": 0,
        "ordersOwe": 4_000,
        "difference": 0,
        "ledgerDifference": 0,
    }


async def test_what_ends_later_counts_on_the_day_it_is_heard(evening: Venue) -> None:
    paid = payment(5_000, 200)
    await record(evening, await open_order(evening, 5_000), paid)
    wednesday = await close(evening, WEDNESDAY)
    await at(evening, f"{THURSDAY} 12:00")
    await hear(evening, paid, "Refunded")
    thursday = await report(evening, THURSDAY)
    assert thursday["sales"] == 0
    assert thursday["takings"][0]["total"] == -5_200
    assert thursday["endedPayments"][0]["ofDay"] == WEDNESDAY
    assert thursday["reconciliation"]["owedAtEnd"] == 5_000
    assert await report(evening, WEDNESDAY) == wednesday


async def test_a_closed_day_is_closed_for_good(evening: Venue) -> None:
    await open_order(evening, 5_000)
    closed = await close(evening, WEDNESDAY, counted=123)
    assert (closed["isClosed"], closed["closedBy"], closed["cash"]["counted"]) == (True, "max", 123)
    await record(evening, await open_order(evening, 700), payment(700))
    assert await close(evening, WEDNESDAY, counted=999) == closed
    assert await report(evening, WEDNESDAY) == closed
    next_day = await report(evening, THURSDAY)
    assert (next_day["sales"], next_day["reconciliation"]["takings"]) == (700, 700)
    assert next_day["reconciliation"]["owedAtStart"] == 5_000


async def test_days_are_closed_in_their_order(evening: Venue) -> None:
    await close(evening, WEDNESDAY)
    await at(evening, f"{THURSDAY} 12:00")
    await open_order(evening, 100)
    await at(evening, "2026-11-29 12:00")
    await open_order(evening, 200)
    body = {"approval": APPROVAL}
    error = await evening.till.refused(409, "POST", f"{DAYS}/2026-11-29/close", body)
    assert error["debugMessage"] == f"The business day {THURSDAY} is open; close it first"
    thursday = await close(evening, THURSDAY)
    assert (thursday["sales"], thursday["reconciliation"]["since"]) == (100, 200)
    sunday = await close(evening, "2026-11-29")
    assert sunday["reconciliation"]["owedAtStart"] == 100
    days = await evening.till.ok("GET", DAYS)
    assert [day["day"] for day in days if day["isClosed"]] == ["2026-11-29", THURSDAY, WEDNESDAY]


async def test_the_first_day_to_be_closed_is_the_first_that_holds_anything(evening: Venue) -> None:
    await open_order(evening, 100)
    await at(evening, f"{FRIDAY} 12:00")
    await open_order(evening, 200)
    body = {"approval": APPROVAL}
    error = await evening.till.refused(409, "POST", f"{DAYS}/{FRIDAY}/close", body)
    assert error["debugMessage"] == f"The business day {WEDNESDAY} is open; close it first"
    await close(evening, WEDNESDAY)
    friday = await close(evening, FRIDAY)
    assert (friday["sales"], friday["reconciliation"]["owedAtStart"]) == (200, 100)


async def test_a_day_that_has_not_begun_is_not_closed(evening: Venue) -> None:
    body = {"approval": APPROVAL}
    error = await evening.till.refused(409, "POST", f"{DAYS}/{THURSDAY}/close", body)
    assert error["debugMessage"] == f"The business day {THURSDAY} has not begun; it is {WEDNESDAY}"
    await close(evening, WEDNESDAY)
    await evening.till.refused(409, "POST", f"{DAYS}/{THURSDAY}/close", body)
    await evening.till.ok("GET", f"{DAYS}/{THURSDAY}/report")
    await evening.till.refused(404, "GET", f"{DAYS}/{FRIDAY}/report")


async def test_a_night_belongs_to_the_evening_before(evening: Venue) -> None:
    await at(evening, f"{THURSDAY} 03:59")
    await open_order(evening, 100)
    await at(evening, f"{THURSDAY} 04:00")
    await open_order(evening, 200)
    assert (await report(evening, WEDNESDAY))["sales"] == 100
    assert (await report(evening, THURSDAY))["sales"] == 200


async def test_the_cash_drawer(evening: Venue) -> None:
    opened = await evening.till.ok(
        "POST", f"{DAYS}/open", {"openingFloat": 10_000}, waiter_id="anna"
    )
    assert (opened["day"], opened["openedBy"], opened["openingFloat"]) == (
        WEDNESDAY,
        "anna",
        10_000,
    )
    await make_tab(evening, 3_000, paid=2_000)
    closed = await close(evening, WEDNESDAY, counted=11_950)
    cash = closed["cash"]
    assert {name: cash[name] for name in cash if name not in ("drawers", "movements")} == {
        "float": 10_000,
        "takings": 2_000,
        "paidIn": 0,
        "paidOut": 0,
        "toSafe": 0,
        "openingFloat": 10_000,
        "taken": 2_000,
        "givenBack": 0,
        "expected": 12_000,
        "counted": 11_950,
        "difference": -50,
    }


async def test_opening_a_day_twice(evening: Venue) -> None:
    first = await evening.till.ok("POST", f"{DAYS}/open", {"openingFloat": 500})
    assert await evening.till.ok("POST", f"{DAYS}/open", {"openingFloat": 500}) == first
    error = await evening.till.refused(409, "POST", f"{DAYS}/open", {})
    assert error["debugMessage"] == f"The day {WEDNESDAY} was opened with a float of 500"
    trail = await fetch(evening, "SELECT action FROM audit_entry WHERE venue_id = $1")
    assert [entry["action"] for entry in trail] == ["day.opened"]


async def test_a_canceled_order_is_no_sale_and_its_payment_is_owed_back(evening: Venue) -> None:
    paid = payment(2_000)
    order_id = await open_order(evening, 2_000, payments=[paid])
    await evening.ok("DELETE", f"/v1/orders/{order_id}")
    told = await report(evening, WEDNESDAY)
    assert (told["sales"], told["orders"]) == (0, 0)
    assert told["openOrders"]["orders"][0]["balance"] == -2_000
    assert told["reconciliation"]["ordersOwe"] == -2_000
    await hear(evening, paid, "Refunded")
    assert (await report(evening, WEDNESDAY))["reconciliation"]["ordersOwe"] == 0


async def test_a_void_stays_in_its_day_when_the_tab_is_canceled_later(bistro: Venue) -> None:
    await at(bistro, f"{WEDNESDAY} 19:00")
    tab = await open_tab(bistro, "burger", "wine")
    wine = tab.shown["lines"][1]["id"]
    await tab.do("void", lineId=wine, reason="Corked", approval=APPROVAL)
    voids = [{"category": "Drinks", "vatRate": 2000, "count": 1, "amount": 795}]
    assert (await report(bistro, WEDNESDAY))["voids"] == voids
    await at(bistro, f"{THURSDAY} 12:00")
    await tab.do("cancel", reason="They left")
    wednesday, thursday = await report(bistro, WEDNESDAY), await report(bistro, THURSDAY)
    assert (wednesday["sales"], wednesday["voids"]) == (1_250, voids)
    assert (thursday["sales"], thursday["voids"]) == (-1_250, [])


async def test_a_refund_that_an_older_version_only_noted_stands_beside_the_takings(
    evening: Venue,
) -> None:
    paid = payment(2_000)
    await record(evening, await open_order(evening, 2_000), paid)
    await at(evening, f"{THURSDAY} 12:00")
    await execute(
        evening,
        "UPDATE payment SET refunded_amount = 300 WHERE venue_id = $1 AND payment_intent_id = $2",
        paid["paymentIntentId"],
    )
    thursday = await report(evening, THURSDAY)
    part = thursday["partialRefunds"][0]
    assert (part["amount"], part["ofDay"]) == (300, WEDNESDAY)
    assert (thursday["takings"][0]["partlyRefunded"], thursday["takings"][0]["total"]) == (300, 0)
    await hear(evening, paid, "Refunded")
    thursday = await report(evening, THURSDAY)
    assert (thursday["takings"][0]["partlyRefunded"], thursday["takings"][0]["total"]) == (
        0,
        -2_000,
    )


async def test_only_a_manager_closes_a_day(evening: Venue) -> None:
    body = {"approval": {"waiterId": "anna", "pin": WAITER_PIN}}
    await evening.till.refused(403, "POST", f"{DAYS}/{WEDNESDAY}/close", body)
    assert (await report(evening, WEDNESDAY))["isClosed"] is False


@pytest.mark.parametrize(
    "day",
    [
        "2026-02-30",
        "today",
        "20261125",
        "2026-11-25T00:00:00Z",
        "２０２６-11-25",
        "0001-01-01",
        "9999-12-31",
    ],
)
async def test_what_is_no_date_is_refused(evening: Venue, day: str) -> None:
    for method, path, body in (
        ("GET", f"{DAYS}/{day}/report", None),
        ("POST", f"{DAYS}/{day}/close", {"approval": APPROVAL}),
    ):
        error = await evening.till.refused(400, method, path, body)
        assert error["debugMessage"] == "day must be a date such as 2026-11-25"


async def test_who_may(evening: Venue) -> None:
    for path in (DAYS, f"{DAYS}/{WEDNESDAY}/report"):
        await evening.admin.ok("GET", path)
        await evening.refused(403, "GET", path)
    await evening.admin.refused(403, "POST", f"{DAYS}/{WEDNESDAY}/close", {"approval": APPROVAL})


async def test_another_venues_day(evening: Venue, other_venue: Venue) -> None:
    await at(other_venue, f"{WEDNESDAY} 19:00")
    await record(evening, await open_order(evening, 500), payment(500, 50))
    await close(evening, WEDNESDAY)
    told = await report(other_venue, WEDNESDAY)
    assert (told["sales"], told["takings"], told["isClosed"]) == (0, [], False)


async def test_an_event_is_all_that_a_day_may_hear(evening: Venue) -> None:
    """A payment and its end on two days of which nobody closed any."""
    body = order(800, [payment(800, intent="pi_kept")])
    await evening.ok("POST", "/v1/orders", body)
    await at(evening, f"{FRIDAY} 12:00")
    await evening.ok("POST", "/v1/events", event("pi_kept", "Canceled"))
    days = await evening.till.ok("GET", DAYS)
    assert [(day["day"], day["isCurrent"]) for day in days] == [(FRIDAY, True), (WEDNESDAY, False)]
    wednesday, friday = await report(evening, WEDNESDAY), await report(evening, FRIDAY)
    assert wednesday["reconciliation"]["owedAtEnd"] == 0
    assert friday["reconciliation"]["owedAtEnd"] == 800
