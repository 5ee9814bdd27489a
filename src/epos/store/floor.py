"""Areas and tables: read, locked, and set up by the venue's manager, with the waiters assigned to them.

A removed area or table keeps its row, because orders refer to it; putting its id again restores it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, Table, bindparam, delete, exists, func, null, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, insert

from epos.domain.natural_order import natural_key
from epos.store.busy_rows import take_row
from epos.store.paging import Keyset, PageRequest, PageRows
from epos.store.repository import Repository
from epos.store.statements import Record, Statement
from epos.store.tables import (
    area,
    area_waiter,
    customer_order,
    dining_table,
    party,
    reservation,
    reservation_table,
    table_waiter,
)
from epos.store.tables.base import Instant, Key
from epos.store.tables.orders import IS_OPEN
from epos.store.visibility import VENUE, assigned_tables, visible_tables


@dataclass(frozen=True, slots=True)
class AreaRow:
    """An area, without its id."""

    name: str
    position: int
    waiter_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableRow:
    """A table, without its id."""

    area_id: str
    name: str
    max_covers: int | None
    waiter_ids: tuple[str, ...] = ()


# --- read and locked ------------------------------------------------------------------------------

_AREA_WAITERS = (
    select(func.array_agg(aggregate_order_by(area_waiter.c.waiter_id, area_waiter.c.waiter_id)))
    .where(area_waiter.c.venue_id == VENUE, area_waiter.c.area_id == area.c.id)
    .scalar_subquery()
)
_TABLE_WAITERS = (
    select(func.array_agg(aggregate_order_by(table_waiter.c.waiter_id, table_waiter.c.waiter_id)))
    .where(table_waiter.c.venue_id == VENUE, table_waiter.c.table_id == dining_table.c.id)
    .scalar_subquery()
)
_AREAS = Statement(
    select(area.c.id, area.c.name, area.c.position, _AREA_WAITERS.label("waiter_ids"))
    .where(area.c.venue_id == VENUE, area.c.removed_at.is_(None))
    .order_by(area.c.position, area.c.id)
)
_TABLE_IDS = bindparam("table_ids", type_=ARRAY(Key))
_EVER_NAMED = select(dining_table.c.id, dining_table.c.name).where(
    dining_table.c.venue_id == VENUE, dining_table.c.id == func.any(_TABLE_IDS)
)
_NAMED = _EVER_NAMED.where(dining_table.c.removed_at.is_(None))
_SHARE_LOCK = Statement(_NAMED.order_by(dining_table.c.id).with_for_update(read=True))
_SHARE_LOCK_IF_FREE = Statement(_NAMED.with_for_update(read=True, skip_locked=True))
_LOCK = Statement(_EVER_NAMED.order_by(dining_table.c.id).with_for_update(key_share=True))
_EXISTING = Statement(_NAMED)
_VISIBLE = Statement(
    _NAMED.where(dining_table.c.id.in_(visible_tables(bindparam("requester_waiter_id", type_=Key))))
)
_ALL_TABLES = Statement(
    select(
        dining_table.c.id,
        dining_table.c.name,
        dining_table.c.area_id,
        dining_table.c.max_covers,
        _TABLE_WAITERS.label("waiter_ids"),
    )
    .join(area, (area.c.venue_id == VENUE) & (area.c.id == dining_table.c.area_id))
    .where(dining_table.c.venue_id == VENUE, dining_table.c.removed_at.is_(None))
    .order_by(area.c.position, area.c.id, dining_table.c.name_key, dining_table.c.id)
)
_FREE = Statement(
    update(dining_table)
    .where(dining_table.c.venue_id == VENUE, dining_table.c.id == func.any(_TABLE_IDS))
    .values(freed_at=bindparam("now"))
)


@cache
def _search(filters: frozenset[str]) -> Keyset:
    def narrowed(rows: Select[Any]) -> Select[Any]:
        table = dining_table.c
        rows = rows.join_from(
            dining_table, area, (area.c.venue_id == VENUE) & (area.c.id == table.area_id)
        ).where(table.venue_id == VENUE, table.removed_at.is_(None))
        if "area_id" in filters:
            rows = rows.where(table.area_id == bindparam("area_id"))
        if "waiter_id" in filters:
            rows = rows.where(table.id.in_(assigned_tables(bindparam("waiter_id", type_=Key))))
        if "requester_waiter_id" in filters:
            seen = visible_tables(bindparam("requester_waiter_id", type_=Key))
            rows = rows.where(table.id.in_(seen))
        return rows

    table = dining_table.c
    key = (area.c.position, table.area_id, table.name_key, table.id)
    columns = (table.id, table.name, table.max_covers, _TABLE_WAITERS.label("waiter_ids"))
    return Keyset(
        narrowed(
            select(*columns, table.area_id, table.name_key, area.c.position.label("area_position"))
        ),
        narrowed(select(table.id)),
        key,
    )


# --- set up ---------------------------------------------------------------------------------------

_IDS = bindparam("ids", type_=ARRAY(Key))
_TABLES = ("name", "name_key", "area_id", "max_covers")


def _put(table: Table, *columns: str) -> Statement:
    """Insert a row, or change the row with the same id and restore it if it was removed."""
    made = insert(table)
    changed = {name: made.excluded[name] for name in columns} | {"removed_at": null()}
    made = made.on_conflict_do_update(index_elements=["venue_id", "id"], set_=changed)
    return Statement(made, columns=["venue_id", "id", *columns])


def _remove(table: Table) -> Statement:
    these = (table.c.venue_id == VENUE, table.c.id == func.any(_IDS))
    return Statement(update(table).where(*these).values(removed_at=bindparam("now", type_=Instant)))


_PUT_AREA, _REMOVE_AREAS = _put(area, "name", "position"), _remove(area)
_PUT_TABLE, _REMOVE_TABLES = _put(dining_table, *_TABLES), _remove(dining_table)

_AREA_WAITER = Statement(insert(area_waiter), columns=["venue_id", "area_id", "waiter_id"])
_NO_AREA_WAITERS = Statement(
    delete(area_waiter).where(
        area_waiter.c.venue_id == VENUE, area_waiter.c.area_id == func.any(_IDS)
    )
)
_TABLE_WAITER = Statement(insert(table_waiter), columns=["venue_id", "table_id", "waiter_id"])
_NO_TABLE_WAITERS = Statement(
    delete(table_waiter).where(
        table_waiter.c.venue_id == VENUE, table_waiter.c.table_id == func.any(_IDS)
    )
)

_OPEN_ORDERS = Statement(
    select(customer_order.c.table_id, func.min(customer_order.c.id).label("id"))
    .where(
        customer_order.c.venue_id == VENUE,
        customer_order.c.table_id == func.any(_IDS),
        text(IS_OPEN),
    )
    .group_by(customer_order.c.table_id)
)
_BOOKINGS = Statement(
    select(reservation_table.c.table_id, func.min(reservation.c.id).label("id"))
    .join(
        reservation,
        (reservation.c.venue_id == VENUE)
        & (reservation.c.id == reservation_table.c.reservation_id),
    )
    .where(
        reservation_table.c.venue_id == VENUE,
        reservation_table.c.table_id == func.any(_IDS),
        reservation.c.deleted_at.is_(None),
        reservation.c.end_time > bindparam("now", type_=Instant),
        ~exists(
            select(party.c.id).where(
                party.c.venue_id == VENUE,
                party.c.reservation_id == reservation.c.id,
                party.c.deleted_at.is_(None),
            )
        ),
    )
    .group_by(reservation_table.c.table_id)
)


class FloorRepository(Repository):
    async def areas(self) -> list[Record]:
        return await self._all(_AREAS)

    async def tables(self) -> list[Record]:
        """All tables, by area and natural name."""
        return await self._all(_ALL_TABLES)

    async def search_tables(self, request: PageRequest, **filters: str | None) -> PageRows:
        """By area and natural name. Filters: area_id, waiter_id, requester_waiter_id."""
        used = {name: value for name, value in filters.items() if value is not None}
        search = _search(frozenset(used))
        return await search.page(self._connection, request, venue_id=self._venue_id, **used)

    async def table_names(
        self, table_ids: list[str], waiter_id: str | None = None
    ) -> dict[str, str]:
        """The names of the tables that exist, and that the waiter, if given, may see."""
        if waiter_id is None:
            return _names(await self._all(_EXISTING, table_ids=table_ids))
        return _names(await self._all(_VISIBLE, table_ids=table_ids, requester_waiter_id=waiter_id))

    async def share_lock_tables(self, table_ids: list[str]) -> dict[str, str]:
        """Lock tables FOR SHARE: nobody seats, moves or frees them until the transaction ends.

        Whoever does may wait for an order. One table is tried first, since many may share it; several
        are waited for in ascending id.
        """
        if len(table_ids) == 1:
            free = await self._all(_SHARE_LOCK_IF_FREE, table_ids=table_ids)
            if free:
                return _names(free)
        _take_tables(table_ids)
        return _names(await self._all(_SHARE_LOCK, table_ids=table_ids))

    async def lock_tables(self, table_ids: list[str]) -> dict[str, str]:
        """Lock tables that are to be seated, freed or removed, in ascending id.

        Removed tables are included: a party of the past may have sat there.
        """
        _take_tables(table_ids)
        return _names(await self._all(_LOCK, table_ids=table_ids))

    async def free_tables(self, table_ids: list[str], now: Any) -> None:
        """Note that the tables became free now; the next party does not get their older orders."""
        await self._run(_FREE, table_ids=table_ids, now=now)

    async def put_areas(self, areas: Mapping[str, AreaRow]) -> None:
        """Insert, change or restore areas, with their waiters, by id."""
        rows = (
            {"id": id_, "name": row.name, "position": row.position} for id_, row in areas.items()
        )
        await self._each(_PUT_AREA, rows)
        await self._run(_NO_AREA_WAITERS, ids=list(areas))
        await self._each(_AREA_WAITER, _assigned("area_id", areas))

    async def remove_areas(self, ids: list[str], now: datetime) -> None:
        """Remove areas and their assignments."""
        await self._run(_NO_AREA_WAITERS, ids=ids)
        await self._run(_REMOVE_AREAS, ids=ids, now=now)

    async def put_tables(self, tables: Mapping[str, TableRow]) -> None:
        """Insert, change or restore tables, with their waiters, by id. Their areas exist."""
        rows = (
            {
                "id": id_,
                "area_id": row.area_id,
                "name": row.name,
                "name_key": natural_key(row.name),
                "max_covers": row.max_covers,
            }
            for id_, row in tables.items()
        )
        await self._each(_PUT_TABLE, rows)
        await self._run(_NO_TABLE_WAITERS, ids=list(tables))
        await self._each(_TABLE_WAITER, _assigned("table_id", tables))

    async def remove_tables(self, ids: list[str], now: datetime) -> None:
        """Remove tables and their assignments. They are locked, and nothing needs them."""
        await self._run(_NO_TABLE_WAITERS, ids=ids)
        await self._run(_REMOVE_TABLES, ids=ids, now=now)

    async def open_orders(self, ids: list[str]) -> dict[str, str]:
        """The tables that have an open order, and one of those orders."""
        return {row["table_id"]: row["id"] for row in await self._all(_OPEN_ORDERS, ids=ids)}

    async def bookings(self, ids: list[str], now: datetime) -> dict[str, str]:
        """The tables that are booked for guests who may still come, and one of those reservations."""
        rows = await self._all(_BOOKINGS, ids=ids, now=now)
        return {row["table_id"]: row["id"] for row in rows}


def _assigned(
    key: str, rows: Mapping[str, AreaRow] | Mapping[str, TableRow]
) -> Iterator[dict[str, str]]:
    for id_, row in rows.items():
        for waiter_id in row.waiter_ids:
            yield {key: id_, "waiter_id": waiter_id}


def _names(rows: list[Record]) -> dict[str, str]:
    return {row["id"]: row["name"] for row in rows}


def _take_tables(table_ids: Iterable[str]) -> None:
    for table_id in table_ids:
        take_row(f"table {table_id}")
