"""A menu for tests, written through the store."""

from typing import Any

from epos.store.database import Database
from epos.store.tables import menu_category, menu_item, menu_modifier
from tests.support.venues import insert_rows

_CATEGORIES = ("Food", "Drinks", "Retail")
_ITEMS: tuple[tuple[str, str, str, int | None, int], ...] = (
    ("burger", "Burger", "Food", 1250, 2000),
    ("chips", "Chips", "Food", 450, 2000),
    ("cake", "Cold Cake to Take", "Food", 333, 0),
    ("milk", "Milk", "Drinks", 125, 0),
    ("wine", "Wine", "Drinks", 795, 2000),
    ("market-fish", "Fish of the Day", "Food", None, 2000),
    ("mug", "Mug", "Retail", 899, 2000),
    ("oysters", "Oysters", "Food", 1800, 2000),
)
_MODIFIERS = (
    ("burger", "cheese", "Cheese", 100),
    ("burger", "no-bun", "No Bun", -150),
    ("burger", "truffle", "Truffle", 500),
    ("market-fish", "small", "Small", -2000),
    ("chips", "cheese", "Cheese on Chips", 150),
)


async def write_menu(database: Database, venue_id: str) -> None:
    """Oysters and truffle are not available; the fish of the day has an open price."""
    categories = [
        {"id": name.lower(), "name": name, "position": position}
        for position, name in enumerate(_CATEGORIES)
    ]
    items = [_item(position, *item) for position, item in enumerate(_ITEMS)]
    modifiers = [_modifier(position, *found) for position, found in enumerate(_MODIFIERS)]
    async with database.connection() as connection, connection.transaction():
        await insert_rows(connection, menu_category, venue_id, categories)
        await insert_rows(connection, menu_item, venue_id, items)
        await insert_rows(connection, menu_modifier, venue_id, modifiers)


def _item(
    position: int, plu: str, name: str, category: str, price: int | None, vat_rate: int
) -> dict[str, Any]:
    return {
        "plu": plu,
        "category_id": category.lower(),
        "name": name,
        "price": price,
        "vat_rate": vat_rate,
        "is_available": plu != "oysters",
        "position": position,
    }


def _modifier(position: int, item_plu: str, plu: str, name: str, price: int) -> dict[str, Any]:
    return {
        "item_plu": item_plu,
        "plu": plu,
        "name": name,
        "price": price,
        "is_available": plu != "truffle",
        "position": position,
    }
