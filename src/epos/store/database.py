"""Connections and transactions.

Services open every unit of work here. A write is committed before it is answered, continues when the
client disconnects, and runs again after a deadlock or when another transaction took the same natural
key.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from copy import copy
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

import asyncpg

from epos.domain.errors import Unavailable
from epos.store.busy_rows import RowIsBusy, Rows
from epos.store.connection_pool import ConnectionPool, Reading
from epos.store.failures import (
    DATABASE_AWAY,
    CommittedRefusal,
    is_connection_lost,
    is_in_the_way,
    is_passing,
    is_worth_another_try,
)
from epos.store.hosts import Hosts
from epos.store.statements import Connection
from epos.store.venue_store import VenueStore

if TYPE_CHECKING:
    from epos.store.node_watch import NodeWatch  # with its log: commands start without one

T = TypeVar("T")
Work = Callable[[VenueStore], Awaitable[T]]


class Around(Protocol):
    """Makes other work of the work of a write."""

    def __call__(self, work: Work[T]) -> Work[T]: ...


ATTEMPTS = 3
WORK_SECONDS = 8.0
"""For all attempts of a unit of work, and its waits for rows between them; less than a request has. Then it
is rolled back: nothing goes on behind the answer that it took too long.
"""
DURABLE = {"synchronous_commit": "on"}
"""Asked for in each session: a setting of the role or of the database would lose payments in silence."""
SETTINGS_OF_NODES = {"lock_timeout": "2000", **DURABLE}
"""What a session asks for does not reach the sessions that Citus opens to other nodes. There the role has
these, from `epos migrate`.
"""
_SESSION = {
    "application_name": "epos",
    "statement_timeout": "5000",
    "idle_in_transaction_session_timeout": "15000",
    "jit": "off",
    "timezone": "UTC",
    **SETTINGS_OF_NODES,
}
_STATEMENTS_KEPT = 500
_OPENED_FIRST = 4
"""Of each pool. Not all: with several processes PostgreSQL may have no more than a few to give."""
_WAIT_SECONDS = 2.0
"""For a connection of the pool. Admission lets no more requests in than there are connections."""
_OTHERS = "Too many others are changing the same thing; try again"


class Database:
    """A pool of connections to one PostgreSQL."""

    def __init__(
        self,
        url: str,
        pool_size: int = 10,
        *,
        committed: Callable[[str], None] = lambda _: None,
        wait_seconds: float = _WAIT_SECONDS,
        nodes: "NodeWatch | None" = None,
        **session: str,
    ) -> None:
        """`committed` is called with the venue of each unit of work after its commit. `wait_seconds`: how
        long to wait for a connection. `nodes`: refuses venues on a node that does not answer.
        `session`: PostgreSQL settings of every connection, in addition to ours or instead of them.
        """
        settings = _SESSION | session
        self._committed = committed
        self.wrap: Around | None = None
        self._size = pool_size
        # Two pools: reads go on while writes wait for each other's row locks.
        hosts = Hosts(url)
        self._readers, self._writers = (
            ConnectionPool(hosts, pool_size, settings, _STATEMENTS_KEPT, wait_seconds)
            for _ in range(2)
        )
        self.nodes = nodes
        if nodes is not None:
            nodes.watch(self._readers, self._writers)
        self._writes: set[asyncio.Task[object]] = set()

    async def open(self) -> None:
        """Open some connections of each pool before clients come and take what they need: descriptors,
        and time. Without a database, the requests open them.
        """
        count = min(self._size, _OPENED_FIRST)
        with contextlib.suppress(Unavailable, OSError, asyncpg.PostgresError):
            await asyncio.gather(self._readers.open(count), self._writers.open(count))

    async def close(self) -> None:
        """Wait for the writes that have started, then close every connection, also those in use. Do not
        wait for a database that does not respond.
        """
        if self._writes:
            await asyncio.wait(self._writes)
        await asyncio.gather(self._readers.close(), self._writers.close())

    @asynccontextmanager
    async def connection(self, venue_id: str | None = None) -> AsyncIterator[Connection]:
        """A connection in autocommit, for work that is not retried automatically: raises Unavailable also
        when another transaction was in the way. `venue_id`: whose rows it is for, if they are one venue's.
        """
        try:
            async with self._lent(venue_id) as connection:
                yield connection
        except Exception as error:
            if is_in_the_way(error):
                raise Unavailable(_OTHERS) from error
            raise

    @asynccontextmanager
    async def _lent(self, venue_id: str | None) -> AsyncIterator[Connection]:
        """Lend a connection for transactions; a broken one is not lent again."""
        if self.nodes is not None and self.nodes.any_away and venue_id is not None:
            await self.nodes.refuse(venue_id)
        try:
            connection = await self._writers.acquire(venue_id)
            try:
                yield connection
            except BaseException as error:
                if _is_unusable(error):
                    self._writers.discard(connection)
                else:
                    self._writers.release(connection)
                raise
            self._writers.release(connection)
        except Exception as error:
            if is_passing(error):
                raise Unavailable(DATABASE_AWAY) from error
            raise

    def around(self, wrap: Around) -> "Database":
        """The same pool of connections, with `wrap` around the work of each write. It is called in the
        context of the request.
        """
        same = copy(self)
        same.wrap = wrap
        return same

    def read(self, venue_id: str) -> Reading:
        """For reads of one statement each; they take no locks."""
        return Reading(self._readers, venue_id, self.nodes)

    @asynccontextmanager
    async def snapshot(self, venue_id: str) -> AsyncIterator[VenueStore]:
        """For several reads that must be consistent: one read-only REPEATABLE READ transaction."""
        async with self.connection(venue_id) as connection:
            await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                yield VenueStore(connection, venue_id)
            except BaseException as error:
                if not (_is_unusable(error) or connection.is_closed()):
                    await connection.execute("ROLLBACK")
                raise
            await connection.execute("COMMIT")

    async def write(self, venue_id: str, work: Work[T]) -> T:
        """Run `work` in one transaction and commit it, even if the caller is cancelled.

        `work` may run again from the start, at most three times, so it must not act on anything but
        the store. An exception rolls back; CommittedRefusal commits, and its error is raised. Raises
        Unavailable when the database is away or every attempt met another transaction, and Overloaded
        when too many want the same row.
        """
        wrapped = work if self.wrap is None else self.wrap(work)
        task = asyncio.ensure_future(self._write(venue_id, wrapped))
        self._writes.add(cast("asyncio.Task[object]", task))
        task.add_done_callback(self._forget)
        try:
            return await asyncio.shield(task)
        finally:
            # A failed task has the error, and the traceback of the error has this frame. Without this, only
            # the garbage collector would free them: a storm of refusals took hundreds of megabytes.
            del task

    def _forget(self, task: "asyncio.Task[object]") -> None:
        self._writes.discard(task)
        if not task.cancelled():
            task.exception()  # retrieved here in case the caller was cancelled

    async def _write(self, venue_id: str, work: Work[T]) -> T:
        ends = asyncio.get_running_loop().time() + WORK_SECONDS
        attempts = 0
        while True:
            try:
                outcome = await self._attempt(venue_id, work, ends)
            except RowIsBusy as busy:
                rows = busy.rows
            except Exception as error:
                attempts += 1
                if not is_worth_another_try(error):
                    raise
                if attempts == ATTEMPTS:
                    raise Unavailable(_OTHERS) from error
                continue
            else:
                self._committed(venue_id)
                if not isinstance(outcome, CommittedRefusal):
                    return outcome
                try:
                    raise outcome.error
                finally:
                    del outcome  # the traceback of its error has this frame
            await _wait(rows, ends)  # without a connection

    async def _attempt(self, venue_id: str, work: Work[T], ends: float) -> T | CommittedRefusal:
        """`ends`: when the work is stopped, in the loop's time. A COMMIT that was sent is never stopped."""
        async with self._lent(venue_id) as connection:
            await connection.execute("BEGIN")
            outcome: T | CommittedRefusal
            try:
                try:
                    async with asyncio.timeout_at(ends):
                        outcome = await work(VenueStore(connection, venue_id))
                except CommittedRefusal as refusal:
                    outcome = refusal.with_traceback(None)  # it has this frame
                await connection.execute("COMMIT")
            except BaseException as error:
                if not (_is_unusable(error) or connection.is_closed()):
                    await connection.execute("ROLLBACK")
                raise
            return outcome


async def _wait(rows: Rows, ends: float) -> None:
    """Wait for rows, as long as the work has time. Raises Unavailable after that."""
    if asyncio.get_running_loop().time() >= ends:
        raise Unavailable(_OTHERS)
    try:
        async with asyncio.timeout_at(ends):
            await rows.wait()
    except TimeoutError as error:
        raise Unavailable(_OTHERS) from error


def _is_unusable(error: BaseException) -> bool:
    """Whether the connection where this happened must not be used again."""
    return is_connection_lost(error) or isinstance(error, asyncio.CancelledError)
