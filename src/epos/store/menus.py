"""What the venue sells, as tabs look it up."""

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

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


class MenuRepository(Repository):
    async def items(self, plus: set[str]) -> dict[str, Record]:
        """Those of the items that the menu has, by PLU, with the name of their category."""
        return {row["plu"]: row for row in await self._all(_ITEMS, plus=sorted(plus))}

    async def modifiers(self, plus: set[str]) -> dict[tuple[str, str], Record]:
        """What can be asked for with these items, by the item's PLU and its own."""
        rows = await self._all(_MODIFIERS, plus=sorted(plus))
        return {(row["item_plu"], row["plu"]): row for row in rows}
