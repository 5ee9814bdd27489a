"""Read, lock and change orders. Searching is in `order_search`."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Text, bindparam, exists, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY

from epos.domain.identifiers import Identifiers
from epos.domain.order_status import OrderOrigin, OrderStatus
from epos.store.busy_rows import take_row
from epos.store.order_access import SEES_EVERYTHING
from epos.store.order_search import ANSWER, OrderSearch
from epos.store.statements import Record, Statement
from epos.store.tables import customer_order, dining_table
from epos.store.tables.base import Key
from epos.store.tables.orders import IS_OPEN
from epos.store.turns import Turns
from epos.store.visibility import VENUE


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order whose row is locked: what decides about a change of it. Amounts in minor units."""

    id: str
    version: int
    origin: OrderOrigin
    status: OrderStatus
    currency: str
    total_amount: int
    paid_amount: int
    tips_amount: int
    refund_amount: int
    """By how much the total is smaller, since so much of what was paid went back."""
    dojo_order_id: str | None
    reference: str
    reference_is_ours: bool
    order_type: str
    table_id: str | None
    waiter_id: str | None
    party_id: str | None
    reservation_id: str | None
    asap: bool | None
    collect_at: datetime | None
    note: str | None
    content: str
    """JSON, as the contract has it."""
    created_at: datetime

    @property
    def balance(self) -> int:
        """What is left to pay."""
        return self.total_amount - self.paid_amount


_ORDER = customer_order.c
_HERE = (_ORDER.venue_id == VENUE, _ORDER.id == bindparam("order_id"))
_LATER = {
    *("version", "status_reason", "held_until", "refund_amount"),
    *("area_id", "belongs_to", "owed"),
}
_INSERTED = [column.name for column in _ORDER if column.name not in _LATER]

_BY_ID = Statement(ANSWER.where(*_HERE))
_BY_ID_FOR_WAITER = Statement(ANSWER.where(*_HERE).add_columns(SEES_EVERYTHING))
_BY_DOJO_ID = Statement(
    select(_ORDER.id, _ORDER.fingerprint).where(
        _ORDER.venue_id == VENUE, _ORDER.dojo_order_id == bindparam("dojo_order_id")
    )
)
_LOCK = Statement(
    select(*(_ORDER[field.name] for field in fields(OrderRow)))
    .where(*_HERE)
    .with_for_update(key_share=True)
)
_DERIVED = Statement(select(_ORDER.derived).where(*_HERE))
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
    select(_ORDER.id)
    .where(_ORDER.venue_id == VENUE, _ORDER.id == func.any(_IDS))
    .order_by(_ORDER.id)
    .with_for_update(key_share=True)
)
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
    select(
        _ORDER.id, _ORDER.table_id, _ORDER.reference, _ORDER.total_amount, _ORDER.paid_amount
    ).where(_ORDER.venue_id == VENUE, _ORDER.party_id == bindparam("party_id"), text(IS_OPEN))
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


class OrderRepository(OrderSearch, Turns):
    async def answer(self, order_id: str, waiter_id: str | None = None) -> Record | None:
        """The order with its effective payments; None if `waiter_id` is given and may not see it."""
        return await self._seen(_BY_ID, _BY_ID_FOR_WAITER, order_id, waiter_id)

    async def serialize_on(self, dojo_order_id: str) -> None:
        """Wait for a transaction that creates the same order. Call before anything is read or locked."""
        await self._take_turn("order", dojo_order_id)

    async def by_dojo_id(self, dojo_order_id: str) -> Record | None:
        return await self._first(_BY_DOJO_ID, dojo_order_id=dojo_order_id)

    async def lock(self, order_id: str) -> OrderRow | None:
        """Lock the order's row until the transaction ends."""
        take_row(order_id)
        row = await self._first(_LOCK, order_id=order_id)
        if row is None:
            return None
        id_, version, origin, status, *others = row.values()
        return OrderRow(id_, version, OrderOrigin(origin), OrderStatus(status), *others)

    async def sees(self, order: OrderRow, waiter_id: str) -> bool:
        """Whether the access rules show the order to the waiter."""
        return await self._sees(order.waiter_id, order.table_id, waiter_id)

    async def lock_all(self, order_ids: Iterable[str]) -> None:
        """Lock several orders in ascending id."""
        wanted = sorted(order_ids)
        for order_id in wanted:
            take_row(order_id)
        await self._run(_LOCK_MANY, order_ids=wanted)

    async def insert(
        self, *, sales: str | None = None, derived: str | None = None, **columns: Any
    ) -> None:
        """`sales`: the parts of the total; None where Dojo says the VAT. `derived`: what the menu says of
        an order of Dojo's.
        """
        await self._run(_INSERT, sales=sales, derived=derived, **columns)

    async def derived(self, order_id: str) -> str | None:
        """What the menu said of an order of Dojo's, as JSON."""
        found: str | None = await self._value(_DERIVED, order_id=order_id)
        return found

    async def set_status(
        self, order_id: str, status: str, now: datetime, reason: str | None = None
    ) -> None:
        """`reason`: what staff wrote; None keeps the previous reason."""
        await self._run(_SET_STATUS, order_id=order_id, new_status=status, now=now, reason=reason)

    async def set_sums(
        self, order_id: str, status: str, paid: int, tips: int, now: datetime
    ) -> None:
        """Set status and sums as the ledger has them now. Call with the order locked."""
        await self._run(
            _SET_SUMS,
            order_id=order_id,
            new_status=status,
            new_paid_amount=paid,
            new_tips_amount=tips,
            now=now,
        )

    async def change(self, order_id: str, now: datetime, **columns: Any) -> None:
        """Set the named columns, for a change from a till. Call with the order locked."""
        new = {f"new_{name}": value for name, value in columns.items()}
        await self._run(_change(frozenset(columns)), order_id=order_id, now=now, **new)

    async def set_reference(self, order_id: str, reference: str) -> None:
        await self._run(_SET_REFERENCE, order_id=order_id, new_reference=reference)

    async def is_reference_taken(self, reference: str) -> bool:
        taken: bool = await self._value(_REFERENCE_TAKEN, reference=reference)
        return taken

    async def new_reference(self, identifiers: Identifiers) -> str:
        """A short code that no other open order of the venue has; the unique index settles a race."""
        attempt = 0
        while await self.is_reference_taken(code := identifiers.reference(attempt)):
            attempt += 1
        return code

    async def open_at_tables(self, table_ids: list[str]) -> list[str]:
        """Open orders without a party, opened after their table was last freed. Takes no lock.

        A pre-order is not among them: it waits for its own reservation, whoever sits at its table.
        """
        return [row["id"] for row in await self._all(_OPEN_AT_TABLES, table_ids=table_ids)]

    async def open_of_party(self, party_id: str) -> list[Record]:
        """`id`, `table_id`, `reference` and sums of the party's open orders. Takes no lock."""
        return await self._all(_OPEN_OF_PARTY, party_id=party_id)

    async def open_preorders(self, reservation_id: str) -> list[Record]:
        """`id` and `table_id` of open orders that wait for the reservation. Takes no lock."""
        return await self._all(_OPEN_PREORDERS, reservation_id=reservation_id)

    async def place(
        self, order_ids: list[str], party_id: str | None, table_id: str | None, now: datetime
    ) -> None:
        """Give open orders to a party or to none, and move them to `table_id` if it is given. Call with the
        orders locked.
        """
        await self._run(
            _PLACE, order_ids=order_ids, new_party_id=party_id, new_table_id=table_id, now=now
        )
