"""A PostgreSQL that others run: what it is set to, and what it has no room for, loses nothing silently."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import httpx
import pytest

from epos.store.database import Database
from tests.support.cluster import forget_commits, is_citus, nodes, run, through_coordinator
from tests.support.databases import fresh_database
from tests.support.orders import order, payment
from tests.support.patience import take_refusals
from tests.support.server import RunningServer, running_server
from tests.support.venues import Venue, make_venue

pytestmark = pytest.mark.slow
_NOTE_EACH_PAYMENT = [
    'CREATE TABLE noted (venue_id text COLLATE "C", setting text)',
    *(
        ["SELECT create_distributed_table('noted', 'venue_id', colocate_with => 'venue')"]
        * is_citus()
    ),
    """CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           INSERT INTO noted VALUES (NEW.venue_id, current_setting('synchronous_commit'));
           RETURN NULL;
       END $$""",
    "CREATE TRIGGER noted AFTER INSERT ON payment FOR EACH ROW EXECUTE FUNCTION note()",
]
_NO_ROOM = "CREATE TRIGGER no_room BEFORE {} FOR EACH ROW EXECUTE FUNCTION no_room()"
_FULL = [
    """CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE SQLSTATE '53100' USING MESSAGE = 'No space left on device'; END $$""",
    _NO_ROOM.format("INSERT ON payment"),
    *([] if is_citus() else [_NO_ROOM.format("UPDATE ON alembic_version")]),
]
_ROOM_AGAIN = ["DROP TRIGGER no_room ON payment", "DROP FUNCTION no_room CASCADE"]
_OF_THE_DATABASE = """
    SELECT unnest(setconfig) FROM pg_db_role_setting JOIN pg_database ON pg_database.oid = setdatabase
    WHERE datname = current_database() AND setrole = 0
"""


@pytest.fixture
def own_url(postgresql_url: str) -> Iterator[str]:
    """A database that says synchronous_commit=off of itself."""
    with fresh_database(postgresql_url) as url:
        if is_citus():
            asyncio.run(forget_commits(nodes(postgresql_url), url))
        yield url


@pytest.fixture
async def own_server(own_url: str, tmp_path: Path) -> AsyncIterator[RunningServer]:
    async with running_server(own_url, tmp_path / "server.log") as server:
        yield server


@pytest.fixture
async def own_venues(own_url: str, own_server: RunningServer) -> AsyncIterator[list[Venue]]:
    async with AsyncExitStack() as opened:
        database = Database(own_url)
        opened.push_async_callback(database.close)
        yield [await opened.enter_async_context(make_venue(database, own_server)) for _ in range(2)]


async def column(url: str, sql: str) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        return [row[0] for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def test_each_payment_waits_for_the_disk(own_url: str, own_venues: list[Venue]) -> None:
    assert "synchronous_commit=off" in await column(own_url, _OF_THE_DATABASE)
    await run(through_coordinator(own_url), *_NOTE_EACH_PAYMENT)
    for venue in own_venues:
        made = await venue.ok("POST", "/v1/orders", order(1_000))
        await venue.ok("POST", f"/v1/orders/{made['id']}/record-payment", payment(10))
    assert await column(own_url, "SELECT setting FROM noted") == ["on", "on"]


async def test_with_a_full_disk_it_is_not_ready_and_loses_nothing(
    own_url: str, own_server: RunningServer, own_venues: list[Venue]
) -> None:
    take_refusals()
    paths = [
        f"/v1/orders/{(await venue.ok('POST', '/v1/orders', order(1_000)))['id']}"
        for venue in own_venues
    ]
    await run(through_coordinator(own_url), *_FULL)
    # On a cluster the check changes no row (tests/store/test_readiness.py).
    assert is_citus() or await until_ready_is(own_server, 503)
    for venue, path in zip(own_venues, paths, strict=True):
        refused = await venue.call("POST", f"{path}/record-payment", payment(10))
        assert refused.status_code == 503, "nobody is told that it was recorded"
        assert (await venue.ok("GET", path))["payments"] == []
    await run(through_coordinator(own_url), *_ROOM_AGAIN)
    assert await until_ready_is(own_server, 200)
    for venue, path in zip(own_venues, paths, strict=True):
        await venue.ok("POST", f"{path}/record-payment", payment(10))


async def until_ready_is(server: RunningServer, status: int) -> bool:
    async with asyncio.timeout(20), httpx.AsyncClient(base_url=server.base_url) as client:
        while (await client.get("/readyz")).status_code != status:
            await asyncio.sleep(0.1)
    return True
