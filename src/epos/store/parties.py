"""Parties and the tables they sit at."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from epos.store.busy_rows import take_row
from epos.store.paging import Keyset, PageRequest, PageRows
from epos.store.statements import Record, Statement
from epos.store.table_places import in_order
from epos.store.tables import party, party_table
from epos.store.tables.base import Key
from epos.store.turns import Turns
from epos.store.visibility import VENUE, visible_tables

_PARTY = party.c
_SEAT = party_table.c
_PARTY_ID = bindparam("party_id", type_=Key)
_WAITER = bindparam("requester_waiter_id", type_=Key)
_TABLE_IDS = bindparam("table_ids", type_=ARRAY(Key))
_HERE = (_PARTY.venue_id == VENUE, _PARTY.id == _PARTY_ID, _PARTY.deleted_at.is_(None))
_NOT_ANSWERED = {"venue_id", "created_at", "deleted_at"}
_NOT_INSERTED = {"version", "is_live", "deleted_at"}
_INSERTED = [column.name for column in _PARTY if column.name not in _NOT_INSERTED]
_NEVER_SET = {"venue_id", "id", "fingerprint", "reservation_id", "created_at"}
_SET = [name for name in _INSERTED if name not in _NEVER_SET]

_TABLES = (
    select(func.array_agg(aggregate_order_by(_SEAT.table_id, _SEAT.position)))
    .where(_SEAT.venue_id == VENUE, _SEAT.party_id == _PARTY.id)
    .scalar_subquery()
)
_ANSWER: Select[Any] = select(
    *(column for column in _PARTY if column.name not in _NOT_ANSWERED),
    _TABLES.label("table_ids"),
)


def _is_seen() -> ColumnElement[bool]:
    """The access rules show a party through any of its tables."""
    return exists(
        select(_SEAT.table_id).where(
            _SEAT.venue_id == VENUE,
            _SEAT.party_id == _PARTY.id,
            _SEAT.table_id.in_(visible_tables(_WAITER)),
        )
    )


_BY_ID = Statement(_ANSWER.where(*_HERE))
_BY_ID_FOR_WAITER = Statement(_ANSWER.where(*_HERE, _is_seen()))
_BY_DOJO_ID = Statement(
    _ANSWER.where(
        _PARTY.venue_id == VENUE,
        _PARTY.dojo_party_id == bindparam("dojo_party_id"),
        _PARTY.deleted_at.is_(None),
    )
)
_LOCK = Statement(select(_PARTY.id).where(*_HERE).with_for_update(key_share=True))
_INSERT = Statement(insert(party), columns=_INSERTED)
_UPDATE = Statement(update(party).where(*_HERE).values(version=_PARTY.version + 1), columns=_SET)
_DELETE = Statement(
    update(party).where(*_HERE).values(deleted_at=bindparam("now"), updated_at=bindparam("now"))
)
_SEAT_AT = Statement(
    insert(party_table), columns=["venue_id", "party_id", "table_id", "position", "is_live"]
)
_UNSEAT = Statement(delete(party_table).where(_SEAT.venue_id == VENUE, _SEAT.party_id == _PARTY_ID))
_SEATED_AT = Statement(
    select(_SEAT.table_id, _SEAT.party_id).where(
        _SEAT.venue_id == VENUE, _SEAT.table_id == func.any(_TABLE_IDS), _SEAT.is_live
    )
)
_AT_TABLE = Statement(
    select(_SEAT.party_id).where(
        _SEAT.venue_id == VENUE, _SEAT.table_id == bindparam("table_id"), _SEAT.is_live
    )
)
_SHARE_LOCK = Statement(
    select(_PARTY.id, _PARTY.is_live)
    .where(_PARTY.venue_id == VENUE, _PARTY.id == _PARTY_ID)
    .with_for_update(read=True)
)
_SHARE_LOCK_IF_FREE = Statement(
    select(_PARTY.id, _PARTY.is_live)
    .where(_PARTY.venue_id == VENUE, _PARTY.id == _PARTY_ID)
    .with_for_update(read=True, skip_locked=True)
)
_SEATED_FROM = Statement(
    select(_PARTY.id.label("party_id"), _TABLES.label("table_ids"))
    .where(
        _PARTY.venue_id == VENUE,
        _PARTY.reservation_id == bindparam("reservation_id"),
        _PARTY.is_live,
    )
    .order_by(_PARTY.id)
    .limit(1)
)
_CAME_FROM = Statement(
    select(_PARTY.reservation_id, _PARTY.id)
    .where(
        _PARTY.venue_id == VENUE,
        _PARTY.reservation_id == func.any(bindparam("reservation_ids", type_=ARRAY(Key))),
        _PARTY.deleted_at.is_(None),
    )
    .order_by(_PARTY.is_live, _PARTY.id)
)
_VISIBLE = Statement(
    select(
        exists(
            select(_PARTY.id).where(_PARTY.venue_id == VENUE, _PARTY.id == _PARTY_ID, _is_seen())
        ).label("visible")
    )
)


@cache
def _search(filters: frozenset[str]) -> Keyset:
    def narrowed(rows: Select[Any]) -> Select[Any]:
        rows = rows.where(_PARTY.venue_id == VENUE)
        completed = "completed_only" in filters
        if completed:
            rows = rows.where(~_PARTY.is_live, _PARTY.deleted_at.is_(None))
        else:
            rows = rows.where(_PARTY.is_live)
        if "table_id" in filters:
            rows = rows.where(_has_table(bindparam("table_id", type_=Key), live=not completed))
        if "requester_waiter_id" in filters:
            rows = rows.where(_is_seen())
        return rows

    key = (_PARTY.start_time, _PARTY.id)
    return Keyset(narrowed(_ANSWER), narrowed(select(_PARTY.id)), key)


def _has_table(table_id: ColumnElement[str], *, live: bool) -> ColumnElement[bool]:
    # A seat is live when its party is; saying so lets the index of live seats answer.
    return exists(
        select(_SEAT.table_id).where(
            _SEAT.venue_id == VENUE,
            _SEAT.party_id == _PARTY.id,
            _SEAT.table_id == table_id,
            _SEAT.is_live if live else ~_SEAT.is_live,
        )
    )


class PartyRepository(Turns):
    async def answer(self, party_id: str, waiter_id: str | None = None) -> Record | None:
        """The party with its tables; None if `waiter_id` is given and may not see it."""
        if waiter_id is None:
            return await self._first(_BY_ID, party_id=party_id)
        return await self._first(
            _BY_ID_FOR_WAITER, party_id=party_id, requester_waiter_id=waiter_id
        )

    async def serialize_on(self, dojo_party_id: str) -> None:
        """Wait for a transaction that gives the same key to a party. Call before any read or lock."""
        await self._take_turn("party", dojo_party_id)

    async def by_dojo_id(self, dojo_party_id: str) -> Record | None:
        """The party as it is answered, with its fingerprint: one statement, so a delete that
        commits meanwhile cannot come between the two.
        """
        return await self._first(_BY_DOJO_ID, dojo_party_id=dojo_party_id)

    async def search(self, request: PageRequest, **filters: str | bool | None) -> PageRows:
        """By start time. Filters: completed_only (else the live), table_id, requester_waiter_id."""
        used = {name: value for name, value in filters.items() if value}
        search = _search(frozenset(used))
        used.pop("completed_only", None)
        return await search.page(self._connection, request, venue_id=self._venue_id, **used)

    async def lock(self, party_id: str) -> bool:
        """Lock the party until the transaction ends, after its tables. Returns whether it exists."""
        take_row(f"party {party_id}")
        return await self._first(_LOCK, party_id=party_id) is not None

    async def insert(self, **columns: Any) -> None:
        await self._run(_INSERT, **columns)

    async def update(self, party_id: str, **columns: Any) -> None:
        """Its seats become live or not together with it. Call with the party locked."""
        await self._run(_UPDATE, party_id=party_id, **columns)

    async def delete(self, party_id: str, now: datetime) -> None:
        """Mark as deleted: orders still refer to the row. Its key and tables can be used again."""
        await self._run(_DELETE, party_id=party_id, now=now)

    async def seat_at(self, party_id: str, table_ids: list[str], *, live: bool) -> None:
        """Seat the party at tables, in this order. `live`: as the party itself."""
        seats = ({"party_id": party_id, **row, "is_live": live} for row in in_order(table_ids))
        await self._each(_SEAT_AT, seats)

    async def unseat(self, party_id: str) -> None:
        """Remove the party from all its tables. Call only before it is seated at others."""
        await self._run(_UNSEAT, party_id=party_id)

    async def seated_at(self, table_ids: list[str]) -> dict[str, str]:
        """The tables that are taken now, with the party at each."""
        rows = await self._all(_SEATED_AT, table_ids=table_ids)
        return {row["table_id"]: row["party_id"] for row in rows}

    async def at_table(self, table_id: str) -> str | None:
        """The id of the party that sits at the table now."""
        party_id: str | None = await self._value(_AT_TABLE, table_id=table_id)
        return party_id

    async def seated_from(self, reservation_id: str) -> Record | None:
        """`party_id` and `table_ids` of the live party that came with the reservation."""
        return await self._first(_SEATED_FROM, reservation_id=reservation_id)

    async def came_from(self, reservation_ids: list[str]) -> dict[str, str]:
        """The party that came with each reservation; of several, a live one, else the newest."""
        rows = await self._all(_CAME_FROM, reservation_ids=reservation_ids)
        return {row["reservation_id"]: row["id"] for row in rows}

    async def share_lock(self, party_id: str) -> bool | None:
        """Lock the party FOR SHARE until the transaction ends. Whether it is live; None: unknown."""
        row = await self._first(_SHARE_LOCK_IF_FREE, party_id=party_id)
        if row is None:  # whoever has it may wait for an order
            take_row(f"party {party_id}")
            row = await self._first(_SHARE_LOCK, party_id=party_id)
        return None if row is None else row["is_live"]

    async def is_visible(self, party_id: str, waiter_id: str) -> bool:
        """Whether the access rules show the party: through any of its tables."""
        visible: bool = await self._value(
            _VISIBLE, party_id=party_id, requester_waiter_id=waiter_id
        )
        return visible
