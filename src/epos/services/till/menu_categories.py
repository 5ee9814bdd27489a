"""Categories of the menu, as the venue's manager sets them up."""

from epos.domain.errors import Conflict, NotFound
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.services.till.menu_reading import read_menu
from epos.services.till.set_up import change_set_up, note_change
from epos.store.database import Database
from epos.store.venue_store import VenueStore
from epos.till_contract.menu import Menu, MenuCategory, MenuCategoryChange, NewMenuCategory


class MenuCategories:
    def __init__(self, database: Database, identifiers: Identifiers) -> None:
        self._database = database
        self._identifiers = identifiers

    async def create(self, request: NewMenuCategory, requester: Requester) -> MenuCategory:
        """Raises Conflict for an id or a name that another category has."""
        category_id = request.id or self._identifiers.new("cat")

        async def work(store: VenueStore) -> MenuCategory:
            menu = await read_menu(store)
            if _find(menu, category_id) is not None:
                raise Conflict(f"There is a category {category_id} already")
            return await _put(store, category_id, request, menu, requester)

        return await change_set_up(self._database, requester, work)

    async def change(
        self, category_id: str, request: MenuCategoryChange, requester: Requester
    ) -> MenuCategory:
        """What was sold keeps the name that it was sold under. Raises NotFound and Conflict."""

        async def work(store: VenueStore) -> MenuCategory:
            menu = await read_menu(store)
            _existing(menu, category_id)
            return await _put(store, category_id, request, menu, requester)

        return await change_set_up(self._database, requester, work)

    async def remove(self, category_id: str, requester: Requester) -> None:
        """Raises NotFound, and Conflict while anything is in it."""

        async def work(store: VenueStore) -> None:
            category = _existing(await read_menu(store), category_id)
            if category.items:
                plu = category.items[0].plu
                raise Conflict(f"The category cannot be removed: item {plu} is in it")
            await store.menus.remove_category(category_id)
            now = await store.venue.now()
            await note_change(store, requester, now, "menu.category_removed", category_id)

        await change_set_up(self._database, requester, work)


def _find(menu: Menu, category_id: str) -> MenuCategory | None:
    return next((found for found in menu.categories if found.id == category_id), None)


def _existing(menu: Menu, category_id: str) -> MenuCategory:
    found = _find(menu, category_id)
    if found is None:
        raise NotFound("The category")
    return found


async def _put(
    store: VenueStore,
    category_id: str,
    request: MenuCategoryChange,
    menu: Menu,
    requester: Requester,
) -> MenuCategory:
    for category in menu.categories:
        if category.name == request.name and category.id != category_id:
            raise Conflict(f"Category {category.id} is called {request.name} already")
    before = _find(menu, category_id)
    position = request.position
    if position is None:
        behind = max((category.position for category in menu.categories), default=-1) + 1
        position = behind if before is None else before.position
    row = {"id": category_id, "name": request.name, "position": position}
    await store.menus.put_categories([row])
    action = "menu.category_created" if before is None else "menu.category_changed"
    await note_change(store, requester, await store.venue.now(), action, category_id)
    return _existing(await read_menu(store), category_id)
