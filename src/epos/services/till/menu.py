"""The menu: read and set up."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from epos.contract.codec import to_wire
from epos.domain.errors import Conflict, InvalidRequest, NotFound
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.services.till.unit_of_work import change_set_up, note_change
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.till_contract.layout import LayoutItem
from epos.till_contract.menu import (
    Availability,
    DealPart,
    Menu,
    MenuCategory,
    MenuCategoryChange,
    MenuItem,
    MenuItemChange,
    MenuModifier,
    NewMenuCategory,
    NewMenuItem,
    Parts,
    Takeaway,
)

_PARTS: TypeAdapter[list[DealPart]] = TypeAdapter(Parts)


class Menus:
    def __init__(self, database: Database, identifiers: Identifiers) -> None:
        self._database = database
        self._identifiers = identifiers

    async def get(self, requester: Requester) -> Menu:
        async with self._database.snapshot(requester.venue_id) as store:
            return await read_menu(store)

    async def set_item_available(
        self, plu: str, request: Availability, requester: Requester
    ) -> MenuItem:
        """Set whether an item can be sold now. Raises NotFound."""

        async def work(store: VenueStore) -> MenuItem:
            if not await store.menus.set_available(plu, available=request.available):
                raise NotFound("The item")
            return await _noted(store, plu, request, requester)

        return await change_set_up(self._database, requester, work)

    async def set_modifier_available(
        self, item_plu: str, plu: str, request: Availability, requester: Requester
    ) -> MenuItem:
        """Set whether a modifier can be ordered now. Raises NotFound."""

        async def work(store: VenueStore) -> MenuItem:
            available = request.available
            if not await store.menus.set_modifier_available(item_plu, plu, available=available):
                raise NotFound("The modifier")
            return await _noted(store, item_plu, request, requester, modifier=plu)

        return await change_set_up(self._database, requester, work)

    async def create_category(self, request: NewMenuCategory, requester: Requester) -> MenuCategory:
        """Raises Conflict for an id or a name that another category has."""
        category_id = request.id or self._identifiers.new("cat")

        async def work(store: VenueStore) -> MenuCategory:
            menu = await read_menu(store)
            if _find_category(menu, category_id) is not None:
                raise Conflict(f"There is a category {category_id} already")
            return await _put_category(store, category_id, request, menu, requester)

        return await change_set_up(self._database, requester, work)

    async def change_category(
        self, category_id: str, request: MenuCategoryChange, requester: Requester
    ) -> MenuCategory:
        """Lines that were sold keep the old name. Raises NotFound and Conflict."""

        async def work(store: VenueStore) -> MenuCategory:
            menu = await read_menu(store)
            _existing_category(menu, category_id)
            return await _put_category(store, category_id, request, menu, requester)

        return await change_set_up(self._database, requester, work)

    async def remove_category(self, category_id: str, requester: Requester) -> None:
        """Raises NotFound, and Conflict while anything is in it."""

        async def work(store: VenueStore) -> None:
            category = _existing_category(await read_menu(store), category_id)
            if category.items:
                plu = category.items[0].plu
                raise Conflict(f"The category cannot be removed: item {plu} is in it")
            await store.menus.remove_category(category_id)
            now = await store.venue.now()
            await note_change(store, requester, now, "menu.category_removed", category_id)

        await change_set_up(self._database, requester, work)

    async def create_item(self, request: NewMenuItem, requester: Requester) -> MenuItem:
        """Raises Conflict for a PLU that is taken, InvalidRequest for an unknown category."""

        async def work(store: VenueStore) -> MenuItem:
            menu = await read_menu(store)
            if request.plu in items_of(menu):
                raise Conflict(f"There is an item with PLU {request.plu} already")
            return await _put_item(store, request.plu, request, menu, requester)

        return await change_set_up(self._database, requester, work)

    async def change_item(
        self, plu: str, request: MenuItemChange, requester: Requester
    ) -> MenuItem:
        """Lines that were sold do not change. Raises NotFound and InvalidRequest."""

        async def work(store: VenueStore) -> MenuItem:
            menu = await read_menu(store)
            if plu not in items_of(menu):
                raise NotFound("The item")
            return await _put_item(store, plu, request, menu, requester)

        return await change_set_up(self._database, requester, work)

    async def remove_item(self, plu: str, requester: Requester) -> None:
        """Lines that were sold do not change. Raises NotFound, and Conflict for a part of a deal."""

        async def work(store: VenueStore) -> None:
            items = items_of(await read_menu(store))
            if plu not in items:
                raise NotFound("The item")
            for deal in items.values():
                if any(part.plu == plu for part in deal.parts or ()):
                    raise Conflict(f"The item cannot be removed: it is in the deal {deal.plu}")
            await store.menus.remove_item(plu)
            await note_change(store, requester, await store.venue.now(), "menu.item_removed", plu)

        await change_set_up(self._database, requester, work)


async def _noted(
    store: VenueStore,
    plu: str,
    request: Availability,
    requester: Requester,
    **details: str,
) -> MenuItem:
    now, available = await store.venue.now(), request.available
    await note_change(
        store, requester, now, "menu.availability", plu, available=available, **details
    )
    return items_of(await read_menu(store))[plu]


def _find_category(menu: Menu, category_id: str) -> MenuCategory | None:
    return next((found for found in menu.categories if found.id == category_id), None)


def _existing_category(menu: Menu, category_id: str) -> MenuCategory:
    found = _find_category(menu, category_id)
    if found is None:
        raise NotFound("The category")
    return found


async def _put_category(
    store: VenueStore,
    category_id: str,
    request: MenuCategoryChange,
    menu: Menu,
    requester: Requester,
) -> MenuCategory:
    for category in menu.categories:
        if category.name == request.name and category.id != category_id:
            raise Conflict(f"Category {category.id} is called {request.name} already")
    before = _find_category(menu, category_id)
    position = request.position
    if position is None:
        behind = max((category.position for category in menu.categories), default=-1) + 1
        position = behind if before is None else before.position
    row = {"id": category_id, "name": request.name, "position": position}
    await store.menus.put_categories([row])
    action = "menu.category_created" if before is None else "menu.category_changed"
    await note_change(store, requester, await store.venue.now(), action, category_id)
    return _existing_category(await read_menu(store), category_id)


async def _put_item(
    store: VenueStore, plu: str, request: MenuItemChange, menu: Menu, requester: Requester
) -> MenuItem:
    _refuse_twice(request.modifiers)
    if request.categoryId not in {category.id for category in menu.categories}:
        raise InvalidRequest("categoryId", "is not a category of the menu")
    _check_deal(plu, request, items_of(menu))
    before = items_of(menu).get(plu)
    position = _item_position(request, before, menu)
    row = item_row(plu, request, category_id=request.categoryId, position=position)
    await store.menus.put_items([row], modifier_rows(plu, request))
    action = "menu.item_created" if before is None else "menu.item_changed"
    details = {"price": request.price, "vat_rate": request.vatRate, "available": request.available}
    await note_change(store, requester, await store.venue.now(), action, plu, **details)
    return items_of(await read_menu(store))[plu]


def _check_deal(plu: str, request: MenuItemChange, items: Mapping[str, MenuItem]) -> None:
    """Raises InvalidRequest for a deal without a price, or whose parts are no items with a price."""
    if request.parts is None:
        return
    if request.price is None:
        raise InvalidRequest("price", "is required for a deal")
    for index, part in enumerate(request.parts):
        item = items.get(part.plu)
        if item is None or item.price is None or item.parts is not None or part.plu == plu:
            raise InvalidRequest(f"parts[{index}].plu", "is not an item of the menu with a price")


def _refuse_twice(modifiers: Sequence[MenuModifier]) -> None:
    seen: set[str] = set()
    for index, modifier in enumerate(modifiers):
        if modifier.plu in seen:
            raise InvalidRequest(f"modifiers[{index}].plu", "appears twice")
        seen.add(modifier.plu)


def _item_position(request: MenuItemChange, before: MenuItem | None, menu: Menu) -> int:
    if request.position is not None:
        return request.position
    if before is not None and before.categoryId == request.categoryId:
        return before.position or 0
    taken = [
        item.position or 0
        for item in items_of(menu).values()
        if item.categoryId == request.categoryId
    ]
    return max(taken, default=-1) + 1


Row = dict[str, Any]


def item_row(
    plu: str, item: MenuItemChange | LayoutItem, *, category_id: str, position: int
) -> Row:
    return {
        "plu": plu,
        "category_id": category_id,
        "name": item.name,
        "price": item.price,
        "vat_rate": item.vatRate,
        "is_available": item.available,
        "position": position,
        "takeaway_price": None if item.takeaway is None else item.takeaway.price,
        "takeaway_vat_rate": None if item.takeaway is None else item.takeaway.vatRate,
        "parts": None if item.parts is None else to_wire(item.parts).decode(),
    }


def modifier_rows(plu: str, item: MenuItemChange | LayoutItem) -> Iterator[Row]:
    for position, modifier in enumerate(item.modifiers):
        yield {
            "item_plu": plu,
            "plu": modifier.plu,
            "name": modifier.name,
            "price": modifier.price,
            "is_available": modifier.available,
            "position": position,
        }


async def read_menu(store: VenueStore) -> Menu:
    """The whole menu. Three reads: call it in a snapshot or a transaction."""
    modifiers: dict[str, list[MenuModifier]] = {}
    for row in await store.menus.all_modifiers():
        modifiers.setdefault(row["item_plu"], []).append(_menu_modifier(row))
    items: dict[str, list[MenuItem]] = {}
    for row in await store.menus.all_items():
        item = _menu_item(row, modifiers.get(row["plu"], []))
        items.setdefault(row["category_id"], []).append(item)
    return Menu.model_construct(
        categories=[
            MenuCategory.model_construct(
                id=row["id"],
                name=row["name"],
                position=row["position"],
                items=items.get(row["id"], []),
            )
            for row in await store.menus.categories()
        ]
    )


def items_of(menu: Menu) -> dict[str, MenuItem]:
    """All items by PLU."""
    return {item.plu: item for category in menu.categories for item in category.items}


def _menu_item(row: Record, modifiers: list[MenuModifier]) -> MenuItem:
    return MenuItem.model_construct(
        plu=row["plu"],
        categoryId=row["category_id"],
        name=row["name"],
        price=row["price"],
        vatRate=row["vat_rate"],
        available=row["is_available"],
        position=row["position"],
        modifiers=modifiers,
        takeaway=_takeaway(row),
        parts=None if row["parts"] is None else _PARTS.validate_json(row["parts"]),
    )


def _takeaway(row: Record) -> Takeaway | None:
    if row["takeaway_vat_rate"] is None:
        return None
    return Takeaway.model_construct(price=row["takeaway_price"], vatRate=row["takeaway_vat_rate"])


def _menu_modifier(row: Record) -> MenuModifier:
    return MenuModifier.model_construct(
        plu=row["plu"], name=row["name"], price=row["price"], available=row["is_available"]
    )
