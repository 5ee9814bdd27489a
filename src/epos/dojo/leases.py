"""Leases: one process at a time works for a venue; another takes over when it ends."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog

from epos.domain.errors import EposError
from epos.store import leases
from epos.store.database import Database

_log = structlog.get_logger("epos.dojo")


@dataclass(slots=True)
class Lease:
    """What a process has while it works for a venue."""

    fence: int
    until: float
    """A little before another process may take it, by `time.monotonic`."""

    @property
    def is_valid(self) -> bool:
        """False also in a process that was suspended until the lease expired, and has just resumed."""
        return time.monotonic() < self.until


class Leases:
    """The leases of one process. `holder` is its name, which no other process ever has."""

    def __init__(
        self, database: Database, holder: str, *, seconds: float = 10.0, renewed: float = 3.0
    ) -> None:
        self._database = database
        self._holder = holder
        self._seconds = seconds
        self._renewed = renewed

    async def run(
        self,
        venue_id: str,
        name: str,
        work: Callable[[Lease], Coroutine[Any, Any, None]],
    ) -> bool:
        """Take the lease and run `work` until it ends; cancel it when the lease is lost.

        False if another process has the lease.
        """
        taken_at = time.monotonic()  # before the request: the lease starts to run during it
        fence = await self._take(venue_id, name)
        if fence is None:
            return False
        lease = Lease(fence, self._end(taken_at))
        task = asyncio.create_task(work(lease))
        try:
            await self._keep(venue_id, name, lease, task)
        finally:
            await _ended(task)
            with contextlib.suppress(EposError):
                await self._release(venue_id, name, fence)
        return True

    def _end(self, taken_at: float) -> float:
        return taken_at + self._seconds * 0.85

    async def _keep(
        self, venue_id: str, name: str, lease: Lease, task: "asyncio.Task[None]"
    ) -> None:
        """Renew the lease until the work ends or the lease is lost."""
        while not task.done():
            await asyncio.wait({task}, timeout=self._renewed)
            started = time.monotonic()
            with contextlib.suppress(EposError, TimeoutError):
                async with asyncio.timeout(max(0.0, lease.until - started)):
                    if await self._take(venue_id, name) != lease.fence:
                        break
                lease.until = self._end(started)
            if not lease.is_valid:
                break
        if task.done():
            await task
        else:
            _log.warning("lease lost", venue=venue_id, lease=name)

    async def _take(self, venue_id: str, name: str) -> int | None:
        async with self._database.connection(venue_id) as connection:
            return await leases.take(connection, venue_id, name, self._holder, self._seconds)

    async def _release(self, venue_id: str, name: str, fence: int) -> None:
        async with self._database.connection(venue_id) as connection:
            await leases.release(connection, venue_id, name, self._holder, fence)


async def _ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()  # retrieved: what matters was raised in `_keep`
