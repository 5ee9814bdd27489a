"""Areas and tables as the venue's manager sets them up, with the waiters assigned to them.

A removed area or table keeps its row, because orders refer to it; putting its id again restores it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, bindparam, delete, exists, func, null, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from epos.domain.natural_order import natural_key
from epos.store.repository import Repository
from epos.store.statements import Statement
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
from epos.store.visibility import VENUE


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
