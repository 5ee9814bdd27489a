"""An order whose row is locked for a change, and who else may hold it by a lease."""

from datetime import datetime

from epos.contract.base import format_time
from epos.contract.orders import Order
from epos.domain.errors import NotFound
from epos.domain.locks import LockHolder, is_live
from epos.domain.requester import Requester
from epos.services import mapping
from epos.store.statements import Record
from epos.store.venue_store import VenueStore


async def lock_visible(store: VenueStore, order_id: str, requester: Requester) -> Record:
    """The order's row, locked. Raises NotFound, also for what the access rules hide."""
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


def is_locked_by_dojo(lock: Record, now: datetime) -> bool:
    """Whether the lock is a live one of Dojo's, which keeps every till away.

    A till's hold has an id too, and no terminal may renew or end it.
    """
    return lock["holder"] == LockHolder.DOJO and is_live(
        lock["expires_at"], lock["released_at"], now
    )


def is_in_the_way(lock: Record, now: datetime, requester: Requester) -> bool:
    """Whether the lock is a live one of somebody else's."""
    return is_live(lock["expires_at"], lock["released_at"], now) and not is_own_hold(
        lock, requester
    )


def is_own_hold(lock: Record, requester: Requester) -> bool:
    """Whether the lock is a till's hold, and it is this till and this waiter who asks."""
    asks = (requester.credential, requester.device_id, requester.waiter_id)
    return lock["holder"] == LockHolder.TILL and asks == (
        lock["credential"],
        lock["device_id"],
        lock["waiter_id"],
    )


def locked_by(lock: Record) -> str:
    """Who holds the order and until when, for whoever has to wait."""
    waiter, device = lock["waiter_id"], lock["device_id"]
    who = "the till" if lock["holder"] == LockHolder.TILL else (lock["product"] or "Dojo")
    by_whom = f", waiter {waiter}" if waiter else ""
    where = f", device {device}" if device else ""
    return f"The order is locked by {who}{by_whom}{where} until {format_time(lock['expires_at'])}"
