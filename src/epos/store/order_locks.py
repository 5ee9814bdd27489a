"""Locks on orders: Dojo's, and the tills' holds. Call everything with the order's row locked."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, insert, select, update
from sqlalchemy.sql.expression import FromClause

from epos.domain.locks import LockHolder, OrderLock
from epos.store.repository import Repository
from epos.store.statements import Record, Statement
from epos.store.tables import customer_order, order_lock, venue
from epos.store.tables.base import Instant
from epos.store.venues import NOW
from epos.store.visibility import VENUE

_LOCK = order_lock.c
_OF_ORDER = (_LOCK.venue_id == VENUE, _LOCK.order_id == bindparam("order_id"))
_NAMED = (*_OF_ORDER, _LOCK.lock_id == bindparam("the_lock_id"))
_ROW = select(*(c for c in _LOCK if c.name not in ("venue_id", "created_at", "release_reason")))
_UNRELEASED = Statement(_ROW.where(*_OF_ORDER, _LOCK.released_at.is_(None)))
_BY_ID = Statement(_ROW.where(*_NAMED))
_INSERT = Statement(
    insert(order_lock),
    columns=[
        column.name for column in _LOCK if column.name not in ("released_at", "release_reason")
    ],
)
_RENEW = Statement(update(order_lock).where(*_NAMED).values(expires_at=bindparam("new_expires_at")))
_RELEASE = Statement(
    update(order_lock)
    .where(*_NAMED, _LOCK.released_at.is_(None))
    .values(released_at=bindparam("now"), release_reason=bindparam("reason"))
)
_HOLD = Statement(
    update(customer_order)
    .where(customer_order.c.venue_id == VENUE, customer_order.c.id == bindparam("order_id"))
    .values(held_until=bindparam("until", type_=Instant))
)


def is_held(order: FromClause) -> ColumnElement[bool]:
    """Whether a till holds the order now. The venue's clock is read only for an order with a hold."""
    now = select(NOW).where(venue.c.id == VENUE).scalar_subquery()
    return and_(order.c.held_until.is_not(None), order.c.held_until > now)


def order_lock_of(row: Record, order_id: str) -> OrderLock:
    """The lock in a row that has its columns."""
    return OrderLock(
        id=row["lock_id"],
        order_id=order_id,
        holder=LockHolder(row["holder"]),
        expires_at=row["expires_at"],
        released_at=row["released_at"],
        credential=row["credential"],
        waiter_id=row["waiter_id"],
        device_id=row["device_id"],
        product=row["product"],
    )


class OrderLockRepository(Repository):
    async def unreleased(self, order_id: str) -> OrderLock | None:
        """The one lock that is not released; it may have expired."""
        row = await self._first(_UNRELEASED, order_id=order_id)
        return None if row is None else order_lock_of(row, order_id)

    async def by_id(self, order_id: str, lock_id: str) -> OrderLock | None:
        row = await self._first(_BY_ID, order_id=order_id, the_lock_id=lock_id)
        return None if row is None else order_lock_of(row, order_id)

    async def insert(self, **columns: Any) -> None:
        await self._run(_INSERT, **columns)

    async def renew(self, order_id: str, lock_id: str, expires_at: datetime) -> None:
        await self._run(_RENEW, order_id=order_id, the_lock_id=lock_id, new_expires_at=expires_at)

    async def release(self, order_id: str, lock_id: str, reason: str, now: datetime) -> None:
        """`reason`: released, expired or broken."""
        await self._run(_RELEASE, order_id=order_id, the_lock_id=lock_id, reason=reason, now=now)

    async def hold(self, order_id: str, until: datetime | None) -> None:
        """Set until when readers see a till's hold. The order's version stays."""
        await self._run(_HOLD, order_id=order_id, until=until)
