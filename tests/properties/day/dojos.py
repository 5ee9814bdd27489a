"""Dojo's orders: what is on them, and their VAT, Dojo's or by the menu (docs/arithmetic.md)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random
from typing import Any

from tests.properties.day import menu
from tests.properties.day.arithmetic import pence, share, vat_in
from tests.properties.day.bill import Key, Sums
from tests.support.orders import gbp, order

Json = dict[str, Any]
Rate = int | None
"""None: the menu does not know it."""
UNKNOWN = "special"


@dataclass(frozen=True)
class Product:
    """What an order has of one PLU at one VAT rate, before discounts."""

    plu: str
    rate: Rate
    gross: int


@dataclass(frozen=True)
class Content:
    """What Dojo sent. `vat`: by Dojo, or None where it sent none."""

    total: int
    charge: int = 0
    vat: int | None = None
    products: tuple[Product, ...] = ()
    off: tuple[tuple[int, str | None], ...] = ()
    """Discounts: the amount, and the PLU that it is on if it is not on the order."""
    bears_vat: bool = False
    """Whether the venue's service charge did when the order came."""

    @property
    def goods(self) -> int:
        return self.total - self.charge

    def sums(self, back: int) -> Sums:
        """After so much was given back."""
        return self._by_dojo(back) if self.vat is not None else self._by_menu(back)

    def _by_dojo(self, back: int) -> Sums:
        left, vat = self.total - back, self.vat or 0
        if back:
            vat = pence(Fraction(vat * left, self.total))
        rows = _rows(left - self.charge, self.charge)
        if self.vat:
            rows["order_vat", None, 2_000] = (vat, 0)
        return Sums(self.total, left, back, self.charge, {}, 0, rows)

    def _by_menu(self, back: int) -> Sums:
        goods = self.goods_by_rate()
        charges: dict[Rate, int] = dict.fromkeys(goods, 0)
        if self.bears_vat:
            charges = dict(zip(goods, share(self.charge, list(goods.values())), strict=True))
        voluntary = self.charge - sum(charges.values())
        weights = [*(goods[rate] + charges[rate] for rate in goods), voluntary]
        *backs, voluntary_back = share(back, weights)
        left, charge = dict[Rate, int](), voluntary - voluntary_back
        for rate, off in zip(goods, backs, strict=True):
            left[rate] = goods[rate] + charges[rate] - off
            charge += charges[rate] - share(off, [goods[rate], charges[rate]])[1]
        rows = _rows(self.total - back - charge, charge)
        taxes = {rate: (one, vat_in(one, rate)) for rate, one in left.items() if rate is not None}
        for rate, (gross, vat) in taxes.items():
            rows["derived", None, rate] = (gross, 0)
            rows["derived_vat", None, rate] = (vat, 0)
        rows["derived", None, None] = (left.get(None, 0), 0)
        return Sums(self.total, self.total - back, back, charge, taxes, 0, rows)

    def goods_by_rate(self) -> dict[Rate, int]:
        """Highest rate first, then the unknown."""
        left = [product.gross for product in self.products]
        for amount, plu in sorted(self.off, key=lambda one: one[1] is None):
            on = [
                place
                for place, product in enumerate(self.products)
                if plu is None or product.plu == plu
            ]
            whole = sum(left[place] for place in on)
            offs = share(min(amount, whole), [left[place] for place in on])
            for place, off in zip(on, offs, strict=True):
                left[place] -= off
        sums = Counter[Rate]()
        for product, amount in zip(self.products, left, strict=True):
            sums[product.rate] += amount
        by_rate = {rate: sums[rate] for rate in sorted(sums, key=_place)}
        missing = self.goods - sum(by_rate.values())
        if missing > 0:
            by_rate[None] = by_rate.get(None, 0) + missing
        elif missing < 0:
            rates = list(by_rate)
            by_rate = dict(zip(rates, share(self.goods, list(by_rate.values())), strict=True))
        return by_rate


def _place(rate: Rate) -> int:
    return 1 if rate is None else -rate


def _rows(goods: int, charge: int) -> dict[Key, tuple[int, int]]:
    return {("order", None, None): (goods, 1), ("service_charge", None, None): (charge, 0)}


# --- what guests order there ----------------------------------------------------------------------


@dataclass
class _Basket:
    """`collected`: it has the rates of taking away."""

    random: Random
    collected: bool
    sent: list[Json] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)

    def fill(self) -> None:
        for _ in range(self.random.choice((1, 1, 2, 3))):
            plu = self.random.choice((*menu.HERE, *menu.DEALS, UNKNOWN))
            quantity = self.random.choice((1, 1, 2, 3))
            item, price = self._item(plu, quantity)
            more = 0
            if plu == "burger" and self.random.random() < 0.5:
                more = 100 if price else 1
                item["modifiers"] = [
                    {
                        "plu": "cheese",
                        "name": "Cheese",
                        "quantity": 2,
                        "amountPerModifier": gbp(more),
                    }
                ]
            self._know(plu, quantity, price, 2 * more)
            if self.random.random() < 0.3:
                plu, times = (
                    self.random.choice(("milk", "salad", "chips")),
                    self.random.choice((1, 2)),
                )
                beside, price = self._item(plu, times)
                item["subItems"] = [beside]
                self._know(plu, quantity * times, price, 0)
            self.sent.append(item)

    def _item(self, plu: str, quantity: int) -> tuple[Json, int]:
        on_menu = menu.DEALS[plu][0] if plu in menu.DEALS else menu.HERE.get(plu, ("", 0, 500))[2]
        price = self.random.choice((on_menu, on_menu, 0, 1, 777))
        item = {"plu": plu, "name": plu, "quantity": quantity, "amountPerItem": gbp(price)}
        return item, price

    def _know(self, plu: str, count: int, price: int, more: int) -> None:
        prices = menu.AWAY if self.collected else menu.HERE
        if plu not in menu.DEALS:
            rate = prices[plu][1] if plu in prices else None
            self.products.append(Product(plu, rate, count * (price + more)))
            return
        parts = [prices[part] for part in menu.DEALS[plu][1]]
        for (_, rate, _), each in zip(
            parts, share(price, [part[2] for part in parts]), strict=True
        ):
            self.products.append(Product(plu, rate, count * each))


def choose(random: Random, waiter: str | None, *, bears_vat: bool) -> tuple[Json, Content]:
    """A body of CreateOrder, and what it says. `waiter` None: it is collected. `bears_vat`: whether the
    venue's service charge does.
    """
    basket = _Basket(random, waiter is None)
    basket.fill()
    off = _discounts(random, basket.products)
    goods = max(_left(basket.products, off) + random.choice((0, 0, 0, -150, -7, 1, 250)), 0)
    charge = random.choice((0, 0, 1, 125))
    total = max(goods + charge, 1)
    vat = random.choice((None, None, 0, total // 6)) or None
    body = order(total, dine_in=None if waiter is None else {"waiterId": waiter})
    body["items"] = basket.sent
    if charge:
        body["serviceChargeAmount"] = gbp(charge)
    if off:
        body["discounts"] = [_discount(*one) for one in off]
    if vat is not None:
        body["taxLines"] = [{"name": "VAT", "amountPercentage": 2_000, "amountTotal": gbp(vat)}]
    content = Content(total, charge, vat, tuple(basket.products), tuple(off), bears_vat)
    return body, content


def _discounts(random: Random, products: Sequence[Product]) -> list[tuple[int, str | None]]:
    plu = random.choice(products).plu
    several: tuple[list[tuple[int, str | None]], ...] = (
        [],
        [],
        [(99, None)],
        [(250, plu)],
        [(101, None), (33, plu)],
        [(500, None), (400, plu)],
        [(200, None), (10_000, plu)],
    )
    return random.choice(several)


def _left(products: Sequence[Product], off: Sequence[tuple[int, str | None]]) -> int:
    """What the discounts leave of all, each at most all that it is on."""
    by_plu = Counter[str]()
    for product in products:
        by_plu[product.plu] += product.gross
    whole = sum(by_plu.values())
    whole -= sum(min(amount, by_plu[plu]) for amount, plu in off if plu is not None)
    return whole - min(sum(amount for amount, plu in off if plu is None), whole)


def _discount(amount: int, plu: str | None) -> Json:
    on = {} if plu is None else {"affectedPlu": plu}
    return {"name": "Regular", "amountTotal": gbp(amount)} | on
