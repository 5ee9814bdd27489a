"""Which totals guests saw on a device. What is taken off a tab after that stands in the day's report."""

import asyncio
from collections.abc import Iterable

import structlog

from epos.domain.order_status import OrderOrigin, OrderStatus, is_open
from epos.domain.requester import Requester
from epos.services.expiring_cache import ExpiringCache
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.venue_store import VenueStore

_KEPT_SECONDS = 60.0
_MOST_WAITING = 1_000
_UNKNOWN = -1
"""No version of an order."""
_log = structlog.get_logger()

_Key = tuple[str, str]
"""A venue and an order."""


class ShownBills:
    """Notes what devices fetch, beside their answers: one small write for each version of a tab at most.

    Only what a device fetches (`device-id`) is a bill that somebody sees: Dojo itself reads an order again
    after each change. One write at a time, so that notes take no connections from requests. A note that
    fails is tried again with the next fetch. A lock and a printed bill are noted in their own transactions.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._noted: ExpiringCache[_Key, int] = ExpiringCache(_KEPT_SECONDS)
        self._waiting: dict[_Key, int] = {}
        self._writer: asyncio.Task[None] | None = None

    def note(self, requester: Requester, rows: Iterable[Record]) -> None:
        """The device got these orders, as `OrderRepository.answer` has them. Returns at once."""
        if requester.device_id is None or len(self._waiting) > _MOST_WAITING:
            return
        for row in rows:
            if row["origin"] == OrderOrigin.TILL and is_open(OrderStatus(row["status"])):
                key = (requester.venue_id, row["id"])
                if self._noted.get(key) != row["version"]:
                    self._noted.put(key, row["version"])
                    self._waiting[key] = row["version"]
        if self._waiting and self._writer is None:
            self._writer = asyncio.create_task(self._write())

    async def _write(self) -> None:
        try:
            while self._waiting:
                key = next(iter(self._waiting))
                try:
                    await self._remember(*key, self._waiting.pop(key))
                except Exception:  # noqa: BLE001 - the answer has gone; the next fetch tries again
                    self._noted.put(key, _UNKNOWN)
                    _log.warning("a bill that was shown could not be noted", order=key[1])
        finally:
            self._writer = None

    async def _remember(self, venue_id: str, order_id: str, version: int) -> None:
        async def work(store: VenueStore) -> None:
            order = await store.orders.lock(order_id)
            if order is not None and order.version == version:
                await store.tabs.show(order_id, order.total_amount)

        await self._database.write(venue_id, work)
