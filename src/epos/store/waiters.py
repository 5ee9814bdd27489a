"""Waiters and their PINs."""

from datetime import datetime

from sqlalchemy import bindparam, select, update

from epos.store.repository import Repository
from epos.store.statements import Record, Statement
from epos.store.tables import waiter
from epos.store.tables.base import Instant, Key
from epos.store.visibility import VENUE

_THIS = (waiter.c.venue_id == VENUE, waiter.c.id == bindparam("waiter_id", type_=Key))
_LOCK = Statement(
    select(waiter.c.id).where(*_THIS, waiter.c.removed_at.is_(None)).with_for_update(key_share=True)
)
_IS_THERE = Statement(select(waiter.c.id).where(*_THIS, waiter.c.removed_at.is_(None)))
_PIN = Statement(
    select(
        waiter.c.id,
        waiter.c.name,
        waiter.c.is_manager,
        waiter.c.pin_hash,
        waiter.c.pin_attempts,
        waiter.c.pin_next_at,
    ).where(*_THIS)
)
_SET_ATTEMPTS = Statement(
    update(waiter)
    .where(*_THIS)
    .values(
        pin_attempts=bindparam("attempts", type_=waiter.c.pin_attempts.type),
        pin_next_at=bindparam("next_at", type_=Instant),
    )
)


class WaiterRepository(Repository):
    async def is_there(self, waiter_id: str) -> bool:
        return await self._first(_IS_THERE, waiter_id=waiter_id) is not None

    async def lock(self, waiter_id: str) -> bool:
        """False for one that is not there, or not any more."""
        return await self._first(_LOCK, waiter_id=waiter_id) is not None

    async def pin(self, waiter_id: str) -> Record | None:
        """The locked waiter with the hash of the PIN and the attempts at it."""
        return await self._first(_PIN, waiter_id=waiter_id)

    async def set_attempts(self, waiter_id: str, attempts: int, next_at: datetime | None) -> None:
        """So many attempts without a right one, and when the next may come; None: at once."""
        await self._run(_SET_ATTEMPTS, waiter_id=waiter_id, attempts=attempts, next_at=next_at)
