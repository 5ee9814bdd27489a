"""Values far outside reason are asked for again by a till, and `confirm` says they are meant."""

from typing import Any

import pytest

from tests.support.clock import freeze
from tests.support.counter import pay
from tests.support.orders import order, payment
from tests.support.pins import APPROVAL
from tests.support.tabs import TABS, at_till, open_tab
from tests.support.venues import Venue

Json = dict[str, Any]
PARTIES, RESERVATIONS = "/till/v1/parties", "/till/v1/reservations"
BOOKED = {
    "name": "Ada",
    "covers": 2,
    "tableIds": ["t1"],
    "startTime": "2026-11-25T19:00:00.000Z",
    "endTime": "2026-11-25T21:00:00.000Z",
}
VOUCHER = {"code": "GIFT-1", "amount": 50_000, "type": "cash"}
NEW_THINGS = [
    ("/till/v1/vouchers", VOUCHER, "amount is 50000, more than 25000"),
    (TABS, {"covers": 51}, "covers is 51, more than 50"),
    (
        TABS,
        {"collection": {"collectAt": "2062-11-25T18:00:00Z"}},
        "collection.collectAt is 2062-11-25T18:00+0000, more than 400 days ahead",
    ),
    (PARTIES, {"tableIds": ["t1"], "covers": 200}, "covers is 200, more than 50"),
    (
        PARTIES,
        {"tableIds": ["t1"], "covers": 2, "expectedEndTime": "2025-11-25T21:00:00Z"},
        "expectedEndTime is 2025-11-25T21:00+0000, more than a day ago",
    ),
    (RESERVATIONS, BOOKED | {"covers": 400}, "covers is 400, more than 50"),
    (
        RESERVATIONS,
        BOOKED | {"startTime": "2025-11-25T19:00:00Z"},
        "startTime is 2025-11-25T19:00+0000, more than a day ago",
    ),
    (
        RESERVATIONS,
        BOOKED | {"endTime": "2026-12-25T21:00:00Z"},
        "endTime is 2026-12-25T21:00+0000, more than a day after the start",
    ),
]


@pytest.fixture(autouse=True)
async def wednesday(bistro: Venue) -> None:
    await freeze(bistro, "2026-11-25T12:00+00:00")


async def asked_again(venue: Venue, method: str, path: str, body: Json, words: str) -> Json:
    """It is refused, changes nothing, keeps no key, and is done when it is confirmed."""
    sent = body | {"key": "till-1/1"}
    error = await venue.till.refused(409, method, path, sent)
    asked = f"{words}; if it is meant, send it again with confirm true"
    assert error["debugMessage"] == asked
    await venue.till.refused(409, method, path, sent | {"confirm": False})
    done: Json = await venue.till.ok(method, path, sent | {"confirm": True})
    return done


@pytest.mark.parametrize(("path", "body", "words"), NEW_THINGS)
async def test_what_is_new(bistro: Venue, path: str, body: Json, words: str) -> None:
    await asked_again(bistro, "POST", path, body, words)


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({"plu": "chips", "quantity": 101}, "items[0].quantity is 101, more than 100"),
        (
            {"plu": "burger", "modifiers": [{"plu": "cheese", "quantity": 500}]},
            "items[0].modifiers[0].quantity is 500, more than 100",
        ),
        (
            {"plu": "burger", "subItems": [{"plu": "milk", "quantity": 1000}]},
            "items[0].subItems[0].quantity is 1000, more than 100",
        ),
    ],
)
async def test_items(bistro: Venue, item: Json, words: str) -> None:
    tab = await open_tab(bistro)
    body = {"version": 1, "items": [item]}
    await asked_again(bistro, "POST", f"{tab.path}/items", body, words)


async def test_changes(bistro: Venue) -> None:
    tab = await open_tab(bistro, "chips")
    line = f"{tab.path}/items/{tab.lines[0]['id']}"
    body: dict[str, Any] = {"version": 2, "quantity": 900}
    await asked_again(bistro, "PUT", line, body, "quantity is 900, more than 100")
    body = {"version": 3, "covers": 99, "key": "till-1/2"}
    await bistro.till.refused(409, "PUT", tab.path, body)
    await bistro.till.ok("PUT", tab.path, body | {"confirm": True})
    party = await bistro.till.ok("POST", PARTIES, {"tableIds": ["t1"], "covers": 2})
    path = f"{PARTIES}/{party['id']}"
    await bistro.till.refused(409, "PUT", path, {"version": 1, "covers": 99})
    await bistro.till.ok("PUT", path, {"version": 1, "covers": 99, "confirm": True})
    booked = await bistro.till.ok("POST", RESERVATIONS, BOOKED)
    path, far = (
        f"{RESERVATIONS}/{booked['id']}",
        {"version": 1, "startTime": "2028-01-01T19:00:00Z"},
    )
    far |= {"endTime": "2028-01-01T21:00:00Z"}
    await bistro.till.refused(409, "PUT", path, far)
    await bistro.till.ok("PUT", path, far | {"confirm": True})


class TestTips:
    """A burger and chips: £17.00, so up to £20.00 of a tip is never asked for again."""

    async def test_with_a_payment(self, bistro: Venue) -> None:
        tab = await open_tab(bistro, "burger", "chips")
        body = {"version": 2, "type": "cash", "tip": 2_001}
        words = "tip is 2001, more than 2000 for an order of 1700"
        answer = await asked_again(bistro, "POST", f"{tab.path}/payments", body, words)
        assert answer["tips"] == 2_001

    async def test_alone_and_corrected(self, bistro: Venue) -> None:
        tab = await open_tab(bistro, "burger", "chips")
        paid = await pay(tab, tip=2_000)
        body = {"version": 3, "type": "cash", "amount": 50_000}
        words = "amount is 50000, more than 2000 for an order of 1700"
        await asked_again(bistro, "POST", f"{tab.path}/tips", body, words)
        body = {"version": 4, "tip": 20_000, "reason": "A slip", "approval": APPROVAL}
        path = f"{tab.path}/payments/{paid['id']}/tip"
        await bistro.till.refused(409, "POST", path, body)
        await bistro.till.ok("POST", path, body | {"confirm": True})

    async def test_half_of_a_large_order_is_within_reason(self, bistro: Venue) -> None:
        tab = await open_tab(bistro)
        await tab.do("items", items=[{"plu": "burger", "quantity": 100}])
        await pay(tab, amount=1_000, tip=62_500)
        await tab.refused(409, "payments", type="cash", amount=1_000, tip=62_501)

    async def test_dojo_is_not_asked(self, bistro: Venue) -> None:
        created = await bistro.ok("POST", "/v1/orders", order(1_000))
        body = payment(1_000, tips=900_000)
        await bistro.ok("POST", f"/v1/orders/{created['id']}/record-payment", body)
        assert (await at_till(bistro, created["id"])).shown["tips"] == 900_000


async def test_the_venue_says_what_is_outside(bistro: Venue) -> None:
    profile = await bistro.admin.ok("GET", "/till/v1/profile")
    assert profile["limits"] == {
        "tip": 2_000,
        "tipRate": 5_000,
        "quantity": 100,
        "covers": 50,
        "daysAhead": 400,
    }
    await bistro.admin.ok("PUT", "/till/v1/profile", profile | {"limits": {"covers": 8}})
    await bistro.till.refused(409, "POST", TABS, {"covers": 9})
    await bistro.till.ok("POST", TABS, {"covers": 8})
    changed = await bistro.admin.ok("GET", "/till/v1/profile")
    assert (changed["limits"]["covers"], changed["limits"]["tip"]) == (8, 2_000)


async def test_a_voucher_up_to_the_limit_is_sold_at_once(bistro: Venue) -> None:
    await bistro.till.ok("POST", "/till/v1/vouchers", VOUCHER | {"amount": 25_000})
