"""CreateOrder: a prepaid or unpaid order that Dojo owns."""

import json
from dataclasses import dataclass
from datetime import datetime

from epos.contract.codec import fingerprint
from epos.contract.currencies import currencies
from epos.contract.orders import CreateOrderRequest, Order, content_of
from epos.domain.errors import Conflict, InvalidRequest
from epos.domain.identifiers import Identifiers
from epos.domain.order_status import OrderOrigin, OrderStatus
from epos.domain.requester import Requester
from epos.services import mapping, prepayments
from epos.services.order_placement import Placement, place
from epos.services.references import new_reference
from epos.services.replays import refuse_other_content
from epos.services.source_checks import NOT_ASKED, Asked, ask
from epos.services.source_of_truth import NobodyToAsk, SourceOfTruth
from epos.store.database import Database
from epos.store.venue_store import VenueStore
from epos.store.venues import Venue


class OrderCreation:
    def __init__(
        self,
        database: Database,
        identifiers: Identifiers,
        source: SourceOfTruth | None = None,
    ) -> None:
        self._database = database
        self._identifiers = identifiers
        self._source = source or NobodyToAsk()

    async def create(self, request: CreateOrderRequest, requester: Requester) -> Order:
        """The new order; the same content sent again answers the order as it is now.

        Raises Conflict when `dojoOrderId` was used for other content or a payment intent cannot pay
        this order, InvalidRequest for what can never be an order.
        """
        asked = await self._ask(request, requester.venue_id)

        async def work(store: VenueStore) -> Order | Conflict:
            await store.orders.claim(request.dojoOrderId)
            order_id = await _replayed(store, request)
            if order_id is None:
                made = await self._create(store, request, requester, asked)
                if isinstance(made, Conflict):
                    return made
                order_id = made
            row = await store.orders.answer(order_id)
            assert row is not None, "written in this transaction"  # noqa: S101
            return mapping.order(row)

        outcome = await self._database.write(requester.venue_id, work)
        if isinstance(outcome, Conflict):
            raise outcome
        return outcome

    async def _ask(self, request: CreateOrderRequest, venue_id: str) -> Asked:
        """What Dojo says of the payments, if the venue wants that and the order is a new one."""
        intents = prepayments.intent_ids(request.payments)
        if not intents or not await self._source.verifies(venue_id):
            return NOT_ASKED
        async with self._database.read(venue_id) as store:
            if await store.orders.by_dojo_id(request.dojoOrderId) is not None:
                return NOT_ASKED
        return await ask(self._source, venue_id, dict.fromkeys(intents))

    async def _create(
        self, store: VenueStore, request: CreateOrderRequest, requester: Requester, asked: Asked
    ) -> str | Conflict:
        """The new order's id. A refusal of what Dojo contradicts is a result: it is committed."""
        venue = await store.venue.profile()
        _check_currency(request, venue.currency)
        prepayments.check_form(request)
        intents = await store.payments.lock_intents(prepayments.intent_ids(request.payments))
        placement = await place(store, request.details.dineIn, requester)
        await prepayments.check_intents(store, intents)
        refused = await prepayments.refuse_contradicted(store, request, asked, requester)
        if refused is not None:
            return refused
        new = _NewOrder(
            id=self._identifiers.new("ord"),
            reference=request.reference or await new_reference(store, self._identifiers),
            now=await store.venue.now(),
        )
        await self._insert(store, request, new, placement, venue)
        prepaid = prepayments.Prepaid(new.id, new.now, intents, asked, requester)
        await prepaid.insert(store, request.payments, self._identifiers)
        await store.audit.add(
            requester,
            new.now,
            "order.created",
            new.id,
            dojo_order_id=request.dojoOrderId,
            total=request.totalAmount.value,
            paid=prepayments.paid(request.payments),
            intents=prepayments.intent_ids(request.payments),
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
            origin=OrderOrigin.DOJO,
            dojo_order_id=request.dojoOrderId,
            fingerprint=fingerprint(request),
            status=OrderStatus.ACCEPTED if venue.accepts_orders else OrderStatus.SUBMITTED,
            currency=request.totalAmount.currencyCode,
            total_amount=request.totalAmount.value,
            service_charge_amount=None if charge is None else charge.value,
            paid_amount=prepayments.paid(request.payments),
            tips_amount=prepayments.tips(request.payments),
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
    refuse_other_content(existing, request, "dojoOrderId", "for an order")
    order_id: str = existing["id"]
    return order_id


def _check_currency(request: CreateOrderRequest, currency: str) -> None:
    for field, code in currencies(request):
        if code != currency:
            raise InvalidRequest(field, f"must be {currency}, the currency of the venue")
