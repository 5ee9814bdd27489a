"""Tips alone: after the bill was paid, corrected, or taken back."""

from dataclasses import replace

from epos.domain.errors import Conflict, NotFound
from epos.domain.identifiers import Identifiers
from epos.domain.incidents import Incident, IncidentKind
from epos.domain.limits import refuse_unusual, unusual_tip
from epos.domain.order_status import OrderStatus
from epos.domain.payments import EFFECTIVE, PaymentSource, PaymentStatus
from epos.services.refunds import Amounts, Cause, end_payments, give_back_part
from epos.services.till.payment_entry import enter_payment
from epos.services.till.staff import Approvals
from epos.services.till.unit_of_work import LockedOrder, Write, answer, lock_order_for_edit
from epos.store.database import Database
from epos.store.payments import LedgerEntry
from epos.store.venue_store import VenueStore
from epos.till_contract.payment_requests import CorrectTip, TakeTip
from epos.till_contract.tabs import Tab


class Tips:
    def __init__(self, database: Database, identifiers: Identifiers, approvals: Approvals) -> None:
        self._database = database
        self._identifiers = identifiers
        self._approvals = approvals

    async def take(self, request: TakeTip, write: Write) -> Tab:
        """A tip that pays nothing of the bill. It belongs to the waiter of the order, or else to the one
        who took it. Raises Conflict for an order that was cancelled, or that a terminal has locked.
        """

        async def work(store: VenueStore) -> Tab:
            locked = await lock_order_for_edit(store, write)
            if locked.status in (OrderStatus.CANCELED, OrderStatus.FAILED):
                raise Conflict(f"The order is {locked.status}")
            tip = unusual_tip(locked.limits, "amount", request.amount, locked.order.total_amount)
            refuse_unusual(tip, confirmed=request.confirm)
            await enter_payment(
                locked,
                self._identifiers,
                source=request.type,
                method=request.method,
                paid=0,
                tips=request.amount,
            )
            return await answer(store, write.tab_id)

        return await self._database.write(write.requester.venue_id, work)

    async def correct(self, payment_id: str, request: CorrectTip, write: Write) -> Tab:
        """The payment's right tip: what was too much goes back; what was too little is a tip of its own.

        Raises Forbidden without a manager's PIN, NotFound, and Conflict for a tip that Dojo took, and
        for a payment that has ended.
        """
        manager = await self._approvals.check(write.requester, request.approval)

        async def work(store: VenueStore) -> Tab:
            locked = await lock_order_for_edit(store, replace(write, approved_by=manager))
            payment = _correctable(await store.payments.of_order(write.tab_id, payment_id))
            tip = unusual_tip(locked.limits, "tip", request.tip, locked.order.total_amount)
            refuse_unusual(tip, confirmed=request.confirm)
            more = request.tip - payment.left_tips
            if more > 0:
                await self._add(locked, payment, more, request.reason)
            elif more < 0:
                await self._take_back(locked, payment, -more, request.reason)
            if more:
                await locked.audit(
                    "payment.tip_corrected",
                    payment=payment.id,
                    source=payment.source,
                    tips=more,
                    approved_by=manager,
                )
            return await answer(store, write.tab_id)

        return await self._database.write(write.requester.venue_id, work)

    async def _add(
        self, locked: LockedOrder, payment: LedgerEntry, amount: int, reason: str
    ) -> None:
        """A tip of its own for what was too little; the day's report lists it, as what goes back."""
        await enter_payment(
            locked,
            self._identifiers,
            source=payment.source,
            method=payment.method,
            paid=0,
            tips=amount,
        )
        await locked.report(Incident(IncidentKind.CORRECT, amount, reason=reason))

    async def _take_back(
        self, locked: LockedOrder, payment: LedgerEntry, amount: int, reason: str
    ) -> None:
        write, order = locked.write, locked.order
        cause = Cause(
            locked.now,
            reason=reason,
            waiter_id=write.requester.waiter_id,
            approved_by=write.approved_by,
            is_correction=True,
        )
        if amount == payment.left:
            status = PaymentStatus.REFUNDED
            await end_payments(
                locked.store, self._identifiers, order, [payment], status, cause, owed_again=False
            )
        else:
            part = Amounts(0, amount)
            await give_back_part(
                locked.store, self._identifiers, order, payment, part, cause, owed_again=False
            )


def _correctable(payment: LedgerEntry | None) -> LedgerEntry:
    if payment is None:
        raise NotFound("The payment")
    if payment.source == PaymentSource.DOJO:
        raise Conflict("A tip by card changes only by what Dojo says of it")
    if payment.status not in EFFECTIVE:
        raise Conflict(f"The payment is {payment.status} already")
    return payment
