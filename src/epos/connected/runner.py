"""Keep every venue that has a link connected, in whichever process gets its lease."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

from epos.dojo.leases import Lease, Leases
from epos.dojo.links import LEASE, Links
from epos.dojo.outbox import Outbox
from epos.domain.dojo import Access, DojoLink
from epos.domain.errors import Conflict, EposError
from epos.store.wakeups import Wakeups

_ADJUST_SECONDS = 2.0
_TRY_SECONDS = 1.0
_NO_KEY_SECONDS = 30.0
_log = structlog.get_logger("epos.dojo")

Work = Callable[[Lease], Coroutine[Any, Any, None]]


class Runner:
    """Runs one task per venue; a failure of one does not touch the others."""

    def __init__(
        self,
        links: Links,
        outbox: Outbox,
        leases: Leases,
        wakeups: Wakeups,
        connection: Callable[[Access], Work],
        keyless: Callable[[str], Awaitable[None]],
    ) -> None:
        """`keyless` is called from time to time for a venue whose key no process has."""
        self._links = links
        self._outbox = outbox
        self._leases = leases
        self._wakeups = wakeups
        self._connection = connection
        self._keyless = keyless
        self._running: dict[DojoLink, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Run until cancelled; then finish every connection and release every lease."""
        try:
            while True:
                await self._adjust()
                await asyncio.sleep(_ADJUST_SECONDS)
        finally:
            await self._stop(set(self._running))

    async def _adjust(self) -> None:
        """Start and stop tasks as links are added, removed and changed."""
        try:
            wanted = set(await self._links.all())
        except EposError as error:
            _log.warning("the links to Dojo cannot be read", cause=error.message)
            return
        except Exception:  # noqa: BLE001 - it is logged, and the venues that are connected stay so
            _log.exception("the links to Dojo cannot be read")
            return
        # A task that ended, for whatever reason, is started again.
        self._running = {link: task for link, task in self._running.items() if not task.done()}
        self._wakeups.watch(link.venue_id for link in wanted)
        await self._stop(self._running.keys() - wanted)
        for link in wanted - self._running.keys():
            self._running[link] = asyncio.create_task(self._keep(link))

    async def _stop(self, links: set[DojoLink]) -> None:
        tasks = [self._running.pop(link) for link in links]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep(self, link: DojoLink) -> None:
        """Wait for the lease, work while this process has it, and repeat."""
        while True:
            pause = _TRY_SECONDS
            try:
                access = self._links.unlocked(link)
                await self._leases.run(link.venue_id, LEASE, self._connection(access))
            except Conflict as error:
                await self._report_missing_key(link.venue_id, error)
                pause = _NO_KEY_SECONDS
            except EposError as error:
                _log.warning("lease unknown", venue=link.venue_id, cause=error.message)
            except Exception:  # noqa: BLE001 - it is logged, and the next try may fare better
                _log.exception("the connection to Dojo failed", venue=link.venue_id)
            await asyncio.sleep(pause)

    async def _report_missing_key(self, venue_id: str, error: Conflict) -> None:
        """Another process may have the key; if none has, the venue's outbox grows."""
        with contextlib.suppress(EposError):
            waiting = await self._outbox.waiting(venue_id)
            keeper = await self._links.keeper(venue_id)
            _log.warning(
                "not connected to Dojo by this process",
                venue=venue_id,
                cause=error.message,
                kept_by=keeper or "nobody",
                changes_waiting=waiting.changes,
            )
            if keeper is None:
                await self._keyless(venue_id)
