"""The arithmetic of a tab: whole pence, half up, once."""

from collections.abc import Sequence
from dataclasses import dataclass

from epos.contract.content import Discount, OrderItem, OrderSubItem
from epos.domain.splits import share
from epos.domain.vat import vat_in

VAT = 2000
SERVICE = 1250
"""Both in hundredths of a percent."""


@dataclass(frozen=True, slots=True)
class Sums:
    """What a tab comes to, in pence. `vat` is a part of the goods, not added to them."""

    goods: int
    service: int
    vat: int

    @property
    def total(self) -> int:
        return self.goods + self.service


def sums(items: Sequence[OrderItem], discounts: Sequence[Discount], *, service: bool) -> Sums:
    """A voluntary service charge is on what is left after discounts, and bears no VAT."""
    off = sum(discount.amountTotal.value for discount in discounts)
    goods = sum(_line(item) for item in items) - off
    return Sums(
        goods=goods,
        service=share(goods, SERVICE) if service else 0,
        vat=vat_in(goods, VAT),
    )


def _line(item: OrderItem) -> int:
    sides = sum(side.quantity * _each(side) for side in item.subItems or ())
    return item.quantity * (_each(item) + sides)


def _each(item: OrderItem | OrderSubItem) -> int:
    modifiers = sum(
        modifier.quantity * modifier.amountPerModifier.value for modifier in item.modifiers or ()
    )
    return item.amountPerItem.value + modifiers
