"""CreateOrder: a prepaid or unpaid order that Dojo owns."""

import json
from dataclasses import dataclass
from datetime import datetime

from epos.contract.codec import fingerprint
from epos.contract.currencies import currencies
from epos.contract.orders import CreateOrderRequest, Order, content_of
from epos.contract.payments import PaymentInput
from epos.domain.errors import Conflict, InvalidRequest
from epos.domain.identifiers import Identifiers
from epos.domain.order_status import OrderStatus
from epos.domain.payment_rules import initial_status
from epos.domain.payments import IntentStatus, PaymentSource, is_dead
from epos.domain.requester import Requester
from epos.services import mapping
from epos.services.order_placement import Placement, place
from epos.services.references import new_reference
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.store.venues import Venue


class OrderCreation:
    def __init__(self, database: Database, identifiers: Identifiers) -> None:
        self._database = database
        self._identifiers = identifiers

    async def create(self, request: CreateOrderRequest, requester: Requester) -> Order:
        """The new order; the same content sent again answers the order as it is now.

        Raises Conflict when `dojoOrderId` was used for other content or a payment intent cannot pay
        this order, InvalidRequest for what can never be an order.
        """

        async def work(store: VenueStore) -> Order:
            await store.orders.claim(request.dojoOrderId)
            order_id = await _replayed(store, request)
            if order_id is None:
                order_id = await self._create(store, request, requester)
            row = await store.orders.answer(order_id)
            assert row is not None, "written in this transaction"  # noqa: S101
            return mapping.order(row)

        return await self._database.write(requester.venue_id, work)

    async def _create(
        self, store: VenueStore, request: CreateOrderRequest, requester: Requester
    ) -> str:
        venue = await store.venue.profile()
        _check_currency(request, venue.currency)
        _check_payments(request)
        intents = await store.payments.lock_intents(_intent_ids(request.payments))
        placement = await place(store, request.details.dineIn, requester)
        await _check_intents(store, intents)
        new = _NewOrder(
            id=self._identifiers.new("ord"),
            reference=request.reference or await new_reference(store, self._identifiers),
            now=await store.venue.now(),
        )
        await self._insert(store, request, new, placement, venue)
        await self._insert_payments(store, request.payments, intents, new, requester)
        await store.audit.add(
            requester,
            new.now,
            "order.created",
            new.id,
            dojo_order_id=request.dojoOrderId,
            total=request.totalAmount.value,
            paid=_paid(request.payments),
            intents=_intent_ids(request.payments),
        )
        return new.id

    async def _insert(
        self,
        store: VenueStore,
        request: CreateOrderRequest,
        new: "_NewOrder",
        placement: Placement,
        venue: Venue,
    ) -> None:
        charge, dine_in = request.serviceChargeAmount, request.details.dineIn
        collection = request.details.collection
        await store.orders.insert(
            id=new.id,
            origin="dojo",
            dojo_order_id=request.dojoOrderId,
            fingerprint=fingerprint(request),
            status=OrderStatus.ACCEPTED if venue.accepts_orders else OrderStatus.SUBMITTED,
            currency=request.totalAmount.currencyCode,
            total_amount=request.totalAmount.value,
            service_charge_amount=None if charge is None else charge.value,
            paid_amount=_paid(request.payments),
            tips_amount=sum(_tip(payment) for payment in request.payments),
            order_type=request.details.orderType,
            table_id=placement.table_id,
            waiter_id=dine_in.waiterId if dine_in else None,
            party_id=placement.party_id,
            reservation_id=dine_in.reservationId if dine_in else None,
            ready_at=dine_in.readyAt if dine_in else None,
            asap=collection.asap if collection else None,
            collect_at=collection.collectAt if collection else None,
            display_name=request.displayName,
            reference=new.reference,
            reference_is_ours=not request.reference,
            note=request.note,
            content=json.dumps(content_of(request), ensure_ascii=False),
            created_at=new.now,
            updated_at=new.now,
        )

    async def _insert_payments(
        self,
        store: VenueStore,
        payments: list[PaymentInput],
        intents: dict[str, Record],
        new: "_NewOrder",
        requester: Requester,
    ) -> None:
        for payment in payments:
            intent = intents.get(payment.paymentIntentId or "")
            await store.payments.insert(
                id=self._identifiers.new("pay"),
                order_id=new.id,
                source=PaymentSource.DOJO,
                payment_intent_id=payment.paymentIntentId,
                paid_amount=payment.paidAmount.value,
                tips_amount=_tip(payment),
                status=initial_status(_status(intent)),
                recorded_at=new.now,
                waiter_id=requester.waiter_id,
                device_id=requester.device_id,
                product=requester.product,
                credential=requester.credential,
                trace_id=requester.trace_id,
            )


@dataclass(frozen=True, slots=True)
class _NewOrder:
    id: str
    reference: str
    now: datetime


async def _replayed(store: VenueStore, request: CreateOrderRequest) -> str | None:
    """The id of the order that this request already made, answered before any rule refuses it."""
    existing = await store.orders.by_dojo_id(request.dojoOrderId)
    if existing is None:
        return None
    if existing["fingerprint"] != fingerprint(request):
        raise Conflict("dojoOrderId has been used for an order with other content")
    order_id: str = existing["id"]
    return order_id


def _check_currency(request: CreateOrderRequest, currency: str) -> None:
    for field, code in currencies(request):
        if code != currency:
            raise InvalidRequest(field, f"must be {currency}, the currency of the venue")


def _check_payments(request: CreateOrderRequest) -> None:
    for index, payment in enumerate(request.payments):
        if payment.paidAmount.value == 0:
            raise InvalidRequest(f"payments[{index}].paidAmount.value", "must be more than 0")
    intents = _intent_ids(request.payments)
    if len(set(intents)) < len(intents):
        raise InvalidRequest("payments", "must not have the same paymentIntentId twice")
    if _paid(request.payments) > request.totalAmount.value:
        raise InvalidRequest("payments", "must not sum to more than totalAmount")


async def _check_intents(store: VenueStore, intents: dict[str, Record]) -> None:
    recorded = await store.payments.of_intents(intents) if intents else {}
    for intent_id, intent in intents.items():
        if intent_id in recorded:
            raise Conflict(f"Payment intent {intent_id} has paid another order")
        if intent["refused_at"] is not None:
            raise Conflict(f"Payment intent {intent_id} was refused before")
        status = _status(intent)
        if is_dead(status):
            raise Conflict(f"Payment intent {intent_id} is {status}")


def _status(intent: Record | None) -> IntentStatus | None:
    heard = None if intent is None else intent["status"]
    return None if heard is None else IntentStatus(heard)


def _intent_ids(payments: list[PaymentInput]) -> list[str]:
    return [payment.paymentIntentId for payment in payments if payment.paymentIntentId is not None]


def _paid(payments: list[PaymentInput]) -> int:
    return sum(payment.paidAmount.value for payment in payments)


def _tip(payment: PaymentInput) -> int:
    return 0 if payment.tipsAmount is None else payment.tipsAmount.value
