"""Check payments that were recorded before Dojo could be asked."""

from epos.domain.dojo import CheckState
from epos.domain.identifiers import Identifiers
from epos.domain.payment_checks import KnownPayment, disagreement, sums_disagreement
from epos.domain.payment_rules import CardPayment
from epos.domain.payments import EFFECTIVE, PaymentStatus
from epos.domain.requester import Requester
from epos.services.refunds import note_refund
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.venue_store import VenueStore

_MOST = 20
_LONGEST_LIST = 200


class PaymentChecks:
    """Used by the job that asks Dojo, and by the operator's commands."""

    def __init__(self, database: Database, identifiers: Identifiers | None = None) -> None:
        self._database = database
        self._identifiers = identifiers or Identifiers()

    async def due(self, venue_id: str) -> list[Record]:
        """Payments to ask Dojo about now: id, intent_id, attempts, is_old and what `settle` needs."""
        async with self._database.read(venue_id) as store:
            return await store.checks.due(_MOST)

    async def refunds_due(self, venue_id: str) -> list[Record]:
        """Refunds to ask Dojo about now: the event's id, intent_id, attempts, is_old."""
        async with self._database.read(venue_id) as store:
            return await store.checks.refunds_due(_MOST)

    async def listed(self, venue_id: str) -> list[Record]:
        """Payments that are unverified or disputed, oldest first."""
        async with self._database.read(venue_id) as store:
            return await store.checks.listed(_LONGEST_LIST)

    def has_only_ended(self, payment: Record, known: KnownPayment) -> bool:
        """Whether Dojo has ended a payment that counts here. That is no dispute: the event about it will
        arrive and decide.
        """
        return PaymentStatus(payment["status"]) in EFFECTIVE and known.has_ended

    async def settle(
        self, payment: Record, known: KnownPayment, requester: Requester
    ) -> str | None:
        """Store Dojo's answer about a payment that was `due`. Returns the contradiction, or None.

        The payment stays recorded, because Dojo was told so: only staff can correct it. If it has ended
        here meanwhile, only its sums are compared. A part that Dojo has refunded goes back here too.
        """
        recorded = CardPayment(
            paid=payment["paid_amount"],
            tips=payment["tips_amount"],
            currency=payment["currency"],
            tips_currency=payment["currency"],
            lock_id=None,
        )
        compare = (
            disagreement if PaymentStatus(payment["status"]) in EFFECTIVE else sums_disagreement
        )
        reason = compare(known, recorded, {payment["order_id"], payment["dojo_order_id"]})
        state = CheckState.VERIFIED if reason is None else CheckState.DISPUTED

        async def work(store: VenueStore) -> None:
            if reason is None and known.refunded:
                await note_refund(
                    store, self._identifiers, payment["intent_id"], known.refunded, requester
                )
            await store.checks.set(payment["id"], state, reason, None)
            await store.audit.add(
                requester,
                await store.venue.now(),
                f"payment.{state}",
                payment["order_id"],
                payment=payment["id"],
                intent=payment["intent_id"],
                reason=reason,
            )

        await self._database.write(requester.venue_id, work)
        return reason

    async def postpone(
        self, payment: Record, note: str | None, seconds: float | None, venue_id: str
    ) -> None:
        """Ask again after `seconds`. None: give up, and leave it unverified."""

        async def work(store: VenueStore) -> None:
            await store.checks.set(payment["id"], CheckState.UNVERIFIED, note, seconds)

        await self._database.write(venue_id, work)

    async def postpone_refund(self, event_id: str, seconds: float | None, venue_id: str) -> None:
        """Ask again after `seconds`. None: give up; the payment of this partial refund never arrived."""

        async def work(store: VenueStore) -> None:
            await store.checks.move_refund(event_id, seconds)

        await self._database.write(venue_id, work)
