"""Send what waits in one venue's outbox: at least once, one event per entity, oldest change first."""

import asyncio
import contextlib
from typing import Protocol

import structlog

from epos.dojo.client import DojoAway, DojoError
from epos.domain.backoff import Backoff
from epos.domain.dojo import Entity
from epos.domain.errors import EposError
from epos.store import outbox
from epos.store.database import Database
from epos.store.outbox import Claimed
from epos.store.wakeups import GATHER_SECONDS

_AT_ONCE = 16
_POLL_SECONDS = 1.0
PATIENCE = Backoff(first=2.0, longest=3600.0)
"""Between attempts to send one change."""
_PAUSE = Backoff(first=2.0, longest=15.0)
"""Between all attempts, while Dojo cannot be reached."""
_log = structlog.get_logger("epos.dojo")


class Announces(Protocol):
    """Sends one event to Dojo: the client, or a test."""

    async def announce(self, entity: Entity, entity_id: str) -> None: ...


class OutboxSender:
    """Works while its process has the lease `lease` with this fence."""

    def __init__(
        self,
        database: Database,
        dojo: Announces,
        venue_id: str,
        lease: str,
        fence: int,
        *,
        told: asyncio.Event | None = None,
        poll: float = _POLL_SECONDS,
    ) -> None:
        """`told` is set when there may be something new; the outbox is read every `poll` seconds anyway."""
        self._database = database
        self._dojo = dojo
        self._venue_id = venue_id
        self._lease = lease
        self._fence = fence
        self._told = told or asyncio.Event()
        self._poll = poll
        self._failures = 0

    async def run(self) -> None:
        """Run until cancelled. While Dojo cannot be reached, try one event at a time, ever more rarely."""
        while True:
            try:
                more = await self.round()
            except EposError as error:
                _log.warning("the outbox cannot be read", venue=self._venue_id, cause=error.message)
                more = False
            if self._failures:
                await asyncio.sleep(_PAUSE.seconds(self._failures))
            elif not more:
                await self._rest()

    async def _rest(self) -> None:
        """Wait until there may be something new, then a moment longer: changes often come together, and
        several changes of one entity are one event.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._poll):
                await self._told.wait()
                await asyncio.sleep(GATHER_SECONDS)
        self._told.clear()

    async def round(self) -> bool:
        """Send one batch. Returns whether there may be more."""
        most = 1 if self._failures else _AT_ONCE
        batch = await self._claim(most)
        if not batch:
            return False
        failures = await asyncio.gather(*(self._send(claimed) for claimed in batch))
        await self._settle(list(zip(batch, failures, strict=True)))
        await self._notice(failures)
        return len(batch) == most

    async def _claim(self, most: int) -> list[Claimed]:
        async with self._database.connection(self._venue_id) as connection:
            return await outbox.claim(connection, self._venue_id, self._lease, self._fence, most)

    async def _send(self, claimed: Claimed) -> DojoError | None:
        """Called outside a transaction."""
        try:
            await self._dojo.announce(claimed.entity, claimed.entity_id)
        except DojoError as error:
            return error
        return None

    async def _settle(self, outcomes: list[tuple[Claimed, DojoError | None]]) -> None:
        venue_id, fence = self._venue_id, self._fence
        sent = [row for claimed, failure in outcomes if failure is None for row in claimed.ids]
        async with self._database.connection(self._venue_id) as connection:
            await outbox.delete(connection, venue_id, fence, sent)
            for claimed, failure in outcomes:
                if failure is not None:
                    wait = PATIENCE.seconds(claimed.attempts)
                    await outbox.postpone(connection, venue_id, fence, claimed, wait, str(failure))

    async def _notice(self, failures: list[DojoError | None]) -> None:
        """Dojo is away when every event failed to reach it; back when one succeeded."""
        if all(isinstance(failure, DojoAway) for failure in failures):
            self._failures += 1
            _log.warning("Dojo hears no events", venue=self._venue_id, cause=str(failures[0]))
            return
        if self._failures:
            async with self._database.connection(self._venue_id) as connection:
                await outbox.hurry(connection, self._venue_id)
            _log.info("Dojo hears events again", venue=self._venue_id)
        self._failures = 0
