"""SearchOrders: what each filter finds, and how pages hang together."""

import itertools
from typing import Any

import pytest

from tests.support.floor import book, seat
from tests.support.orders import order, payment
from tests.support.paging import backward, forward, ids, page
from tests.support.rows import execute, make_orders
from tests.support.venues import Venue

Json = dict[str, Any]
PATH = "/v1/orders/search"

WAITERS_OF_TABLE = {"t3": {"ben"}}
WAITERS_OF_AREA = {"t1": {"anna"}, "t2": {"anna"}, "t10": {"anna"}}  # the terrace has none


async def create(venue: Venue, body: Json) -> str:
    order_id: str = (await venue.ok("POST", "/v1/orders", body))["id"]
    return order_id


async def a_full_house(venue: Venue) -> tuple[str, str]:
    """Orders of all kinds; the ids of a party and of a reservation that some are for."""
    party_id: str = (await seat(venue, "t1", "p1"))["id"]
    booking: str = (await book(venue, "t3"))["id"]
    places: list[Json] = [
        {"tableId": "t1"},
        {"tableId": "t1", "waiterId": "cleo"},
        {"tableId": "t3"},
        {"tableId": "t3", "waiterId": "anna"},
        {"tableId": "t3", "reservationId": booking},
        {"tableId": "t10"},
        {"tableId": "p1"},
        {"tableId": "p2", "waiterId": "ben", "partyId": party_id},
        {"waiterId": "ben", "reservationId": booking, "partyId": party_id},
        {},
    ]
    for place in places:
        await create(venue, order(1_000, dine_in=place))
        await create(venue, order(1_000, [payment(1_000)], dine_in=place))
        canceled = await create(venue, order(1_000, dine_in=place))
        await venue.ok("DELETE", f"/v1/orders/{canceled}")
    await create(venue, order(1_000))
    return party_id, booking


def assigned(place: Json) -> set[str]:
    """The order's own waiter, else its table's, else its area's."""
    if "waiterId" in place:
        return {place["waiterId"]}
    table = place.get("tableId", "")
    return WAITERS_OF_TABLE.get(table) or WAITERS_OF_AREA.get(table) or set()


def matches(found: Json, wanted: Json) -> bool:
    place = found["details"].get("dineIn", {})
    return all(
        value in assigned(place) if field == "waiterId" else place.get(field) == value
        for field, value in wanted.get("dineIn", {}).items()
    ) and (found["payable"] or not wanted.get("payableOnly"))


async def test_every_filter_alone_and_with_every_other(venue: Venue) -> None:
    party_id, booking = await a_full_house(venue)
    everything = (await venue.ok("POST", PATH, {}))["data"]
    assert len(everything) == 31
    options = {
        "tableId": (None, "t1", "t3", "nowhere"),
        "waiterId": (None, "anna", "ben", "cleo", "max"),
        "partyId": (None, party_id),
        "reservationId": (None, booking),
    }
    for values in itertools.product(*options.values()):
        dine_in = {field: value for field, value in zip(options, values, strict=True) if value}
        for payable in ({}, {"payableOnly": False}, {"payableOnly": True}):
            wanted = {"dineIn": dine_in} | payable
            expected = [one for one in everything if matches(one, wanted)]
            assert (await venue.ok("POST", PATH, wanted))["data"] == expected, wanted


async def test_the_newest_is_first(venue: Venue) -> None:
    created = [await create(venue, order()) for _ in range(5)]
    assert ids(await page(venue, PATH)) == created[::-1]


async def test_orders_of_one_instant_have_an_order_too(venue: Venue) -> None:
    await execute(venue, "UPDATE venue SET clock_frozen_at = now() WHERE id = $1")
    created = {await create(venue, order()) for _ in range(7)}
    pages = [found async for found in forward(venue, PATH, 2)]
    assert [len(found["data"]) for found in pages] == [2, 2, 2, 1]
    assert set(ids(*pages)) == created


async def test_an_empty_venue_has_one_empty_page(venue: Venue) -> None:
    assert await venue.ok("POST", PATH, {}) == {"data": []}


@pytest.mark.parametrize("nothing", [{}, {"cursor": None}, {"cursor": {}}, {"dineIn": None}])
async def test_a_page_has_fifty_unless_told(venue: Venue, nothing: Json) -> None:
    made = await make_orders(venue, 51)
    first = await venue.ok("POST", PATH, nothing)
    assert ids(first) == made[:50]
    assert set(first) == {"data", "after"}


@pytest.mark.parametrize("limit", [0, 101, -1, "10", 1.5, True])
async def test_a_limit_out_of_bounds_is_named(venue: Venue, limit: object) -> None:
    error = await venue.refused(400, "POST", PATH, {"cursor": {"limit": limit}})
    assert error["debugMessage"].startswith("cursor.limit ")


class TestWalking:
    async def test_there_and_back_again(self, venue: Venue) -> None:
        made = await make_orders(venue, 23)
        there = [found async for found in forward(venue, PATH, 5)]
        assert ids(*there) == made
        assert ["before" in found for found in there] == [False, True, True, True, True]
        assert ["after" in found for found in there] == [True, True, True, True, False]
        back = [found async for found in backward(venue, PATH, 5, there[-1]["before"])]
        assert ids(*reversed(back)) == made[:20]
        assert all("after" in found for found in back)
        assert "before" not in back[-1]

    async def test_steps_may_change_their_length_and_direction(self, venue: Venue) -> None:
        made = await make_orders(venue, 20)
        first = await page(venue, PATH, limit=3)
        second = await page(venue, PATH, limit=10, after=first["after"])
        assert ids(second) == made[3:13]
        assert ids(await page(venue, PATH, limit=2, before=second["before"])) == made[1:3]
        assert ids(await page(venue, PATH, limit=100, before=second["before"])) == made[:3]

    async def test_with_a_filter(self, venue: Venue) -> None:
        made = await make_orders(venue, 30)
        for order_id in made[::2]:
            await venue.ok("DELETE", f"/v1/orders/{order_id}")
        payable = {"payableOnly": True}
        pages = [found async for found in forward(venue, PATH, 4, payable)]
        assert ids(*pages) == made[1::2]

    async def test_what_comes_in_front_is_reached_backwards(self, venue: Venue) -> None:
        older = [await create(venue, order()) for _ in range(4)][::-1]
        second = await page(venue, PATH, limit=2, after=(await page(venue, PATH, limit=2))["after"])
        newer = [await create(venue, order()) for _ in range(3)][::-1]
        back = [found async for found in backward(venue, PATH, 2, second["before"])]
        assert ids(*reversed(back)) == newer + older[:2]

    async def test_a_place_stays_when_what_was_there_no_longer_matches(self, venue: Venue) -> None:
        made = await make_orders(venue, 6)
        payable = {"payableOnly": True}
        first = await page(venue, PATH, payable, limit=2)
        for order_id in made[1:3]:
            await venue.ok("DELETE", f"/v1/orders/{order_id}")
        assert ids(await page(venue, PATH, payable, after=first["after"])) == made[3:]


class TestCursors:
    async def test_belong_to_their_venue(self, venue: Venue, other_venue: Venue) -> None:
        for one in (venue, other_venue):
            await make_orders(one, 3)
        after = (await page(venue, PATH, limit=1))["after"]
        error = await other_venue.refused(400, "POST", PATH, {"cursor": {"after": after}})
        assert error["debugMessage"].startswith("cursor.after ")

    @pytest.mark.parametrize(
        "filters",
        [
            {"payableOnly": True},
            {"dineIn": {"tableId": "t1"}},
            {"dineIn": {"waiterId": "anna"}},
            {"dineIn": {"partyId": "p"}},
            {"dineIn": {"reservationId": "r"}},
        ],
    )
    async def test_belong_to_their_filters(self, venue: Venue, filters: Json) -> None:
        await make_orders(venue, 3)
        after = (await page(venue, PATH, limit=1))["after"]
        await venue.refused(400, "POST", PATH, filters | {"cursor": {"after": after}})

    async def test_belong_to_their_search(self, venue: Venue) -> None:
        after = (await page(venue, "/v1/tables/search", limit=1))["after"]
        await venue.refused(400, "POST", PATH, {"cursor": {"after": after}})

    async def test_point_one_way(self, venue: Venue) -> None:
        await make_orders(venue, 3)
        middle = await page(venue, PATH, limit=1, after=(await page(venue, PATH, limit=1))["after"])
        both = {"before": middle["before"], "after": middle["after"]}
        error = await venue.refused(400, "POST", PATH, {"cursor": both})
        assert error["debugMessage"].startswith("cursor.before ")

    @pytest.mark.parametrize("broken", ["", "x", "bm9wZQ", "W10", "é", "null", "A" * 5_000])
    async def test_are_not_made_up(self, venue: Venue, broken: str) -> None:
        for side in ("before", "after"):
            error = await venue.refused(400, "POST", PATH, {"cursor": {side: broken}})
            assert error["debugMessage"].startswith(f"cursor.{side} ")
