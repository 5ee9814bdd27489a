"""Wake the sender of a venue's outbox when there are new changes, whichever process committed them.

A wake-up is a hint and may be lost: the sender also reads the outbox at intervals. No business
transaction sends it, because PostgreSQL runs commits with a NOTIFY one at a time. A process collects the
venues that it has changed and notifies about them in one statement, at most every 50 ms, on a connection
of its own.
"""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import asyncpg
import structlog
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from epos.store.statements import Connection, Statement
from epos.store.tables.base import Key

GATHER_SECONDS = 0.05
CHANNEL = "epos_outbox"
_AGAIN_SECONDS = 1.0
_TELL = Statement(
    text("SELECT pg_notify(:channel, venue_id) FROM unnest(:venue_ids) AS venue_id").bindparams(
        bindparam("venue_ids", type_=ARRAY(Key))
    )
)
_log = structlog.get_logger("epos.dojo")


class Wakeups:
    """LISTEN and NOTIFY for one process."""

    def __init__(self, url: str) -> None:
        """`url`: PostgreSQL itself, or a pooler in session mode."""
        self._url = url
        self._watched: frozenset[str] = frozenset()
        self._sleepers: dict[str, asyncio.Event] = {}
        self._changed: set[str] = set()
        self._stirred = asyncio.Event()
        self._wanted = asyncio.Event()

    def watch(self, venue_ids: Iterable[str]) -> None:
        """Set the venues that have a sender somewhere; without any, no connection is opened."""
        self._watched = frozenset(venue_ids)
        if self._watched:
            self._wanted.set()
        else:
            self._wanted.clear()
            self._stirred.set()

    def committed(self, venue_id: str) -> None:
        """Call after a transaction of this venue was committed in this process."""
        if venue_id in self._sleepers:
            self._sleepers[venue_id].set()  # the sender is in this process
        elif venue_id in self._watched:
            self._changed.add(venue_id)
            self._stirred.set()

    @contextmanager
    def sleeper(self, venue_id: str) -> Iterator[asyncio.Event]:
        """An event that is set when the venue may have new changes; the sender clears it."""
        self._sleepers[venue_id] = asyncio.Event()
        try:
            yield self._sleepers[venue_id]
        finally:
            del self._sleepers[venue_id]

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            await self._wanted.wait()
            try:
                await self._listen_and_tell()
            except Exception as error:  # noqa: BLE001 - it is a hint; the next try may fare better
                _log.warning("no wake-ups between processes", cause=type(error).__name__)
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _listen_and_tell(self) -> None:
        """Run while the connection works and a venue is watched."""
        connection: Connection = await asyncpg.connect(
            self._url,
            timeout=5,
            command_timeout=5,
            server_settings={"application_name": "epos wake-ups"},
        )
        try:
            connection.add_termination_listener(lambda _: self._stirred.set())
            await connection.add_listener(CHANNEL, self._heard)
            while self._watched and not connection.is_closed():
                await self._stirred.wait()
                self._stirred.clear()
                await self._tell(connection)
                await asyncio.sleep(GATHER_SECONDS)
        finally:
            connection.terminate()  # do not wait for an answer: PostgreSQL may be hanging

    async def _tell(self, connection: Connection) -> None:
        changed, self._changed = self._changed & self._watched, set()
        if changed:
            await _TELL.run(connection, channel=CHANNEL, venue_ids=sorted(changed))

    def _heard(self, _: object, __: int, ___: str, payload: object) -> None:
        sleeper = self._sleepers.get(str(payload))
        if sleeper is not None:
            sleeper.set()
