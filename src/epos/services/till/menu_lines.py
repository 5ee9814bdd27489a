"""What guests order, as lines of a tab: name, category, price and VAT rate are the menu's of now."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from epos.domain.errors import Conflict, InvalidRequest
from epos.domain.tab import Line, Modifier, SubItem
from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.till_contract.tab_requests import NewItem, NewModifier, NewSubItem


async def new_lines(
    store: VenueStore, items: list[NewItem], new_id: Callable[[], str]
) -> list[Line]:
    """A line for each item.

    Raises InvalidRequest naming what the menu does not have, or a price where it has one or has none;
    Conflict for what is not available.
    """
    plus = {plu for item in items for plu in (item.plu, *(sub.plu for sub in item.subItems))}
    menu = _Menu(await store.menus.items(plus), await store.menus.modifiers(plus))
    return [_line(menu, item, f"items[{index}]", new_id()) for index, item in enumerate(items)]


@dataclass(frozen=True, slots=True)
class _Menu:
    """As much of it as the request names."""

    items: dict[str, Record]
    modifiers: dict[tuple[str, str], Record]

    def product(self, item: NewItem | NewSubItem, at: str) -> dict[str, Any]:
        """What an item and a sub-item have in common."""
        found = self.items.get(item.plu)
        if found is None:
            raise InvalidRequest(f"{at}.plu", "is not on the menu")
        if not found["is_available"]:
            raise Conflict(f"{found['name']} (PLU {item.plu}) is not available")
        return {
            "plu": item.plu,
            "name": found["name"],
            "price": _price(found, item, at),
            "category": found["category"],
            "vat_rate": found["vat_rate"],
            "quantity": item.quantity,
            "modifiers": tuple(self._modifiers(item, found["name"], at)),
            "note": item.note,
        }

    def _modifiers(self, item: NewItem | NewSubItem, name: str, at: str) -> Iterable[Modifier]:
        for index, wanted in enumerate(item.modifiers):
            yield self._modifier(item.plu, wanted, name, f"{at}.modifiers[{index}]")

    def _modifier(self, item_plu: str, wanted: NewModifier, name: str, at: str) -> Modifier:
        found = self.modifiers.get((item_plu, wanted.plu))
        if found is None:
            raise InvalidRequest(f"{at}.plu", f"is not a modifier of {name}")
        if not found["is_available"]:
            raise Conflict(f"{found['name']} (PLU {wanted.plu}) is not available")
        return Modifier(wanted.plu, found["name"], found["price"], wanted.quantity)


def _price(found: Record, item: NewItem | NewSubItem, at: str) -> int:
    price: int | None = found["price"]
    if price is None:
        if item.price is None:
            raise InvalidRequest(f"{at}.price", f"is required: {found['name']} has an open price")
        return item.price
    if item.price is not None:
        raise InvalidRequest(f"{at}.price", f"must not be sent: {found['name']} has a price")
    return price


def _line(menu: _Menu, item: NewItem, at: str, line_id: str) -> Line:
    product = menu.product(item, at)
    sub_items = tuple(
        _sub_item(menu, sub_item, f"{at}.subItems[{index}]")
        for index, sub_item in enumerate(item.subItems)
    )
    try:
        return Line(line_id, **product, sub_items=sub_items, cover=item.cover)
    except InvalidRequest as error:
        raise error.inside(at) from None


def _sub_item(menu: _Menu, item: NewSubItem, at: str) -> SubItem:
    product = menu.product(item, at)
    try:
        return SubItem(**product)
    except InvalidRequest as error:
        raise error.inside(at) from None
