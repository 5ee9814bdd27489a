"""Areas and tables: read, and locked."""

from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from epos.store.paging import Keyset, PageRequest, PageRows
from epos.store.repository import Repository
from epos.store.statements import Record, Statement
from epos.store.tables import area, area_waiter, dining_table, table_waiter
from epos.store.tables.base import Key
from epos.store.visibility import VENUE, assigned_tables, visible_tables

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
_IDS = bindparam("table_ids", type_=ARRAY(Key))
_EVER_NAMED = select(dining_table.c.id, dining_table.c.name).where(
    dining_table.c.venue_id == VENUE, dining_table.c.id == func.any(_IDS)
)
_NAMED = _EVER_NAMED.where(dining_table.c.removed_at.is_(None))
_SHARE_LOCK = Statement(_NAMED.order_by(dining_table.c.id).with_for_update(read=True))
_LOCK = Statement(_EVER_NAMED.order_by(dining_table.c.id).with_for_update(key_share=True))
_EXISTING = Statement(_NAMED)
_VISIBLE = Statement(
    _NAMED.where(dining_table.c.id.in_(visible_tables(bindparam("requester_waiter_id", type_=Key))))
)
_ALL = Statement(
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
    .where(dining_table.c.venue_id == VENUE, dining_table.c.id == func.any(_IDS))
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


class LayoutRepository(Repository):
    async def areas(self) -> list[Record]:
        return await self._all(_AREAS)

    async def tables(self) -> list[Record]:
        """All tables, by area and natural name."""
        return await self._all(_ALL)

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
        """Lock tables FOR SHARE: nobody seats, moves or frees them until the transaction ends."""
        return _names(await self._all(_SHARE_LOCK, table_ids=table_ids))

    async def lock_tables(self, table_ids: list[str]) -> dict[str, str]:
        """Lock tables that are to be seated, freed or removed, in ascending id.

        Removed tables are included: a party of the past may have sat there.
        """
        return _names(await self._all(_LOCK, table_ids=table_ids))

    async def free_tables(self, table_ids: list[str], now: Any) -> None:
        """Note that the tables became free now; the next party does not get their older orders."""
        await self._run(_FREE, table_ids=table_ids, now=now)


def _names(rows: list[Record]) -> dict[str, str]:
    return {row["id"]: row["name"] for row in rows}
