"""The access rules as SQL conditions (policy `assigned`).

An order belongs to its own waiter, else to the waiters of its table, else to those of its area. A table
belongs to its waiters, else to those of its area; a party, to the waiters of its tables. What belongs to
nobody, everybody sees; a manager sees everything.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, literal, or_, select, true

from epos.store.paging import Cut, Part
from epos.store.tables import area_waiter, customer_order, dining_table, table_waiter, venue, waiter
from epos.store.tables.base import Key
from epos.store.tables.orders import OF_NOBODY, OF_TABLE, OF_WAITER

VENUE = bindparam("venue_id", type_=Key)
_ORDER = customer_order.c
_YES = true()


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
    """The tables of the waiter: by the table's own waiters, else by those of its area."""
    return _tables(or_(_waits(waiter_id), and_(~_has_waiters(), _waits_in_area(waiter_id))))


def visible_tables(waiter_id: ColumnElement[str]) -> Select[tuple[str]]:
    """The waiter's tables, and those that belong to nobody."""
    nobody = and_(~_has_waiters(), ~_area_has_waiters())
    return _tables(
        or_(
            _waits(waiter_id),
            and_(~_has_waiters(), _waits_in_area(waiter_id)),
            nobody,
            may_see_everything(waiter_id),
        )
    )


@dataclass(frozen=True, slots=True)
class WaiterOrders:
    """Orders for one waiter: his own, and orders without a waiter at `tables` (with `nowhere`, also at no
    table).
    """

    waiter_id: ColumnElement[str]
    tables: Select[tuple[str]]
    nowhere: bool = False
    own: ColumnElement[bool] = _YES

    def condition(self) -> ColumnElement[bool]:
        """As a condition, for orders that are found by other means."""
        at_tables = _ORDER.table_id.in_(self.tables)
        nobodys = or_(_ORDER.table_id.is_(None), at_tables) if self.nowhere else at_tables
        return or_(
            and_(_ORDER.waiter_id == self.waiter_id, self.own),
            and_(_ORDER.waiter_id.is_(None), nobodys),
        )

    def parts(self, orders: Select[Any]) -> Iterator[Part]:
        """As disjoint parts of a search, each read from one index: no other orders are read to find them,
        however few they are.
        """

        def at_tables(cut: Cut) -> Select[Any]:
            table = self.tables.subquery("scope")
            there = cut(orders.where(_ORDER.belongs_to == literal(OF_TABLE) + table.c.id))
            listed = there.lateral("listed")
            return select(*listed.c).select_from(table.join(listed, true()))

        own = _ORDER.belongs_to == literal(OF_WAITER) + self.waiter_id
        yield lambda cut: cut(orders.where(own, self.own))
        yield at_tables
        if self.nowhere:
            yield lambda cut: cut(orders.where(_ORDER.belongs_to == OF_NOBODY))

    def at(self, table_id: ColumnElement[str]) -> "WaiterOrders":
        """Only the orders at one table; the caller narrows the orders to it too."""
        return replace(self, tables=self.tables.where(dining_table.c.id == table_id), nowhere=False)

    def within(self, other: "WaiterOrders") -> "WaiterOrders":
        """The orders that are in both."""
        shared = self.tables.where(dining_table.c.id.in_(select(other.tables.subquery().c.id)))
        nowhere = self.nowhere and other.nowhere
        return WaiterOrders(self.waiter_id, shared, nowhere, self.waiter_id == other.waiter_id)


def seen_by(waiter_id: ColumnElement[str]) -> WaiterOrders:
    """The orders that a waiter sees, if he does not see everything."""
    return WaiterOrders(waiter_id, visible_tables(waiter_id), nowhere=True)


def assigned_to(waiter_id: ColumnElement[str]) -> WaiterOrders:
    """The orders that are assigned to the waiter; those of nobody are not."""
    return WaiterOrders(waiter_id, assigned_tables(waiter_id))


def sees_order(waiter_id: ColumnElement[str]) -> ColumnElement[bool]:
    return or_(may_see_everything(waiter_id), seen_by(waiter_id).condition())


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
