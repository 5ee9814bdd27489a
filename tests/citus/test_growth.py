"""A worker is added and the cluster rebalanced, by the calls in docs/scaling.md, while all venues trade."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest

from epos.store import placement
from epos.store.database import Database
from epos.store.migrate import migrate
from epos.store.statements import Connection
from tests.support.application import running_application
from tests.support.cluster import HOST, SHARDS, OwnCluster, at, empty_database, join, run
from tests.support.trades import Trade, trading, until
from tests.support.venues import make_venue

pytestmark = [pytest.mark.citus, pytest.mark.slow, pytest.mark.timeout(900)]

NAME = "growth"
SHARD = "SELECT get_shard_id_for_distribution_column('venue', $1::text)"
ENDED = ("finished", "failed", "cancelled")
SECONDS = 120
DEADLINE = 10
"""Of a request, at most."""


@pytest.fixture(scope="module")
def url(cluster: OwnCluster) -> Iterator[str]:
    """On a coordinator and one worker; the other node has an empty database with the extension."""
    with empty_database(cluster.nodes, NAME) as url:
        asyncio.run(join(cluster.nodes[:2], NAME))
        asyncio.run(run(at(cluster.nodes[2], NAME), "CREATE EXTENSION citus"))
        asyncio.run(migrate(url))
        yield url


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    yield database
    await database.close()


@pytest.fixture
async def operator(url: str) -> AsyncIterator[Connection]:
    connection = await placement.patiently(url)
    yield connection
    await connection.close()


async def test_a_worker_is_added_and_gets_its_venues_while_they_trade(
    cluster: OwnCluster, url: str, database: Database, operator: Connection
) -> None:
    """Through a server at the coordinator and one at the worker."""
    first, added = cluster.ports[1:]
    async with AsyncExitStack() as opened:
        trades: dict[int, Trade] = {}
        servers = [
            await opened.enter_async_context(running_application(node))
            for node in (url, at(cluster.nodes[1], NAME))
        ]
        while len(trades) < SHARDS:
            server = servers[len(trades) % 2]
            venue = await opened.enter_async_context(make_venue(database, server))
            trades.setdefault(await operator.fetchval(SHARD, venue.id), Trade(venue))
        async with trading(*trades.values()):
            await until(lambda: all(trade.paid for trade in trades.values()))
            await operator.execute("SELECT citus_add_node($1, $2)", HOST, added)
            await migrate(url)
            await operator.execute("SELECT citus_rebalance_start()")
            started = paid(trades)
            assert await ended(operator) == "finished"
            meanwhile = paid(trades)
            assert all(map(int.__lt__, started, meanwhile))
            await until(lambda: all(map(int.__lt__, meanwhile, paid(trades))))
        places = [
            (await placement.place_of(operator, trade.venue.id)).port for trade in trades.values()
        ]
        assert sorted(places) == [first, first, added, added]
        for trade in trades.values():
            await trade.check()
            assert trade.slowest < DEADLINE
            assert trade.statuses[503] < trade.statuses[200] / 20


def paid(trades: dict[int, Trade]) -> list[int]:
    return [len(trade.paid) for trade in trades.values()]


async def ended(operator: Connection) -> str:
    """How the rebalance ended, as an operator sees it."""
    async with asyncio.timeout(SECONDS):
        while True:
            state: str = await operator.fetchval("SELECT state FROM citus_rebalance_status()")
            if state in ENDED:
                return state
            await asyncio.sleep(0.2)
