"""Items of the menu, as the venue's manager sets them up."""

from collections.abc import Sequence

from epos.domain.errors import Conflict, InvalidRequest, NotFound
from epos.domain.requester import Requester
from epos.services.till.menu_reading import items_of, read_menu
from epos.services.till.menu_rows import item_row, modifier_rows
from epos.services.till.set_up import change_set_up, note_change
from epos.store.database import Database
from epos.store.venue_store import VenueStore
from epos.till_contract.menu import Menu, MenuItem, MenuItemChange, MenuModifier, NewMenuItem


class MenuItems:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, request: NewMenuItem, requester: Requester) -> MenuItem:
        """Raises Conflict for a PLU that is taken, InvalidRequest for an unknown category."""

        async def work(store: VenueStore) -> MenuItem:
            menu = await read_menu(store)
            if request.plu in items_of(menu):
                raise Conflict(f"There is an item with PLU {request.plu} already")
            return await _put(store, request.plu, request, menu, requester)

        return await change_set_up(self._database, requester, work)

    async def change(self, plu: str, request: MenuItemChange, requester: Requester) -> MenuItem:
        """What was sold stays as it was sold. Raises NotFound and InvalidRequest."""

        async def work(store: VenueStore) -> MenuItem:
            menu = await read_menu(store)
            if plu not in items_of(menu):
                raise NotFound("The item")
            return await _put(store, plu, request, menu, requester)

        return await change_set_up(self._database, requester, work)

    async def remove(self, plu: str, requester: Requester) -> None:
        """What was sold stays as it was sold. Raises NotFound."""

        async def work(store: VenueStore) -> None:
            if plu not in items_of(await read_menu(store)):
                raise NotFound("The item")
            await store.menus.remove_item(plu)
            await note_change(store, requester, await store.venue.now(), "menu.item_removed", plu)

        await change_set_up(self._database, requester, work)


async def _put(
    store: VenueStore, plu: str, request: MenuItemChange, menu: Menu, requester: Requester
) -> MenuItem:
    _refuse_twice(request.modifiers)
    if request.categoryId not in {category.id for category in menu.categories}:
        raise InvalidRequest("categoryId", "is not a category of the menu")
    before = items_of(menu).get(plu)
    position = _position(request, before, menu)
    row = item_row(plu, request, category_id=request.categoryId, position=position)
    await store.menus.put_items([row], modifier_rows(plu, request))
    action = "menu.item_created" if before is None else "menu.item_changed"
    details = {"price": request.price, "vat_rate": request.vatRate, "available": request.available}
    await note_change(store, requester, await store.venue.now(), action, plu, **details)
    return items_of(await read_menu(store))[plu]


def _refuse_twice(modifiers: Sequence[MenuModifier]) -> None:
    seen: set[str] = set()
    for index, modifier in enumerate(modifiers):
        if modifier.plu in seen:
            raise InvalidRequest(f"modifiers[{index}].plu", "appears twice")
        seen.add(modifier.plu)


def _position(request: MenuItemChange, before: MenuItem | None, menu: Menu) -> int:
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
