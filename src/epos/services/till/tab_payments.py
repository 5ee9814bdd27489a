"""Money over the counter: taken for an order, and given back.

Tabs and Dojo's orders alike; terminals may take money for the same order at the same time, and all of
them wait for its row.
"""

from dataclasses import replace

from epos.domain.cash import change
from epos.domain.dojo import CheckState
from epos.domain.errors import Conflict, NotFound
from epos.domain.identifiers import Identifiers
from epos.domain.order_status import is_open
from epos.domain.payment_rules import too_much
from epos.domain.payments import EFFECTIVE, PaymentSource, PaymentStatus
from epos.services.ledger import add_to_order, take_out
from epos.services.till.approvals import Approvals
from epos.services.till.tab_answers import answer
from epos.services.till.tab_writes import HeldOrder, Write, hold_order
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.till_contract.tab_requests import EndPayment, TakePayment
from epos.till_contract.tabs import Tab


class TabPayments:
    def __init__(self, database: Database, identifiers: Identifiers, approvals: Approvals) -> None:
        self._database = database
        self._identifiers = identifiers
        self._approvals = approvals

    async def take(self, request: TakePayment, write: Write) -> Tab:
        """The order with the payment, and the change in it.

        Raises Conflict for an order that is closed, that a terminal has locked, or that owes less;
        InvalidRequest for too little cash.
        """

        async def work(store: VenueStore) -> Tab:
            held = await hold_order(store, write)
            paid = _amount(held, request)
            if request.tendered is not None:
                change(paid, request.tip, request.tendered)
            await self._insert(store, held, request, paid, write)
            await add_to_order(
                store,
                held.order,
                paid,
                request.tip,
                held.now,
                finalizes_paid_tabs=held.facts["finalizes_paid_tabs"],
            )
            return await answer(store, write.tab_id)

        return await self._database.write(write.requester.venue_id, work)

    async def refund(self, payment_id: str, request: EndPayment, write: Write) -> Tab:
        """The money was given back to the guest; the order is owed again. Raises as `_end`."""
        return await self._end(payment_id, PaymentStatus.REFUNDED, request, write)

    async def correct(self, payment_id: str, request: EndPayment, write: Write) -> Tab:
        """There was no such payment: a mistake, or Dojo knows of none. Raises as `_end`."""
        return await self._end(payment_id, PaymentStatus.CANCELED, request, write)

    async def _insert(
        self, store: VenueStore, held: HeldOrder, request: TakePayment, paid: int, write: Write
    ) -> None:
        payment_id, requester = self._identifiers.new("pay"), write.requester
        exact = paid + request.tip if request.type == "cash" else None
        await store.payments.insert(
            requester,
            id=payment_id,
            order_id=write.tab_id,
            source=request.type,
            method=request.method,
            payment_intent_id=None,
            paid_amount=paid,
            tips_amount=request.tip,
            tendered_amount=request.tendered or exact,
            status=PaymentStatus.RECORDED,
            recorded_at=held.now,
        )
        await store.audit.add(
            requester,
            held.now,
            "payment.taken",
            write.tab_id,
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
            held = await hold_order(store, approved)
            payment = await _endable(store, write.tab_id, payment_id, status)
            await store.payments.change_status(
                payment_id,
                payment["status"],
                status,
                held.now,
                reason=request.reason,
                waiter_id=manager,
            )
            await take_out(store, self._identifiers, held.order, payment, held.now)
            await _audit_end(store, held, payment, status, approved)
            return await answer(store, write.tab_id)

        return await self._database.write(write.requester.venue_id, work)


def _amount(held: HeldOrder, request: TakePayment) -> int:
    """What is paid of the order."""
    if not is_open(held.status):
        raise Conflict(f"The order is {held.status}")
    balance: int = held.order["total_amount"] - held.order["paid_amount"]
    if balance <= 0:
        raise Conflict("Nothing is left to pay")
    amount = balance if request.amount is None else request.amount
    reason = too_much(amount, balance)
    if reason is not None:
        raise Conflict(reason)
    return amount


async def _lock_intent(store: VenueStore, order_id: str, payment_id: str) -> None:
    """An event about it may be on its way, and whoever speaks of an intent locks it before the order."""
    payment = await store.payments.of_order(order_id, payment_id)
    if payment is not None and payment["payment_intent_id"] is not None:
        await store.payments.lock_intents([payment["payment_intent_id"]])


async def _endable(
    store: VenueStore, order_id: str, payment_id: str, status: PaymentStatus
) -> Record:
    payment = await store.payments.of_order(order_id, payment_id)
    if payment is None:
        raise NotFound("The payment")
    is_dojos = payment["source"] == PaymentSource.DOJO
    if is_dojos and not (status is PaymentStatus.CANCELED and _is_left_to_staff(payment)):
        raise Conflict("A card payment ends only by what Dojo says of it")
    if payment["status"] not in EFFECTIVE:
        raise Conflict(f"The payment is {payment['status']} already")
    return payment


def _is_left_to_staff(payment: Record) -> bool:
    """Whether a card payment can be wrong for ever: no event ends one without an intent, nor one that
    Dojo's own record contradicts.
    """
    return payment["payment_intent_id"] is None or payment["check_state"] == CheckState.DISPUTED


async def _audit_end(
    store: VenueStore, held: HeldOrder, payment: Record, status: PaymentStatus, write: Write
) -> None:
    await store.audit.add(
        write.requester,
        held.now,
        f"payment.{status}",
        write.tab_id,
        payment=payment["id"],
        source=payment["source"],
        paid=payment["paid_amount"],
        tips=payment["tips_amount"],
        approved_by=write.approved_by,
    )
