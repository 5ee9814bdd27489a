"""Dojo's locks on orders. They survive a restart and expire by the venue's clock."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from epos.contract.base import format_time
from epos.contract.orders import (
    CreateOrderLockRequest,
    ExtendOrderLockRequest,
    ExtendOrderLockResponse,
    Order,
)
from epos.domain.errors import Conflict, NotFound
from epos.domain.locks import LockHolder, OrderLock, granted_until, refuse_too_long
from epos.domain.order_status import OrderOrigin, is_open
from epos.domain.requester import Requester
from epos.services.locked_orders import answer_visible, lock_visible, locked_by
from epos.store.database import Database
from epos.store.orders import OrderRow
from epos.store.venue_store import VenueStore

_log = structlog.get_logger()


class OrderLocks:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(
        self, order_id: str, request: CreateOrderLockRequest, requester: Requester
    ) -> Order:
        """Lock the order. The id of the live lock renews it. What a tab comes to counts as shown to the
        guest now.

        Raises Conflict while somebody else has a lock, for a closed order, and for an id that was
        released or has expired: a delayed request must not lock a tab again.
        """
        requester = requester.or_waiter(request.waiterId)

        async def work(store: VenueStore) -> Order:
            order = await lock_visible(store, order_id, requester)
            now = await store.venue.now()
            known = await store.locks.by_id(order_id, request.lockId)
            if known is None:
                expires_at = _granted(request.expiry, now, request.lockId)
                await make_room(store, order, now)
                lock = NewLock(request.lockId, LockHolder.DOJO, expires_at)
                await take(store, order_id, lock, now, requester)
                if order.origin is OrderOrigin.TILL:
                    # The terminal shows what the lock's answer says.
                    await store.tabs.show(order_id, order.total_amount)
            elif known.is_live_for_dojo(now):
                # A repeated first request may come after the lock was extended; its expiry may be past.
                refuse_too_long(request.expiry, now)
                expires_at = max(known.expires_at, request.expiry)
                await store.locks.renew(order_id, request.lockId, expires_at)
                await _audit(store, requester, now, "lock.extended", order_id, known, expires_at)
            else:
                raise Conflict("The lock was released or has expired; take one with another lockId")
            return await answer_visible(store, order_id, requester)

        return await self._database.write(requester.venue_id, work)

    async def extend(
        self, order_id: str, lock_id: str, request: ExtendOrderLockRequest, requester: Requester
    ) -> ExtendOrderLockResponse:
        """Set a new expiry, earlier or later. Raises NotFound for a lock that is not live."""
        requester = requester.or_waiter(request.waiterId)

        async def work(store: VenueStore) -> ExtendOrderLockResponse:
            await lock_visible(store, order_id, requester)
            lock = await store.locks.by_id(order_id, lock_id)
            now = await store.venue.now()
            if lock is None or not lock.is_live_for_dojo(now):
                raise NotFound("The lock")
            expires_at = _granted(request.expiry, now, lock_id)
            await store.locks.renew(order_id, lock_id, expires_at)
            await _audit(store, requester, now, "lock.extended", order_id, lock, expires_at)
            return ExtendOrderLockResponse.model_construct()

        return await self._database.write(requester.venue_id, work)

    async def release(self, order_id: str, lock_id: str, requester: Requester) -> Order:
        """Release the lock. An id that is not that of the live lock changes nothing."""

        async def work(store: VenueStore) -> Order:
            await lock_visible(store, order_id, requester)
            lock = await store.locks.by_id(order_id, lock_id)
            now = await store.venue.now()
            if lock is not None and lock.is_live_for_dojo(now):
                await store.locks.release(order_id, lock_id, "released", now)
                await _audit(store, requester, now, "lock.released", order_id, lock, now)
            return await answer_visible(store, order_id, requester)

        return await self._database.write(requester.venue_id, work)


def _granted(expiry: datetime, now: datetime, lock_id: str) -> datetime:
    expires_at = granted_until(expiry, now)
    if expires_at != expiry:
        _log.warning("lock expiry in the past taken for clock skew", lock_id=lock_id)
    return expires_at


@dataclass(frozen=True, slots=True)
class NewLock:
    """A lock to insert."""

    id: str
    holder: LockHolder
    expires_at: datetime


async def make_room(store: VenueStore, order: OrderRow, now: datetime) -> None:
    """Release a lock that has expired. Call with the order's row locked.

    Raises Conflict for a live lock, whoever has it, and for a closed order.
    """
    if not is_open(order.status):
        raise Conflict(f"The order is {order.status}")
    lock = await store.locks.unreleased(order.id)
    if lock is None:
        return
    if lock.is_live(now):
        raise Conflict(locked_by(lock))
    await store.locks.release(order.id, lock.id, "expired", now)


async def take(
    store: VenueStore, order_id: str, lock: NewLock, now: datetime, requester: Requester
) -> None:
    """Insert a lock for the requester. Call `make_room` first."""
    await store.locks.insert(
        order_id=order_id,
        lock_id=lock.id,
        holder=lock.holder,
        expires_at=lock.expires_at,
        created_at=now,
        waiter_id=requester.waiter_id,
        device_id=requester.device_id,
        product=requester.product,
        credential=requester.credential,
    )
    until = format_time(lock.expires_at)
    await store.audit.add(requester, now, "lock.created", order_id, lock=lock.id, until=until)


async def _audit(
    store: VenueStore,
    requester: Requester,
    now: datetime,
    action: str,
    order_id: str,
    lock: OrderLock,
    until: datetime,
) -> None:
    await store.audit.add(requester, now, action, order_id, lock=lock.id, until=format_time(until))
