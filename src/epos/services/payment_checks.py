"""Payments that were recorded before Dojo could be asked, and are checked afterwards."""

from epos.domain.dojo import CheckState
from epos.domain.payment_checks import KnownPayment, disagreement, sums_disagreement
from epos.domain.payment_rules import Payment
from epos.domain.payments import EFFECTIVE, PaymentStatus
from epos.domain.requester import Requester
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.venue_store import VenueStore

_MOST = 20
_LONGEST_LIST = 200


class PaymentChecks:
    """For the job that asks Dojo, and for the operator."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, venue_id: str) -> list[Record]:
        """id, intent_id, attempts, is_old and what `settle` needs."""
        async with self._database.read(venue_id) as store:
            return await store.checks.due(_MOST)

    async def refunds_due(self, venue_id: str) -> list[Record]:
        """Id of the event, intent_id, attempts, is_old."""
        async with self._database.read(venue_id) as store:
            return await store.checks.refunds_due(_MOST)

    async def listed(self, venue_id: str) -> list[Record]:
        """What is unverified or disputed, oldest first."""
        async with self._database.read(venue_id) as store:
            return await store.checks.listed(_LONGEST_LIST)

    def has_only_ended(self, payment: Record, known: KnownPayment) -> bool:
        """Whether Dojo has ended a payment that counts here. That is no dispute: the event that says so
        is on its way, and what Dojo answers before it is here decides nothing.
        """
        return PaymentStatus(payment["status"]) in EFFECTIVE and known.has_ended

    async def settle(
        self, payment: Record, known: KnownPayment, requester: Requester
    ) -> str | None:
        """Keep Dojo's answer about a payment that was `due`; what it contradicts, or None.

        The payment stays recorded: Dojo was told that it is, so only staff can put it right. Of one that
        has ended here meanwhile only the sums are compared.
        """
        recorded = Payment(
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
        """Nothing is decided: ask again then; None gives up, and leaves it unverified."""

        async def work(store: VenueStore) -> None:
            await store.checks.set(payment["id"], CheckState.UNVERIFIED, note, seconds)

        await self._database.write(venue_id, work)

    async def postpone_refund(self, event_id: str, seconds: float | None, venue_id: str) -> None:
        """Ask again then; None: a part of a payment that never came is nobody's."""

        async def work(store: VenueStore) -> None:
            await store.checks.move_refund(event_id, seconds)

        await self._database.write(venue_id, work)
