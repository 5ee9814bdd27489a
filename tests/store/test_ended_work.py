"""Work that nobody waits for any more is ended, in PostgreSQL too; a COMMIT that was sent never is."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from epos.domain.errors import Unavailable
from epos.store.database import WORK_SECONDS, Database
from epos.store.statements import Connection
from epos.store.venue_store import VenueStore
from tests.support.meeting import until_waiting, waiting
from tests.support.scratch import KEY, insert, keys, raw

_BESIDE_IT = 1.0
"""More than the time of the work, and less than that of a statement."""
_WAIT_AT_COMMIT = """
    CREATE FUNCTION wait_at_commit() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER waits AFTER INSERT ON scratch DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION wait_at_commit()
"""


@pytest.fixture
async def patient(scratch_url: str) -> AsyncIterator[Database]:
    """PostgreSQL gives nothing up by itself."""
    database = Database(scratch_url, pool_size=2, lock_timeout="120s", statement_timeout="120s")
    yield database
    await database.close()


@pytest.fixture
def pass_time(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """The time that a unit of work has is over, as far as the event loop knows."""

    def jump() -> None:
        loop = asyncio.get_running_loop()
        real = loop.time
        monkeypatch.setattr(loop, "time", lambda: real() + WORK_SECONDS + _BESIDE_IT)

    return jump


@asynccontextmanager
async def locked_table(database: Database) -> AsyncIterator[Connection]:
    async with database.connection() as other, other.transaction():
        await other.execute("LOCK TABLE scratch IN ACCESS EXCLUSIVE MODE")
        yield other


async def until_nobody_waits(watcher: Connection) -> None:
    async with asyncio.timeout(20):
        while await waiting(watcher):
            await asyncio.sleep(0.01)


async def test_a_write_that_takes_too_long_is_ended(
    scratch: Database, patient: Database, pass_time: Callable[[], None]
) -> None:
    async with locked_table(scratch) as watcher:
        writing = asyncio.create_task(patient.write("v", insert))
        await until_waiting(watcher, 1)
        pass_time()
        async with asyncio.timeout(20):
            with pytest.raises(Unavailable):
                await writing
        await until_nobody_waits(watcher)
    assert await keys(scratch) == []


async def test_a_commit_that_was_sent_is_waited_for(
    scratch: Database, patient: Database, pass_time: Callable[[], None]
) -> None:
    async with scratch.connection() as other:
        await other.execute(_WAIT_AT_COMMIT)
        try:
            await other.execute("SELECT pg_advisory_lock(7)")
            writing = asyncio.create_task(patient.write("v", insert))
            await until_waiting(other, 1)
            pass_time()
            for _ in range(10):  # whatever is due now is done
                await other.execute("SELECT 1")
            assert not writing.done()
            await other.execute("SELECT pg_advisory_unlock(7)")
            await writing
        finally:
            await other.execute("SELECT pg_advisory_unlock_all()")
            await other.execute("DROP FUNCTION wait_at_commit CASCADE")
    assert await keys(scratch) == [KEY]


async def read(database: Database) -> None:
    async with database.read("v") as store:
        await look(store)


async def report(database: Database) -> None:
    async with database.snapshot("v") as store:
        await look(store)


async def look(store: VenueStore) -> None:
    await raw(store).fetch("SELECT FROM scratch")


@pytest.mark.parametrize("reading", [read, report])
async def test_a_read_that_is_cancelled_ends_in_postgresql_too(
    scratch: Database,
    patient: Database,
    reading: Callable[[Database], "asyncio.Future[None]"],
) -> None:
    async with locked_table(scratch) as watcher:
        task = asyncio.ensure_future(reading(patient))
        await until_waiting(watcher, 1)
        task.cancel()
        await until_nobody_waits(watcher)
        with pytest.raises(asyncio.CancelledError):
            await task
    await reading(patient)
