"""The menu: as tabs look it up, and as it is set up."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from epos.store.repository import Repository
from epos.store.statements import Record, Statement
from epos.store.tables import menu_category, menu_item, menu_modifier
from epos.store.tables.base import Key
from epos.store.visibility import VENUE

_ITEM, _MODIFIER = menu_item.c, menu_modifier.c
_PLUS = bindparam("plus", type_=ARRAY(Key))
_ITEMS = Statement(
    select(
        _ITEM.plu,
        _ITEM.name,
        _ITEM.price,
        _ITEM.vat_rate,
        _ITEM.is_available,
        _ITEM.takeaway_price,
        _ITEM.takeaway_vat_rate,
        _ITEM.parts,
        menu_category.c.name.label("category"),
    )
    .join(
        menu_category,
        (menu_category.c.venue_id == VENUE) & (menu_category.c.id == _ITEM.category_id),
    )
    .where(_ITEM.venue_id == VENUE, _ITEM.plu == func.any(_PLUS))
)
_MODIFIERS = Statement(
    select(
        _MODIFIER.item_plu, _MODIFIER.plu, _MODIFIER.name, _MODIFIER.price, _MODIFIER.is_available
    ).where(_MODIFIER.venue_id == VENUE, _MODIFIER.item_plu == func.any(_PLUS))
)

_CATEGORY_ID = bindparam("category_id", type_=Key)
_PLU = bindparam("plu", type_=Key)
_ITEM_PLU = bindparam("item_plu", type_=Key)
_CATEGORIES = Statement(
    select(menu_category.c.id, menu_category.c.name, menu_category.c.position)
    .where(menu_category.c.venue_id == VENUE)
    .order_by(menu_category.c.position, menu_category.c.id)
)
_ALL_ITEMS = Statement(
    select(*(column for column in _ITEM if column.name != "venue_id"))
    .where(_ITEM.venue_id == VENUE)
    .order_by(_ITEM.position, _ITEM.plu)
)
_ALL_MODIFIERS = Statement(
    select(*(column for column in _MODIFIER if column.name not in {"venue_id", "position"}))
    .where(_MODIFIER.venue_id == VENUE)
    .order_by(_MODIFIER.position, _MODIFIER.plu)
)


def _put(table: Table, key: str, *columns: str) -> Statement:
    """Insert a row, or change the row with the same key."""
    made = insert(table)
    changed = {name: made.excluded[name] for name in columns}
    made = made.on_conflict_do_update(index_elements=["venue_id", key], set_=changed)
    return Statement(made, columns=["venue_id", key, *columns])


_PUT_CATEGORY = _put(menu_category, "id", "name", "position")
_PUT_ITEM = _put(
    menu_item,
    "plu",
    "category_id",
    "name",
    "price",
    "vat_rate",
    "is_available",
    "position",
    "takeaway_price",
    "takeaway_vat_rate",
    "parts",
)
_REMOVE_CATEGORY = Statement(
    delete(menu_category).where(
        menu_category.c.venue_id == VENUE, menu_category.c.id == _CATEGORY_ID
    )
)
_REMOVE_ITEM = Statement(delete(menu_item).where(_ITEM.venue_id == VENUE, _ITEM.plu == _PLU))
_NO_MODIFIERS = Statement(
    delete(menu_modifier).where(_MODIFIER.venue_id == VENUE, _MODIFIER.item_plu == func.any(_PLUS))
)
_ADD_MODIFIER = Statement(
    insert(menu_modifier), columns=[column.name for column in menu_modifier.c]
)
_CLEAR = [
    Statement(delete(table).where(table.c.venue_id == VENUE))
    for table in (menu_modifier, menu_item, menu_category)
]
_AVAILABLE = bindparam("available", type_=_ITEM.is_available.type)
_SET_AVAILABLE = Statement(
    update(menu_item)
    .where(_ITEM.venue_id == VENUE, _ITEM.plu == _PLU)
    .values(is_available=_AVAILABLE)
    .returning(_ITEM.plu)
)
_SET_MODIFIER_AVAILABLE = Statement(
    update(menu_modifier)
    .where(_MODIFIER.venue_id == VENUE, _MODIFIER.item_plu == _ITEM_PLU, _MODIFIER.plu == _PLU)
    .values(is_available=_AVAILABLE)
    .returning(_MODIFIER.plu)
)


@dataclass(frozen=True, slots=True)
class Known:
    """What the menu knows of some products: items by PLU, modifiers by the item's PLU and their own."""

    items: dict[str, Record]
    modifiers: dict[tuple[str, str], Record]


class MenuRepository(Repository):
    async def known(self, plus: set[str]) -> Known:
        """The items with these PLUs, and their modifiers."""
        if not plus:
            return Known({}, {})
        items = await self.items(plus)
        return Known(items, await self.modifiers(set(items)) if items else {})

    async def items(self, plus: set[str]) -> dict[str, Record]:
        """The items with these PLUs, by PLU, with the name of their category."""
        return {row["plu"]: row for row in await self._all(_ITEMS, plus=sorted(plus))}

    async def modifiers(self, plus: set[str]) -> dict[tuple[str, str], Record]:
        """The modifiers of these items, by the item's PLU and their own."""
        rows = await self._all(_MODIFIERS, plus=sorted(plus))
        return {(row["item_plu"], row["plu"]): row for row in rows}

    async def categories(self) -> list[Record]:
        """In the menu's order."""
        return await self._all(_CATEGORIES)

    async def all_items(self) -> list[Record]:
        """The items of all categories, in their order."""
        return await self._all(_ALL_ITEMS)

    async def all_modifiers(self) -> list[Record]:
        """The modifiers of all items, in their order."""
        return await self._all(_ALL_MODIFIERS)

    async def put_categories(self, categories: Iterable[dict[str, Any]]) -> None:
        """Insert or change categories: rows of menu_category."""
        await self._each(_PUT_CATEGORY, categories)

    async def remove_category(self, category_id: str) -> None:
        """Remove a category, which is empty."""
        await self._run(_REMOVE_CATEGORY, category_id=category_id)

    async def put_items(
        self, items: Iterable[dict[str, Any]], modifiers: Iterable[dict[str, Any]]
    ) -> None:
        """Insert or change items: rows of menu_item and menu_modifier. Each item gets exactly these
        modifiers.
        """
        rows = list(items)
        await self._each(_PUT_ITEM, rows)
        await self._run(_NO_MODIFIERS, plus=[row["plu"] for row in rows])
        await self._each(_ADD_MODIFIER, modifiers)

    async def remove_item(self, plu: str) -> None:
        """Remove an item and its modifiers."""
        await self._run(_REMOVE_ITEM, plu=plu)

    async def clear(self) -> None:
        for statement in _CLEAR:
            await self._run(statement)

    async def set_available(self, plu: str, *, available: bool) -> bool:
        """False if there is no such item."""
        return await self._first(_SET_AVAILABLE, plu=plu, available=available) is not None

    async def set_modifier_available(self, item_plu: str, plu: str, *, available: bool) -> bool:
        """False if the item has no such modifier."""
        found = await self._first(
            _SET_MODIFIER_AVAILABLE, item_plu=item_plu, plu=plu, available=available
        )
        return found is not None
