"""A venue's set-up as one document."""

from typing import Any

from epos.services.till import mapping
from epos.services.till.menu_reading import read_menu
from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.till_contract.layout import (
    Layout,
    LayoutArea,
    LayoutCategory,
    LayoutItem,
    LayoutTable,
    LayoutWaiter,
)
from epos.till_contract.menu import MenuCategory, MenuItem
from epos.till_contract.profile import Profile


async def layout_of(store: VenueStore) -> Layout:
    """Several reads: inside a snapshot or a unit of work."""
    profile = mapping.profile(await store.setup.profile())
    tables: dict[str, list[LayoutTable]] = {}
    for row in await store.layout.tables():
        tables.setdefault(row["area_id"], []).append(_table(row))
    menu = await read_menu(store)
    return Layout.model_construct(
        venue=Profile.model_construct(**profile.model_dump(exclude={"version"})),
        waiters=[
            LayoutWaiter.model_construct(
                id=row["id"], name=row["name"], isManager=row["is_manager"]
            )
            for row in await store.waiters.all()
        ],
        areas=[_area(row, tables.get(row["id"], [])) for row in await store.layout.areas()],
        menu=[_category(category) for category in menu.categories],
    )


def content(layout: Layout) -> dict[str, Any]:
    """What two layouts that mean the same have in common, whatever order their authors chose."""
    plain = layout.model_dump(exclude_none=True)
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
    )
