"""Orders: create, read, search and cancel them."""

import json
from dataclasses import dataclass
from datetime import datetime

from epos.contract.codec import fingerprint
from epos.contract.currencies import currencies
from epos.contract.orders import (
    CreateOrderRequest,
    Order,
    PagedOrdersResponse,
    SearchDineInDetails,
    SearchOrdersRequest,
    content_of,
)
from epos.domain.errors import Conflict, InvalidRequest, NotFound
from epos.domain.identifiers import Identifiers
from epos.domain.incidents import Incident, IncidentKind, after_bill
from epos.domain.order_status import OrderOrigin, OrderStatus, is_open, may_follow
from epos.domain.requester import Requester
from epos.services import mapping, prepayments
from epos.services.locked_orders import answer_visible, lock_visible, locked_by
from epos.services.menu_checks import MenuCheck, check_menu
from epos.services.order_placement import Placement, place
from epos.services.paging import Pages
from epos.services.replays import made_before
from epos.services.shown_bills import ShownBills
from epos.services.source_of_truth import NOT_ASKED, Asked, NoSourceOfTruth, SourceOfTruth, ask
from epos.store.database import Database
from epos.store.orders import OrderRow
from epos.store.venue_store import VenueStore
from epos.store.venues import Venue

_KEY = (("created_at", datetime), ("id", str))


class Orders:
    def __init__(
        self,
        database: Database,
        identifiers: Identifiers,
        source: SourceOfTruth | None = None,
    ) -> None:
        self._database = database
        self._identifiers = identifiers
        self._source = source or NoSourceOfTruth()
        self._shown = ShownBills(database)

    async def get(self, order_id: str, requester: Requester) -> Order:
        """The order, whatever its status: a cancelled or finished one stays readable. A device that fetches
        a tab shows its total to somebody.

        Raises NotFound for an order that does not exist or that the waiter may not see.
        """
        async with self._database.read(requester.venue_id) as store:
            row = await store.orders.answer(order_id, requester.waiter_id)
        if row is None:
            raise NotFound("The order")
        self._shown.note(requester, (row,))
        return mapping.order(row)

    async def search(
        self, request: SearchOrdersRequest, requester: Requester
    ) -> PagedOrdersResponse:
        """Newest first. On a device, what a table or a party owes is shown to somebody; a list of the whole
        venue is not a bill.
        """
        dine_in = request.dineIn or SearchDineInDetails()
        filters = {
            "table_id": dine_in.tableId,
            "waiter_id": dine_in.waiterId,
            "party_id": dine_in.partyId,
            "reservation_id": dine_in.reservationId,
            "payable_only": bool(request.payableOnly),
        }
        pages = Pages(_KEY, requester.venue_id, "orders", filters)
        wanted = pages.request(request.cursor)
        async with self._database.read(requester.venue_id) as store:
            page = await store.orders.search(
                wanted, **filters, requester_waiter_id=requester.waiter_id
            )
        if dine_in.tableId is not None or dine_in.partyId is not None:
            self._shown.note(requester, page.rows)
        before, after = pages.around(page)
        return PagedOrdersResponse.model_construct(
            data=[mapping.order(row) for row in page.rows], before=before, after=after
        )

    async def cancel(self, order_id: str, requester: Requester) -> Order:
        """Canceling again is no error. Raises NotFound, and Conflict for an order that cannot be canceled.

        A Dojo order keeps its payments until Dojo's events end them. A tab with payments, or with
        lines that were sent to the kitchen, is refused: that is for the venue's staff.
        """

        async def work(store: VenueStore) -> Order:
            row = await lock_visible(store, order_id, requester)
            tab = await store.tabs.seen(order_id) if is_open(row.status) else None
            if tab is not None and tab["was_sent"]:
                raise Conflict("The kitchen has the tab; only the venue's staff can cancel it")
            await cancel_locked(store, row, await store.venue.now(), requester)
            off = None if tab is None else after_bill(tab["billed_total"], 0, None)
            if off is not None:
                await store.incidents.add(row, off, waiter_id=requester.waiter_id)
            return await answer_visible(store, order_id, requester)

        return await self._database.write(requester.venue_id, work)

    async def create(self, request: CreateOrderRequest, requester: Requester) -> Order:
        """Create an order of Dojo's, which may be paid already. The same content sent again answers the
        order as it is now.

        Raises Conflict when `dojoOrderId` was used for other content or a payment intent cannot pay
        this order, InvalidRequest for what can never be an order.
        """
        asked = await self._ask(request, requester.venue_id)

        async def work(store: VenueStore) -> Order:
            await store.orders.serialize_on(request.dojoOrderId)
            existing = await store.orders.by_dojo_id(request.dojoOrderId)
            made = made_before(existing, request, "dojoOrderId", "for an order")
            if made is None:
                order_id = await self._create(store, request, requester, asked)
            else:
                order_id = made["id"]
            row = await store.orders.answer(order_id)
            assert row is not None, "written in this transaction"  # noqa: S101
            return mapping.order(row)

        return await self._database.write(requester.venue_id, work)

    async def _ask(self, request: CreateOrderRequest, venue_id: str) -> Asked:
        """Dojo's answers about the payments, if the venue has them verified and the order is new."""
        intents = prepayments.intent_ids(request.payments)
        if not intents or not await self._source.verifies(venue_id):
            return NOT_ASKED
        async with self._database.read(venue_id) as store:
            if await store.orders.by_dojo_id(request.dojoOrderId) is not None:
                return NOT_ASKED
        return await ask(self._source, venue_id, dict.fromkeys(intents))

    async def _create(
        self, store: VenueStore, request: CreateOrderRequest, requester: Requester, asked: Asked
    ) -> str:
        """The new order's id."""
        venue = await store.venue.profile()
        _check_currency(request, venue.currency)
        prepayments.check_form(request)
        intents = await store.payments.lock_intents(prepayments.intent_ids(request.payments))
        placement = await place(store, request.details.dineIn, requester)
        await prepayments.check_intents(store, intents)
        await prepayments.refuse_contradicted(store, request, asked, requester)
        by_menu = await check_menu(store, request, venue)
        new = _NewOrder(
            id=self._identifiers.new("ord"),
            reference=request.reference or await store.orders.new_reference(self._identifiers),
            now=await store.venue.now(),
        )
        await self._insert(store, request, new, placement, venue, by_menu)
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
        by_menu: MenuCheck,
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
            **by_menu.columns(),
        )


@dataclass(frozen=True, slots=True)
class _NewOrder:
    id: str
    reference: str
    now: datetime


def _check_currency(request: CreateOrderRequest, currency: str) -> None:
    for field, code in currencies(request):
        if code != currency:
            raise InvalidRequest(field, f"must be {currency}, the currency of the venue")


async def cancel_locked(
    store: VenueStore,
    order: OrderRow,
    now: datetime,
    requester: Requester,
    reason: str | None = None,
    *,
    approved_by: str | None = None,
) -> None:
    """Cancel an order; does nothing for one that is canceled. Call with its row locked. `reason`: what
    staff wrote.

    Raises Conflict for an order that cannot be canceled, and while somebody else has a lock on it. The
    requester's own hold does not matter.
    """
    if order.status == OrderStatus.CANCELED:
        return
    await check_cancelable(store, order, now, requester)
    await store.orders.set_status(order.id, OrderStatus.CANCELED, now, reason)
    await store.audit.add(
        requester,
        now,
        "order.canceled",
        order.id,
        was=order.status,
        approved_by=approved_by,
    )
    canceled = Incident(IncidentKind.CANCEL, order.total_amount, reason=reason)
    await store.incidents.add(
        order, canceled, waiter_id=requester.waiter_id, approved_by=approved_by
    )


async def check_cancelable(
    store: VenueStore, order: OrderRow, now: datetime, requester: Requester
) -> None:
    """Raises Conflict for an order that cannot be canceled, for a tab with payments, and while somebody
    else has a lock on it.
    """
    if not may_follow(order.status, OrderStatus.CANCELED):
        raise Conflict(f"The order is {order.status} and cannot be canceled")
    if order.origin == OrderOrigin.TILL and order.paid_amount + order.tips_amount > 0:
        raise Conflict("The tab has payments; refund them before canceling it")
    lock = await store.locks.unreleased(order.id)
    if lock is not None and lock.keeps_away(requester, now):
        raise Conflict(locked_by(lock))
