"""Events that Dojo sends about payments, and what they change in the ledger."""

from dataclasses import dataclass

import structlog

from epos.contract.codec import fingerprint
from epos.contract.events import Event
from epos.domain.identifiers import Identifiers
from epos.domain.payment_checks import KnownPayment
from epos.domain.payment_rules import status_after
from epos.domain.payments import EFFECTIVE, IntentStatus, supersedes
from epos.domain.requester import Requester
from epos.services.refunds import Cause, end_payments, note_refund
from epos.services.source_of_truth import NoSourceOfTruth, SourceOfTruth
from epos.store.database import Database
from epos.store.payments import LedgerEntry
from epos.store.venue_store import VenueStore

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Heard:
    """What an event says about an intent."""

    event_id: str
    intent_id: str
    status: IntentStatus
    amount_is_known: bool = False


class Events:
    def __init__(
        self,
        database: Database,
        identifiers: Identifiers,
        source: SourceOfTruth | None = None,
    ) -> None:
        self._database = database
        self._identifiers = identifiers
        self._source = source or NoSourceOfTruth()

    async def handle(self, event: Event, requester: Requester) -> None:
        """Store the event, once per id, and change its payment intent and the ledger.

        Events arrive twice, late and in any order; every order of arrival has the same result. The event
        of an unknown intent is stored, and decides about the payment when that arrives. A refund has no
        amount: where Dojo can be asked for it, the refund waits for the answer.
        """
        heard = _heard(event)
        is_refund = heard.status is IntentStatus.REFUNDED
        asks = is_refund and await self._source.can_be_asked(requester.venue_id)

        async def work(store: VenueStore) -> None:
            if await _receive(store, event):
                if not (asks and await store.checks.await_refund(event.id)):
                    await self._apply(store, heard, requester)
                await _notice_account(store, event)
            else:
                await _warn_if_other(store, event)

        await self._database.write(requester.venue_id, work)

    async def settle_refund(
        self, event_id: str, known: KnownPayment | None, requester: Requester
    ) -> bool:
        """Apply Dojo's record to a refund that waits for its amount.

        None: nobody can be asked, or Dojo has not answered for a week; the refund then counts as full.
        After a partial refund the payment counts what is left, and the bill is smaller. Returns False
        while that payment is not recorded here.
        """

        async def work(store: VenueStore) -> bool:
            intent_id = await store.checks.lock_refund(event_id)
            if intent_id is None:
                return True
            if known is None or known.has_ended:
                heard = _Heard(event_id, intent_id, IntentStatus.REFUNDED, known is not None)
                await self._apply(store, heard, requester)
            elif not await note_refund(
                store, self._identifiers, intent_id, known.refunded or 0, requester, event_id
            ):
                return False
            await store.checks.move_refund(event_id, None)
            return True

        return await self._database.write(requester.venue_id, work)

    async def settle_waiting_refunds(self, requester: Requester, *, only_old: bool = False) -> None:
        """Count the refunds that wait as full: the venue has left Dojo, so nobody can be asked. `only_old`:
        only those that have waited for a week, while no process has the venue's key.
        """
        async with self._database.read(requester.venue_id) as store:
            waiting = await store.checks.refunds_waiting(only_old=only_old)
        for event_id in waiting:
            await self.settle_refund(event_id, None, requester)

    async def _apply(self, store: VenueStore, heard: _Heard, requester: Requester) -> None:
        intent_id = heard.intent_id
        intent = (await store.payments.lock_intents([intent_id]))[intent_id]
        payment = (await store.payments.of_intents([intent_id])).get(intent_id)
        if supersedes(intent.status, heard.status):
            await store.payments.set_intent_status(intent_id, heard.status)
            if payment is not None:
                await self._move_payment(store, heard, payment, requester)
        await store.audit.add(
            requester,
            await store.venue.now(),
            "event.received",
            heard.event_id,
            intent=intent_id,
            status=heard.status,
            was=intent.status,
        )

    async def _move_payment(
        self, store: VenueStore, heard: _Heard, payment: LedgerEntry, requester: Requester
    ) -> None:
        """Change the ledger row as its intent; the sums of one that ends leave the order."""
        order = await store.orders.lock(payment.order_id)
        assert order is not None, "a payment belongs to an order"  # noqa: S101
        status = status_after(payment.status, heard.status)
        if status is None:
            return
        now = await store.venue.now()
        if status in EFFECTIVE:
            await store.payments.change_status(
                payment.id, payment.status, status, now, event_id=heard.event_id
            )
        else:
            cause = Cause(now, event_id=heard.event_id)
            await end_payments(store, self._identifiers, order, [payment], status, cause)
        unsure = heard.status is IntentStatus.REFUNDED and not heard.amount_is_known
        unknown = {"amount": "unknown"} if unsure else {}
        await store.audit.add(
            requester,
            now,
            f"payment.{status}",
            order.id,
            payment=payment.id,
            intent=payment.intent_id,
            paid=payment.paid,
            tips=payment.tips,
            **unknown,
        )


def _heard(event: Event) -> _Heard:
    status = IntentStatus(event.data.paymentStatus)
    return _Heard(event.id, event.data.paymentIntentId, status)


async def _receive(store: VenueStore, event: Event) -> bool:
    """Store the event. Returns whether it is new."""
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


async def _warn_if_other(store: VenueStore, event: Event) -> None:
    if await store.events.fingerprint(event.id) != fingerprint(event):
        _log.warning("event id repeated with other content", event_id=event.id)


async def _notice_account(store: VenueStore, event: Event) -> None:
    """Warn about another account than the last one. The credential decides the venue, not the account."""
    last = await store.venue.last_account()
    if last == event.accountId:
        return
    if last is not None:
        _log.warning("event from another account", account_id=event.accountId)
    await store.venue.remember_account(event.accountId)
