"""Making a venue's floor, staff and menu what a document says; what it leaves out is removed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from epos.services.till.menu_rows import item_row, modifier_rows
from epos.store.floor import AreaRow, TableRow
from epos.store.venue_store import VenueStore
from epos.store.waiters import WaiterRow
from epos.till_contract.layout import Layout, LayoutCategory

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Plan:
    """All rows as they are, or as they are to be, by id."""

    waiters: Mapping[str, WaiterRow]
    areas: Mapping[str, AreaRow]
    tables: Mapping[str, TableRow]


NOTHING = Plan({}, {}, {})


def planned(layout: Layout) -> Plan:
    return Plan(
        waiters={waiter.id: WaiterRow(waiter.name, waiter.isManager) for waiter in layout.waiters},
        areas={
            area.id: AreaRow(area.name, position, tuple(sorted(area.waiterIds)))
            for position, area in enumerate(layout.areas)
        },
        tables={
            table.id: TableRow(area.id, table.name, table.maxCovers, tuple(sorted(table.waiterIds)))
            for area in layout.areas
            for table in area.tables
        },
    )


async def existing(store: VenueStore) -> Plan:
    return Plan(
        waiters={
            row["id"]: WaiterRow(row["name"], row["is_manager"])
            for row in await store.waiters.all()
        },
        areas={
            row["id"]: AreaRow(row["name"], row["position"], tuple(row["waiter_ids"] or ()))
            for row in await store.layout.areas()
        },
        tables={
            row["id"]: TableRow(
                row["area_id"], row["name"], row["max_covers"], tuple(row["waiter_ids"] or ())
            )
            for row in await store.layout.tables()
        },
    )


async def write_floor(store: VenueStore, is_now: Plan, to_be: Plan, now: datetime) -> None:
    """The tables that change or go are locked, and nothing holds those that go.

    What changes is taken away first, so that two tables may swap their names.
    """
    await store.floor.remove_tables(_changing(is_now.tables, to_be.tables), now)
    await store.floor.remove_areas(_changing(is_now.areas, to_be.areas), now)
    await store.waiters.remove([id_ for id_ in is_now.waiters if id_ not in to_be.waiters], now)
    await store.waiters.put(_new(is_now.waiters, to_be.waiters))
    await store.floor.put_areas(_new(is_now.areas, to_be.areas))
    await store.floor.put_tables(_new(is_now.tables, to_be.tables))


async def write_menu(store: VenueStore, categories: list[LayoutCategory]) -> None:
    """Nothing refers to the menu, so it is written anew."""
    await store.menus.clear()
    await store.menus.put_categories(
        {"id": category.id, "name": category.name, "position": position}
        for position, category in enumerate(categories)
    )
    items = [
        (category.id, position, item)
        for category in categories
        for position, item in enumerate(category.items)
    ]
    await store.menus.put_items(
        (item_row(item.plu, item, category_id=at, position=place) for at, place, item in items),
        (row for _, _, item in items for row in modifier_rows(item.plu, item)),
    )


def changing_tables(is_now: Plan, to_be: Plan) -> list[str]:
    """The ids of those that change or go."""
    return _changing(is_now.tables, to_be.tables)


def _changing(is_now: Mapping[str, Row], to_be: Mapping[str, Row]) -> list[str]:
    return [id_ for id_, row in is_now.items() if to_be.get(id_) != row]


def _new(is_now: Mapping[str, Row], to_be: Mapping[str, Row]) -> dict[str, Row]:
    return {id_: row for id_, row in to_be.items() if is_now.get(id_) != row}
