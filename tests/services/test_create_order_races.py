"""Many CreateOrders at the same instant."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from tests.support.floor import party, reservation
from tests.support.orders import gbp, order, payment, unique
from tests.support.rows import fetch
from tests.support.venues import Venue

Json = dict[str, Any]
MANY = 100


async def at_once(venue: Venue, bodies: Sequence[Json]) -> list[httpx.Response]:
    answers = await asyncio.gather(*(venue.call("POST", "/v1/orders", body) for body in bodies))
    assert not [answer.text for answer in answers if answer.status_code >= 500]
    return list(answers)


def statuses(answers: Sequence[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


async def orders_of(venue: Venue) -> list[Json]:
    found: list[Json] = (await venue.ok("POST", "/v1/orders/search", {}))["data"]
    return found


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(order(2_000), id="unpaid"),
        pytest.param(order(2_000, [payment(500, 50), payment(1_000)]), id="with payments"),
        pytest.param(order(2_000, [{"paidAmount": gbp(500)}]), id="with cash"),
        pytest.param(order(2_000, dine_in={"tableId": "t1"}), id="at a table"),
    ],
)
async def test_a_hundred_times_the_same_is_one_order(venue: Venue, body: Json) -> None:
    answers = await at_once(venue, [body] * MANY)
    assert statuses(answers) == {200: MANY}
    (made,) = await orders_of(venue)
    assert all(answer.json() == made for answer in answers)
    ledger = await fetch(venue, "SELECT id FROM payment WHERE venue_id = $1")
    assert len(ledger) == len(body["payments"])
    assert len(await fetch(venue, "SELECT id FROM audit_entry WHERE venue_id = $1")) == 1


async def test_of_a_hundred_contents_under_one_key_one_wins(venue: Venue) -> None:
    key = unique("dojo-order")
    answers = await at_once(venue, [order(1_000 + n, dojo_order_id=key) for n in range(MANY)])
    assert statuses(answers) == {200: 1, 409: MANY - 1}
    (winner,) = (answer.json() for answer in answers if answer.status_code == 200)
    assert await orders_of(venue) == [winner]


async def test_two_contents_fifty_times_each_are_one_content(venue: Venue) -> None:
    key = unique("dojo-order")
    either = [order(total, dojo_order_id=key) for total in (1_000, 2_000)]
    answers = await at_once(venue, either * (MANY // 2))
    assert statuses(answers) == {200: MANY // 2, 409: MANY // 2}
    (made,) = await orders_of(venue)
    for index, answer in enumerate(answers):
        wins = either[index % 2]["totalAmount"] == made["totalAmount"]
        assert answer.status_code == (200 if wins else 409)


async def test_one_intent_pays_one_of_many_orders(venue: Venue) -> None:
    """And intents named in different orders lock nobody out: no deadlock is ever answered."""
    shared = [payment(100, intent=unique("pi")) for _ in range(3)]
    bodies = [order(1_000, shared if n % 2 else shared[::-1]) for n in range(MANY)]
    answers = await at_once(venue, bodies)
    assert statuses(answers) == {200: 1, 409: MANY - 1}
    (made,) = await orders_of(venue)
    assert made["paidAmount"]["value"] == 300


async def test_two_venues_with_one_key_do_not_meet(venue: Venue, other_venue: Venue) -> None:
    body = order(2_000)
    answers, others = await asyncio.gather(
        at_once(venue, [body] * 20), at_once(other_venue, [body | {"note": "other"}] * 20)
    )
    assert statuses(answers) == statuses(others) == {200: 20}
    ours, theirs = await orders_of(venue), await orders_of(other_venue)
    assert len(ours) == len(theirs) == 1
    assert ours[0]["id"] != theirs[0]["id"]


async def test_references_of_open_orders_stay_apart(venue: Venue) -> None:
    await at_once(venue, [order(n) for n in range(MANY)])
    found = (await venue.ok("POST", "/v1/orders/search", {"cursor": {"limit": 100}}))["data"]
    assert len({one["reference"] for one in found}) == MANY


async def test_orders_come_while_their_guests_are_seated_and_leave(venue: Venue) -> None:
    """Whatever the timing: an order at a table is its party's, or it came when nobody sat there."""
    booking = (await venue.ok("POST", "/v1/reservations", reservation("t1")))["id"]

    async def guests() -> None:
        for _ in range(5):
            body = party("t1", "t2", reservationId=booking)
            party_id = (await venue.ok("POST", "/v1/parties", body))["id"]
            await venue.ok("DELETE", f"/v1/parties/{party_id}")

    places = [{"tableId": "t1"}, {"tableId": "t2"}, {"reservationId": booking}]
    bodies = [order(100, dine_in=places[n % 3]) for n in range(60)]
    _, answers = await asyncio.gather(guests(), at_once(venue, bodies))
    assert statuses(answers) == {200: 60}
    strays = await fetch(
        venue,
        """SELECT o.id FROM customer_order o JOIN party p ON p.venue_id = o.venue_id AND p.id = o.party_id
           WHERE o.venue_id = $1 AND NOT p.is_live""",
    )
    assert strays == [], "no open order belongs to guests who were deleted"
