"""One venue sends what is far too large; another on the same server goes on working."""

import asyncio
import time
from typing import Any

from tests.support.orders import order, payment
from tests.support.venues import Venue

Json = dict[str, Any]
MOST_SECONDS = 5.0
"""What the other venue's slowest request may take on a machine that runs other tests at the same time."""


async def slowest(venue: Venue, until: asyncio.Event) -> float:
    """The slowest of another venue's requests, one after the other; each must succeed."""
    found = 0.0
    while not until.is_set():
        started = time.perf_counter()
        await venue.ok("GET", "/v1/areas")
        found = max(found, time.perf_counter() - started)
        await asyncio.sleep(0.02)
    return found


async def test_ten_orders_of_eight_thousand_payments_each(venue: Venue, other_venue: Venue) -> None:
    finished = asyncio.Event()
    watch = asyncio.create_task(slowest(other_venue, finished))
    bodies = [order(8_000, [payment(1) for _ in range(8_000)]) for _ in range(10)]
    errors = await asyncio.gather(
        *(venue.refused(400, "POST", "/v1/orders", body) for body in bodies)
    )
    finished.set()
    assert {error["debugMessage"] for error in errors} == {
        "payments must have at most 100 elements"
    }
    assert await watch < MOST_SECONDS


async def test_a_kitchen_ticket_as_long_as_it_may_be(venue: Venue, other_venue: Venue) -> None:
    huge = order(900) | {"note": "x" * 450_000}
    error = await venue.refused(400, "POST", "/v1/orders", huge)
    assert error["debugMessage"].startswith("note must be text of at most 10000 characters")
    body = order(900)
    line = body["items"][0] | {"note": "no onions, " * 900}
    made = await venue.ok("POST", "/v1/orders", body | {"items": [line] * 50})
    finished = asyncio.Event()
    watch = asyncio.create_task(slowest(other_venue, finished))
    for _ in range(5):
        ticket = await venue.till.call("GET", f"/till/v1/tabs/{made['id']}/kitchen-ticket")
        assert ticket.status_code == 200
    finished.set()
    assert await watch < MOST_SECONDS


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
