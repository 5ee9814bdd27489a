"""A worker is lost, a venue moves: what the venues see, and what is there afterwards."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import asyncpg
import pytest

from epos.store import placement
from epos.store.database import Database
from epos.store.placement import Place
from tests.support.application import Application, running_application
from tests.support.cluster import OwnCluster, distributed_database
from tests.support.orders import order
from tests.support.venues import Venue, make_venue

pytestmark = [pytest.mark.citus, pytest.mark.slow]


@pytest.fixture(scope="module")
def url(cluster: OwnCluster) -> Iterator[str]:
    with distributed_database(cluster.nodes, "nodes") as url:
        yield url


@pytest.fixture
async def application(url: str) -> AsyncIterator[Application]:
    async with running_application(url) as application:
        yield application


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    yield database
    await database.close()


async def place_of(url: str, venue: Venue) -> Place:
    connection = await asyncpg.connect(url)
    try:
        return await placement.place_of(connection, venue.id)
    finally:
        await connection.close()


@pytest.fixture
async def two_venues(
    url: str, application: Application, database: Database
) -> AsyncIterator[tuple[Venue, Venue]]:
    """One on each worker."""
    async with AsyncExitStack() as venues:
        by_port: dict[int, Venue] = {}
        while len(by_port) < 2:
            venue = await venues.enter_async_context(make_venue(database, application))
            by_port.setdefault((await place_of(url, venue)).port, venue)
        yield by_port[min(by_port)], by_port[max(by_port)]


class Trade:
    """Orders one after the other, until told to stop."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.acknowledged: list[str] = []
        self.statuses: Counter[int] = Counter()
        self.slowest = 0.0
        self.goes_on = True

    async def run(self) -> None:
        while self.goes_on:
            began = time.monotonic()
            answer = await self.venue.call("POST", "/v1/orders", order(1_000))
            self.slowest = max(self.slowest, time.monotonic() - began)
            self.statuses[answer.status_code] += 1
            if answer.status_code == 200:
                self.acknowledged.append(answer.json()["id"])
            await asyncio.sleep(0.01)

    async def check(self) -> None:
        """Everything that was acknowledged is there."""
        for order_id in self.acknowledged:
            assert (await self.venue.ok("GET", f"/v1/orders/{order_id}"))["id"] == order_id


async def test_a_worker_that_is_killed_takes_its_venues_and_no_other(
    cluster: OwnCluster, two_venues: tuple[Venue, Venue]
) -> None:
    hit, spared = map(Trade, two_venues)
    tasks = [asyncio.create_task(trade.run()) for trade in (hit, spared)]
    await asyncio.sleep(1)
    victim = cluster.ports[1]
    cluster.kill(victim)
    await asyncio.sleep(0.5)
    hit.statuses.clear()
    spared.statuses.clear()
    spared.slowest = 0.0
    await asyncio.sleep(2)
    assert hit.statuses.keys() == {503}
    assert spared.statuses.keys() == {200}
    assert spared.slowest < 2
    ready = await spared.venue.call("GET", "/readyz")
    assert ready.status_code == 200
    asked = await hit.venue.call("GET", f"/readyz?venue={hit.venue.id}")
    assert asked.status_code == 503
    assert (await hit.venue.call("GET", f"/readyz?venue={spared.venue.id}")).status_code == 200
    await asyncio.to_thread(cluster.start, victim)
    async with asyncio.timeout(30):
        while not hit.statuses[200]:
            await asyncio.sleep(0.1)
    for trade in (hit, spared):
        trade.goes_on = False
    await asyncio.gather(*tasks)
    assert hit.statuses.keys() <= {200, 503}
    for trade in (hit, spared):
        assert trade.acknowledged
        await trade.check()


async def test_a_venue_moves_while_it_trades(
    cluster: OwnCluster, url: str, two_venues: tuple[Venue, Venue]
) -> None:
    moving, other = map(Trade, two_venues)
    tasks = [asyncio.create_task(trade.run()) for trade in (moving, other)]
    connection = await placement.patiently(url)
    try:
        await placement.give_own_shard(connection, moving.venue.id)
        there = Place("127.0.0.1", cluster.ports[2])
        await placement.move(connection, moving.venue.id, there)
    finally:
        await connection.close()
    for trade in (moving, other):
        trade.goes_on = False
    await asyncio.gather(*tasks)
    assert await place_of(url, moving.venue) == there
    assert moving.slowest < 10, "a deadline of a request at most"
    assert other.statuses.keys() == {200}
    assert moving.statuses.keys() <= {200, 503}
    for trade in (moving, other):
        await trade.check()
