"""Units of work: committed before they answer, tried again where that helps, and never half done."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import asyncpg
import pytest

from epos.domain.errors import NotFound, Unavailable
from epos.store.database import ATTEMPTS, Database
from epos.store.failures import StartOver
from epos.store.statements import Connection
from epos.store.venue_store import VenueStore
from tests.support.databases import fresh_database
from tests.support.server import free_port

KEY = "a key"


@pytest.fixture(scope="module")
def scratch_url(postgresql_url: str) -> Iterator[str]:
    """A database with one more table, of keys that nobody else uses."""
    with fresh_database(postgresql_url) as url:
        asyncio.run(_add_table(url))
        yield url


async def _add_table(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE scratch (key text PRIMARY KEY, value int DEFAULT 0)")
    await connection.close()


@pytest.fixture
async def scratch(scratch_url: str) -> AsyncIterator[Database]:
    """Two connections each for writing and for reading."""
    database = Database(scratch_url, pool_size=2)
    yield database
    await until_it_works(lambda: _clear(database))
    await database.close()


async def _clear(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute("TRUNCATE scratch")


def raw(store: VenueStore) -> Connection:
    return store.orders._connection


async def insert(store: VenueStore, key: str = KEY) -> None:
    await raw(store).execute("INSERT INTO scratch (key) VALUES ($1)", key)


async def keys(database: Database) -> list[str]:
    """What is committed."""
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT key FROM scratch ORDER BY key")
    return [row["key"] for row in rows]


async def backend(store: VenueStore) -> int:
    """The process behind the connection."""
    pid: int = await raw(store).fetchval("SELECT pg_backend_pid()")
    return pid


async def terminate(url: str, where: str = "true") -> None:
    """What an administrator, or a restart of PostgreSQL, does to connections."""
    admin = await asyncpg.connect(url)
    await admin.execute(
        f"""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND {where}"""
    )
    await admin.close()


async def until_it_works(attempt: Callable[[], Awaitable[None]]) -> None:
    """Meanwhile there is no other answer than Unavailable."""
    async with asyncio.timeout(10):
        while True:
            try:
                return await attempt()
            except Unavailable:
                await asyncio.sleep(0.01)


class TestWriting:
    async def test_is_committed_before_the_answer(self, scratch: Database) -> None:
        await scratch.write("v", insert)
        assert await keys(scratch) == [KEY]

    async def test_leaves_nothing_behind_when_it_fails(self, scratch: Database) -> None:
        async def work(store: VenueStore) -> None:
            await insert(store)
            raise NotFound("The order")

        with pytest.raises(NotFound):
            await scratch.write("v", work)
        assert await keys(scratch) == []

    async def test_goes_on_when_its_caller_has_gone(self, scratch: Database) -> None:
        started, go_on = asyncio.Event(), asyncio.Event()

        async def work(store: VenueStore) -> None:
            await insert(store)
            started.set()
            await go_on.wait()

        caller = asyncio.create_task(scratch.write("v", work))
        await started.wait()
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
        assert await keys(scratch) == []
        go_on.set()
        async with asyncio.timeout(5):
            while await keys(scratch) != [KEY]:
                await asyncio.sleep(0.01)

    async def test_is_waited_for_when_the_server_stops(
        self, scratch: Database, scratch_url: str
    ) -> None:
        stopping = Database(scratch_url, pool_size=1)
        started = asyncio.Event()

        async def work(store: VenueStore) -> None:
            started.set()
            await raw(store).execute("SELECT pg_sleep(0.1)")
            await insert(store)

        caller = asyncio.create_task(stopping.write("v", work))
        await started.wait()
        await stopping.close()
        assert await keys(scratch) == [KEY]
        await caller


PASSING = [
    StartOver,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.UniqueViolationError,
    asyncpg.ExclusionViolationError,
]


class TestTryingAgain:
    @pytest.mark.parametrize("error", PASSING)
    async def test_from_the_start_until_it_works(
        self, scratch: Database, error: type[Exception]
    ) -> None:
        tried: list[int] = []

        async def work(store: VenueStore) -> str:
            await insert(store)
            tried.append(1)
            if len(tried) < ATTEMPTS:
                raise error("somebody else")
            return "done"

        assert await scratch.write("v", work) == "done"
        assert len(tried) == ATTEMPTS == 3
        assert await keys(scratch) == [KEY]

    @pytest.mark.parametrize("error", PASSING)
    async def test_but_not_for_ever(self, scratch: Database, error: type[Exception]) -> None:
        tried: list[int] = []

        async def work(store: VenueStore) -> None:
            await insert(store)
            tried.append(1)
            raise error("somebody else")

        with pytest.raises(Unavailable):
            await scratch.write("v", work)
        assert len(tried) == ATTEMPTS
        assert await keys(scratch) == []

    @pytest.mark.parametrize("error", [ValueError, NotFound, asyncpg.CheckViolationError])
    async def test_not_where_it_would_fail_again(
        self, scratch: Database, error: type[Exception]
    ) -> None:
        tried: list[int] = []

        async def work(store: VenueStore) -> None:
            tried.append(1)
            raise error("no")

        with pytest.raises(error):
            await scratch.write("v", work)
        assert len(tried) == 1

    async def test_whoever_loses_a_key_finds_the_winners_row(self, scratch: Database) -> None:
        met = asyncio.Barrier(2)

        async def work(store: VenueStore) -> str:
            found = await raw(store).fetchval("SELECT key FROM scratch WHERE key = $1", KEY)
            if found is not None:
                return "found"
            await met.wait()
            await insert(store)
            return "made"

        answers = await asyncio.gather(scratch.write("v", work), scratch.write("v", work))
        assert sorted(answers) == ["found", "made"]

    async def test_a_real_deadlock_is_nobodys_error(self, scratch: Database) -> None:
        for key in ("a", "b"):
            await scratch.write("v", lambda store, key=key: insert(store, key))
        met = asyncio.Barrier(2)

        def add_to(first: str, second: str) -> Callable[[VenueStore], Awaitable[None]]:
            tried: list[int] = []

            async def work(store: VenueStore) -> None:
                tried.append(1)
                add = "UPDATE scratch SET value = value + 1 WHERE key = $1"
                await raw(store).execute("SET LOCAL deadlock_timeout = '10ms'")
                await raw(store).execute(add, first)
                if len(tried) == 1:
                    await met.wait()
                await raw(store).execute(add, second)

            return work

        writes = [scratch.write("v", add_to(*pair)) for pair in (("a", "b"), ("b", "a"))]
        await asyncio.gather(*writes)
        async with scratch.connection() as connection:
            values = await connection.fetch("SELECT value FROM scratch")
        assert [row["value"] for row in values] == [2, 2]


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


async def test_reads_of_a_snapshot_agree_and_change_nothing(scratch: Database) -> None:
    async with scratch.snapshot("v") as store:
        count = "SELECT count(*) FROM scratch"
        before = await raw(store).fetchval(count)
        await scratch.write("v", insert)
        assert await raw(store).fetchval(count) == before == 0
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with scratch.snapshot("v") as store:
            await insert(store, "another")
