"""Reservations and the tables kept for them."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, delete, exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by

from epos.store.busy_rows import take_row
from epos.store.paging import Keyset, PageRequest, PageRows
from epos.store.statements import Record, Statement
from epos.store.table_places import in_order
from epos.store.tables import reservation, reservation_table
from epos.store.tables.base import Instant, Key
from epos.store.turns import Turns
from epos.store.visibility import VENUE

_RESERVATION = reservation.c
_KEPT = reservation_table.c
_RESERVATION_ID = bindparam("reservation_id", type_=Key)
_IS_THERE = (_RESERVATION.venue_id == VENUE, _RESERVATION.deleted_at.is_(None))
_HERE = (*_IS_THERE, _RESERVATION.id == _RESERVATION_ID)
_HAS_KEY = (*_IS_THERE, _RESERVATION.dojo_reservation_id == bindparam("dojo_reservation_id"))
_NOT_ANSWERED = {"venue_id", "created_at", "deleted_at"}
_NOT_INSERTED = {"version", "deleted_at", "status"}
_INSERTED = [column.name for column in _RESERVATION if column.name not in _NOT_INSERTED]
_NEVER_SET = {"venue_id", "id", "fingerprint", "created_at"}
_SET = [name for name in _INSERTED if name not in _NEVER_SET]

_TABLES = (
    select(func.array_agg(aggregate_order_by(_KEPT.table_id, _KEPT.position)))
    .where(_KEPT.venue_id == VENUE, _KEPT.reservation_id == _RESERVATION.id)
    .scalar_subquery()
)
_ANSWER: Select[Any] = select(
    *(column for column in _RESERVATION if column.name not in _NOT_ANSWERED),
    _TABLES.label("table_ids"),
)
_BY_ID = Statement(_ANSWER.where(*_HERE))
_BY_ID_ENDED_TOO = Statement(
    _ANSWER.where(_RESERVATION.venue_id == VENUE, _RESERVATION.id == _RESERVATION_ID)
)
_BY_DOJO_ID = Statement(_ANSWER.where(*_HAS_KEY))
_SHARE_LOCK = Statement(select(_RESERVATION.id).where(*_HERE).with_for_update(read=True))
_SHARE_LOCK_IF_FREE = Statement(
    select(_RESERVATION.id).where(*_HERE).with_for_update(read=True, skip_locked=True)
)
_LOCK = Statement(select(_RESERVATION.id).where(*_HERE).with_for_update(key_share=True))
_LOCK_BY_DOJO_ID = Statement(
    select(_RESERVATION.id).where(*_HAS_KEY).with_for_update(key_share=True)
)
_INSERT = Statement(insert(reservation), columns=_INSERTED)
_UPDATE = Statement(
    update(reservation).where(*_HERE).values(version=_RESERVATION.version + 1), columns=_SET
)
_DELETE = Statement(
    update(reservation)
    .where(*_HERE)
    .values(
        deleted_at=bindparam("now"),
        updated_at=bindparam("now"),
        status=bindparam("ended_as"),
        version=_RESERVATION.version + 1,
    )
)
_KEEP = Statement(
    insert(reservation_table), columns=["venue_id", "reservation_id", "table_id", "position"]
)
_RELEASE = Statement(
    delete(reservation_table).where(
        _KEPT.venue_id == VENUE, _KEPT.reservation_id == _RESERVATION_ID
    )
)
_BETWEEN = Statement(
    select(
        _RESERVATION.id, _RESERVATION.start_time, _RESERVATION.end_time, _TABLES.label("table_ids")
    )
    .where(
        *_IS_THERE,
        _RESERVATION.start_time < bindparam("to_time", type_=Instant),
        _RESERVATION.end_time > bindparam("from_time", type_=Instant),
    )
    .order_by(_RESERVATION.start_time, _RESERVATION.id)
)


@cache
def _search(filters: frozenset[str]) -> Keyset:
    def narrowed(rows: Select[Any]) -> Select[Any]:
        if "status" in filters:
            rows = rows.where(
                _RESERVATION.venue_id == VENUE,
                _RESERVATION.deleted_at.is_not(None),
                _RESERVATION.status == bindparam("status", type_=Key),
            )
        else:
            rows = rows.where(*_IS_THERE)
        if "table_id" in filters:
            kept = select(_KEPT.table_id).where(
                _KEPT.venue_id == VENUE,
                _KEPT.reservation_id == _RESERVATION.id,
                _KEPT.table_id == bindparam("table_id", type_=Key),
            )
            rows = rows.where(exists(kept))
        if "from_time" in filters:
            rows = rows.where(_RESERVATION.end_time > bindparam("from_time", type_=Instant))
        if "to_time" in filters:
            rows = rows.where(_RESERVATION.start_time < bindparam("to_time", type_=Instant))
        return rows

    key = (_RESERVATION.start_time, _RESERVATION.id)
    return Keyset(narrowed(_ANSWER), narrowed(select(_RESERVATION.id)), key)


class ReservationRepository(Turns):
    async def answer(self, reservation_id: str) -> Record | None:
        """The reservation with its tables."""
        return await self._first(_BY_ID, reservation_id=reservation_id)

    async def answer_ended_too(self, reservation_id: str) -> Record | None:
        """The same, also for one whose guests are not expected any more."""
        return await self._first(_BY_ID_ENDED_TOO, reservation_id=reservation_id)

    async def serialize_on(self, dojo_reservation_id: str) -> None:
        """Wait for a transaction that gives the same key to a reservation. Call before anything is read."""
        await self._take_turn("reservation", dojo_reservation_id)

    async def by_dojo_id(self, dojo_reservation_id: str) -> Record | None:
        """The reservation as it is answered, with its fingerprint."""
        return await self._first(_BY_DOJO_ID, dojo_reservation_id=dojo_reservation_id)

    async def between(self, from_time: datetime, to_time: datetime) -> list[Record]:
        """`id`, `start_time`, `end_time` and `table_ids` of all that overlap the window."""
        return await self._all(_BETWEEN, from_time=from_time, to_time=to_time)

    async def search(self, request: PageRequest, **filters: str | datetime | None) -> PageRows:
        """By start time. Filters: table_id, the window from_time, to_time that it overlaps, and the
        status of those that ended; without one, those that are expected.
        """
        used = {name: value for name, value in filters.items() if value is not None}
        search = _search(frozenset(used))
        return await search.page(self._connection, request, venue_id=self._venue_id, **used)

    async def share_lock(self, reservation_id: str) -> bool:
        """Lock the reservation FOR SHARE until the transaction ends. Returns whether it exists."""
        if await self._first(_SHARE_LOCK_IF_FREE, reservation_id=reservation_id) is not None:
            return True
        take_row(f"reservation {reservation_id}")  # whoever has it may wait for an order
        return await self._first(_SHARE_LOCK, reservation_id=reservation_id) is not None

    async def lock(self, reservation_id: str) -> bool:
        """Lock the reservation until the transaction ends. Returns whether it exists."""
        take_row(f"reservation {reservation_id}")
        return await self._first(_LOCK, reservation_id=reservation_id) is not None

    async def lock_by_dojo_id(self, dojo_reservation_id: str) -> str | None:
        """Lock the reservation that has this key until the transaction ends. Returns its id, or None."""
        reservation_id: str | None = await self._value(
            _LOCK_BY_DOJO_ID, dojo_reservation_id=dojo_reservation_id
        )
        return reservation_id

    async def insert(self, **columns: Any) -> None:
        await self._run(_INSERT, **columns)

    async def update(self, reservation_id: str, **columns: Any) -> None:
        await self._run(_UPDATE, reservation_id=reservation_id, **columns)

    async def delete(self, reservation_id: str, now: datetime, ended_as: str) -> None:
        """Mark as deleted, with its last status: parties and orders still refer to the row. Its key can
        be used again.
        """
        await self._run(_DELETE, reservation_id=reservation_id, now=now, ended_as=ended_as)

    async def keep_tables(self, reservation_id: str, table_ids: list[str]) -> None:
        """Keep tables for the reservation, in this order. Call when it has none."""
        rows = ({"reservation_id": reservation_id, **row} for row in in_order(table_ids))
        await self._each(_KEEP, rows)

    async def release_tables(self, reservation_id: str) -> None:
        """Give up all its tables. Call only before others are kept."""
        await self._run(_RELEASE, reservation_id=reservation_id)
