"""Many requests at once for what cannot be had, and another venue that is paid meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from epos.settings import Settings
from tests.support import meeting
from tests.support.orders import order, payment
from tests.support.patience import stood_still_since, take_refusals
from tests.support.venues import Venue

MOST_SECONDS = 1.0
"""What the other venue's slowest payment may take."""
CLIENTS = 12
SLOTS: int = Settings.model_fields["database_pool_size"].default
"""How many requests the server works on at a time."""
_PATIENCE_SECONDS = 30


async def made_order(venue: Venue, total: int = 100_000) -> str:
    order_id: str = (await venue.ok("POST", "/v1/orders", order(total)))["id"]
    return order_id


async def pay(venue: Venue, order_id: str) -> httpx.Response:
    take_refusals()
    return await venue.call("POST", f"/v1/orders/{order_id}/record-payment", payment(10))


class Watch:
    """The other venue's payments, one after the other, and how long each took."""

    def __init__(self, venue: Venue, order_id: str) -> None:
        self._venue = venue
        self._order_id = order_id
        self.seconds: list[float] = []

    async def run(self) -> None:
        while True:
            began = time.perf_counter()
            answer = await pay(self._venue, self._order_id)
            assert answer.status_code == 200, answer.text
            self.seconds.append(time.perf_counter() - began)
            await asyncio.sleep(0.05)


@asynccontextmanager
async def watched(venue: Venue) -> AsyncIterator[Watch]:
    watch, began = Watch(venue, await made_order(venue)), time.monotonic()
    running = asyncio.create_task(watch.run())
    yield watch
    if running.done():
        await running  # a payment failed
    running.cancel()
    assert watch.seconds
    assert max(watch.seconds) < MOST_SECONDS or stood_still_since(began)


@asynccontextmanager
async def locked(venue: Venue, *ids: str, table: str = "customer_order") -> AsyncIterator[None]:
    """The rows of these orders, or of another table, are locked by somebody else."""
    async with venue.database.connection() as connection, connection.transaction():
        await connection.execute(
            f"SELECT FROM {table} WHERE venue_id = $1 AND id = ANY($2) FOR UPDATE",
            venue.id,
            list(ids),
        )
        yield


async def until_waiting(venue: Venue, backends: int) -> None:
    """So many transactions wait for a lock."""
    async with venue.database.connection() as watcher:
        await meeting.until_waiting(watcher, backends)


async def until_nobody_waits(venue: Venue) -> None:
    """PostgreSQL has ended every transaction that waited for a lock."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while await waiting(venue):
            await asyncio.sleep(0.01)


async def waiting(venue: Venue) -> int:
    """How many transactions on this database wait for a lock."""
    async with venue.database.connection() as watcher:
        return await meeting.waiting(watcher)
