"""Connections that are slow, broken or away: the answer is Unavailable, and the next one works."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest

from epos.domain.errors import NotFound, Unavailable
from epos.store.database import Database
from epos.store.readiness import is_ready
from epos.store.statements import Connection
from epos.store.venue_store import VenueStore
from tests.support.databases import fresh_database
from tests.support.scratch import backend, insert, keys, raw, terminate, until_it_works
from tests.support.server import free_port


class TestTooSlow:
    async def test_a_statement_that_takes_too_long(self, scratch: Database) -> None:
        async def work(store: VenueStore) -> None:
            await raw(store).execute("SET LOCAL statement_timeout = '20ms'")
            await raw(store).execute("SELECT pg_sleep(60)")

        with pytest.raises(Unavailable):
            await scratch.write("v", work)
        await scratch.write("v", insert)

    async def test_a_lock_that_somebody_keeps(self, scratch: Database, scratch_url: str) -> None:
        async def work(store: VenueStore) -> None:
            await raw(store).execute("SET LOCAL lock_timeout = '20ms'")
            await insert(store)

        other = await asyncpg.connect(scratch_url)
        try:
            async with other.transaction():
                await other.execute("LOCK TABLE scratch")
                with pytest.raises(Unavailable):
                    await scratch.write("v", work)
        finally:
            await other.close()
        await scratch.write("v", work)

    async def test_a_read_that_takes_too_long(self, scratch: Database) -> None:
        with pytest.raises(Unavailable):
            async with scratch.read("v") as store:
                slow = await backend(store)
                await raw(store).execute("SET statement_timeout = '20ms'")
                await raw(store).execute("SELECT pg_sleep(60)")
        async with scratch.read("v") as store:
            assert await backend(store) != slow, "the next has a connection of its own"

    async def test_every_session_has_the_deadlines(self, scratch: Database) -> None:
        async def deadlines(store: VenueStore) -> list[str]:
            names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
            return [await raw(store).fetchval(f"SHOW {name}") for name in names]

        async with scratch.read("v") as store:
            assert await deadlines(store) == ["5s", "2s", "15s"]
        assert await scratch.write("v", deadlines) == ["5s", "2s", "15s"]


class TestNotNow:
    """It answers, and cannot do what is asked: the request is right, and may be sent again."""

    @pytest.mark.parametrize("state", ["53100", "53200", "53300", "58030"])
    async def test_a_full_disk_and_its_like(self, scratch: Database, state: str) -> None:
        async def work(store: VenueStore) -> None:
            await insert(store)
            await raw(store).execute(f"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$")

        with pytest.raises(Unavailable):
            await scratch.write("v", work)
        assert await keys(scratch) == []

    async def test_a_primary_that_has_become_a_replica(self, scratch: Database) -> None:
        used: list[int] = []

        async def work(store: VenueStore) -> None:
            used.append(await backend(store))
            if len(used) == 1:
                await raw(store).execute("SET LOCAL transaction_read_only = on")
            await insert(store)

        with pytest.raises(Unavailable):
            await scratch.write("v", work)
        await scratch.write("v", work)
        assert used[0] != used[1], "the next connection may lead to the new one"

    async def test_one_that_takes_no_writes_is_not_ready(self, database_url: str) -> None:
        replica = Database(database_url, pool_size=1, default_transaction_read_only="on")
        with pytest.raises(Unavailable):
            await is_ready(replica)
        await replica.close()


@pytest.fixture
def empty_url(postgresql_url: str) -> Iterator[str]:
    """A database that nobody else uses."""
    with fresh_database(postgresql_url) as url:
        yield url


class TestConnections:
    async def test_a_database_that_is_away(self) -> None:
        away = Database(f"postgresql://postgres@127.0.0.1:{free_port()}/epos", pool_size=1)
        with pytest.raises(Unavailable):
            await away.write("v", insert)
        with pytest.raises(Unavailable):
            async with away.read("v"):
                pass
        with pytest.raises(Unavailable):
            async with away.snapshot("v"):
                pass
        await away.close()

    async def test_some_are_open_before_anyone_needs_them(self, empty_url: str) -> None:
        database = Database(empty_url, pool_size=5)
        await database.open()
        async with database.connection() as connection:
            count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            opened = await connection.fetchval(f"{count} AND application_name = 'epos'")
        await database.close()
        assert opened == 8

    async def test_without_a_database_there_is_nothing_to_open(self) -> None:
        away = Database(f"postgresql://postgres@127.0.0.1:{free_port()}/epos", pool_size=1)
        await away.open()
        await away.close()

    async def test_one_that_breaks_at_work_is_thrown_away(
        self, scratch: Database, scratch_url: str
    ) -> None:
        tried: list[int] = []

        async def work(store: VenueStore) -> None:
            await insert(store)
            tried.append(await backend(store))
            await terminate(scratch_url, f"pid = {tried[-1]}")
            await insert(store, "another")

        with pytest.raises(Unavailable):
            await scratch.write("v", work)
        assert len(tried) == 1, "the outcome may be unknown, so it is not tried again"
        assert await scratch.write("v", backend) not in tried
        assert await keys(scratch) == []

    async def test_all_that_broke_while_idle_are_replaced(
        self, scratch: Database, scratch_url: str
    ) -> None:
        async def read() -> None:
            async with scratch.read("v") as store:
                await backend(store)

        async def write() -> None:
            await scratch.write("v", backend)

        for _ in range(3):
            await asyncio.gather(read(), read(), write(), write())
            await terminate(scratch_url)
            await until_it_works(read)
            await until_it_works(write)

    async def test_a_refusal_keeps_the_connection(self, scratch: Database) -> None:
        used: set[int] = set()
        for _ in range(3):
            with pytest.raises(NotFound):
                async with scratch.read("v") as store:
                    used.add(await backend(store))
                    raise NotFound("The order")
        assert len(used) == 1

    async def test_one_that_was_left_in_the_middle_is_not_given_to_the_next(
        self, scratch: Database
    ) -> None:
        started = asyncio.Event()
        left: list[int] = []

        async def read() -> None:
            async with scratch.read("v") as store:
                left.append(await backend(store))
                started.set()
                await raw(store).execute("SELECT pg_sleep(60)")

        reader = asyncio.create_task(read())
        await started.wait()
        reader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reader
        async with scratch.read("v") as store:
            assert await backend(store) not in left

    async def test_those_that_do_not_close_in_time_are_cut(
        self, scratch_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("epos.store.connection_pool.GOODBYE_SECONDS", 0)
        closing = Database(scratch_url, pool_size=3)
        used: list[Connection] = []

        async def work(store: VenueStore) -> None:
            used.append(raw(store))
            await raw(store).execute("SELECT pg_sleep(0.1)")

        await asyncio.gather(*(closing.write("v", work) for _ in range(3)))
        await closing.close()
        assert len(set(used)) == 3
        assert all(connection.is_closed() for connection in used)
