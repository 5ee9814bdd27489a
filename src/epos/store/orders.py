"""Orders: reading them as they are answered, locking and changing them."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, Text, bindparam, case, exists, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from epos.store.order_locks import is_held
from epos.store.paging import Keyset, PageRequest, PageRows
from epos.store.repository import Repository, claim
from epos.store.statements import Record, Statement
from epos.store.tables import customer_order, dining_table, payment
from epos.store.tables.base import Key
from epos.store.tables.orders import IS_OPEN, IS_PAYABLE
from epos.store.tables.payments import IS_EFFECTIVE
from epos.store.visibility import VENUE, order_is_assigned, sees_order

_ORDER = customer_order.c
_HERE = (_ORDER.venue_id == VENUE, _ORDER.id == bindparam("order_id"))
_WAITER = bindparam("requester_waiter_id", type_=Key)
_NOT_ANSWERED = {
    "venue_id",
    "fingerprint",
    "dojo_order_id",
    "reference_is_ours",
    "sales",
    "status_reason",
    "held_until",
}
_LATER = {"version", "status_reason", "held_until"}
_INSERTED = [column.name for column in _ORDER if column.name not in _LATER]

_EFFECTIVE_PAYMENTS = (
    select(
        func.json_agg(
            aggregate_order_by(
                func.json_build_array(
                    func.coalesce(payment.c.payment_intent_id, payment.c.id),
                    payment.c.paid_amount,
                    payment.c.tips_amount,
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
_ANSWER: Select[Any] = (
    select(
        *(column for column in _ORDER if column.name not in _NOT_ANSWERED),
        dining_table.c.name.label("table_name"),
        is_held(customer_order).label("is_held"),
        case((_ORDER.paid_amount > 0, _EFFECTIVE_PAYMENTS)).label("payments"),
    )
    .outerjoin_from(
        customer_order,
        dining_table,
        (dining_table.c.venue_id == VENUE) & (dining_table.c.id == _ORDER.table_id),
    )
    .where(_ORDER.venue_id == VENUE)
)
_BY_ID = Statement(_ANSWER.where(*_HERE))
_BY_ID_FOR_WAITER = Statement(_ANSWER.where(*_HERE, sees_order(customer_order, _WAITER)))
_BY_DOJO_ID = Statement(
    select(_ORDER.id, _ORDER.fingerprint).where(
        _ORDER.venue_id == VENUE, _ORDER.dojo_order_id == bindparam("dojo_order_id")
    )
)
_LOCK = Statement(select(customer_order).where(*_HERE).with_for_update(key_share=True))
_VISIBLE = Statement(
    select(
        exists(select(_ORDER.id).where(*_HERE, sees_order(customer_order, _WAITER))).label(
            "visible"
        )
    )
)
_INSERT = Statement(insert(customer_order), columns=_INSERTED)
_SET_STATUS = Statement(
    update(customer_order)
    .where(*_HERE)
    .values(
        status=bindparam("new_status"),
        status_reason=func.coalesce(bindparam("reason", type_=Text), _ORDER.status_reason),
        updated_at=bindparam("now"),
        version=_ORDER.version + 1,
    )
)
_SET_SUMS = Statement(
    update(customer_order)
    .where(*_HERE)
    .values(
        status=bindparam("new_status"),
        paid_amount=bindparam("new_paid_amount"),
        tips_amount=bindparam("new_tips_amount"),
        updated_at=bindparam("now"),
        version=_ORDER.version + 1,
    )
)
_SET_REFERENCE = Statement(
    update(customer_order).where(*_HERE).values(reference=bindparam("new_reference"))
)
_REFERENCE_TAKEN = Statement(
    select(
        exists(
            select(_ORDER.id).where(
                _ORDER.venue_id == VENUE,
                _ORDER.reference == bindparam("reference"),
                text(f"reference_is_ours AND {IS_OPEN}"),
            )
        ).label("taken")
    )
)
_IDS = bindparam("order_ids", type_=ARRAY(Key))
_LOCK_MANY = Statement(
    select(customer_order)
    .where(_ORDER.venue_id == VENUE, _ORDER.id == func.any(_IDS))
    .order_by(_ORDER.id)
    .with_for_update(key_share=True)
)
_CLAIM_DOJO_ID = Statement(claim("order", bindparam("dojo_order_id", type_=Key)))
_PLACE = Statement(
    update(customer_order)
    .where(_ORDER.venue_id == VENUE, _ORDER.id == func.any(_IDS), text(IS_OPEN))
    .values(
        party_id=bindparam("new_party_id", type_=Key),
        table_id=func.coalesce(bindparam("new_table_id", type_=Key), _ORDER.table_id),
        updated_at=bindparam("now"),
        version=_ORDER.version + 1,
    )
)
_OPEN_AT_TABLES = Statement(
    select(_ORDER.id)
    .join_from(
        customer_order,
        dining_table,
        (dining_table.c.venue_id == VENUE) & (dining_table.c.id == _ORDER.table_id),
    )
    .where(
        _ORDER.venue_id == VENUE,
        _ORDER.table_id == func.any(bindparam("table_ids", type_=ARRAY(Key))),
        _ORDER.party_id.is_(None),
        _ORDER.reservation_id.is_(None),
        dining_table.c.freed_at.is_(None) | (_ORDER.created_at >= dining_table.c.freed_at),
        text(IS_OPEN),
    )
)
_OPEN_OF_PARTY = Statement(
    select(_ORDER.id, _ORDER.table_id).where(
        _ORDER.venue_id == VENUE, _ORDER.party_id == bindparam("party_id"), text(IS_OPEN)
    )
)
_OPEN_PREORDERS = Statement(
    select(_ORDER.id, _ORDER.table_id).where(
        _ORDER.venue_id == VENUE,
        _ORDER.reservation_id == bindparam("reservation_id"),
        _ORDER.party_id.is_(None),
        text(IS_OPEN),
    )
)


@cache
def _change(columns: frozenset[str]) -> Statement:
    new = {name: bindparam(f"new_{name}", type_=_ORDER[name].type) for name in columns}
    grown = {"updated_at": bindparam("now"), "version": _ORDER.version + 1}
    return Statement(update(customer_order).where(*_HERE).values(new | grown))


class OrderFilter:
    """Which filters a search uses; their values are parameters."""

    TABLE, WAITER, PARTY, RESERVATION = "table_id", "waiter_id", "party_id", "reservation_id"
    PAYABLE, REQUESTER = "payable_only", "requester_waiter_id"


@cache
def _search(filters: frozenset[str]) -> Keyset:
    def narrowed(rows: Select[Any]) -> Select[Any]:
        for name in sorted(
            filters & {OrderFilter.TABLE, OrderFilter.PARTY, OrderFilter.RESERVATION}
        ):
            rows = rows.where(_ORDER[name] == bindparam(name))
        if OrderFilter.WAITER in filters:
            rows = rows.where(order_is_assigned(customer_order, bindparam("waiter_id", type_=Key)))
        if OrderFilter.PAYABLE in filters:
            rows = rows.where(text(IS_PAYABLE), ~is_held(customer_order))
        if OrderFilter.REQUESTER in filters:
            rows = rows.where(sees_order(customer_order, _WAITER))
        return rows

    identity = select(_ORDER.id).where(_ORDER.venue_id == VENUE)
    key = (_ORDER.created_at, _ORDER.id)
    return Keyset(narrowed(_ANSWER), narrowed(identity), key, descending=True)


class OrderRepository(Repository):
    async def answer(self, order_id: str, waiter_id: str | None = None) -> Record | None:
        """The order with its effective payments; None if `waiter_id` is given and may not see it."""
        if waiter_id is None:
            return await self._first(_BY_ID, order_id=order_id)
        return await self._first(
            _BY_ID_FOR_WAITER, order_id=order_id, requester_waiter_id=waiter_id
        )

    async def is_visible(self, order_id: str, waiter_id: str) -> bool:
        visible: bool = await self._value(
            _VISIBLE, order_id=order_id, requester_waiter_id=waiter_id
        )
        return visible

    async def claim(self, dojo_order_id: str) -> None:
        """Wait for whoever is creating the same order, before anything else is read or locked."""
        await self._run(_CLAIM_DOJO_ID, dojo_order_id=dojo_order_id)

    async def by_dojo_id(self, dojo_order_id: str) -> Record | None:
        return await self._first(_BY_DOJO_ID, dojo_order_id=dojo_order_id)

    async def search(self, request: PageRequest, **filters: str | bool | None) -> PageRows:
        """Newest first; the filters are those of OrderFilter, None or False meaning unused."""
        used = {name: value for name, value in filters.items() if value}
        search = _search(frozenset(used))
        used.pop(OrderFilter.PAYABLE, None)
        return await search.page(self._connection, request, venue_id=self._venue_id, **used)

    async def lock(self, order_id: str) -> Record | None:
        """The order's row, locked until the transaction ends."""
        return await self._first(_LOCK, order_id=order_id)

    async def lock_all(self, order_ids: Iterable[str]) -> list[Record]:
        """Several orders, locked in ascending id."""
        return await self._all(_LOCK_MANY, order_ids=sorted(order_ids))

    async def insert(self, *, sales: str | None = None, **columns: Any) -> None:
        """`sales`: what a tab's total consists of; Dojo's orders have none."""
        await self._run(_INSERT, sales=sales, **columns)

    async def set_status(
        self, order_id: str, status: str, now: datetime, reason: str | None = None
    ) -> None:
        """`reason`: the words of staff who must give some; without, the last ones stay."""
        await self._run(_SET_STATUS, order_id=order_id, new_status=status, now=now, reason=reason)

    async def set_sums(
        self, order_id: str, status: str, paid: int, tips: int, now: datetime
    ) -> None:
        """What the ledger says now. The order is locked already."""
        await self._run(
            _SET_SUMS,
            order_id=order_id,
            new_status=status,
            new_paid_amount=paid,
            new_tips_amount=tips,
            now=now,
        )

    async def change(self, order_id: str, now: datetime, **columns: Any) -> None:
        """Set what is named: what a till changes of an order. The order is locked already."""
        new = {f"new_{name}": value for name, value in columns.items()}
        await self._run(_change(frozenset(columns)), order_id=order_id, now=now, **new)

    async def set_reference(self, order_id: str, reference: str) -> None:
        await self._run(_SET_REFERENCE, order_id=order_id, new_reference=reference)

    async def is_reference_taken(self, reference: str) -> bool:
        taken: bool = await self._value(_REFERENCE_TAKEN, reference=reference)
        return taken

    async def open_at_tables(self, table_ids: list[str]) -> list[str]:
        """Open orders without a party, opened since their table was last freed. Takes no lock.

        A pre-order is not among them: it waits for its own reservation, whoever sits there before.
        """
        return [row["id"] for row in await self._all(_OPEN_AT_TABLES, table_ids=table_ids)]

    async def open_of_party(self, party_id: str) -> list[Record]:
        """`id` and `table_id` of the party's open orders. Takes no lock."""
        return await self._all(_OPEN_OF_PARTY, party_id=party_id)

    async def open_preorders(self, reservation_id: str) -> list[Record]:
        """`id` and `table_id` of open orders that wait for the reservation. Takes no lock."""
        return await self._all(_OPEN_PREORDERS, reservation_id=reservation_id)

    async def place(
        self, order_ids: list[str], party_id: str | None, table_id: str | None, now: datetime
    ) -> None:
        """Give open orders to a party (or to none), on another table if one is named.

        The orders are locked already.
        """
        await self._run(
            _PLACE, order_ids=order_ids, new_party_id=party_id, new_table_id=table_id, now=now
        )
