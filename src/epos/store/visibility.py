"""The access rules as predicates (policy `assigned`).

An order belongs to its own waiter, else to its table's waiters, else to its area's; a table to its
waiters, else its area's; a party to whoever has one of its tables. What belongs to nobody is
everybody's, and a manager sees all.
"""

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, or_, select
from sqlalchemy.sql.expression import FromClause

from epos.store.tables import area_waiter, dining_table, table_waiter, venue, waiter
from epos.store.tables.base import Key

VENUE = bindparam("venue_id", type_=Key)


def may_see_everything(waiter_id: ColumnElement[str]) -> ColumnElement[bool]:
    """The venue's policy is `open`, or the waiter is a manager."""
    return or_(
        exists(select(venue.c.id).where(venue.c.id == VENUE, venue.c.access_policy == "open")),
        exists(
            select(waiter.c.id).where(
                waiter.c.venue_id == VENUE,
                waiter.c.id == waiter_id,
                waiter.c.is_manager,
                waiter.c.removed_at.is_(None),
            )
        ),
    )


def assigned_tables(waiter_id: ColumnElement[str]) -> Select[tuple[str]]:
    """Tables that the waiter looks after: the table's own waiters, else its area's."""
    return _tables(or_(_waits(waiter_id), and_(~_has_waiters(), _waits_in_area(waiter_id))))


def visible_tables(waiter_id: ColumnElement[str]) -> Select[tuple[str]]:
    """The waiter's tables and those that nobody looks after."""
    nobody = and_(~_has_waiters(), ~_area_has_waiters())
    return _tables(
        or_(
            _waits(waiter_id),
            and_(~_has_waiters(), _waits_in_area(waiter_id)),
            nobody,
            may_see_everything(waiter_id),
        )
    )


def sees_order(order: FromClause, waiter_id: ColumnElement[str]) -> ColumnElement[bool]:
    return or_(
        may_see_everything(waiter_id),
        order.c.waiter_id == waiter_id,
        and_(
            order.c.waiter_id.is_(None),
            or_(order.c.table_id.is_(None), order.c.table_id.in_(visible_tables(waiter_id))),
        ),
    )


def order_is_assigned(order: FromClause, waiter_id: ColumnElement[str]) -> ColumnElement[bool]:
    """The filter by waiter: what is his by assignment; what is nobody's does not match."""
    return or_(
        order.c.waiter_id == waiter_id,
        and_(order.c.waiter_id.is_(None), order.c.table_id.in_(assigned_tables(waiter_id))),
    )


def _tables(rule: ColumnElement[bool]) -> Select[tuple[str]]:
    return select(dining_table.c.id).where(dining_table.c.venue_id == VENUE, rule)


def _has_waiters() -> ColumnElement[bool]:
    return exists(
        select(table_waiter.c.waiter_id).where(
            table_waiter.c.venue_id == VENUE, table_waiter.c.table_id == dining_table.c.id
        )
    )


def _waits(waiter_id: ColumnElement[str]) -> ColumnElement[bool]:
    return exists(
        select(table_waiter.c.waiter_id).where(
            table_waiter.c.venue_id == VENUE,
            table_waiter.c.table_id == dining_table.c.id,
            table_waiter.c.waiter_id == waiter_id,
        )
    )


def _area_has_waiters() -> ColumnElement[bool]:
    return exists(
        select(area_waiter.c.waiter_id).where(
            area_waiter.c.venue_id == VENUE, area_waiter.c.area_id == dining_table.c.area_id
        )
    )


def _waits_in_area(waiter_id: ColumnElement[str]) -> ColumnElement[bool]:
    return exists(
        select(area_waiter.c.waiter_id).where(
            area_waiter.c.venue_id == VENUE,
            area_waiter.c.area_id == dining_table.c.area_id,
            area_waiter.c.waiter_id == waiter_id,
        )
    )
