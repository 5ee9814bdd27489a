"""Connections for reads of one statement each.

A single statement in autocommit leaves no state, so nothing is reset between two users, and lending a
connection is one pop of a list. asyncpg's own pool makes two tasks for it (decision 0003).
"""

import asyncio
from types import TracebackType
from typing import Any

import asyncpg

from epos.domain.errors import Unavailable
from epos.store.failures import DATABASE_AWAY, is_connection_lost, is_passing
from epos.store.statements import Connection
from epos.store.venue_store import VenueStore

GOODBYE_SECONDS = 1.0


class ReadPool:
    """Opens connections when they are needed, up to `size`. The last one used is lent first."""

    def __init__(
        self,
        url: str,
        size: int,
        session: dict[str, str],
        statements: int,
        wait_seconds: float,
    ) -> None:
        self._wait_seconds = wait_seconds
        self._arguments: dict[str, Any] = {
            "dsn": url,
            "server_settings": session,
            "statement_cache_size": statements,
            "command_timeout": 10,
            "timeout": 5,
        }
        self._places = asyncio.Semaphore(size)
        self._idle: list[Connection] = []
        self._closed = False

    async def acquire(self) -> Connection:
        """Raises TimeoutError when all connections stay in use."""
        if self._places.locked():
            async with asyncio.timeout(self._wait_seconds):
                await self._places.acquire()
        else:
            await self._places.acquire()  # does not wait
        try:
            return self._usable() or await asyncpg.connect(**self._arguments)
        except BaseException:
            self._places.release()
            raise

    def release(self, connection: Connection) -> None:
        """A broken connection is not lent again."""
        if self._closed:
            connection.terminate()
        if not connection.is_closed():
            self._idle.append(connection)
        self._places.release()

    async def open(self, count: int) -> None:
        """Have so many connections idle. Raises as `acquire`."""
        opened = [await self.acquire() for _ in range(count)]
        for connection in opened:
            self.release(connection)

    async def close(self) -> None:
        """Close the idle connections now, the others when their users are done. Do not wait for a database
        that does not respond.
        """
        self._closed = True
        idle, self._idle = self._idle, []
        goodbyes = (connection.close(timeout=GOODBYE_SECONDS) for connection in idle)
        await asyncio.gather(*goodbyes, return_exceptions=True)

    def _usable(self) -> "Connection | None":
        """An idle connection that PostgreSQL has not closed."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        return None


class Reading:
    """`async with` a connection for reads. A class: a generator would take a tenth of a read's time."""

    def __init__(self, readers: ReadPool, venue_id: str) -> None:
        self._readers = readers
        self._venue_id = venue_id

    async def __aenter__(self) -> VenueStore:
        try:
            self._connection = await self._readers.acquire()
        except Exception as error:
            if is_passing(error):
                raise Unavailable(DATABASE_AWAY) from error
            raise
        return VenueStore(self._connection, self._venue_id)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None and _is_left_half_done(error):
            self._connection.terminate()
        self._readers.release(self._connection)
        if error is not None and is_passing(error):
            raise Unavailable(DATABASE_AWAY) from error


def _is_left_half_done(error: BaseException) -> bool:
    """Whether a statement may still be running on the connection."""
    return isinstance(error, asyncio.CancelledError) or is_connection_lost(error)
