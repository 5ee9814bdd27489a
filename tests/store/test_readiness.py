"""What must be true of the database before the server says that it is ready."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from epos.domain.errors import Unavailable
from epos.store.database import Database
from epos.store.readiness import Readiness, why_not_durable
from tests.support.cluster import through_coordinator
from tests.support.databases import fresh_database


@pytest.fixture
def own_url(postgresql_url: str) -> Iterator[str]:
    """A database for this test alone. As all of the tests, it says synchronous_commit=off of itself."""
    with fresh_database(postgresql_url) as url:
        yield url


@asynccontextmanager
async def opened(url: str, **session: Any) -> AsyncIterator[Database]:
    database = Database(url, pool_size=1, **session)
    try:
        yield database
    finally:
        await database.close()


async def run(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(sql)
    await connection.close()


# --- synchronous_commit ---------------------------------------------------------------------------

SETTING = "SELECT current_setting('synchronous_commit')"


@pytest.mark.parametrize("what", ["DATABASE {database}", "ROLE {role} IN DATABASE {database}"])
async def test_a_setting_of_the_database_loses_no_payment(own_url: str, what: str) -> None:
    connection = await asyncpg.connect(own_url)
    names = await connection.fetchrow("SELECT current_database(), current_user")
    assert names is not None
    target = what.format(database=names[0], role=names[1])
    await connection.execute(f"ALTER {target} SET synchronous_commit = off")
    await connection.close()
    connection = await asyncpg.connect(own_url)
    assert await connection.fetchval(SETTING) == "off", "what a session gets that does not ask"
    await connection.close()
    async with opened(own_url) as database:
        async with database.connection() as writer:
            assert await writer.fetchval(SETTING) == "on"
        reader = await database.read("v")._readers.acquire()
        assert await reader.fetchval(SETTING) == "on"
        database.read("v")._readers.release(reader)
        assert await why_not_durable(database) is None


@pytest.mark.parametrize("setting", ["off", "local", "remote_write"])
async def test_a_session_that_does_not_get_it_is_noticed(own_url: str, setting: str) -> None:
    """As behind a pooler that ignores what a session asks for."""
    async with opened(own_url, synchronous_commit=setting) as database:
        assert f"synchronous_commit={setting}" in (await why_not_durable(database) or "")
        with pytest.raises(Unavailable, match="could lose"):
            await Readiness(database)()


# --- the write of the readiness check -------------------------------------------------------------


async def test_it_writes(own_url: str) -> None:
    sql = "SELECT xmin::text FROM alembic_version"
    async with opened(own_url) as database:
        async with database.connection() as connection:
            before = await connection.fetchval(sql)
        assert await Readiness(database)()
        async with database.connection() as connection:
            assert await connection.fetchval(sql) != before


async def test_a_full_disk_is_not_ready(own_url: str) -> None:
    """The write takes room on the disk that nothing had before: without room for it, it fails."""
    async with opened(own_url, temp_file_limit="64kB") as database:
        with pytest.raises(Unavailable) as refused:
            await Readiness(database)()
    assert isinstance(refused.value.__cause__, asyncpg.InsufficientResourcesError)


async def test_a_database_where_each_change_fails_is_not_ready(own_url: str) -> None:
    await run(
        own_url,
        """CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN RAISE SQLSTATE '53100'; END $$;
           CREATE TRIGGER no_room BEFORE UPDATE ON alembic_version FOR EACH ROW
           EXECUTE FUNCTION no_room()""",
    )
    async with opened(own_url) as database:
        with pytest.raises(Unavailable):
            await Readiness(database)()


async def test_a_database_without_a_schema_is_not_ready(own_url: str) -> None:
    await run(through_coordinator(own_url), "DROP TABLE alembic_version")
    async with opened(own_url) as database:
        assert await Readiness(database)() is False


async def test_a_migration_that_runs_does_not_stop_it(own_url: str) -> None:
    migration = await asyncpg.connect(own_url)
    async with migration.transaction(), opened(own_url) as database:
        await migration.execute("UPDATE alembic_version SET version_num = version_num")
        assert await Readiness(database)()
    await migration.close()


async def test_many_probes_are_one_write_a_second(own_url: str) -> None:
    now = 0.0
    async with opened(own_url) as database:
        ready = Readiness(database, lambda: now)
        asked: list[int] = []
        attempt = ready._ask

        async def counted() -> bool:
            asked.append(1)
            return await attempt()

        ready._ask = counted  # type: ignore[method-assign]
        assert all(await asyncio.gather(*(ready() for _ in range(200))))
        now = 0.9
        assert await ready()
        assert len(asked) == 1
        now = 1.0
        assert await ready()
        assert len(asked) == 2


async def test_a_database_that_hangs_is_not_ready_in_time(own_url: str) -> None:
    async with opened(own_url) as database, database.connection():  # the only one
        loop = asyncio.get_running_loop()
        began = loop.time()
        with pytest.raises(Unavailable):
            await Readiness(database)()
        assert loop.time() - began < 5


async def test_who_leaves_stops_the_probe_for_nobody_else(own_url: str) -> None:
    async with opened(own_url) as database:
        ready = Readiness(database)
        leaves, stays = asyncio.create_task(ready()), asyncio.create_task(ready())
        await asyncio.sleep(0)
        leaves.cancel()
        assert await stays
