"""An order of Dojo's held against the venue's menu when it comes: VAT, prices, and what has run out.

Dojo decides content and total. What is derived here is kept with the order, and a later change of the menu
does not change it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from epos.contract.content import Modifier, OrderItem, OrderSubItem
from epos.contract.orders import CreateOrderRequest, OrderType
from epos.domain.derived_vat import (
    Derived,
    DerivedSums,
    Ordered,
    TakenOff,
    derived_sums,
    goods_by_rate,
)
from epos.domain.tab_sums import SaleKind
from epos.services.till.selling import deal_ways, parts_of, refuse_sold_out, way_of
from epos.store.menus import Known
from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.store.venues import Venue

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MenuCheck:
    """What the menu says of an order. `derived` is None where Dojo says the VAT."""

    derived: Derived | None
    prices: list[Json]
    """The products whose price is not the menu's, with both prices."""

    def columns(self) -> Json:
        """The columns of the order that keep it."""
        found = self.derived
        kept = {
            **({} if found is None else _row(found)),
            **({"prices": self.prices} if self.prices else {}),
        }
        return {
            "derived": json.dumps(kept, ensure_ascii=False) if kept else None,
            "sales": None if found is None else sales(derived_sums(found, 0)),
        }


async def check_menu(store: VenueStore, request: CreateOrderRequest, venue: Venue) -> MenuCheck:
    """Raises Conflict for what has run out, if the venue refuses that."""
    plus = {product.plu for product in _products(request)}
    known = await store.menus.known(plus)
    deal_parts = {part["plu"] for row in known.items.values() for part in parts_of(row)}
    if not deal_parts <= known.items.keys():
        known = await store.menus.known(plus | deal_parts)
    order = _Order(request, known, takeaway=request.details.orderType is OrderType.Collection)
    if venue.refuses_sold_out_orders:
        order.refuse_sold_out()
    derived = None
    if not request.taxLines:
        charge = request.serviceChargeAmount
        charged = min(0 if charge is None else charge.value, request.totalAmount.value)
        goods = goods_by_rate(
            order.parts(), _discounts(request), request.totalAmount.value - charged
        )
        derived = Derived(goods, charged, venue.service_charge_bears_vat)
    return MenuCheck(derived, list(order.other_prices()))


def derived_of(text: str | None) -> Derived | None:
    """What was kept with an order; None for a tab, and for an order whose VAT Dojo said."""
    row = {} if text is None else from_json(text)
    if "goods" not in row:
        return None
    return Derived(dict(row["goods"]), row["charge"], row["charge_bears_vat"])


def prices_of(text: str | None) -> list[Json]:
    """The products of an order whose price was not the menu's."""
    found: list[Json] = [] if text is None else from_json(text).get("prices", [])
    return found


def sales(sums: DerivedSums) -> str:
    """What the total of the order consists of, for the journal. `derived` and `derived_vat` only inform."""
    rows: list[tuple[str, int | None, int, int]] = [
        ("order", None, sums.goods, 1),
        (SaleKind.SERVICE_CHARGE, None, sums.charge, 0),
    ]
    for tax in sums.taxes:
        rows.append(("derived", tax.vat_rate, tax.gross, 0))
        rows.append(("derived_vat", tax.vat_rate, tax.vat, 0))
    if sums.unknown:
        rows.append(("derived", None, sums.unknown, 0))
    names = ("kind", "vat_rate", "amount", "count")
    return json.dumps([dict(zip(names, row, strict=True)) for row in rows])


def _row(derived: Derived) -> Json:
    """Pairs instead of an object: a rate is a number or null, and JSON keys are text."""
    return {
        "goods": list(derived.goods.items()),
        "charge": derived.charge,
        "charge_bears_vat": derived.charge_bears_vat,
    }


def _products(request: CreateOrderRequest) -> Iterator[OrderItem | OrderSubItem]:
    for item in request.items:
        yield item
        yield from item.subItems or ()


def _discounts(request: CreateOrderRequest) -> Iterator[TakenOff]:
    for discount in request.discounts or ():
        yield TakenOff(discount.amountTotal.value, discount.affectedPlu or None)


class _Order:
    """The products of a request, with what the menu knows of them."""

    def __init__(self, request: CreateOrderRequest, known: Known, *, takeaway: bool) -> None:
        self._request = request
        self._known = known
        self._takeaway = takeaway

    def refuse_sold_out(self) -> None:
        for product in _products(self._request):
            row = self._known.items.get(product.plu)
            if row is None:
                continue
            refuse_sold_out(row)
            for part in parts_of(row):
                if part["plu"] in self._known.items:
                    refuse_sold_out(self._known.items[part["plu"]])
            for modifier in product.modifiers or ():
                found = self._known.modifiers.get((product.plu, modifier.plu))
                if found is not None:
                    refuse_sold_out(found)

    def parts(self) -> list[Ordered]:
        """Modifiers have the rate of their product, sub-items their own."""
        return [
            part
            for item in self._request.items
            for part in (
                *self._parts(item, 1),
                *(part for one in item.subItems or () for part in self._parts(one, item.quantity)),
            )
        ]

    def _parts(self, product: OrderItem | OrderSubItem, times: int) -> Iterator[Ordered]:
        count, price = times * product.quantity, product.amountPerItem.value
        changes = sum(
            change.quantity * change.amountPerModifier.value for change in product.modifiers or ()
        )
        row = self._known.items.get(product.plu)
        deal = () if row is None else self._deal(row)
        if row is None or not deal:
            rate = None if row is None else way_of(row, price, takeaway=self._takeaway).vat_rate
            yield Ordered(product.plu, rate, count * (price + changes))
            return
        ways = deal_ways(row, list(deal), takeaway=self._takeaway, price=price)
        for index, way in enumerate(ways):
            yield Ordered(
                product.plu, way.vat_rate, count * (way.price + (0 if index else changes))
            )

    def _deal(self, row: Record) -> tuple[Record, ...]:
        """The parts of a deal; none for any other product."""
        return tuple(
            self._known.items[part["plu"]]
            for part in parts_of(row)
            if part["plu"] in self._known.items
            for _ in range(part["quantity"])
        )

    def other_prices(self) -> Iterator[Json]:
        for item in self._request.items:
            row = self._known.items.get(item.plu)
            parts = set() if row is None else {part["plu"] for part in parts_of(row)}
            in_deal = [one for one in item.subItems or () if one.plu in parts]
            price = item.amountPerItem.value + sum(
                one.quantity * one.amountPerItem.value for one in in_deal
            )
            yield from self._compared(item, price, item.quantity)
            for one in item.subItems or ():
                if one not in in_deal:
                    count = item.quantity * one.quantity
                    yield from self._compared(one, one.amountPerItem.value, count)

    def _compared(
        self, product: OrderItem | OrderSubItem, price: int, count: int
    ) -> Iterator[Json]:
        row = self._known.items.get(product.plu)
        if row is not None and row["price"] is not None:
            yield from _other(product, price, self._menu_price(row), count)
        for change in product.modifiers or ():
            found = self._known.modifiers.get((product.plu, change.plu))
            if found is not None:
                paid = change.amountPerModifier.value
                yield from _other(change, paid, found["price"], count * change.quantity)

    def _menu_price(self, row: Record) -> int:
        return way_of(row, row["price"], takeaway=self._takeaway).price


def _other(
    product: OrderItem | OrderSubItem | Modifier, price: int, on_menu: int, count: int
) -> Iterator[Json]:
    if price != on_menu:
        yield {
            "plu": product.plu,
            "name": product.name,
            "count": count,
            "price": price,
            "menu_price": on_menu,
        }
