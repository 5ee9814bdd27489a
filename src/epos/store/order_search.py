"""Orders as they are answered, and the search for them."""

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, TextClause, bindparam, case, func, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by

from epos.store.order_access import OrderAccess
from epos.store.order_locks import is_held
from epos.store.paging import Keyset, PageRequest, PageRows
from epos.store.tables import customer_order, dining_table, payment
from epos.store.tables.base import Key
from epos.store.tables.orders import IS_PAYABLE
from epos.store.tables.payments import IS_EFFECTIVE
from epos.store.visibility import VENUE, assigned_to, seen_by

_ORDER = customer_order.c
_WAITER = bindparam("waiter_id", type_=Key)
_REQUESTER = bindparam("requester_waiter_id", type_=Key)
_NOT_ANSWERED = {
    "venue_id",
    "fingerprint",
    "dojo_order_id",
    "reference_is_ours",
    "area_id",
    "belongs_to",
    "sales",
    "derived",
    "owed",
    "status_reason",
    "held_until",
}

_EFFECTIVE_PAYMENTS = (
    select(
        func.json_agg(
            aggregate_order_by(
                func.json_build_array(
                    func.coalesce(payment.c.payment_intent_id, payment.c.id),
                    payment.c.paid_amount - payment.c.refunded_paid,
                    payment.c.tips_amount - payment.c.refunded_tips,
                    payment.c.method,
                ),
                payment.c.position,
            )
        )
    )
    .where(
        payment.c.venue_id == VENUE,
        payment.c.order_id == _ORDER.id,
        text(IS_EFFECTIVE),
    )
    .scalar_subquery()
)
ANSWER: Select[Any] = (
    select(
        *(column for column in _ORDER if column.name not in _NOT_ANSWERED),
        dining_table.c.name.label("table_name"),
        is_held(customer_order).label("is_held"),
        case((_ORDER.paid_amount + _ORDER.tips_amount > 0, _EFFECTIVE_PAYMENTS)).label("payments"),
    )
    .outerjoin_from(
        customer_order,
        dining_table,
        (dining_table.c.venue_id == VENUE) & (dining_table.c.id == _ORDER.table_id),
    )
    .where(_ORDER.venue_id == VENUE)
)
"""The columns of an answered Order: the row, its table's name and its effective payments."""

_SEEN, _ASSIGNED = seen_by(_REQUESTER), assigned_to(_WAITER)
_SCOPES = {
    (False, False): None,
    (True, False): _SEEN,
    (False, True): _ASSIGNED,
    (True, True): _ASSIGNED.within(_SEEN),
}
"""Which orders a search covers. Key: (who asks does not see everything, a waiter is looked for)."""


class OrderFilter:
    """The names of the filters; their values are parameters."""

    TABLE, WAITER, PARTY, RESERVATION = "table_id", "waiter_id", "party_id", "reservation_id"
    PAYABLE, REQUESTER = "payable_only", "requester_waiter_id"


@cache
def _search(filters: frozenset[str]) -> Keyset:
    """The search with these filters. REQUESTER: only for waiters who do not see everything."""
    key = (_ORDER.created_at, _ORDER.id)
    narrowed: list[ColumnElement[bool] | TextClause] = [
        _ORDER[name] == bindparam(name)
        for name in (OrderFilter.TABLE, OrderFilter.PARTY, OrderFilter.RESERVATION)
        if name in filters
    ]
    if OrderFilter.PAYABLE in filters:
        narrowed += [text(IS_PAYABLE), ~is_held(customer_order)]
    orders = select(*key).where(_ORDER.venue_id == VENUE, *narrowed)
    scope = _SCOPES[OrderFilter.REQUESTER in filters, OrderFilter.WAITER in filters]
    if scope and OrderFilter.TABLE in filters:
        scope = scope.at(bindparam(OrderFilter.TABLE, type_=Key))
    if scope is None:
        return Keyset(ANSWER.where(*narrowed), orders, key, descending=True)
    return Keyset(ANSWER, list(scope.parts(orders)), key, descending=True)


class OrderSearch(OrderAccess):
    async def search(self, request: PageRequest, **filters: str | bool | None) -> PageRows:
        """Newest first. The filters are those of OrderFilter; None or False: not used."""
        used = {name: value for name, value in filters.items() if value}
        requester = used.get(OrderFilter.REQUESTER)
        if requester and await self.sees_everything(str(requester)):
            del used[OrderFilter.REQUESTER]
        search = _search(frozenset(used))
        used.pop(OrderFilter.PAYABLE, None)
        return await search.page(self._connection, request, venue_id=self._venue_id, **used)
