"""What a session asks for holds on every node, or the server says that it does not."""

from collections.abc import AsyncIterator, Iterator

import asyncpg
import httpx
import pytest

from epos.serving import CannotServe, prepare
from epos.settings import Settings
from epos.store.database import Database
from epos.store.migrate import CannotMigrate, migrate
from epos.store.node_watch import NodeWatch
from epos.store.placement import patiently
from tests.support.application import Application, running_application
from tests.support.cluster import OwnCluster, at, distributed_database, run
from tests.support.orders import order
from tests.support.venues import make_venue

pytestmark = [pytest.mark.citus, pytest.mark.slow]

NAME = "settings"
ON_NODES = "SELECT array_agg(result ORDER BY nodeid) FROM run_command_on_all_nodes('SHOW {}')"


@pytest.fixture(scope="module")
def url(cluster: OwnCluster) -> Iterator[str]:
    with distributed_database(cluster.nodes, NAME) as url:
        yield url


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    database = Database(url, pool_size=2)
    yield database
    await database.close()


async def ask(url: str, sql: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def ready(application: Application) -> httpx.Response:
    transport = httpx.ASGITransport(application.app)
    async with httpx.AsyncClient(transport=transport, base_url=application.base_url) as client:
        return await client.get("/readyz")


@pytest.mark.parametrize(
    ("setting", "value"), [("lock_timeout", "2s"), ("synchronous_commit", "on")]
)
async def test_every_node_has_them_whichever_is_asked(
    cluster: OwnCluster, url: str, setting: str, value: str
) -> None:
    for node in cluster.nodes:
        assert await ask(at(node, NAME), ON_NODES.format(setting)) == [value] * 3


async def test_whoever_waits_for_a_row_on_a_worker_gives_up_by_the_limit_for_rows(
    url: str, database: Database
) -> None:
    """And not by the longer one for statements."""
    async with running_application(url) as application, make_venue(database, application) as venue:
        other = await venue.ok("POST", "/v1/orders", order(1_000))
        connection = await asyncpg.connect(url)
        async with connection.transaction():
            taken = "SELECT FROM customer_order WHERE venue_id = $1 AND id = $2 FOR UPDATE"
            await connection.fetch(taken, venue.id, other["id"])
            async with database.connection() as second:
                with pytest.raises(asyncpg.LockNotAvailableError):
                    await second.fetch(taken, venue.id, other["id"])
        await connection.close()


async def test_a_node_that_may_lose_commits_is_not_served_from(
    cluster: OwnCluster, url: str
) -> None:
    """As where an operator has set it for the role on one node; `epos migrate` mends it."""
    worker = cluster.nodes[1]
    forget = f"ALTER ROLE epos IN DATABASE {NAME} SET synchronous_commit = off"
    await run(at(worker, NAME), "SET citus.enable_ddl_propagation TO off", forget)
    nodes = NodeWatch(url)
    try:
        named = [f"127.0.0.1:{worker.port} (synchronous_commit=off)"]
        assert (await nodes.nodes()).forgetful == named
        with pytest.raises(CannotServe, match="epos migrate"):
            await prepare(Settings(database_url=url), url)
        async with running_application(url) as application:
            answer = await ready(application)
            assert answer.status_code == 503
            assert named[0] in answer.text
    finally:
        await nodes.close()
    await migrate(url)
    async with running_application(url) as application:
        assert (await ready(application)).status_code == 200


async def test_a_node_that_is_away_is_not_told(cluster: OwnCluster, url: str) -> None:
    """It takes no connections, as far as the others can tell."""
    away = cluster.nodes[2]
    allow = f"ALTER DATABASE {NAME} ALLOW_CONNECTIONS {{}}"
    await run(at(away, "postgres"), allow.format("false"))
    try:
        with pytest.raises(CannotMigrate, match=f"127.0.0.1:{away.port}"):
            await migrate(url)
    finally:
        await run(at(away, "postgres"), allow.format("true"))


async def test_a_move_waits_longer_for_a_lock_than_a_request(url: str) -> None:
    connection = await patiently(url)
    try:
        assert await connection.fetchval("SHOW lock_timeout") == "0"
    finally:
        await connection.close()
