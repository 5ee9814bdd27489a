"""Orders: read, searched and cancelled. Creating one is in `order_creation`."""

from datetime import datetime

from epos.contract.orders import (
    Order,
    PagedOrdersResponse,
    SearchDineInDetails,
    SearchOrdersRequest,
)
from epos.domain.errors import Conflict
from epos.domain.order_status import OrderOrigin, OrderStatus, may_follow
from epos.domain.requester import Requester
from epos.services import mapping
from epos.services.held_orders import answer_visible, held_by, is_in_the_way, lock_visible
from epos.services.order_creation import OrderCreation
from epos.services.paging import Pages
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.venue_store import VenueStore

_KEY = (("created_at", datetime), ("id", str))


class Orders:
    def __init__(self, database: Database, creation: OrderCreation) -> None:
        self._database = database
        self.create = creation.create

    async def get(self, order_id: str, requester: Requester) -> Order:
        """Raises NotFound for an order that does not exist or that the waiter may not see."""
        async with self._database.read(requester.venue_id) as store:
            return await answer_visible(store, order_id, requester)

    async def search(
        self, request: SearchOrdersRequest, requester: Requester
    ) -> PagedOrdersResponse:
        """Newest first."""
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
        before, after = pages.around(page)
        return PagedOrdersResponse.model_construct(
            data=[mapping.order(row) for row in page.rows], before=before, after=after
        )

    async def cancel(self, order_id: str, requester: Requester) -> Order:
        """Cancelling again is no error. Raises NotFound, or Conflict for what cannot be cancelled.

        A Dojo order keeps its payments, which stay until Dojo's events end them; a tab with payments
        is refused: money first.
        """

        async def work(store: VenueStore) -> Order:
            row = await lock_visible(store, order_id, requester)
            await cancel_locked(store, row, await store.venue.now(), requester)
            return await answer_visible(store, order_id, requester)

        return await self._database.write(requester.venue_id, work)


async def cancel_locked(
    store: VenueStore,
    order: Record,
    now: datetime,
    requester: Requester,
    reason: str | None = None,
    *,
    approved_by: str | None = None,
) -> None:
    """Cancel an order whose row is locked; one that is canceled stays so. `reason` is the staff's.

    Raises Conflict for what cannot be cancelled, and while it is locked. Who cancels at a till may hold
    the order himself.
    """
    if order["status"] == OrderStatus.CANCELED:
        return
    if not may_follow(OrderStatus(order["status"]), OrderStatus.CANCELED):
        raise Conflict(f"The order is {order['status']} and cannot be canceled")
    if order["origin"] == OrderOrigin.TILL and order["paid_amount"] > 0:
        raise Conflict("The tab has payments; refund them before canceling it")
    held = await store.locks.unreleased(order["id"])
    if held is not None and is_in_the_way(held, now, requester):
        raise Conflict(held_by(held))
    await store.orders.set_status(order["id"], OrderStatus.CANCELED, now, reason)
    await store.audit.add(
        requester,
        now,
        "order.canceled",
        order["id"],
        was=order["status"],
        approved_by=approved_by,
    )
