"""Work that nobody waits for any more is ended, in PostgreSQL too; a COMMIT that was sent never is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from epos.domain.errors import Unavailable
from epos.store.busy_rows import ROWS, take_row
from epos.store.database import WORK_SECONDS, Database
from epos.store.statements import Connection
from epos.store.venue_store import VenueStore
from tests.support.meeting import until_waiting, waiting
from tests.support.scratch import KEY, insert, keys, raw

_BESIDE_IT = 1.0
"""More than the time of the work, and less than that of a statement."""
_HERE_ALONE = "SET LOCAL citus.enable_ddl_propagation = off;"
"""As the table: Citus has it on the node that the application is connected to, and on no other."""
_WAIT_AT_COMMIT = f"""{_HERE_ALONE}
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
            await other.execute(f"{_HERE_ALONE} DROP FUNCTION wait_at_commit CASCADE")
    assert await keys(scratch) == [KEY]


class NeverFree:
    """Rows that are not to be had, however often one waits for them."""

    def __init__(self, wait: Callable[[], Awaitable[None]]) -> None:
        self.waits = 0
        self._wait = wait

    def take(self, row: str) -> bool:
        return False

    async def wait(self) -> None:
        self.waits += 1
        assert self.waits < 5, "it would go on for ever"
        await self._wait()


async def want_a_row(_: VenueStore) -> None:
    take_row("row")


async def refused(database: Database, rows: NeverFree) -> None:
    """A write that wants these rows is given up, and its connections are there for others."""
    limited = ROWS.set(rows)
    with pytest.raises(Unavailable, match="Too many others"):
        await database.write("v", want_a_row)
    ROWS.reset(limited)
    async with database.connection(), database.connection():
        pass


async def test_waits_for_rows_take_no_more_time_than_the_work_has(
    patient: Database, pass_time: Callable[[], None]
) -> None:
    async def wait() -> None:
        pass_time()

    rows = NeverFree(wait)
    await refused(patient, rows)
    assert rows.waits == 1


async def test_a_wait_for_rows_ends_when_the_work_has_no_time_left(
    patient: Database, pass_time: Callable[[], None]
) -> None:
    async def wait() -> None:
        asyncio.get_running_loop().call_soon(pass_time)
        await asyncio.Event().wait()

    rows = NeverFree(wait)
    await refused(patient, rows)
    assert rows.waits == 1


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
