"""A worker is lost for good, and its standby takes its place (docs/scaling.md, "When a node is lost")."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, suppress

import pytest

from epos.store import placement
from epos.store.database import Database
from tests.support.application import Application, running_application
from tests.support.cluster import HOST, OwnCluster, at, distributed_database, own_cluster, run
from tests.support.frozen import frozen
from tests.support.trades import Trade, trading, until
from tests.support.venues import Venue, make_venue

pytestmark = [pytest.mark.citus, pytest.mark.slow, pytest.mark.timeout(900)]

NAME = "standby"
SEVERAL = 4


@pytest.fixture(scope="module")
def cluster() -> Iterator[OwnCluster]:
    """Of this module's own: it does not get its worker back."""
    with own_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def url(cluster: OwnCluster) -> Iterator[str]:
    with suppress(OSError), distributed_database(cluster.nodes, NAME) as url:
        yield url  # and what is left of it afterwards goes with the cluster


@pytest.fixture(scope="module")
def standby(cluster: OwnCluster, url: str) -> Iterator[int]:
    """Of the first worker: its port."""
    with cluster.standby(cluster.ports[1]) as port:
        yield port


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    yield database
    await database.close()


async def made_at(
    port: int, url: str, database: Database, server: Application, opened: AsyncExitStack
) -> Venue:
    """A venue on the node with this port, whose clients ask this server."""
    connection = await placement.patiently(url)
    try:
        while True:
            venue = await opened.enter_async_context(make_venue(database, server))
            if (await placement.place_of(connection, venue.id)).port == port:
                return venue
    finally:
        await connection.close()


async def test_a_standby_that_is_promoted_carries_on(
    cluster: OwnCluster, url: str, database: Database, standby: int
) -> None:
    """For servers at the coordinator and at the other worker: both learn where the node is now."""
    lost, other = cluster.ports[1:]
    async with AsyncExitStack() as opened:
        venues: dict[int, list[Trade]] = {lost: [], other: []}
        for node in (url, at(cluster.nodes[2], NAME)):
            server = await opened.enter_async_context(running_application(node))
            for port, trades in venues.items():
                trades.append(Trade(await made_at(port, url, database, server, opened)))
        hit, spared = venues[lost], venues[other]
        async with trading(*hit, *spared):
            await until(lambda: all(len(trade.paid) > SEVERAL for trade in (*hit, *spared)))
            with frozen(cluster, standby):
                await nothing_is_acknowledged(hit)
                cluster.kill(lost)
                await until(lambda: all(trade.statuses[503] for trade in hit))
            await asyncio.to_thread(cluster.promote, standby)
            await run(url, take_the_place(lost, standby))
            for trade in (*hit, *spared):
                trade.statuses[200] = 0
            await until(lambda: all(trade.statuses[200] > SEVERAL for trade in (*hit, *spared)))
        for trade in (*hit, *spared):
            await trade.check()
        for trade in spared:
            assert trade.statuses.keys() == {200}
        ready = await hit[0].venue.call("GET", "/readyz")
        assert ready.status_code == 200
        assert "nodesAway" not in ready.json()


async def nothing_is_acknowledged(trades: list[Trade]) -> None:
    """While the standby does not answer; what it had already may be."""
    await asyncio.sleep(1)
    before = [trade.statuses[200] for trade in trades]
    await asyncio.sleep(1)
    assert [trade.statuses[200] for trade in trades] == before


def take_the_place(lost: int, standby: int) -> str:
    return f"""SELECT citus_update_node(nodeid, '{HOST}', {standby})
               FROM pg_dist_node WHERE nodename = '{HOST}' AND nodeport = {lost}"""
