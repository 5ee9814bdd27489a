"""Connections for reads that are one statement each.

asyncpg's own pool, without the reset query between two users: a single statement in autocommit leaves
nothing behind. Taking a connection costs half of what SQLAlchemy's pool asks (docs/decisions).
"""

import asyncio
from types import TracebackType
from typing import Any

import asyncpg

from epos.domain.errors import Unavailable
from epos.store.failures import DATABASE_AWAY, is_connection_lost, is_passing
from epos.store.statements import Connection
from epos.store.venue_store import VenueStore

_WAIT_SECONDS = 8


class _Unreset(asyncpg.Connection):
    def get_reset_query(self) -> str:
        return ""


class ReadPool:
    """Opens its connections as they are needed, up to `size`."""

    def __init__(self, url: str, size: int, session: dict[str, str], statements: int) -> None:
        self._arguments: dict[str, Any] = {
            "dsn": url,
            "min_size": 0,
            "max_size": size,
            "connection_class": _Unreset,
            "server_settings": session,
            "statement_cache_size": statements,
            "max_queries": 0x7FFFFFFF,
            "command_timeout": 10,
            "timeout": 5,
        }
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self._opening = asyncio.Lock()

    async def acquire(self) -> Connection:
        """Raises TimeoutError when all connections stay in use."""
        pool = self._pool or await self._open()
        return await pool.acquire(timeout=_WAIT_SECONDS)  # type: ignore[return-value]

    async def release(self, connection: Connection) -> None:
        assert self._pool is not None, "it gave the connection"  # noqa: S101
        await self._pool.release(connection)  # type: ignore[arg-type]

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()

    async def _open(self) -> "asyncpg.Pool[asyncpg.Record]":
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(**self._arguments)
        return self._pool


class Reading:
    """`async with` a connection for reads. A class, since a generator would cost a tenth of a read."""

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
        await self._readers.release(self._connection)
        if error is not None and is_passing(error):
            raise Unavailable(DATABASE_AWAY) from error


def _is_left_half_done(error: BaseException) -> bool:
    """Whether a statement may still be running, which the next user must not meet."""
    return isinstance(error, asyncio.CancelledError) or is_connection_lost(error)
