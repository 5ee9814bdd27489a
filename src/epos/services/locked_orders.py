"""An order whose row is locked for a change, and the words for one that somebody else has locked."""

from epos.contract.base import format_time
from epos.contract.orders import Order
from epos.domain.errors import NotFound
from epos.domain.locks import LockHolder, OrderLock
from epos.domain.requester import Requester
from epos.services import mapping
from epos.store.orders import OrderRow
from epos.store.venue_store import VenueStore


async def lock_visible(store: VenueStore, order_id: str, requester: Requester) -> OrderRow:
    """Lock the order's row. Raises NotFound, also for what the access rules hide."""
    row = await store.orders.lock(order_id)
    if row is None:
        raise NotFound("The order")
    waiter_id = requester.waiter_id
    if waiter_id is not None and not await store.orders.sees(row, waiter_id):
        raise NotFound("The order")
    return row


async def answer_visible(store: VenueStore, order_id: str, requester: Requester) -> Order:
    """The order as it is answered. Raises NotFound, also for what the access rules hide."""
    row = await store.orders.answer(order_id, requester.waiter_id)
    if row is None:
        raise NotFound("The order")
    return mapping.order(row)


def locked_by(lock: OrderLock) -> str:
    """Who has locked the order and until when, for who has to wait."""
    who = "the till" if lock.holder is LockHolder.TILL else (lock.product or "Dojo")
    waiter = f", waiter {lock.waiter_id}" if lock.waiter_id else ""
    device = f", device {lock.device_id}" if lock.device_id else ""
    return f"The order is locked by {who}{waiter}{device} until {format_time(lock.expires_at)}"
