"""Events that Dojo sends about payments."""

import structlog

from epos.contract.codec import fingerprint
from epos.contract.events import Event
from epos.domain.payments import IntentStatus, supersedes
from epos.domain.requester import Requester
from epos.store.database import Database
from epos.store.venue_store import VenueStore

_log = structlog.get_logger()


class Events:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def handle(self, event: Event, requester: Requester) -> None:
        """Keep the event, once per id, and move its payment intent on.

        Events come twice, late and in any order; unknown intents are kept and wait.
        """

        async def work(store: VenueStore) -> None:
            if not await self._receive(store, event):
                await _warn_if_other(store, event)
                return
            await self._move_intent(store, event, requester)
            await _notice_account(store, event)

        await self._database.write(requester.venue_id, work)

    async def _receive(self, store: VenueStore, event: Event) -> bool:
        return await store.events.receive(
            id=event.id,
            fingerprint=fingerprint(event),
            account_id=event.accountId,
            event=event.event,
            payment_intent_id=event.data.paymentIntentId,
            payment_status=event.data.paymentStatus,
            capture_mode=event.data.captureMode,
            created_at=event.createdAt,
            received_at=await store.venue.now(),
        )

    async def _move_intent(self, store: VenueStore, event: Event, requester: Requester) -> None:
        intent_id = event.data.paymentIntentId
        intent = (await store.payments.lock_intents([intent_id]))[intent_id]
        current = None if intent["status"] is None else IntentStatus(intent["status"])
        heard = IntentStatus(event.data.paymentStatus)
        if supersedes(current, heard):
            await store.payments.set_intent_status(intent_id, heard)
        now = await store.venue.now()
        await store.audit.add(
            requester, now, "event.received", event.id, intent=intent_id, status=heard, was=current
        )


async def _warn_if_other(store: VenueStore, event: Event) -> None:
    if await store.events.fingerprint(event.id) != fingerprint(event):
        _log.warning("event id repeated with other content", event_id=event.id)


async def _notice_account(store: VenueStore, event: Event) -> None:
    """The credential names the venue; another account than the last is only worth a warning."""
    last = await store.venue.last_account()
    if last == event.accountId:
        return
    if last is not None:
        _log.warning("event from another account", account_id=event.accountId)
    await store.venue.remember_account(event.accountId)
