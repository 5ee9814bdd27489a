"""Money over the counter: taken for a tab or an order of Dojo's, and given back.

Terminals may take money for the same order at the same time: everyone locks its row first.
"""

from dataclasses import replace

from epos.domain.dojo import CheckState
from epos.domain.errors import Conflict, NotFound
from epos.domain.identifiers import Identifiers
from epos.domain.incidents import Incident, IncidentKind
from epos.domain.money import change_given
from epos.domain.order_status import is_open
from epos.domain.payment_rules import too_much
from epos.domain.payments import EFFECTIVE, PaymentSource, PaymentStatus
from epos.services.ledger import add_to_order, take_out
from epos.services.till.staff import Approvals
from epos.services.till.unit_of_work import LockedOrder, Write, answer, lock_order_for_edit
from epos.store.database import Database
from epos.store.payments import LedgerEntry
from epos.store.venue_store import VenueStore
from epos.till_contract.tab_requests import EndPayment, TakePayment
from epos.till_contract.tabs import Tab

_INCIDENTS = {
    PaymentStatus.REFUNDED: IncidentKind.REFUND,
    PaymentStatus.CANCELED: IncidentKind.CORRECT,
}


class TabPayments:
    def __init__(self, database: Database, identifiers: Identifiers, approvals: Approvals) -> None:
        self._database = database
        self._identifiers = identifiers
        self._approvals = approvals

    async def take(self, request: TakePayment, write: Write) -> Tab:
        """The order with the payment, and the change to give back in it.

        Raises Conflict for an order that is closed, that a terminal has locked, or whose balance is
        smaller; InvalidRequest for too little cash.
        """

        async def work(store: VenueStore) -> Tab:
            locked = await lock_order_for_edit(store, write)
            paid = _amount(locked, request)
            if request.tendered is not None:
                change_given(paid, request.tip, request.tendered)
            await self._insert(locked, request, paid)
            await add_to_order(
                store,
                locked.order,
                paid,
                request.tip,
                locked.now,
                finalizes_paid_tabs=locked.context.finalizes_paid_tabs,
            )
            return await answer(store, write.tab_id)

        return await self._database.write(write.requester.venue_id, work)

    async def refund(self, payment_id: str, request: EndPayment, write: Write) -> Tab:
        """The money was given back to the guest; the order is owed again. Raises as `_end`."""
        return await self._end(payment_id, PaymentStatus.REFUNDED, request, write)

    async def correct(self, payment_id: str, request: EndPayment, write: Write) -> Tab:
        """The payment never happened: a mistake, or Dojo knows of none. Raises as `_end`."""
        return await self._end(payment_id, PaymentStatus.CANCELED, request, write)

    async def _insert(self, locked: LockedOrder, request: TakePayment, paid: int) -> None:
        payment_id = self._identifiers.new("pay")
        exact = paid + request.tip if request.type == "cash" else None
        await locked.store.payments.insert(
            locked.write.requester,
            id=payment_id,
            order_id=locked.order.id,
            source=request.type,
            method=request.method,
            payment_intent_id=None,
            paid_amount=paid,
            tips_amount=request.tip,
            tendered_amount=request.tendered or exact,
            status=PaymentStatus.RECORDED,
            recorded_at=locked.now,
        )
        await locked.audit(
            "payment.taken",
            payment=payment_id,
            source=request.type,
            method=request.method,
            paid=paid,
            tips=request.tip,
            tendered=request.tendered,
        )

    async def _end(
        self, payment_id: str, status: PaymentStatus, request: EndPayment, write: Write
    ) -> Tab:
        """Raises Forbidden without a manager's PIN, NotFound, and Conflict for a card payment, one
        that has ended, or while a terminal has locked the order.
        """
        manager = await self._approvals.check(write.requester, request.approval)
        approved = replace(write, approved_by=manager)

        async def work(store: VenueStore) -> Tab:
            await _lock_intent(store, write.tab_id, payment_id)
            locked = await lock_order_for_edit(store, approved)
            payment = await _endable(store, write.tab_id, payment_id, status)
            await store.payments.change_status(
                payment_id,
                payment.status,
                status,
                locked.now,
                reason=request.reason,
                waiter_id=manager,
            )
            await take_out(store, self._identifiers, locked.order, payment, locked.now)
            await locked.audit(
                f"payment.{status}",
                payment=payment_id,
                source=payment.source,
                paid=payment.paid,
                tips=payment.tips,
                approved_by=manager,
            )
            kind = _INCIDENTS[status]
            amount = payment.paid + payment.tips
            await locked.report(Incident(kind, amount, reason=request.reason))
            return await answer(store, write.tab_id)

        return await self._database.write(write.requester.venue_id, work)


def _amount(locked: LockedOrder, request: TakePayment) -> int:
    """The amount to pay: what was sent, else the balance."""
    if not is_open(locked.status):
        raise Conflict(f"The order is {locked.status}")
    balance = locked.order.balance
    if balance <= 0:
        raise Conflict("Nothing is left to pay")
    amount = balance if request.amount is None else request.amount
    reason = too_much(amount, balance)
    if reason is not None:
        raise Conflict(reason)
    return amount


async def _lock_intent(store: VenueStore, order_id: str, payment_id: str) -> None:
    """Lock the intent before the order, as everyone does: an event about it may arrive now."""
    payment = await store.payments.of_order(order_id, payment_id)
    if payment is not None and payment.intent_id is not None:
        await store.payments.lock_intents([payment.intent_id])


async def _endable(
    store: VenueStore, order_id: str, payment_id: str, status: PaymentStatus
) -> LedgerEntry:
    payment = await store.payments.of_order(order_id, payment_id)
    if payment is None:
        raise NotFound("The payment")
    is_dojos = payment.source == PaymentSource.DOJO
    if is_dojos and not (status is PaymentStatus.CANCELED and _is_left_to_staff(payment)):
        raise Conflict("A card payment ends only by what Dojo says of it")
    if payment.status not in EFFECTIVE:
        raise Conflict(f"The payment is {payment.status} already")
    return payment


def _is_left_to_staff(payment: LedgerEntry) -> bool:
    """Whether staff may end a card payment, because no event will: it has no intent, or Dojo's own
    record contradicts it.
    """
    return payment.intent_id is None or payment.check_state is CheckState.DISPUTED
