"""The payments in CreateOrder: checked together, recorded with the order or not at all."""

from dataclasses import dataclass
from datetime import datetime

from epos.contract.orders import CreateOrderRequest
from epos.contract.payments import PaymentInput
from epos.domain.errors import Conflict, InvalidRequest
from epos.domain.identifiers import Identifiers
from epos.domain.payment_rules import CardPayment, initial_status
from epos.domain.payments import PaymentSource, is_dead
from epos.domain.requester import Requester
from epos.services.source_of_truth import Asked
from epos.store.failures import CommittedRefusal
from epos.store.payments import IntentRow
from epos.store.venue_store import VenueStore


def intent_ids(payments: list[PaymentInput]) -> list[str]:
    return [payment.paymentIntentId for payment in payments if payment.paymentIntentId is not None]


def paid(payments: list[PaymentInput]) -> int:
    return sum(payment.paidAmount.value for payment in payments)


def tips(payments: list[PaymentInput]) -> int:
    return sum(_tip(payment) for payment in payments)


def check_form(request: CreateOrderRequest) -> None:
    """Raises InvalidRequest for payments that can never be those of this order."""
    for index, payment in enumerate(request.payments):
        if payment.paidAmount.value == 0:
            raise InvalidRequest(f"payments[{index}].paidAmount.value", "must be more than 0")
    intents = intent_ids(request.payments)
    if len(set(intents)) < len(intents):
        raise InvalidRequest("payments", "must not have the same paymentIntentId twice")
    if paid(request.payments) > request.totalAmount.value:
        raise InvalidRequest("payments", "must not sum to more than totalAmount")


async def check_intents(store: VenueStore, intents: dict[str, IntentRow]) -> None:
    """Raises Conflict for an intent that cannot pay an order any more. Call with the intents locked."""
    recorded = await store.payments.of_intents(intents) if intents else {}
    for intent_id, intent in intents.items():
        if intent_id in recorded:
            raise Conflict(f"Payment intent {intent_id} has paid another order")
        if intent.refused_reason is not None:
            raise Conflict(f"Payment intent {intent_id} was refused before")
        if is_dead(intent.status):
            raise Conflict(f"Payment intent {intent_id} is {intent.status}")


async def refuse_contradicted(
    store: VenueStore, request: CreateOrderRequest, asked: Asked, requester: Requester
) -> None:
    """Refuse for ever what Dojo's own record contradicts: Dojo gives the money back, and its record may
    say something else when the request comes again. Call with the intents locked.

    Raises CommittedRefusal.
    """
    refused: Conflict | None = None
    for payment in request.payments:
        intent_id, terms = payment.paymentIntentId, _terms(payment)
        if intent_id is None:
            continue
        reason = asked.contradiction(intent_id, terms, {request.dojoOrderId})
        if reason is not None:
            await _remember(store, request, intent_id, terms, reason, requester)
            refused = refused or Conflict(f"Payment intent {intent_id}: {reason}")
    if refused is not None:
        raise CommittedRefusal(refused)


@dataclass(frozen=True, slots=True)
class Prepaid:
    """What the payments of a new order have in common; their intents are locked."""

    order_id: str
    now: datetime
    intents: dict[str, IntentRow]
    asked: Asked
    requester: Requester

    async def insert(
        self, store: VenueStore, payments: list[PaymentInput], identifiers: Identifiers
    ) -> None:
        for payment in payments:
            payment_id = identifiers.new("pay")
            intent_id = payment.paymentIntentId
            intent_status = None if intent_id is None else self.intents[intent_id].status
            waiter_id = None if intent_id is None else self.asked.waiter_of(intent_id)
            await store.payments.insert(
                self.requester.or_waiter(waiter_id),
                id=payment_id,
                order_id=self.order_id,
                source=PaymentSource.DOJO,
                payment_intent_id=intent_id,
                paid_amount=payment.paidAmount.value,
                tips_amount=_tip(payment),
                status=initial_status(intent_status),
                recorded_at=self.now,
            )
            if intent_id is not None:
                await self.asked.keep(store, payment_id, intent_id)


async def _remember(
    store: VenueStore,
    request: CreateOrderRequest,
    intent_id: str,
    terms: CardPayment,
    reason: str,
    requester: Requester,
) -> None:
    now = await store.venue.now()
    await store.payments.refuse(
        intent_id,
        order_id=None,
        paid=terms.paid,
        tips=terms.tips,
        currency=terms.currency,
        reason=reason,
        now=now,
    )
    await store.audit.add(
        requester,
        now,
        "payment.refused",
        intent_id,
        dojo_order_id=request.dojoOrderId,
        paid=terms.paid,
        tips=terms.tips,
        reason=reason,
    )


def _terms(payment: PaymentInput) -> CardPayment:
    currency = payment.paidAmount.currencyCode
    return CardPayment(
        paid=payment.paidAmount.value,
        tips=_tip(payment),
        currency=currency,
        tips_currency=currency,  # all of a CreateOrder is in one
        lock_id=None,
    )


def _tip(payment: PaymentInput) -> int:
    return 0 if payment.tipsAmount is None else payment.tipsAmount.value
