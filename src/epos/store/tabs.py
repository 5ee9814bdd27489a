"""Tabs and their lines. Lines are written and read as JSON, all in one statement."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from pydantic_core import from_json
from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    Select,
    Table,
    bindparam,
    case,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.dialects.postgresql import insert as upsert

from epos.domain.limits import Limits
from epos.domain.locks import OrderLock
from epos.store.order_access import SEES_EVERYTHING, OrderAccess
from epos.store.order_locks import order_lock_of
from epos.store.statements import Record, Statement
from epos.store.tables import (
    customer_order,
    dining_table,
    order_lock,
    payment,
    tab,
    tab_line,
    venue,
)
from epos.store.tables.base import Instant, JsonText, Key, Minor
from epos.store.tables.orders import HAS_OTHER_PRICES
from epos.store.turns import Turns
from epos.store.venues import NOW
from epos.store.visibility import VENUE

Line = dict[str, Any]
"""A row of `tab_line` as JSON has it: times are text, what is nested is nested."""


@dataclass(frozen=True, slots=True)
class TabRow:
    """A row of `tab`, with the rows of its lines by id, in their order. `discount`, `as_split`
    and `as_refunded` are JSON.
    """

    lines: Mapping[str, Line]
    discount: str | None
    as_split: str | None
    as_refunded: str | None
    service_charge_rate: int
    service_charge_bears_vat: bool
    covers: int | None = None
    rounds: int = 0
    takeaway: bool | None = None
    billed_total: int | None = None
    """What the bill came to that a guest saw last, less what was taken off since."""
    refund: int = 0
    """The order's, where the row has it."""


@dataclass(frozen=True, slots=True)
class EditContext:
    """What a change of a locked order depends on, beside the order itself."""

    now: datetime
    finalizes_paid_tabs: bool
    venue_service_charge_rate: int
    venue_service_charge_bears_vat: bool
    limits: Limits
    lock: OrderLock | None
    """The lock that is not released; it may have expired."""
    tab: TabRow | None
    """None for an order of Dojo's."""


def tab_row(row: Record) -> TabRow:
    """The tab in a row that has its columns and lines. Not for an order of Dojo's."""
    lines: list[Line] = from_json(row["lines"] or "[]")
    return TabRow(
        lines={line["id"]: line for line in lines},
        discount=row["discount"],
        as_split=row["as_split"],
        as_refunded=row["as_refunded"],
        service_charge_rate=row["service_charge_rate"],
        service_charge_bears_vat=row["service_charge_bears_vat"],
        covers=row["covers"],
        rounds=row["rounds"],
        takeaway=row["takeaway"],
        billed_total=row["billed_total"],
        refund=row.get("refund_amount", 0),
    )


_ORDER, _TAB, _LINE, _LOCK = customer_order.c, tab.c, tab_line.c, order_lock.c
_HERE = (_TAB.venue_id == VENUE, _TAB.order_id == bindparam("order_id", type_=Key))
_NOT_ANSWERED = {"venue_id", "fingerprint", "content", "sales", "area_id", "owed"}


def _all_of(
    table: Table, order_id: ColumnElement[str], place: ColumnElement[int]
) -> ColumnElement[Any]:
    """The order's rows of a table as one JSON list; null for none."""
    rows = func.json_agg(aggregate_order_by(func.row_to_json(table.table_valued()), place))
    of_order = (table.c.venue_id == VENUE, table.c.order_id == order_id)
    return select(rows).where(*of_order).scalar_subquery()


def _with_lock(rows: Select[Any], order_id: ColumnElement[str]) -> Select[Any]:
    """Add the lock that is not released; it may have expired."""
    return rows.outerjoin(
        order_lock,
        (_LOCK.venue_id == VENUE) & (_LOCK.order_id == order_id) & _LOCK.released_at.is_(None),
    )


_OF_TAB = [c for c in _TAB if c.name not in ("venue_id", "order_id", "fingerprint")]
_EDIT_CONTEXT = Statement(
    _with_lock(
        select(
            NOW.label("now"),
            venue.c.finalizes_paid_tabs,
            venue.c.service_charge_rate.label("venue_service_charge_rate"),
            venue.c.service_charge_bears_vat.label("venue_service_charge_bears_vat"),
            venue.c.limits,
            *_OF_TAB,
            *(c for c in _LOCK if c.name not in ("venue_id", "order_id")),
            _all_of(tab_line, bindparam("order_id", type_=Key), _LINE.position).label("lines"),
        ).outerjoin_from(venue, tab, _HERE[0] & _HERE[1]),
        bindparam("order_id", type_=Key),
    ).where(venue.c.id == VENUE)
)
_ANSWER = _with_lock(
    select(
        *(c for c in _ORDER if c.name not in _NOT_ANSWERED),
        case((_ORDER.origin == "dojo", _ORDER.content)).label("dojo_content"),
        HAS_OTHER_PRICES,
        func.jsonb_extract_path_text(_ORDER.content, "customer", "name").label("customer_name"),
        dining_table.c.name.label("table_name"),
        *_OF_TAB,
        _all_of(tab_line, _ORDER.id, _LINE.position).label("lines"),
        _all_of(payment, _ORDER.id, payment.c.position).label("payments"),
        NOW.label("now"),
        _LOCK.lock_id,
        _LOCK.holder,
        _LOCK.expires_at,
    )
    .join_from(customer_order, venue, venue.c.id == VENUE)
    .outerjoin(tab, (_TAB.venue_id == VENUE) & (_TAB.order_id == _ORDER.id))
    .outerjoin(
        dining_table,
        (dining_table.c.venue_id == VENUE) & (dining_table.c.id == _ORDER.table_id),
    ),
    _ORDER.id,
).where(_ORDER.venue_id == VENUE, _ORDER.id == bindparam("order_id", type_=Key))
_BY_ID = Statement(_ANSWER)
_BY_ID_FOR_WAITER = Statement(_ANSWER.add_columns(SEES_EVERYTHING))
_SEEN = Statement(
    select(
        _TAB.billed_total,
        exists(
            select(_LINE.id).where(
                _LINE.venue_id == VENUE,
                _LINE.order_id == bindparam("order_id", type_=Key),
                _LINE.sent_round.is_not(None),
                _LINE.void_reason.is_(None),
            )
        ).label("was_sent"),
    ).where(*_HERE)
)
_SHOW = Statement(
    update(tab)
    .where(*_HERE, _TAB.billed_total.is_distinct_from(bindparam("total", type_=Minor)))
    .values(billed_total=bindparam("total", type_=Minor))
)
_INSERT = Statement(insert(tab), columns=[c.name for c in _TAB if c.name != "merged_into"])

_SAVED = [c.name for c in _LINE if c.name != "venue_id"]
_NEW = (
    _LINE.venue_id == VENUE,
    _LINE.order_id == bindparam("order_id", type_=Key),
    _LINE.sent_round.is_(None),
    _LINE.void_reason.is_(None),
)
_NEXT_ROUND = Statement(
    update(tab)
    .where(*_HERE, exists(select(_LINE.id).where(*_NEW)))
    .values(rounds=_TAB.rounds + 1)
    .returning(_TAB.rounds)
)
_SEND_NEW = Statement(
    update(tab_line)
    .where(*_NEW)
    .values(
        sent_round=bindparam("the_round", type_=Integer), sent_at=bindparam("now", type_=Instant)
    )
)
_NEW_LINE = upsert(tab_line)
_SAVE_LINE = Statement(
    _NEW_LINE.on_conflict_do_update(
        index_elements=["venue_id", "id"],
        set_={name: _NEW_LINE.excluded[name] for name in _SAVED if name != "id"},
    ),
    columns=["venue_id", *_SAVED],
)


def _columns(line: Line) -> dict[str, Any]:
    """The same row as the driver takes it."""
    return {name: _AS_BOUND.get(name, _as_it_is)(line.get(name)) for name in _SAVED}


def _as_it_is(value: Any) -> Any:
    return value


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _instant(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


_AS_BOUND: dict[str, Callable[[Any], Any]] = {
    **{column.name: _json for column in _LINE if isinstance(column.type, JsonText)},
    **{column.name: _instant for column in _LINE if isinstance(column.type, DateTime)},
}


@cache
def _change(columns: frozenset[str]) -> Statement:
    new = {name: bindparam(f"new_{name}", type_=_TAB[name].type) for name in columns}
    return Statement(update(tab).where(*_HERE).values(new))


class TabRepository(OrderAccess, Turns):
    async def answer(self, order_id: str, waiter_id: str | None = None) -> Record | None:
        """An order as staff see it, with its lines and all payments; an order of Dojo's with its content.

        None if `waiter_id` is given and may not see it.
        """
        return await self._seen(_BY_ID, _BY_ID_FOR_WAITER, order_id, waiter_id)

    async def edit_context(self, order_id: str) -> EditContext:
        """What a change depends on. Call it with the order locked."""
        row = await self._first(_EDIT_CONTEXT, order_id=order_id)
        if row is None:
            raise LookupError(self._venue_id)
        return EditContext(
            now=row["now"],
            finalizes_paid_tabs=row["finalizes_paid_tabs"],
            venue_service_charge_rate=row["venue_service_charge_rate"],
            venue_service_charge_bears_vat=row["venue_service_charge_bears_vat"],
            limits=Limits.of(from_json(row["limits"])),
            lock=None if row["lock_id"] is None else order_lock_of(row, order_id),
            tab=None if row["rounds"] is None else tab_row(row),
        )

    async def seen(self, order_id: str) -> Record | None:
        """`was_sent`: whether the kitchen has lines that are not void; `billed_total`. None for an order of
        Dojo's. Call it with the order locked.
        """
        return await self._first(_SEEN, order_id=order_id)

    async def show(self, order_id: str, total: int) -> None:
        """A guest sees this total of the tab. Does nothing for an order of Dojo's. Call it with the order
        locked.
        """
        await self._run(_SHOW, order_id=order_id, total=total)

    async def insert(self, order_id: str, **columns: Any) -> None:
        """Insert a tab; columns that are not named stay empty. Its order exists already."""
        nothing = {
            "covers": None,
            "opened_by": None,
            "rounds": 0,
            "takeaway": None,
        }
        unseen = {"billed_total": None}
        await self._run(_INSERT, order_id=order_id, **nothing | unseen | columns)

    async def change(self, order_id: str, **columns: Any) -> None:
        """Set the named columns. Call it with the order locked."""
        new = {f"new_{name}": value for name, value in columns.items()}
        await self._run(_change(frozenset(columns)), order_id=order_id, **new)

    async def send_new(self, order_id: str, now: datetime) -> int | None:
        """Send every line that the kitchen has not received, as one round. Call it with the order locked.

        The number of the round; None if there was nothing to send.
        """
        the_round: int | None = await self._value(_NEXT_ROUND, order_id=order_id)
        if the_round is not None:
            await self._run(_SEND_NEW, order_id=order_id, the_round=the_round, now=now)
        return the_round

    async def save_lines(self, lines: list[Line]) -> None:
        """Insert lines, or replace lines with the same id, also from another tab."""
        # One statement for each: on Citus an INSERT … SELECT of several rows commits in two phases.
        in_order = sorted(lines, key=lambda line: int(line["position"]))
        await self._each(_SAVE_LINE, map(_columns, in_order))
