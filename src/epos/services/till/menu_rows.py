"""The menu as it is to be, as rows."""

from collections.abc import Iterator
from typing import Any

from epos.till_contract.layout import LayoutItem
from epos.till_contract.menu import MenuItemChange

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
