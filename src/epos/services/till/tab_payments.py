"""Money over the counter: taken for a tab or an order of Dojo's, and given back.

Terminals may take money for the same order at the same time: everyone locks its row first.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from epos.domain.dojo import CheckState
from epos.domain.errors import Conflict, NotFound
from epos.domain.identifiers import Identifiers
from epos.domain.limits import refuse_unusual, unusual_tip
from epos.domain.money import change_given
from epos.domain.order_status import OrderStatus, is_open
from epos.domain.payment_rules import too_much
from epos.domain.payments import EFFECTIVE, PaymentSource, PaymentStatus
from epos.services.refunds import Cause, end_payments, give_back_part, part_of
from epos.services.till.payment_entry import enter_payment
from epos.services.till.staff import Approvals
from epos.services.till.unit_of_work import LockedOrder, Write, answer, lock_order_for_edit
from epos.services.till.vouchers import redeemable
from epos.store.database import Database
from epos.store.payments import LedgerEntry
from epos.store.venue_store import VenueStore
from epos.till_contract.payment_requests import CorrectPayment, RefundOrder
from epos.till_contract.staff import Approval
from epos.till_contract.tab_requests import EndPayment, TakePayment
from epos.till_contract.tabs import Tab

Work = Callable[[LockedOrder], Awaitable[None]]


class TabPayments:
    def __init__(self, database: Database, identifiers: Identifiers, approvals: Approvals) -> None:
        self._database = database
        self._identifiers = identifiers
        self._approvals = approvals

    async def take(self, request: TakePayment, write: Write) -> Tab:
        """The order with the payment, and the change to give back in it. A tip may come after the bill
        was paid.

        Raises Conflict for an order that is closed, that a terminal has locked, or whose balance is
        smaller, or for an unusual tip that is not confirmed; InvalidRequest for too little cash.
        """

        async def work(store: VenueStore) -> Tab:
            locked = await lock_order_for_edit(store, write)
            tip = unusual_tip(locked.limits, "tip", request.tip, locked.order.total_amount)
            refuse_unusual(tip, confirmed=request.confirm)
            paid = _amount(locked, request)
            if request.voucher is not None:
                paid = await redeemable(store, request.voucher, request.tip, paid, request.amount)
            if request.tendered is not None:
                change_given(paid, request.tip, request.tendered)
            await enter_payment(
                locked,
                self._identifiers,
                source=request.type,
                method=request.method,
                paid=paid,
                tips=request.tip,
                tendered=request.tendered,
                voucher_id=request.voucher,
            )
            return await answer(store, write.tab_id)

        return await self._database.write(write.requester.venue_id, work)

    async def refund(self, payment_id: str, request: EndPayment, write: Write) -> Tab:
        """The money was given back to the guest: all that is left of the payment, or an amount of it.

        Raises as `_change`, and Conflict for more than is left.
        """

        async def give_back(locked: LockedOrder) -> None:
            payment = await _endable(locked.store, write.tab_id, payment_id, PaymentStatus.REFUNDED)
            amount = _to_give_back(payment, request.amount)
            owed_again = request.amount is None or is_open(locked.status)
            if request.owedAgain is not None:
                owed_again = request.owedAgain
            await self._give_back(locked, payment, amount, request.reason, owed_again=owed_again)

        return await self._change(give_back, request.approval, write, payment_id)

    async def refund_all(self, request: RefundOrder, write: Write) -> Tab:
        """All that the till took was given back. Raises as `_change`, and Conflict if nothing was taken."""

        async def give_back(locked: LockedOrder) -> None:
            taken = [
                payment
                for payment in await locked.store.payments.all_of_order(write.tab_id)
                if payment.source != PaymentSource.DOJO and payment.status in EFFECTIVE
            ]
            if not taken:
                raise Conflict("Nothing that was taken at a till is left to give back")
            owed_again = is_open(locked.status) if request.owedAgain is None else request.owedAgain
            await self._end(
                locked, taken, PaymentStatus.REFUNDED, request.reason, owed_again=owed_again
            )

        return await self._change(give_back, request.approval, write)

    async def correct(self, payment_id: str, request: CorrectPayment, write: Write) -> Tab:
        """The payment never happened: a mistake, or Dojo knows of none. Raises as `_change`."""

        async def take_back(locked: LockedOrder) -> None:
            payment = await _endable(locked.store, write.tab_id, payment_id, PaymentStatus.CANCELED)
            await locked.store.deposits.release(payment_id, locked.now)
            await self._end(locked, [payment], PaymentStatus.CANCELED, request.reason)

        return await self._change(take_back, request.approval, write, payment_id)

    async def _change(
        self, work: Work, approval: Approval, write: Write, payment_id: str | None = None
    ) -> Tab:
        """Do what a manager approves, with the order locked.

        Raises Forbidden without a manager's PIN, NotFound, and Conflict for a card payment, one that has
        ended, or while a terminal has locked the order.
        """
        manager = await self._approvals.check(write.requester, approval)
        approved = replace(write, approved_by=manager)

        async def in_one_transaction(store: VenueStore) -> Tab:
            if payment_id is not None:
                await _lock_intent(store, write.tab_id, payment_id)
            await work(await lock_order_for_edit(store, approved))
            return await answer(store, write.tab_id)

        return await self._database.write(write.requester.venue_id, in_one_transaction)

    async def _give_back(
        self,
        locked: LockedOrder,
        payment: LedgerEntry,
        amount: int,
        reason: str,
        *,
        owed_again: bool,
    ) -> None:
        if amount == payment.left:
            await self._end(
                locked, [payment], PaymentStatus.REFUNDED, reason, owed_again=owed_again
            )
            return
        part, cause = part_of(payment, amount), _cause(locked, reason)
        await give_back_part(
            locked.store,
            self._identifiers,
            locked.order,
            payment,
            part,
            cause,
            owed_again=owed_again,
        )
        await locked.audit(
            "payment.partly_refunded",
            payment=payment.id,
            source=payment.source,
            paid=part.paid,
            tips=part.tips,
            approved_by=cause.approved_by,
        )

    async def _end(
        self,
        locked: LockedOrder,
        payments: Sequence[LedgerEntry],
        status: PaymentStatus,
        reason: str,
        *,
        owed_again: bool = True,
    ) -> None:
        cause = _cause(locked, reason)
        await end_payments(
            locked.store,
            self._identifiers,
            locked.order,
            payments,
            status,
            cause,
            owed_again=owed_again,
        )
        for payment in payments:
            await locked.audit(
                f"payment.{status}",
                payment=payment.id,
                source=payment.source,
                paid=payment.left_paid,
                tips=payment.left_tips,
                approved_by=cause.approved_by,
            )


def _cause(locked: LockedOrder, reason: str) -> Cause:
    write = locked.write
    return Cause(
        locked.now,
        reason=reason,
        waiter_id=write.requester.waiter_id,
        approved_by=write.approved_by,
    )


def _to_give_back(payment: LedgerEntry, amount: int | None) -> int:
    """What was asked for, or all that is left. Raises Conflict for more."""
    if amount is not None and amount > payment.left:
        raise Conflict(f"Of the payment {payment.left} is left to give back, less than {amount}")
    return payment.left if amount is None else amount


def _amount(locked: LockedOrder, request: TakePayment) -> int:
    """The amount to pay: what was sent, else the balance."""
    balance = locked.order.balance
    if _is_tip_alone(locked, request.tip) and request.amount is None:
        return 0
    if not is_open(locked.status):
        raise Conflict(f"The order is {locked.status}")
    if balance <= 0:
        raise Conflict("Nothing is left to pay")
    amount = balance if request.amount is None else request.amount
    reason = too_much(amount, balance)
    if reason is not None:
        raise Conflict(reason)
    return amount


def _is_tip_alone(locked: LockedOrder, tip: int) -> bool:
    """Whether there is only a tip to take: the bill is paid."""
    is_paid = locked.order.balance <= 0 < locked.order.total_amount
    return tip > 0 and is_paid and locked.status not in (OrderStatus.CANCELED, OrderStatus.FAILED)


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
