"""Copies of the orders, parties and reservations of an EPOS: Dojo fetches what has changed."""

import asyncio
from contextlib import suppress
from typing import Any

from epos.contract.errors import EPOSErrorType
from epos.simulator.caller import EposCaller, NotRegistered
from epos.simulator.calls import RequesterHeaders
from epos.simulator.options import Options

Json = dict[str, Any]
_REQUESTER = RequesterHeaders(product="Events")
_CAPABILITIES = {
    "OrderUpdated": ("GetOrderById", "orderId"),
    "PartyUpdated": ("GetPartyById", "partyId"),
    "ReservationUpdated": ("GetReservationById", "reservationId"),
}


class Copies:
    """One account's copies. An entity is fetched once at a time, so that no older answer comes last."""

    def __init__(self, caller: EposCaller, options: Options) -> None:
        self._caller = caller
        self._options = options
        self._copies: dict[str, Json | None] = {}
        self._again: set[str] = set()
        self._fetching: dict[str, asyncio.Task[None]] = {}

    def fetch(self, kind: str, entity: str) -> None:
        """In the background."""
        self._again.add(entity)
        if entity not in self._fetching:
            task = asyncio.create_task(self._fetch(kind, entity))
            self._fetching[entity] = task

    async def settle(self, seconds: float) -> bool:
        """Whether everything has been fetched within that time, and what was asked for meanwhile."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._fetching:
                    await asyncio.wait(set(self._fetching.values()))
        return not self._fetching

    def json(self) -> Json:
        return dict(self._copies)

    async def _fetch(self, kind: str, entity: str) -> None:
        capability, name = _CAPABILITIES[kind]
        try:
            while entity in self._again:
                self._again.discard(entity)
                reply = await self._caller.call(
                    capability,
                    {name: entity},
                    requester=_REQUESTER,
                    attempts=self._options.event_attempts,
                )
                if reply.ok:
                    self._copies[entity] = reply.answer
                elif reply.kind == EPOSErrorType.NotFound:
                    self._copies[entity] = None
        except NotRegistered:
            self._again.discard(entity)
        finally:
            del self._fetching[entity]
