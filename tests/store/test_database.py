"""Units of work: committed before they answer, tried again where that helps, and never half done."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import asyncpg
import pytest

from epos.domain.errors import Conflict, NotFound, Unavailable
from epos.store.database import ATTEMPTS, Database
from epos.store.failures import CommittedRefusal, Retry
from epos.store.venue_store import VenueStore
from tests.support.leftovers import objects_left_by
from tests.support.scratch import KEY, insert, keys, raw


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


class TestLeavingNothingBehind:
    """A storm of refusals must not fill the memory: nothing waits for the garbage collector."""

    @pytest.mark.parametrize(
        "error",
        [
            partial(Unavailable, "away"),
            Retry,
            partial(ValueError, "a fault in the code"),
            lambda: CommittedRefusal(Conflict("refused for good")),
        ],
        ids=["unavailable", "in the way", "unexpected", "refused and kept"],
    )
    async def test_when_work_fails(self, scratch: Database, error: Callable[[], Exception]) -> None:
        async def work(store: VenueStore) -> None:
            raise error()

        async def fail() -> None:
            with pytest.raises((Unavailable, Conflict, ValueError)):
                await scratch.write("v", work)

        assert await objects_left_by(fail) < 100

    async def test_when_there_is_no_connection(self, scratch_url: str) -> None:
        busy = Database(scratch_url, pool_size=1, wait_seconds=0.001)

        async def work(store: VenueStore) -> None: ...

        async def fail() -> None:
            with pytest.raises(Unavailable):
                await busy.write("v", work)

        async with busy.connection():
            assert await objects_left_by(fail) < 100
        await busy.close()


PASSING = [
    Retry,
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
            await scratch.write("v", partial(insert, key=key))
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


async def test_a_deadlock_of_work_that_is_not_tried_again_is_a_passing_failure(
    scratch: Database,
) -> None:
    """Such as the outbox's: another kind of error would end the venue's connection to Dojo."""
    for key in ("a", "b"):
        await scratch.write("v", partial(insert, key=key))
    met = asyncio.Barrier(2)

    async def add_to(first: str, second: str) -> str:
        add = "UPDATE scratch SET value = value + 1 WHERE key = $1"
        try:
            async with scratch.connection() as connection, connection.transaction():
                await connection.execute("SET LOCAL deadlock_timeout = '10ms'")
                await connection.execute(add, first)
                await met.wait()
                await connection.execute(add, second)
        except Unavailable:
            return "lost"
        return "won"

    assert sorted(await asyncio.gather(add_to("a", "b"), add_to("b", "a"))) == ["lost", "won"]


async def test_reads_of_a_snapshot_agree_and_change_nothing(scratch: Database) -> None:
    async with scratch.snapshot("v") as store:
        count = "SELECT count(*) FROM scratch"
        before = await raw(store).fetchval(count)
        await scratch.write("v", insert)
        assert await raw(store).fetchval(count) == before == 0
    with pytest.raises(Unavailable) as refused:
        async with scratch.snapshot("v") as store:
            await insert(store, "another")
    assert isinstance(refused.value.__cause__, asyncpg.ReadOnlySQLTransactionError)
