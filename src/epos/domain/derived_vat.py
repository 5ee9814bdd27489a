"""The VAT of an order of Dojo's, derived from the venue's menu where Dojo says none.

Dojo decides what the order comes to; the menu says which rate its products have. What the menu does not
know stays unknown (rate None). Amounts are minor units.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from epos.domain.money import shared, vat_in
from epos.domain.tab_sums import TaxedSum

Rate = int | None


@dataclass(frozen=True, slots=True)
class Ordered:
    """A part of an order with one VAT rate, before discounts. `vat_rate` None: the menu has none for it."""

    plu: str
    vat_rate: Rate
    gross: int


@dataclass(frozen=True, slots=True)
class TakenOff:
    """A discount: of the products with this PLU, or of the whole order if it is None."""

    amount: int
    plu: str | None


@dataclass(frozen=True, slots=True)
class Derived:
    """What an order came to when it was sent, by VAT rate, and its service charge.

    A charge that bears VAT has the rates of the goods, in proportion.
    """

    goods: Mapping[Rate, int]
    charge: int = 0
    charge_bears_vat: bool = False

    @property
    def charge_by_rate(self) -> dict[Rate, int]:
        """Empty for a charge that bears no VAT."""
        if not self.charge_bears_vat or not self.goods:
            return {}
        return dict(zip(self.goods, shared(self.charge, list(self.goods.values())), strict=True))


@dataclass(frozen=True, slots=True)
class DerivedSums:
    """`goods` and `charge` add up to the total. `unknown`: what has no known VAT."""

    goods: int
    charge: int
    taxes: tuple[TaxedSum, ...]
    unknown: int


def goods_by_rate(
    ordered: Sequence[Ordered], taken_off: Iterable[TakenOff], goods: int
) -> dict[Rate, int]:
    """What was paid for the goods, by VAT rate, highest first and the unknown last.

    `goods`: what they came to, as Dojo says. If the prices come to more, the rest was taken off all of them
    in proportion; if they come to less, nobody knows what the rest is for.
    """
    left = [max(part.gross, 0) for part in ordered]
    for discount in sorted(taken_off, key=lambda one: one.plu is None):
        _take_off(left, ordered, discount)
    sums: dict[Rate, int] = defaultdict(int)
    for part, amount in zip(ordered, left, strict=True):
        sums[part.vat_rate] += amount
    rates = sorted(sums, key=lambda rate: -1 if rate is None else rate, reverse=True)
    whole = sum(sums.values())
    if whole > goods:
        return dict(zip(rates, shared(goods, [sums[rate] for rate in rates]), strict=True))
    found = {rate: sums[rate] for rate in rates}
    if goods > whole:
        found[None] = found.pop(None, 0) + goods - whole
    return found


def _take_off(left: list[int], ordered: Sequence[Ordered], discount: TakenOff) -> None:
    """At most what is left of what it is on."""
    places = [
        index
        for index, part in enumerate(ordered)
        if discount.plu is None or part.plu == discount.plu
    ]
    weights = [left[index] for index in places]
    amount = min(max(discount.amount, 0), sum(weights))
    if amount:
        for index, part in zip(places, shared(amount, weights), strict=True):
            left[index] -= part


def derived_sums(derived: Derived, refund: int) -> DerivedSums:
    """The sums after `refund` went back: shared by what is left at each rate, with the charge that bears
    it; a voluntary charge takes a share without VAT. The VAT at a rate is computed once, of what is left.
    """
    charges = derived.charge_by_rate
    whole = {rate: amount + charges.get(rate, 0) for rate, amount in derived.goods.items()}
    untaxed = 0 if charges else derived.charge
    weights = [*whole.values(), untaxed]
    *back, untaxed_back = shared(min(refund, sum(weights)), weights)
    charge = untaxed - untaxed_back
    by_rate: dict[Rate, int] = {}
    for (rate, gross), off in zip(whole.items(), back, strict=True):
        by_rate[rate] = gross - off
        bears = charges.get(rate, 0)
        charge += bears - shared(off, [derived.goods[rate], bears])[1]
    return DerivedSums(
        goods=sum(by_rate.values()) + untaxed - untaxed_back - charge,
        charge=charge,
        taxes=tuple(
            TaxedSum(rate, gross, vat_in(gross, rate))
            for rate, gross in by_rate.items()
            if rate is not None and gross
        ),
        unknown=by_rate.get(None, 0),
    )
