"""Lines of tabs, made of the menu as it is now."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from pydantic_core import from_json

from epos.domain.deals import ListPrice, priced
from epos.domain.errors import Conflict, InvalidRequest
from epos.domain.tab import Line, Modifier, SubItem, Way
from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.till_contract.tab_requests import NewItem, NewModifier, NewSubItem

Fields = dict[str, Any]


async def new_lines(
    store: VenueStore, items: list[NewItem], new_id: Callable[[], str], *, takeaway: bool
) -> list[Line]:
    """A line for each item, with name, category, price and VAT rate of the menu as it is now. `takeaway`:
    for items that do not say it themselves.

    Raises InvalidRequest naming what the menu does not have, or a price where it has one or has none;
    Conflict for what is not available.
    """
    plus = {plu for item in items for plu in (item.plu, *(sub.plu for sub in item.subItems))}
    known = await store.menus.items(plus)
    in_deals = {part["plu"] for row in known.values() for part in parts_of(row)} - known.keys()
    if in_deals:
        known = {**known, **await store.menus.items(in_deals)}
    menu = _Menu(known, await store.menus.modifiers(plus))
    return [
        _line(
            menu,
            item,
            f"items[{index}]",
            new_id(),
            takeaway=takeaway if item.takeaway is None else item.takeaway,
        )
        for index, item in enumerate(items)
    ]


@dataclass(frozen=True, slots=True)
class _Menu:
    """The part of the menu that the request names."""

    items: dict[str, Record]
    modifiers: dict[tuple[str, str], Record]

    def product(self, item: NewItem | NewSubItem, at: str, *, takeaway: bool) -> Fields:
        """The fields that an item and a sub-item have in common."""
        found = self.items.get(item.plu)
        if found is None:
            raise InvalidRequest(f"{at}.plu", "is not on the menu")
        refuse_sold_out(found)
        return {
            "plu": item.plu,
            "name": found["name"],
            "category": found["category"],
            **_sold(found, _price(found, item, at), takeaway=takeaway),
            "quantity": item.quantity,
            "modifiers": tuple(self._modifiers(item, found["name"], at)),
            "note": item.note,
        }

    def deal(self, plu: str, *, takeaway: bool) -> tuple[SubItem, ...]:
        """The parts of a deal at their share of its price, either way; none for any other item."""
        deal, found = self.items[plu], []
        for part in parts_of(self.items[plu]):
            row = self.items.get(part["plu"])
            if row is None or row["price"] is None:
                raise Conflict(f"{deal['name']} has a part that the menu has no price of")
            refuse_sold_out(row)
            found += [row] * part["quantity"]
        here = deal_ways(deal, found, takeaway=False)
        away = deal_ways(deal, found, takeaway=True)
        chosen, others = (away, here) if takeaway else (here, away)
        return tuple(
            SubItem(
                plu=row["plu"],
                name=row["name"],
                category=row["category"],
                price=now.price,
                vat_rate=now.vat_rate,
                other=None if other == now else other,
            )
            for row, now, other in zip(found, chosen, others, strict=True)
        )

    def _modifiers(self, item: NewItem | NewSubItem, name: str, at: str) -> Iterable[Modifier]:
        for index, wanted in enumerate(item.modifiers):
            yield self._modifier(item.plu, wanted, name, f"{at}.modifiers[{index}]")

    def _modifier(self, item_plu: str, wanted: NewModifier, name: str, at: str) -> Modifier:
        found = self.modifiers.get((item_plu, wanted.plu))
        if found is None:
            raise InvalidRequest(f"{at}.plu", f"is not a modifier of {name}")
        refuse_sold_out(found)
        return Modifier(wanted.plu, found["name"], found["price"], wanted.quantity)


def refuse_sold_out(found: Record) -> None:
    """Raises Conflict for an item or a modifier that is not available."""
    if not found["is_available"]:
        raise Conflict(f"{found['name']} (PLU {found['plu']}) is not available")


def parts_of(row: Record) -> Iterator[Fields]:
    """The `plu` and `quantity` of each part of a deal; none for any other item."""
    yield from from_json(row["parts"] or "[]")


def _price(found: Record, item: NewItem | NewSubItem, at: str) -> int:
    price: int | None = found["price"]
    if price is None:
        if item.price is None:
            raise InvalidRequest(f"{at}.price", f"is required: {found['name']} has an open price")
        return item.price
    if item.price is not None:
        raise InvalidRequest(f"{at}.price", f"must not be sent: {found['name']} has a price")
    return price


def way_of(found: Record, price: int, *, takeaway: bool) -> Way:
    """What an item costs in one of the two ways. `price`: eaten here."""
    if not takeaway or found["takeaway_vat_rate"] is None:
        return Way(price, found["vat_rate"])
    away = found["takeaway_price"]
    return Way(price if away is None else away, found["takeaway_vat_rate"])


def _sold(found: Record, price: int, *, takeaway: bool) -> Fields:
    now = way_of(found, price, takeaway=takeaway)
    other = way_of(found, price, takeaway=not takeaway)
    return {
        "price": now.price,
        "vat_rate": now.vat_rate,
        "other": None if other == now else other,
    }


def deal_ways(
    deal: Record, parts: list[Record], *, takeaway: bool, price: int | None = None
) -> list[Way]:
    """What each part costs in the deal. `price`: of the deal, if it is not the menu's."""
    if not parts:
        return []
    alone = [way_of(part, part["price"], takeaway=takeaway) for part in parts]
    whole = way_of(deal, deal["price"], takeaway=takeaway).price if price is None else price
    prices = priced(whole, [ListPrice(part.price, part.vat_rate) for part in alone])
    return [Way(price, part.vat_rate) for price, part in zip(prices, alone, strict=True)]


def _line(menu: _Menu, item: NewItem, at: str, line_id: str, *, takeaway: bool) -> Line:
    product = menu.product(item, at, takeaway=takeaway)
    deal = menu.deal(item.plu, takeaway=takeaway)
    sub_items = tuple(
        _sub_item(menu, sub_item, f"{at}.subItems[{index}]", takeaway=takeaway)
        for index, sub_item in enumerate(item.subItems)
    )
    try:
        line = Line(
            line_id,
            **product,
            sub_items=(*deal, *sub_items),
            cover=item.cover,
            takeaway=takeaway,
        )
    except InvalidRequest as error:
        raise error.inside(at) from None
    return _without_own_price(line, deal[0]) if deal else line


def _without_own_price(line: Line, part: SubItem) -> Line:
    """A deal's price is that of its parts. It has a rate of theirs, so that it shows none of its own."""
    other = None if part.other is None else Way(0, part.other.vat_rate)
    return replace(line, price=0, vat_rate=part.vat_rate, other=other)


def _sub_item(menu: _Menu, item: NewSubItem, at: str, *, takeaway: bool) -> SubItem:
    product = menu.product(item, at, takeaway=takeaway)
    try:
        return SubItem(**product)
    except InvalidRequest as error:
        raise error.inside(at) from None
