"""Record card payments. The one service that must be right whatever the timing."""

from dataclasses import dataclass

from epos.contract.orders import Order
from epos.contract.payments import PaymentWithLockId
from epos.domain.errors import Conflict, NotFound
from epos.domain.identifiers import Identifiers
from epos.domain.payment_rules import CardPayment, OrderToPay, initial_status, refusal
from epos.domain.payments import PaymentSource
from epos.domain.requester import Requester
from epos.services import mapping
from epos.services.ledger import add_to_order
from epos.services.source_of_truth import NOT_ASKED, Asked, NoSourceOfTruth, SourceOfTruth, ask
from epos.store.database import Database
from epos.store.failures import CommittedRefusal
from epos.store.orders import OrderRow
from epos.store.payments import IntentRow, PaymentContext, Recorded
from epos.store.venue_store import VenueStore


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One request to record a payment, and what was read with everything that it touches locked."""

    order_id: str
    intent_id: str
    payment: CardPayment
    requester: Requester
    order: OrderRow | None
    intent: IntentRow
    context: PaymentContext
    asked: Asked


class Payments:
    def __init__(
        self,
        database: Database,
        identifiers: Identifiers,
        source: SourceOfTruth | None = None,
    ) -> None:
        self._database = database
        self._identifiers = identifiers
        self._source = source or NoSourceOfTruth()

    async def record(
        self, order_id: str, request: PaymentWithLockId, requester: Requester
    ) -> Order:
        """Record a payment and answer the order with it. The same payment sent again answers the order as
        it is now, whatever has changed since: after a refusal, Dojo would refund a guest who has paid.

        Raises Conflict for every final refusal, which is kept with the intent. Access rules never refuse a
        payment: the card has been charged.
        """
        asked = await self._ask(request.paymentIntentId, requester.venue_id)

        async def work(store: VenueStore) -> Order:
            attempt = await _look(store, order_id, request, requester, asked)
            if not _is_replay(attempt):
                await self._record(store, attempt)
            row = await store.orders.answer(order_id)
            assert row is not None, "locked by this transaction"  # noqa: S101
            return mapping.order(row)

        return await self._database.write(requester.venue_id, work)

    async def _ask(self, intent_id: str, venue_id: str) -> Asked:
        """Dojo's answer, if the venue has its payments verified and this one is not repeated."""
        if not await self._source.verifies(venue_id):
            return NOT_ASKED
        async with self._database.read(venue_id) as store:
            if await store.checks.is_settled(intent_id):
                return NOT_ASKED
        return await ask(self._source, venue_id, [intent_id])

    async def _record(self, store: VenueStore, attempt: _Attempt) -> None:
        """Raises NotFound, or CommittedRefusal: a refusal is written with the intent."""
        if attempt.order is None:
            raise NotFound("The order")
        bill = _order_to_pay(attempt.order, attempt.context)
        reason = refusal(attempt.payment, bill, attempt.intent.status)
        reason = reason or _contradiction(attempt, attempt.order)
        if reason is not None:
            await _remember_refusal(store, attempt, reason)
            raise CommittedRefusal(Conflict(reason))
        await self._insert(store, attempt)
        await add_to_order(
            store,
            attempt.order,
            attempt.payment.paid,
            attempt.payment.tips,
            attempt.context.now,
            finalizes_paid_tabs=attempt.context.finalizes_paid_tabs,
        )

    async def _insert(self, store: VenueStore, attempt: _Attempt) -> None:
        payment_id, requester = self._identifiers.new("pay"), attempt.requester
        await store.payments.insert(
            requester,
            id=payment_id,
            order_id=attempt.order_id,
            source=PaymentSource.DOJO,
            payment_intent_id=attempt.intent_id,
            paid_amount=attempt.payment.paid,
            tips_amount=attempt.payment.tips,
            status=initial_status(attempt.intent.status),
            recorded_at=attempt.context.now,
        )
        await _audit(store, attempt, "payment.recorded", payment=payment_id)
        await attempt.asked.keep(store, payment_id, attempt.intent_id)


async def _look(
    store: VenueStore,
    order_id: str,
    request: PaymentWithLockId,
    requester: Requester,
    asked: Asked,
) -> _Attempt:
    """Lock the intent, then the order, and only then read what decides."""
    intent_id, tips = request.paymentIntentId, request.tipsAmount
    intents = await store.payments.lock_intents([intent_id])
    order = await store.orders.lock(order_id)
    context = await store.payments.context(intent_id, order_id)
    waiter_id = asked.waiter_of(intent_id) or context.live_lock_waiter_id
    return _Attempt(
        order_id=order_id,
        intent_id=intent_id,
        payment=CardPayment(
            paid=request.paidAmount.value,
            tips=0 if tips is None else tips.value,
            currency=request.paidAmount.currencyCode,
            tips_currency=(tips or request.paidAmount).currencyCode,
            lock_id=request.lockId,
        ),
        requester=requester.or_waiter(waiter_id),
        order=order,
        intent=intents[intent_id],
        context=context,
        asked=asked,
    )


def _contradiction(attempt: _Attempt, order: OrderRow) -> str | None:
    """What Dojo's own record contradicts in the payment, or None."""
    names = {attempt.order_id, order.dojo_order_id or attempt.order_id}
    return attempt.asked.contradiction(attempt.intent_id, attempt.payment, names)


def _is_replay(attempt: _Attempt) -> bool:
    """Whether this payment is in the ledger already. Raises Conflict for an intent that was recorded with
    another order or other amounts, or that was refused.
    """
    recorded, payment, order = attempt.context.recorded, attempt.payment, attempt.order
    if recorded is None:
        if attempt.intent.refused_reason is not None:
            raise Conflict(f"The payment was refused before: {attempt.intent.refused_reason}")
        return False
    if (
        recorded != Recorded(attempt.order_id, payment.paid, payment.tips)
        or order is None
        or {payment.currency, payment.tips_currency} != {order.currency}
    ):
        raise Conflict("The payment intent was recorded with another order or other amounts")
    return True


def _order_to_pay(order: OrderRow, context: PaymentContext) -> OrderToPay:
    return OrderToPay(
        status=order.status,
        currency=order.currency,
        total=order.total_amount,
        paid=order.paid_amount,
        live_lock_id=context.live_lock_id,
    )


async def _remember_refusal(store: VenueStore, attempt: _Attempt, reason: str) -> None:
    payment = attempt.payment
    await store.payments.refuse(
        attempt.intent_id,
        order_id=attempt.order_id,
        paid=payment.paid,
        tips=payment.tips,
        currency=payment.currency,
        reason=reason,
        now=attempt.context.now,
    )
    await _audit(store, attempt, "payment.refused", reason=reason)


async def _audit(store: VenueStore, attempt: _Attempt, action: str, **more: str) -> None:
    assert attempt.order is not None, "only of an order that is there"  # noqa: S101
    waiter_id = attempt.requester.waiter_id
    if waiter_id is not None and not await store.orders.sees(attempt.order, waiter_id):
        more["access"] = "the waiter does not see this order"
    await store.audit.add(
        attempt.requester,
        attempt.context.now,
        action,
        attempt.order_id,
        intent=attempt.intent_id,
        paid=attempt.payment.paid,
        tips=attempt.payment.tips,
        **more,
    )
