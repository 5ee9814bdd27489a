"""A worker is lost, a venue moves: what the venues see, and what is there afterwards."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress

import asyncpg
import pytest

from epos.dojo.links import Links
from epos.dojo.sealing import Sealer
from epos.domain.dojo import DojoLink
from epos.domain.errors import Unavailable
from epos.store import placement
from epos.store.database import Database
from epos.store.node_watch import NodeWatch
from epos.store.placement import Place
from epos.store.statements import Connection
from tests.support.application import Application, running_application
from tests.support.cluster import OwnCluster, distributed_database, tried_in_turn
from tests.support.frozen import frozen
from tests.support.links import connect
from tests.support.trades import Trade, trading, until
from tests.support.venues import Venue, make_venue

pytestmark = [pytest.mark.citus, pytest.mark.slow, pytest.mark.timeout(900)]
SEVERAL = 4


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
    async with connected(url) as connection:
        return await placement.place_of(connection, venue.id)


async def shard_of(url: str, venue: Venue) -> int:
    async with connected(url) as connection:
        sql = "SELECT get_shard_id_for_distribution_column('venue', $1::text)"
        shard: int = await connection.fetchval(sql, venue.id)
        return shard


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    connection = await placement.patiently(url)
    try:
        yield connection
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


async def sessions(url: str) -> int:
    """How many the coordinator has for this database."""
    connection = await asyncpg.connect(url)
    try:
        count: int = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        )
        return count
    finally:
        await connection.close()


@contextmanager
def killed(cluster: OwnCluster, port: int) -> Iterator[None]:
    cluster.kill(port)
    try:
        yield
    finally:
        cluster.start(port)


async def watched_links(url: str, opened: AsyncExitStack) -> Links:
    """As a server process has them."""
    nodes = NodeWatch(url)
    database = Database(url, pool_size=2, nodes=nodes)
    looking = asyncio.create_task(nodes.run())
    opened.push_async_callback(database.close)
    opened.push_async_callback(nodes.close)
    opened.callback(looking.cancel)
    return Links(database, Sealer(None))


def ids(links: list[DojoLink]) -> set[str]:
    return {link.venue_id for link in links}


async def until_listed(links: Links, venue_id: str) -> set[str]:
    """Read them until this venue is among them."""
    async with asyncio.timeout(30):
        while True:
            with suppress(Unavailable):
                if venue_id in (found := ids(await links.all())):
                    return found
            await asyncio.sleep(0.1)


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
    for trade in (hit, spared):
        await trade.check()


async def made_at(
    port: int, url: str, application: Application, database: Database, venues: AsyncExitStack
) -> Venue:
    """A venue on the node with this port."""
    while True:
        venue = await venues.enter_async_context(make_venue(database, application))
        if (await place_of(url, venue)).port == port:
            return venue


async def test_a_worker_that_hangs_takes_its_venues_and_no_other(
    cluster: OwnCluster, url: str, application: Application, database: Database
) -> None:
    """More clients of its venues than there are connections. They are refused, each soon, and what waited
    leaves no session behind for each that comes.
    """
    hung = cluster.ports[1]
    async with AsyncExitStack() as venues:
        there = [await made_at(hung, url, application, database, venues) for _ in range(SEVERAL)]
        hit = [Trade(venue) for venue in there for _ in range(SEVERAL)]
        spared = Trade(await made_at(cluster.ports[2], url, application, database, venues))
        async with trading(*hit, spared):
            await until(lambda: all(trade.statuses[200] for trade in (*hit, spared)))
            with frozen(cluster, hung):
                before = spared.statuses[200]
                for trade in hit:
                    trade.statuses.clear()
                await until(lambda: min(trade.statuses[503] for trade in hit) > SEVERAL)
                await until(lambda: spared.statuses[200] > before + SEVERAL)
                ready = await spared.venue.call("GET", "/readyz")
                assert ready.json()["nodesAway"] == [f"127.0.0.1:{hung}"]
                assert await sessions(url) < 60
            await until(lambda: all(trade.statuses[200] for trade in hit))
        assert spared.statuses.keys() == {200}
        for trade in (*hit, spared):
            await trade.check()


async def test_a_server_leaves_its_own_node_when_that_hangs(
    cluster: OwnCluster, url: str, application: Application, database: Database
) -> None:
    """Orders alone: a payment that is under way through that node locks its order's row, on the node where
    the venue is, until the one that hangs is back.
    """
    hung, *others = cluster.ports[1], cluster.ports[2], cluster.ports[0]
    async with AsyncExitStack() as venues:
        ways = tried_in_turn(cluster.nodes[0], "nodes", hung, *others)
        server = await venues.enter_async_context(running_application(ways))
        spared = Trade(await made_at(others[0], url, server, database, venues), pays=False)
        async with trading(spared):
            await until(lambda: spared.statuses[200] > 0)
            with frozen(cluster, hung):
                before = spared.statuses[200]
                await until(lambda: spared.statuses[200] > before + SEVERAL)
        await spared.check()


@pytest.mark.parametrize("how", ["killed", "hung"])
async def test_a_node_that_is_away_stops_no_link_of_others(
    cluster: OwnCluster, url: str, application: Application, database: Database, how: str
) -> None:
    """Neither in a process that knew the links before, nor in one that has just started."""
    away = cluster.ports[1]
    async with AsyncExitStack() as venues:
        hit = await made_at(away, url, application, database, venues)
        spared = await made_at(cluster.ports[2], url, application, database, venues)
        for venue in (hit, spared):
            await connect(venue)
        knew, started = [await watched_links(url, venues) for _ in range(2)]
        assert ids(await knew.all()) >= {hit.id, spared.id}
        with frozen(cluster, away) if how == "hung" else killed(cluster, away):
            assert hit.id in await until_listed(knew, spared.id)
            assert hit.id not in await until_listed(started, spared.id)
        assert hit.id in await until_listed(started, hit.id)
        for venue in (hit, spared):
            await Links(database, Sealer(None)).remove(venue.id)


async def test_a_venue_moves_while_it_trades(
    cluster: OwnCluster, url: str, two_venues: tuple[Venue, Venue]
) -> None:
    moving, other = map(Trade, two_venues)
    there = Place("127.0.0.1", cluster.ports[2])
    async with connected(url) as connection, trading(moving, other):
        await placement.move_alone(connection, moving.venue.id, there)
    assert await place_of(url, moving.venue) == there
    assert moving.slowest < 10, "a deadline of a request at most"
    assert other.statuses.keys() == {200}
    for trade in (moving, other):
        await trade.check()


async def test_a_shard_moves_with_all_its_venues_while_they_trade(
    cluster: OwnCluster, url: str, application: Application, database: Database
) -> None:
    """Without `--alone`: the venue's neighbours go with it, and lose nothing either."""
    async with AsyncExitStack() as opened:
        shards: dict[int, list[Venue]] = {}
        while max(map(len, shards.values()), default=0) < SEVERAL or len(shards) == 1:
            venue = await opened.enter_async_context(make_venue(database, application))
            shards.setdefault(await shard_of(url, venue), []).append(venue)
        together = max(shards.values(), key=len)
        elsewhere = next(venues for venues in shards.values() if venues is not together)
        moving, others = [Trade(venue) for venue in together], [Trade(elsewhere[0])]
        connection = await opened.enter_async_context(connected(url))
        here = (await placement.place_of(connection, together[0].id)).port
        there = Place("127.0.0.1", next(port for port in cluster.ports[1:] if port != here))
        async with trading(*moving, *others):
            await until(lambda: all(trade.paid for trade in (*moving, *others)))
            await placement.move(connection, together[0].id, there)
            for trade in moving:
                trade.statuses.clear()
            await until(lambda: all(trade.statuses[200] > SEVERAL for trade in moving))
        for trade in moving:
            assert await placement.place_of(connection, trade.venue.id) == there
        assert max(trade.slowest for trade in moving) < 10, "a deadline of a request at most"
        assert others[0].statuses.keys() == {200}
        for trade in (*moving, *others):
            await trade.check()
