"""A walk over ten thousand orders while others are being made among them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.support.orders import order
from tests.support.paging import backward, forward, ids
from tests.support.rows import make_orders
from tests.support.venues import Venue

PATH = "/v1/orders/search"
WRITERS = 3


@asynccontextmanager
async def others_being_made(venue: Venue) -> AsyncIterator[list[str]]:
    """The ids of orders that keep coming in the middle of those that were there, until the end."""
    made: list[str] = []
    done = asyncio.Event()

    async def keep_writing() -> None:
        while not done.is_set():
            made.append((await venue.ok("POST", "/v1/orders", order()))["id"])

    async with asyncio.TaskGroup() as writers:
        for _ in range(WRITERS):
            writers.create_task(keep_writing())
        try:
            yield made
        finally:
            done.set()


@pytest.mark.slow
async def test_every_order_that_was_there_is_seen_exactly_once(venue: Venue) -> None:
    there = await make_orders(venue, 10_000)
    async with others_being_made(venue) as others:
        pages = [found async for found in forward(venue, PATH, 100)]
        made_meanwhile = len(others)
        back = [found async for found in backward(venue, PATH, 100, pages[-1]["before"])]
    assert 0 < made_meanwhile < len(others), "others were made during both walks"

    for walked in (ids(*pages), ids(*reversed(back), pages[-1])):
        seen = Counter(walked)
        assert set(seen.values()) == {1}, "nothing twice"
        was_there = set(there)
        assert [order_id for order_id in walked if order_id in was_there] == there
        assert set(seen) - set(there) <= set(others), "nothing that nobody made"
