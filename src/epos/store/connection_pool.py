"""The connections to PostgreSQL that one process keeps open.

A user leaves no state on a connection: it runs single statements, or ends the transaction that it began,
or does not give the connection back. So nothing is reset between two users, and lending a connection is
one pop of a list. asyncpg's own pool makes two tasks for it, and SQLAlchemy's takes longer than a read
(decision 0003).
"""

import asyncio
from collections.abc import Collection
from types import TracebackType
from typing import Any, Protocol

from epos.domain.errors import Unavailable
from epos.store.failures import DATABASE_AWAY, is_connection_lost, is_passing
from epos.store.hosts import Hosts
from epos.store.statements import Connection
from epos.store.venue_store import VenueStore

GOODBYE_SECONDS = 1.0
_STOPPING_SECONDS = 0.1


class ConnectionPool:
    """Opens connections when they are needed, up to `size`. The last one used is lent first."""

    def __init__(
        self,
        hosts: Hosts,
        size: int,
        session: dict[str, str],
        statements: int,
        wait_seconds: float,
    ) -> None:
        self._wait_seconds = wait_seconds
        self._hosts = hosts
        self._arguments: dict[str, Any] = {
            "server_settings": session,
            "statement_cache_size": statements,
            "command_timeout": 10,
        }
        self._free = size
        """Connections that may still be lent, open or not."""
        self._waiting: dict[asyncio.Future[bool], None] = {}
        """Those who wait for one, the first one first."""
        self._idle: list[Connection] = []
        self._lent: dict[Connection, tuple[float, str | None]] = {}
        """Since when, in the loop's time, and for which venue."""
        self._closed = False
        self._ending: dict[Connection, asyncio.TimerHandle] = {}

    async def acquire(self, venue_id: str | None = None) -> Connection:
        """`venue_id`: whose rows it is for. Raises TimeoutError when all connections stay in use."""
        if self._free:
            self._free -= 1
        else:
            await self._wait()
        try:
            connection = self._usable() or await self._hosts.connect(**self._arguments)
            self._lent[connection] = (asyncio.get_running_loop().time(), venue_id)
            return connection
        except BaseException:
            self._pass_on()
            raise

    def discard(self, connection: Connection) -> None:
        """Give back a connection where a statement may still be running: it is not lent again. asyncpg asks
        PostgreSQL to stop the statement, on another connection; to close this one at once would stop that.
        """
        self._lent.pop(connection, None)
        if self._closed or connection.is_closed():
            connection.terminate()
        else:
            self._ending[connection] = asyncio.get_running_loop().call_later(
                _STOPPING_SECONDS, self._end, connection
            )
        self._pass_on()

    def _end(self, connection: Connection) -> None:
        self._ending.pop(connection, None)
        connection.terminate()

    def release(self, connection: Connection) -> None:
        """Give the connection back; a broken one is not lent again."""
        self._lent.pop(connection, None)
        if self._closed:
            connection.terminate()
        if not connection.is_closed():
            self._idle.append(connection)
        self._pass_on()

    async def _wait(self) -> None:
        """Wait for a connection of somebody else. `asyncio.timeout` would leave a cycle of an exception and
        its frames for each that waits in vain; in a rush they are thousands.
        """
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[bool] = loop.create_future()
        self._waiting[turn] = None
        timer = loop.call_later(self._wait_seconds, _give_up, turn)
        try:
            got_one = await turn
        except asyncio.CancelledError:
            if not turn.cancelled() and turn.result():
                self._pass_on()
            raise
        finally:
            timer.cancel()
            self._waiting.pop(turn, None)
        if not got_one:
            raise TimeoutError

    def _pass_on(self) -> None:
        """Let the one who has waited longest have the connection."""
        while self._waiting:
            turn = next(iter(self._waiting))
            del self._waiting[turn]
            if not turn.done():
                turn.set_result(True)
                return
        self._free += 1

    async def open(self, count: int) -> None:
        """Have so many connections idle. Raises as `acquire`."""
        opened: list[Connection] = []
        try:
            for _ in range(count):
                opened.append(await self.acquire())  # noqa: PERF401 - some may be open when one fails
        finally:
            for connection in opened:
                self.release(connection)

    async def close(self) -> None:
        """Close every connection, also those in use. Do not wait for a database that does not respond."""
        self._closed = True
        for connection, timer in list(self._ending.items()):
            timer.cancel()
            self._end(connection)
        for connection in self._lent:
            connection.terminate()
        idle, self._idle = self._idle, []
        goodbyes = (connection.close(timeout=GOODBYE_SECONDS) for connection in idle)
        await asyncio.gather(*goodbyes, return_exceptions=True)

    def longest(self) -> float:
        """For how many seconds somebody has had a connection."""
        if not self._lent:
            return 0.0
        since = min(since for since, _ in self._lent.values())
        return asyncio.get_running_loop().time() - since

    def venues(self) -> set[str]:
        """The venues that connections are lent for."""
        return {venue_id for _, venue_id in self._lent.values() if venue_id is not None}

    def cut(self, venue_ids: Collection[str], seconds: float) -> None:
        """End the connections that are lent for these venues, or for no venue and longer than `seconds`:
        whoever waits for an answer gets an error.
        """
        before = asyncio.get_running_loop().time() - seconds
        for connection, (since, venue_id) in list(self._lent.items()):
            if venue_id in venue_ids or (venue_id is None and since < before):
                connection.terminate()

    def leave(self, host: str) -> None:
        """End all connections to this host, and connect to the other ones first for a while."""
        self._hosts.leave_out(host)
        for connection in (*self._idle, *self._lent):
            if self._hosts.of(connection) == host:
                connection.terminate()

    def _usable(self) -> "Connection | None":
        """An idle connection that PostgreSQL has not closed."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        return None


def _give_up(turn: "asyncio.Future[bool]") -> None:
    if not turn.done():
        turn.set_result(False)


class Guard(Protocol):
    """Knows which venues are on a node that does not answer."""

    any_away: bool

    async def refuse(self, venue_id: str) -> None:
        """Raises Unavailable for a venue on such a node."""


class Reading:
    """`async with` a connection for reads. A class: a generator would take a tenth of a read's time."""

    def __init__(self, readers: ConnectionPool, venue_id: str, nodes: Guard | None = None) -> None:
        self._readers = readers
        self._venue_id = venue_id
        self._nodes = nodes

    async def __aenter__(self) -> VenueStore:
        if self._nodes is not None and self._nodes.any_away:
            await self._nodes.refuse(self._venue_id)
        try:
            self._connection = await self._readers.acquire(self._venue_id)
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
            self._readers.discard(self._connection)
        else:
            self._readers.release(self._connection)
        if error is not None and is_passing(error):
            raise Unavailable(DATABASE_AWAY) from error


def _is_left_half_done(error: BaseException) -> bool:
    """Whether a statement may still be running on the connection."""
    return isinstance(error, asyncio.CancelledError) or is_connection_lost(error)
