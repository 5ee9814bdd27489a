"""Two writers who meet, without a sleep.

A gate holds every writer at its audit row, its last statement before COMMIT. The first writes and waits
at the gate; the second runs until it waits for the first, or, without the lock that a test is about,
decides on what it can see and waits at the gate too.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import asyncpg
import pytest

from epos.store.database import Database, Work
from epos.store.failures import CommittedRefusal
from epos.store.statements import Connection
from tests.support.cluster import is_citus

T = TypeVar("T")
_POLLS, _POLL_SECONDS = 2_000, 0.01
_WAITING_HERE = """
    SELECT count(DISTINCT pid) FROM pg_locks
    WHERE NOT granted AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())
"""
_WAITING = (
    f"SELECT sum(result::int) FROM run_command_on_all_nodes($sql${_WAITING_HERE}$sql$)"
    if is_citus()
    else _WAITING_HERE
)
"""On Citus a writer may wait on the node of its venue."""


_MORE_SECONDS = 60.0


class Watched(Database):
    """Counts what its transactions ended with."""

    def __init__(self, url: str) -> None:
        # A busy machine must not end a race by a deadline.
        super().__init__(url, lock_timeout="25s", statement_timeout="30s")
        self.ends: Counter[type[BaseException] | None] = Counter()

    async def _attempt(self, venue_id: str, work: Work[T], ends: float) -> T | CommittedRefusal:
        try:
            result = await super()._attempt(venue_id, work, ends + _MORE_SECONDS)
        except BaseException as error:
            self.ends[type(error)] += 1
            raise
        self.ends[None] += 1
        return result


async def meet(
    database: Watched, first: Coroutine[Any, Any, Any], second: Coroutine[Any, Any, Any]
) -> list[Any]:
    """Both results or refusals, when `second` comes after `first` wrote and before it commits."""
    async with _gate(database), database.connection() as watcher:
        tasks = [asyncio.ensure_future(first)]
        await until_waiting(watcher, 1)
        tasks.append(asyncio.ensure_future(second))
        await until_waiting(watcher, 2)
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert database.ends[asyncpg.DeadlockDetectedError] == 0
    return results


@asynccontextmanager
async def _gate(database: Database) -> AsyncIterator[None]:
    async with database.connection() as gate, gate.transaction():
        await gate.execute("LOCK TABLE audit_entry IN SHARE MODE")
        yield


async def until_waiting(watcher: Connection, writers: int) -> None:
    """Until so many wait for a lock that somebody else has."""
    for _ in range(_POLLS):
        if await waiting(watcher) >= writers:
            return
        await asyncio.sleep(_POLL_SECONDS)
    pytest.fail(f"{writers} writers never met")


async def waiting(watcher: Connection) -> int:
    """How many wait for a lock, on whichever node."""
    count: int = await watcher.fetchval(_WAITING)
    return count
