"""A venue's whole set-up as one document."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from epos.domain.errors import Conflict
from epos.domain.requester import Requester
from epos.services.till.floor import reasons_to_keep
from epos.services.till.menu import item_row, modifier_rows, read_menu
from epos.services.till.profile import profile_fault, profile_of, set_profile
from epos.services.till.unit_of_work import change_set_up, note_change, refuse_stale
from epos.store.database import Database
from epos.store.floor import AreaRow, TableRow
from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.store.waiters import WaiterRow
from epos.till_contract.layout import (
    Layout,
    LayoutArea,
    LayoutCategory,
    LayoutItem,
    LayoutTable,
    LayoutWaiter,
    summary,
)
from epos.till_contract.menu import MenuCategory, MenuItem
from epos.till_contract.profile import Profile

Row = TypeVar("Row")


class LayoutRefused(Conflict):
    """The document is valid, but the state of the venue does not allow it, for these reasons."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(summary(reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class FloorPlan:
    """Waiters, areas and tables by id: as they are, or as they shall be."""

    waiters: Mapping[str, WaiterRow]
    areas: Mapping[str, AreaRow]
    tables: Mapping[str, TableRow]


NOTHING = FloorPlan({}, {}, {})


class Layouts:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, requester: Requester) -> Layout:
        async with self._database.snapshot(requester.venue_id) as store:
            return await layout_of(store)

    async def replace(
        self, layout: Layout, requester: Requester, version: int | None = None
    ) -> Layout:
        """Set up the venue as the document says; what it leaves out is removed. All or nothing.

        A document that equals the set-up changes nothing. Raises LayoutRefused with everything that
        the venue still needs, Conflict for a stale `version`, if one is given.
        """

        async def work(store: VenueStore) -> Layout:
            before = await store.setup.profile()
            if version is not None:
                refuse_stale("set-up", before["version"], version)
            if not await asyncio.to_thread(_are_equal, layout, await layout_of(store)):
                await _replace(store, layout, requester)
            return await layout_of(store)

        return await change_set_up(self._database, requester, work)


def _are_equal(one: Layout, other: Layout) -> bool:
    return content(one) == content(other)


async def _replace(store: VenueStore, layout: Layout, requester: Requester) -> None:
    # Before the tables are locked: it may wait for whoever takes cash.
    fault = await profile_fault(store, layout.venue, await store.setup.profile())
    is_now, to_be = await existing(store), planned(layout)
    await store.floor.lock_tables(sorted(changing_tables(is_now, to_be)))
    now = await store.venue.now()
    reasons = [] if fault is None else [f"venue: {fault.message}"]
    reasons += await _tables_needed(store, is_now, to_be, now)
    if reasons:
        raise LayoutRefused(reasons)
    await set_profile(store, layout.venue, await store.setup.profile())
    await write_floor(store, is_now, to_be, now)
    await write_menu(store, layout.menu)
    await note_change(
        store,
        requester,
        now,
        "layout.replaced",
        requester.venue_id,
        waiters=len(to_be.waiters),
        areas=len(to_be.areas),
        tables=len(to_be.tables),
        items=sum(len(category.items) for category in layout.menu),
    )


async def _tables_needed(
    store: VenueStore, is_now: FloorPlan, to_be: FloorPlan, now: datetime
) -> list[str]:
    """Why tables that the document leaves out cannot be removed."""
    gone = sorted(id_ for id_ in is_now.tables if id_ not in to_be.tables)
    needed = await reasons_to_keep(store, gone, now)
    return [
        f"areas: table {id_} is left out and cannot be removed: {needed[id_]}"
        for id_ in gone
        if id_ in needed
    ]


async def layout_of(store: VenueStore) -> Layout:
    """The set-up as a document. Several reads: call it in a snapshot or a transaction."""
    profile = profile_of(await store.setup.profile())
    floor = await store.floor.areas(), await store.floor.tables()
    menu, waiters = await read_menu(store), await store.waiters.all()
    areas = await asyncio.to_thread(_areas, *floor)
    return Layout.model_construct(
        venue=Profile.model_construct(
            **{name: value for name, value in profile if name != "version"}
        ),
        waiters=[
            LayoutWaiter.model_construct(
                id=row["id"], name=row["name"], isManager=row["is_manager"]
            )
            for row in waiters
        ],
        areas=areas,
        menu=await asyncio.to_thread(lambda: list(map(_category, menu.categories))),
    )


def _areas(areas: Iterable[Record], tables: Iterable[Record]) -> list[LayoutArea]:
    of_area: dict[str, list[LayoutTable]] = {}
    for row in tables:
        of_area.setdefault(row["area_id"], []).append(_table(row))
    return [_area(row, of_area.get(row["id"], [])) for row in areas]


def content(layout: Layout) -> dict[str, Any]:
    """The content in a fixed order, so that two layouts with the same meaning are equal."""
    plain = layout.model_dump(
        exclude_none=True, exclude={"key"}
    )  # it is the request's, not the venue's
    plain["waiters"].sort(key=lambda waiter: waiter["id"])
    for area in plain["areas"]:
        area["tables"].sort(key=lambda table: table["id"])
        for assigned in (area, *area["tables"]):
            assigned["waiterIds"].sort()
    return plain


def _area(row: Record, tables: list[LayoutTable]) -> LayoutArea:
    return LayoutArea.model_construct(
        id=row["id"], name=row["name"], waiterIds=row["waiter_ids"] or [], tables=tables
    )


def _table(row: Record) -> LayoutTable:
    return LayoutTable.model_construct(
        id=row["id"],
        name=row["name"],
        maxCovers=row["max_covers"],
        waiterIds=row["waiter_ids"] or [],
    )


def _category(category: MenuCategory) -> LayoutCategory:
    return LayoutCategory.model_construct(
        id=category.id, name=category.name, items=[_item(item) for item in category.items]
    )


def _item(item: MenuItem) -> LayoutItem:
    return LayoutItem.model_construct(
        plu=item.plu,
        name=item.name,
        price=item.price,
        vatRate=item.vatRate,
        available=item.available,
        modifiers=item.modifiers,
        takeaway=item.takeaway,
        parts=item.parts,
    )


def planned(layout: Layout) -> FloorPlan:
    return FloorPlan(
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


async def existing(store: VenueStore) -> FloorPlan:
    return FloorPlan(
        waiters={
            row["id"]: WaiterRow(row["name"], row["is_manager"])
            for row in await store.waiters.all()
        },
        areas={
            row["id"]: AreaRow(row["name"], row["position"], tuple(row["waiter_ids"] or ()))
            for row in await store.floor.areas()
        },
        tables={
            row["id"]: TableRow(
                row["area_id"], row["name"], row["max_covers"], tuple(row["waiter_ids"] or ())
            )
            for row in await store.floor.tables()
        },
    )


async def write_floor(
    store: VenueStore, is_now: FloorPlan, to_be: FloorPlan, now: datetime
) -> None:
    """Write waiters, areas and tables. Tables that change or are removed are locked.

    Remove what changes first, so that two tables may swap their names.
    """
    await store.floor.remove_tables(_changing(is_now.tables, to_be.tables), now)
    await store.floor.remove_areas(_changing(is_now.areas, to_be.areas), now)
    await store.waiters.remove([id_ for id_ in is_now.waiters if id_ not in to_be.waiters], now)
    await store.waiters.put(_new(is_now.waiters, to_be.waiters))
    await store.floor.put_areas(_new(is_now.areas, to_be.areas))
    await store.floor.put_tables(_new(is_now.tables, to_be.tables))


async def write_menu(store: VenueStore, categories: list[LayoutCategory]) -> None:
    """Replace the whole menu: nothing refers to it."""
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


def changing_tables(is_now: FloorPlan, to_be: FloorPlan) -> list[str]:
    """The ids of the tables that change or are removed."""
    return _changing(is_now.tables, to_be.tables)


def _changing(is_now: Mapping[str, Row], to_be: Mapping[str, Row]) -> list[str]:
    return [id_ for id_, row in is_now.items() if to_be.get(id_) != row]


def _new(is_now: Mapping[str, Row], to_be: Mapping[str, Row]) -> dict[str, Row]:
    return {id_: row for id_, row in to_be.items() if is_now.get(id_) != row}
