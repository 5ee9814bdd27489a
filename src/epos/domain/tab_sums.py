"""The total of a tab, and every amount that the books need."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from epos.domain.tab import Line, Refunded, Shares, Tab
from epos.domain.tab_refunds import refunded
from epos.domain.tab_shares import left_by_rate, shares_of


class SaleKind(StrEnum):
    """The first four add up to the total; the others give details of it."""

    ITEM = "item"
    DISCOUNT = "discount"
    REFUND = "refund"
    SERVICE_CHARGE = "service_charge"
    VAT = "vat"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class SalesRow:
    """`amount` of an item is before discounts; of a discount and a refund it is negative; of a void it is
    what the line would have cost.

    `count` is of items sold or voided. Only an item has a PLU and a name. A service charge and VAT have no
    category; a service charge that bears no VAT has no rate.
    """

    kind: SaleKind
    category: str | None
    vat_rate: int | None
    amount: int
    count: int = 0
    plu: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class GivenDiscount:
    """The amount that a discount took off; `line_id` is None for the order's discount."""

    line_id: str | None
    name: str
    percentage: int | None
    amount: int


@dataclass(frozen=True, slots=True)
class TaxedSum:
    """All amounts with one VAT rate, and the VAT in them."""

    vat_rate: int
    gross: int
    vat: int


@dataclass(frozen=True, slots=True)
class Sums:
    """`total` is the amount to pay: after discounts and refunds, with the service charge, VAT included.
    `service_charge` is before refunds, `taxes` and `sales` are after them.

    Rates are sorted highest first, sales by kind, category, rate and item: the order of the lines has no
    effect.
    """

    total: int
    service_charge: int
    discounts: tuple[GivenDiscount, ...]
    taxes: tuple[TaxedSum, ...]
    sales: tuple[SalesRow, ...]
    refund: int = 0


def sums(tab: Tab) -> Sums:
    shares = shares_of(tab)
    charge = sum(shares.service_charge.values())
    by_rate = left_by_rate(tab.live_lines, shares.off)
    back = refunded(tab)
    taxes = _taxes(tab, shares, by_rate, back)
    return Sums(
        total=sum(by_rate.values()) + charge - back.total,
        service_charge=charge,
        refund=back.total,
        discounts=tuple(given for given in _discounts(tab, shares) if given.amount),
        taxes=tuple(tax for tax in taxes if tax.gross),
        sales=_summed(_sales(tab, shares, back, taxes)),
    )


def _taxes(tab: Tab, shares: Shares, by_rate: Mapping[int, int], back: Refunded) -> list[TaxedSum]:
    """After what went back. Where nothing is left, there is no VAT; only the parts of a split keep the
    penny that makes them add up.
    """
    gross = {rate: left + shares.service_charge.get(rate, 0) for rate, left in by_rate.items()}
    for (_, rate), amount in back.amounts.items():
        if rate is not None:
            gross[rate] = gross.get(rate, 0) - amount
    return [
        TaxedSum(
            rate,
            gross[rate],
            shares.vat.get(rate, 0) - back.vat.get(rate, 0) if gross[rate] or tab.as_split else 0,
        )
        for rate in sorted(gross, reverse=True)
    ]


def _discounts(tab: Tab, shares: Shares) -> Iterator[GivenDiscount]:
    for line in tab.live_lines:
        for discount, row in zip(line.discounts, shares.off[line.id], strict=False):
            yield GivenDiscount(line.id, discount.name, discount.percentage, sum(row))
    if tab.discount is not None:
        amount = sum(sum(off[-1]) for off in shares.off.values())
        yield GivenDiscount(None, tab.discount.name, tab.discount.percentage, amount)


def _sales(
    tab: Tab, shares: Shares, back: Refunded, taxes: Iterable[TaxedSum]
) -> Iterator[SalesRow]:
    """A row for each product, discount and charge; several may have the same key."""
    for line in tab.lines:
        if line.void is None:
            yield from _sold(line)
        else:
            for part in line.parts:
                yield SalesRow(SaleKind.VOID, part.category, part.vat_rate, part.gross, part.count)
    for line in tab.live_lines:
        for part, taken in zip(line.parts, zip(*shares.off[line.id], strict=True), strict=True):
            yield SalesRow(SaleKind.DISCOUNT, part.category, part.vat_rate, -sum(taken))
    for bears, charge in shares.service_charge.items():
        yield SalesRow(SaleKind.SERVICE_CHARGE, None, bears, charge)
    for (category, rate), amount in back.amounts.items():
        kind = SaleKind.SERVICE_CHARGE if category is None else SaleKind.REFUND
        yield SalesRow(kind, category, rate, -amount)
    for tax in taxes:
        yield SalesRow(SaleKind.VAT, None, tax.vat_rate, tax.vat)


def _sold(line: Line) -> Iterator[SalesRow]:
    for one in line.products:
        yield SalesRow(
            kind=SaleKind.ITEM,
            category=one.category,
            vat_rate=one.vat_rate,
            amount=one.gross,
            count=one.count,
            plu=one.plu,
            name=one.name,
        )


_KINDS = {kind: place for place, kind in enumerate(SaleKind)}
_Key = tuple[SaleKind, str | None, int | None, str | None, str | None]


def _summed(rows: Iterator[SalesRow]) -> tuple[SalesRow, ...]:
    """One row for each key, without empty ones."""
    amounts: dict[_Key, int] = defaultdict(int)
    counts: dict[_Key, int] = defaultdict(int)
    for row in rows:
        key = (row.kind, row.category, row.vat_rate, row.plu, row.name)
        amounts[key] += row.amount
        counts[key] += row.count
    return tuple(
        SalesRow(*key[:3], amounts[key], counts[key], *key[3:])
        for key in sorted(amounts, key=_place)
        if amounts[key] or counts[key]
    )


def _place(key: _Key) -> tuple[int, str, int, str, str]:
    kind, category, vat_rate, plu, name = key
    return _KINDS[kind], category or "", -(vat_rate or 0), plu or "", name or ""
