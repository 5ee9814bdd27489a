"""Dojo as the source of truth about payments."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from epos.contract.base import is_id, waiter_as_text
from epos.dojo.client import DojoClient, DojoError
from epos.dojo.links import Links
from epos.dojo.models import DojoMoney, PaymentIntent
from epos.domain.dojo import Access, DojoLink
from epos.domain.errors import Conflict
from epos.domain.payment_checks import KnownPayment
from epos.services.expiring_cache import ExpiringCache

_ANSWER_SECONDS = 3.0
_REMEMBERED_SECONDS = 5.0
_NOT_ASKED_SECONDS = 5.0
"""After an answer that did not come in time: each payment that waits for Dojo keeps others waiting."""


@dataclass(frozen=True, slots=True)
class _Venue:
    """A venue's link to Dojo, and who can use it."""

    link: DojoLink | None = None
    access: Access | None = None
    """None when this process has no key for it."""
    is_kept: bool = False
    """Another process has the key, and asks Dojo."""


class DojoSource:
    """Asks Dojo's API with the venue's key. A link is read again after five seconds."""

    def __init__(self, links: Links) -> None:
        self._links = links
        self._known = ExpiringCache[str, _Venue](_REMEMBERED_SECONDS)
        self._silent = ExpiringCache[Access, bool](_NOT_ASKED_SECONDS)
        self._clients: dict[Access, DojoClient] = {}
        self._open = AsyncExitStack()

    async def close(self) -> None:
        await self._open.aclose()

    async def can_be_asked(self, venue_id: str) -> bool:
        """Whether this process can ask Dojo, or the one that keeps the venue connected."""
        venue = await self._venue(venue_id)
        return venue.access is not None or venue.is_kept

    async def verifies(self, venue_id: str) -> bool:
        """Also without a key here: the payment is then unverified until the job has asked."""
        link = (await self._venue(venue_id)).link
        return link is not None and link.verifies_payments

    async def look_up(self, venue_id: str, intent_id: str) -> KnownPayment | None:
        """None without an answer within three seconds. Then no payment asks for five; the job does."""
        access = (await self._venue(venue_id)).access
        if access is None or self._silent.get(access):
            return None
        client = await self._client(access)
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                intent = await client.payment_intent(intent_id)
        except TimeoutError:
            self._silent.put(access, value=True)
            return None
        except DojoError:
            return None
        return None if intent is None else known_payment(intent)

    async def _venue(self, venue_id: str) -> _Venue:
        venue = self._known.get(venue_id)
        if venue is None:
            venue = await self._look(venue_id)
            self._known.put(venue_id, venue)
        return venue

    async def _look(self, venue_id: str) -> _Venue:
        link = await self._links.find(venue_id)
        if link is None:
            return _Venue()
        try:
            return _Venue(link, self._links.unlocked(link))
        except Conflict:
            return _Venue(link, is_kept=await self._links.keeper(venue_id) is not None)

    async def _client(self, access: Access) -> DojoClient:
        if access not in self._clients:
            self._clients[access] = DojoClient(access)
            self._open.push_async_exit(self._clients[access])
        return self._clients[access]


def known_payment(intent: PaymentIntent) -> KnownPayment | None:
    """None for an answer without amount or status."""
    if intent.amount is None or intent.status is None:
        return None
    return KnownPayment(
        status=intent.status,
        currency=intent.amount.currencyCode,
        paid=intent.amount.value + _value(intent.serviceChargeAmount),
        tips=_value(intent.tipsAmount),
        refunded=intent.refundedAmount,
        order_id=intent.orderDetails.externalId if intent.orderDetails else None,
        reference=intent.reference,
        waiter_id=_waiter_id(intent.metadata),
    )


def _waiter_id(metadata: Any) -> str | None:
    """The sender may write anything here. If it is not a valid id, there is no waiter."""
    sent = metadata.get("waiterId") if isinstance(metadata, dict) else None
    named = waiter_as_text(sent)
    return named if isinstance(named, str) and is_id(named) else None


def _value(money: DojoMoney | None) -> int:
    return 0 if money is None else money.value
