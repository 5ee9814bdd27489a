"""Waiters and their PINs. A removed waiter keeps the row, because orders refer to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, false, func, null, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from epos.store.repository import Repository
from epos.store.statements import Record, Statement
from epos.store.tables import area_waiter, table_waiter, waiter
from epos.store.tables.base import Instant, Key
from epos.store.visibility import VENUE


@dataclass(frozen=True, slots=True)
class WaiterRow:
    """A waiter, without the id and the PIN."""

    name: str
    is_manager: bool = False


_THIS = (waiter.c.venue_id == VENUE, waiter.c.id == bindparam("waiter_id", type_=Key))
_LOCK = Statement(
    select(waiter.c.id).where(*_THIS, waiter.c.removed_at.is_(None)).with_for_update(key_share=True)
)
_IS_THERE = Statement(select(waiter.c.id).where(*_THIS, waiter.c.removed_at.is_(None)))
_NAME = Statement(select(waiter.c.name).where(*_THIS))
_PIN = Statement(
    select(
        waiter.c.id,
        waiter.c.name,
        waiter.c.is_manager,
        waiter.c.pin_hash,
    ).where(*_THIS)
)
_ALL = Statement(
    select(
        waiter.c.id,
        waiter.c.name,
        waiter.c.is_manager,
        waiter.c.pin_hash.is_not(None).label("has_pin"),
    )
    .where(waiter.c.venue_id == VENUE, waiter.c.removed_at.is_(None))
    .order_by(waiter.c.name, waiter.c.id)
)
_INSERT = insert(waiter)
_PUT = Statement(
    _INSERT.on_conflict_do_update(
        index_elements=["venue_id", "id"],
        set_={
            "name": _INSERT.excluded.name,
            "is_manager": _INSERT.excluded.is_manager,
            "removed_at": null(),
        },
    ),
    columns=["venue_id", "id", "name", "is_manager"],
)
_SET_PIN = Statement(update(waiter).where(*_THIS).values(pin_hash=bindparam("new_hash")))
_IDS = bindparam("ids", type_=ARRAY(Key))
_REMOVE = Statement(
    update(waiter)
    .where(waiter.c.venue_id == VENUE, waiter.c.id == func.any(_IDS))
    .values(
        removed_at=bindparam("now", type_=Instant),
        is_manager=false(),
        pin_hash=null(),
    )
)
_ASSIGNMENTS = [
    Statement(delete(of).where(of.c.venue_id == VENUE, of.c.waiter_id == func.any(_IDS)))
    for of in (area_waiter, table_waiter)
]


class WaiterRepository(Repository):
    async def all(self) -> list[Record]:
        """By name."""
        return await self._all(_ALL)

    async def ids(self) -> set[str]:
        return {row["id"] for row in await self._all(_ALL)}

    async def put(self, waiters: Mapping[str, WaiterRow]) -> None:
        """Insert, change or restore waiters, by id."""
        rows = (
            {"id": id_, "name": row.name, "is_manager": row.is_manager}
            for id_, row in waiters.items()
        )
        await self._each(_PUT, rows)

    async def remove(self, ids: list[str], now: datetime) -> None:
        """Remove waiters, with their PINs and assignments."""
        for statement in _ASSIGNMENTS:
            await self._run(statement, ids=ids)
        await self._run(_REMOVE, ids=ids, now=now)

    async def set_pin(self, waiter_id: str, new_hash: str) -> None:
        """Set a new PIN. Forget the attempts at the old one, too: `PinAttempts.forget`."""
        await self._run(_SET_PIN, waiter_id=waiter_id, new_hash=new_hash)

    async def is_there(self, waiter_id: str) -> bool:
        return await self._first(_IS_THERE, waiter_id=waiter_id) is not None

    async def name(self, waiter_id: str) -> str | None:
        """The waiter's name, also of one who was removed."""
        name: str | None = await self._value(_NAME, waiter_id=waiter_id)
        return name

    async def lock(self, waiter_id: str) -> bool:
        """False for a waiter who does not exist or was removed."""
        return await self._first(_LOCK, waiter_id=waiter_id) is not None

    async def pin(self, waiter_id: str) -> Record | None:
        """The waiter with the hash of the PIN."""
        return await self._first(_PIN, waiter_id=waiter_id)
