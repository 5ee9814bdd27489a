"""A menu for tests, written through the store."""

from typing import Any

from sqlalchemy import Table

from epos.store.database import Database
from epos.store.tables import menu_category, menu_item, menu_modifier
from tests.support.venues import insert_row

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
    rows: list[tuple[Table, dict[str, Any]]] = [
        *(
            (menu_category, {"id": name.lower(), "name": name, "position": position})
            for position, name in enumerate(_CATEGORIES)
        ),
        *((menu_item, _item(position, *item)) for position, item in enumerate(_ITEMS)),
        *((menu_modifier, _modifier(place, *found)) for place, found in enumerate(_MODIFIERS)),
    ]
    async with database.connection() as connection:
        for table, columns in rows:
            await insert_row(connection, table, venue_id=venue_id, **columns)


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
