"""Lists of tabs and of Dojo's orders."""

from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select, text

from epos.store.paging import Keyset, PageRequest, PageRows
from epos.store.repository import Repository
from epos.store.tables import customer_order, dining_table, tab, venue
from epos.store.tables.base import Key
from epos.store.tables.orders import HAS_OTHER_PRICES, IS_OPEN
from epos.store.venues import NOW
from epos.store.visibility import VENUE, assigned_to, sees_order

_ORDER = customer_order.c
_NOT_LISTED = {"venue_id", "fingerprint", "content", "sales", "derived", "area_id", "belongs_to"}
_LISTED = (
    select(
        *(column for column in _ORDER if column.name not in _NOT_LISTED),
        func.jsonb_extract_path_text(_ORDER.content, "customer", "name").label("customer_name"),
        dining_table.c.name.label("table_name"),
        tab.c.covers,
        tab.c.merged_into,
        HAS_OTHER_PRICES,
        NOW.label("now"),
    )
    .join_from(customer_order, venue, venue.c.id == VENUE)
    .outerjoin(tab, (tab.c.venue_id == VENUE) & (tab.c.order_id == _ORDER.id))
    .outerjoin(
        dining_table,
        (dining_table.c.venue_id == VENUE) & (dining_table.c.id == _ORDER.table_id),
    )
    .where(_ORDER.venue_id == VENUE)
)
_OPEN = text(f"customer_order.{IS_OPEN}")
_CONDITIONS = {
    "table_id": _ORDER.table_id == bindparam("table_id", type_=Key),
    "waiter_id": assigned_to(bindparam("waiter_id", type_=Key)).condition(),
    "status": _ORDER.status == bindparam("status", type_=Key),
    "requester_waiter_id": sees_order(bindparam("requester_waiter_id", type_=Key)),
}


@cache
def _search(filters: frozenset[str], *, open_only: bool) -> Keyset:
    conditions = [_CONDITIONS[name] for name in sorted(filters)]

    def narrowed(rows: Select[Any]) -> Select[Any]:
        return rows.where(*conditions, *([_OPEN] if open_only else []))

    identity = select(_ORDER.id).where(_ORDER.venue_id == VENUE)
    key = (_ORDER.created_at, _ORDER.id)
    return Keyset(narrowed(_LISTED), narrowed(identity), key, descending=True)


class TabSearch(Repository):
    async def search(
        self, request: PageRequest, *, open_only: bool, **filters: str | None
    ) -> PageRows:
        """Newest first, without their lines. Filters: table_id, waiter_id, status,
        requester_waiter_id.
        """
        used = {name: value for name, value in filters.items() if value is not None}
        search = _search(frozenset(used), open_only=open_only)
        return await search.page(self._connection, request, venue_id=self._venue_id, **used)
