"""The pool of connections for reads lends each to one user at a time, and never a broken one."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from epos.domain.errors import Unavailable
from epos.store.connection_pool import ConnectionPool, Reading
from epos.store.hosts import Hosts
from epos.store.statements import Connection


class Watched(ConnectionPool):
    """A pool of two that knows what it has lent, so that a test may keep it."""

    def __init__(self, url: str) -> None:
        super().__init__(Hosts(url), 2, {"application_name": "pool-test"}, 10, 8.0)
        self.lent: set[Connection] = set()

    async def acquire(self, venue_id: str | None = None) -> Connection:
        connection = await super().acquire(venue_id)
        self.lent.add(connection)
        return connection

    def discard(self, connection: Connection) -> None:
        self.lent.discard(connection)
        super().discard(connection)

    def release(self, connection: Connection) -> None:
        self.lent.discard(connection)
        super().release(connection)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Watched]:
    pool = Watched(database_url)
    yield pool
    for connection in list(pool.lent):
        pool.release(connection)
    await pool.close()


async def pid(pool: Watched) -> int:
    connection = await pool.acquire()
    try:
        found: int = await connection.fetchval("SELECT pg_backend_pid()")
        return found
    finally:
        pool.release(connection)


async def test_the_last_one_used_is_lent_first(pool: Watched) -> None:
    first, second = await pool.acquire(), await pool.acquire()
    assert first is not second
    pool.release(first)
    pool.release(second)
    assert await pool.acquire() is second


async def test_who_finds_none_waits_for_the_next_that_is_given_back(pool: Watched) -> None:
    first, _ = await pool.acquire(), await pool.acquire()
    waiting = asyncio.ensure_future(pool.acquire())
    await asyncio.sleep(0)
    assert not waiting.done()
    pool.release(first)
    assert await waiting is first


async def test_who_waits_too_long_is_told_so(pool: Watched) -> None:
    pool._wait_seconds = 0.01
    first, second = await pool.acquire(), await pool.acquire()
    with pytest.raises(Unavailable):
        async with Reading(pool, "nowhere"):
            pass
    pool.release(first)
    pool.release(second)
    assert await asyncio.gather(pid(pool), pid(pool))


async def test_who_gives_up_waiting_takes_nobodys_place(pool: Watched) -> None:
    held = [await pool.acquire(), await pool.acquire()]
    waiting = [asyncio.ensure_future(pool.acquire()) for _ in range(5)]
    await asyncio.sleep(0)
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    for connection in held:
        pool.release(connection)
    assert {await pool.acquire(), await pool.acquire()} == set(held)


async def test_a_connection_that_postgresql_ended_is_not_lent_again(pool: Watched) -> None:
    victim, other = await pool.acquire(), await pool.acquire()
    victim_pid = await victim.fetchval("SELECT pg_backend_pid()")
    pool.release(victim)
    await other.execute(f"SELECT pg_terminate_backend({victim_pid})")
    while not victim.is_closed():
        await asyncio.sleep(0.01)
    assert await pid(pool) != victim_pid


async def test_a_read_that_is_cancelled_leaves_no_statement_behind(pool: Watched) -> None:
    async def slow() -> None:
        async with Reading(pool, "nowhere") as store:
            await store.orders._connection.fetchval("SELECT pg_sleep(60)")

    reading = [asyncio.ensure_future(slow()) for _ in range(2)]
    await asyncio.sleep(0.2)
    for one in reading:
        one.cancel()
    await asyncio.gather(*reading, return_exceptions=True)
    assert await asyncio.gather(pid(pool), pid(pool))


async def test_a_connection_given_back_after_the_end_is_closed(database_url: str) -> None:
    pool = Watched(database_url)
    connection = await pool.acquire()
    await pool.close()
    pool.release(connection)
    assert connection.is_closed()


async def test_what_is_lent_for_a_venue_can_be_cut_and_nothing_else(pool: Watched) -> None:
    hung, other = await pool.acquire("hung"), await pool.acquire("other")
    waiting = asyncio.create_task(hung.execute("SELECT pg_sleep(3600)"))
    await asyncio.sleep(0)
    assert pool.venues() == {"hung", "other"}
    pool.cut({"hung"}, seconds=3600)
    with pytest.raises(asyncpg.PostgresConnectionError):
        await waiting
    assert await other.fetchval("SELECT 1") == 1
    for connection in (hung, other):
        pool.release(connection)
    assert pool.venues() == set()


async def test_what_is_lent_for_no_venue_is_cut_when_it_takes_long(pool: Watched) -> None:
    connection = await pool.acquire()
    pool.cut(set(), seconds=3600)
    assert not connection.is_closed()
    assert pool.longest() < 3600
    pool.cut(set(), seconds=-1)
    assert connection.is_closed()
    pool.release(connection)
    assert pool.longest() == 0
