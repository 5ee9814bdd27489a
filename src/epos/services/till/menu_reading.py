"""The menu as it stands in the database."""

from epos.services.till import mapping
from epos.store.venue_store import VenueStore
from epos.till_contract.menu import Menu, MenuCategory, MenuItem, MenuModifier


async def read_menu(store: VenueStore) -> Menu:
    """Three reads: inside a snapshot or a unit of work."""
    modifiers: dict[str, list[MenuModifier]] = {}
    for row in await store.menus.all_modifiers():
        modifiers.setdefault(row["item_plu"], []).append(mapping.menu_modifier(row))
    items: dict[str, list[MenuItem]] = {}
    for row in await store.menus.all_items():
        item = mapping.menu_item(row, modifiers.get(row["plu"], []))
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
    """By PLU."""
    return {item.plu: item for category in menu.categories for item in category.items}
