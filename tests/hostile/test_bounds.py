"""One venue sends what is far too large; another on the same server goes on working."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.support.neighbours import undisturbed
from tests.support.orders import order, payment
from tests.support.venues import SECRET, Venue, client_at

Json = dict[str, Any]
JSON = {"content-type": "application/json"}


async def test_ten_orders_of_eight_thousand_payments_each(venue: Venue, other_venue: Venue) -> None:
    body = json.dumps(order(8_000, [payment(1) for _ in range(8_000)]))
    await undisturbed(other_venue, ten(venue, body, "payments must have at most 100 elements"))


def ten(venue: Venue, body: str, words: str) -> Callable[[], Awaitable[None]]:
    """Ten such bodies at once, each of them refused with these words."""

    async def send() -> None:
        answers = await asyncio.gather(*(sent(venue, body) for _ in range(10)))
        assert {error["debugMessage"] for error in answers} == {words}

    return send


async def sent(venue: Venue, body: str) -> Json:
    """The error that a body gets. Nothing else is done with it here: this process measures."""
    async with client_at(venue.target, auth=(f"{venue.id}.dojo", SECRET)) as client:
        answer = await client.post("/v1/orders", content=body, headers=JSON)
    assert answer.status_code == 400, answer.text
    error: Json = answer.json()
    return error


@pytest.mark.parametrize("part", ["[],", "{},", "1,", '"a",', '"\\u0041",', "[[[[[]]]]],"])
async def test_bodies_of_nothing_but_small_values(
    venue: Venue, other_venue: Venue, part: str
) -> None:
    body = '{"items": [' + part * (1_000_000 // len(part)) + "1]}"

    async def attack() -> None:
        errors = await asyncio.gather(*(sent(venue, body) for _ in range(10)))
        assert len({error["debugMessage"] for error in errors}) == 1

    await undisturbed(other_venue, attack)


async def test_the_largest_order_that_is_taken(venue: Venue, other_venue: Venue) -> None:
    line = order(0)["items"][0] | {"note": "x" * 300}
    body = order(0) | {"items": [line] * 2_000}
    text = json.dumps(body)
    auth = (f"{venue.id}.dojo", SECRET)

    async def attack() -> None:
        async with client_at(venue.target, auth) as client:
            for _ in range(5):
                answer = await client.post("/v1/orders", content=text, headers=JSON)
                assert answer.status_code == 200, answer.text

    await undisturbed(other_venue, attack)


async def test_a_kitchen_ticket_as_long_as_it_may_be(venue: Venue, other_venue: Venue) -> None:
    huge = order(900) | {"note": "x" * 450_000}
    error = await venue.refused(400, "POST", "/v1/orders", huge)
    assert error["debugMessage"].startswith("note must be text of at most 10000 characters")
    body = order(900)
    line = body["items"][0] | {"note": "no onions, " * 900}
    made = await venue.ok("POST", "/v1/orders", body | {"items": [line] * 50})
    auth = (f"{venue.id}.till", SECRET)

    async def attack() -> None:
        async with client_at(venue.target, auth) as client:
            for _ in range(5):
                ticket = await client.get(f"/till/v1/tabs/{made['id']}/kitchen-ticket")
                assert ticket.status_code == 200

    await undisturbed(other_venue, attack)


async def test_a_page_of_large_orders_has_fewer_than_its_limit(venue: Venue) -> None:
    body = order(900)
    line = body["items"][0] | {"note": "x" * 10_000}
    made = []
    for _ in range(3):
        large = order(900) | {"items": [line] * 50}
        made.append((await venue.ok("POST", "/v1/orders", large))["id"])
    found: list[str] = []
    cursor: Json = {}
    pages = 0
    while True:
        page = await venue.ok("POST", "/v1/orders/search", {"cursor": cursor})
        found += [one["id"] for one in page["data"]]
        pages += 1
        if "after" not in page:
            break
        cursor = {"after": page["after"]}
    assert found == made[::-1]
    assert pages == 2
