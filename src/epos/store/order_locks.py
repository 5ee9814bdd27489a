"""Locks on orders. Call everything here with the order's row locked."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from epos.store.repository import Repository
from epos.store.statements import Record, Statement
from epos.store.tables import order_lock
from epos.store.visibility import VENUE

_LOCK = order_lock.c
_OF_ORDER = (_LOCK.venue_id == VENUE, _LOCK.order_id == bindparam("order_id"))
_NAMED = (*_OF_ORDER, _LOCK.lock_id == bindparam("the_lock_id"))
_UNRELEASED = Statement(select(order_lock).where(*_OF_ORDER, _LOCK.released_at.is_(None)))
_BY_ID = Statement(select(order_lock).where(*_NAMED))
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


class OrderLockRepository(Repository):
    async def unreleased(self, order_id: str) -> Record | None:
        """The one lock that is not released; it may have expired."""
        return await self._first(_UNRELEASED, order_id=order_id)

    async def by_id(self, order_id: str, lock_id: str) -> Record | None:
        return await self._first(_BY_ID, order_id=order_id, the_lock_id=lock_id)

    async def insert(self, **columns: Any) -> None:
        await self._run(_INSERT, **columns)

    async def renew(self, order_id: str, lock_id: str, expires_at: datetime) -> None:
        await self._run(_RENEW, order_id=order_id, the_lock_id=lock_id, new_expires_at=expires_at)

    async def release(self, order_id: str, lock_id: str, reason: str, now: datetime) -> None:
        """`reason`: released, expired or broken."""
        await self._run(_RELEASE, order_id=order_id, the_lock_id=lock_id, reason=reason, now=now)
