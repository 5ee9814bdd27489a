"""A tab: lines, discounts and the service charge.

Amounts are whole minor units of one currency, percentages and rates hundredths of a percent. Each class
checks its values when it is made: nothing on a tab has a negative price.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import gcd
from typing import TypeVar

from epos.domain.errors import Conflict, InvalidRequest
from epos.domain.money import WHOLE, percentage_of


@dataclass(frozen=True, slots=True)
class Modifier:
    """A change to an item or a sub-item. Its price may be negative."""

    plu: str
    name: str
    price: int
    quantity: int = 1
    """For each single item: two burgers with double cheese each have 2 here, not 4."""

    def __post_init__(self) -> None:
        _at_least_one(self.quantity)


@dataclass(frozen=True, slots=True)
class Way:
    """What one of an item costs in one of two ways: eaten here, or taken away."""

    price: int
    vat_rate: int


@dataclass(frozen=True, slots=True)
class SubItem:
    """A part of an item with a category and a VAT rate of its own."""

    plu: str
    name: str
    price: int
    category: str
    vat_rate: int
    quantity: int = 1
    """For each single item, as in a modifier."""
    modifiers: tuple[Modifier, ...] = ()
    note: str | None = None
    other: Way | None = None
    """What it costs the other way, if that differs."""

    def __post_init__(self) -> None:
        _at_least_one(self.quantity)
        _worth_something(self)

    @property
    def each(self) -> int:
        """The price of one, with its modifiers."""
        return self.price + _modified(self.modifiers)


@dataclass(frozen=True, slots=True)
class Discount:
    """A percentage or an amount that is taken off, never more than there is."""

    name: str
    percentage: int | None = None
    amount: int | None = None

    def __post_init__(self) -> None:
        if (self.percentage is None) == (self.amount is None):
            raise InvalidRequest("discount", "must have either a percentage or an amount")
        if self.percentage is not None and not 0 < self.percentage <= WHOLE:
            raise InvalidRequest("percentage", f"must be more than 0 and at most {WHOLE}")
        if self.amount is not None and self.amount <= 0:
            raise InvalidRequest("amount", "must be more than 0")

    def off(self, amount: int) -> int:
        """The amount that it takes off `amount`."""
        if self.percentage is not None:
            return percentage_of(amount, self.percentage)
        return min(self.amount or 0, amount)


@dataclass(frozen=True, slots=True)
class Void:
    """Why a line no longer counts."""

    reason: str


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a line with one category and one VAT rate, before discounts."""

    category: str
    vat_rate: int
    gross: int
    count: int


@dataclass(frozen=True, slots=True)
class Product:
    """All that a line has of its item, or of one of its sub-items, before discounts."""

    plu: str
    name: str
    category: str
    vat_rate: int
    gross: int
    count: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line that was split by parts: of `of` equal parts, those from `start` until before `end`.

    Each amount of a piece is what the parts until its end come to, rounded up, less what those before it
    come to: so whatever is divided, however often, the pieces of a line add up to the line.
    """

    start: int
    end: int
    of: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= self.of:
            raise ValueError(f"{self} is no part of a line")

    @property
    def size(self) -> tuple[int, int]:
        """Such as (1, 2) for a half."""
        return reduced(self.end - self.start, self.of)

    def share(self, amount: int) -> int:
        return -(-amount * self.end // self.of) + (-amount * self.start // self.of)

    def divided(self, taken: int, parts: int) -> tuple["Piece", "Piece"]:
        """Its first parts, and the last `taken` of `parts` equal ones."""
        start, end, of = self.start * parts, self.end * parts, self.of * parts
        middle = end - (self.end - self.start) * taken
        return _smallest(start, middle, of), _smallest(middle, end, of)


WHOLE_LINE = Piece(0, 1, 1)


@dataclass(frozen=True, slots=True)
class Line:
    """A quantity of one item. Modifiers have the item's category and VAT rate, sub-items their own.

    Price and VAT rate stay as they were when sold. Each of `discounts` is on the whole line, on what the
    discounts before it leave.
    """

    id: str
    plu: str
    name: str
    price: int
    category: str
    vat_rate: int
    quantity: int = 1
    modifiers: tuple[Modifier, ...] = ()
    sub_items: tuple[SubItem, ...] = ()
    discounts: tuple[Discount, ...] = ()
    note: str | None = None
    cover: int | None = None
    sent_round: int | None = None
    """The round in which it was sent to the kitchen; None until then."""
    void: Void | None = None
    takeaway: bool = False
    other: Way | None = None
    """What it costs the other way, if that differs."""
    piece: Piece | None = None
    """The part of the line that this is, if it was split by parts; the quantity is that of the whole."""

    def __post_init__(self) -> None:
        _at_least_one(self.quantity)
        _worth_something(self)

    @property
    def each(self) -> int:
        """The price of one, with its modifiers, without its sub-items."""
        return self.price + _modified(self.modifiers)

    @property
    def parts(self) -> tuple[Part, ...]:
        """One for each category and VAT rate, the item's own first."""
        if not self.sub_items and self.piece is None:
            gross = self.quantity * self.each
            return (Part(self.category, self.vat_rate, gross, self.quantity),)
        found: dict[tuple[str, int], Part] = {}
        for product in self.products:
            key = (product.category, product.vat_rate)
            before = found.get(key, Part(*key, gross=0, count=0))
            found[key] = Part(*key, before.gross + product.gross, before.count + product.count)
        return tuple(found.values())

    @property
    def products(self) -> tuple[Product, ...]:
        """The item, then its sub-items.

        Of a piece, a product has what it and those before it with its category and VAT rate come to, less
        what those before it come to: so they add up to the piece.
        """
        whole = (
            self._product(self, 1),
            *(self._product(one, one.quantity) for one in self.sub_items),
        )
        return whole if self.piece is None else tuple(_pieces(whole, self.piece))

    def _product(self, thing: "Line | SubItem", for_each: int) -> Product:
        count = self.quantity * for_each
        return Product(
            thing.plu, thing.name, thing.category, thing.vat_rate, count * thing.each, count
        )

    @property
    def pieces(self) -> int:
        """How many lines, sub-items and modifiers it is."""
        parts = sum(1 + len(item.modifiers) for item in self.sub_items)
        return 1 + len(self.modifiers) + parts

    @property
    def label(self) -> str:
        """Its name as papers show it; a part of a line says which, such as "1/2 Wine"."""
        if self.piece is None:
            return self.name
        taken, of = self.piece.size
        return f"{taken}/{of} {f'of {self.quantity} x ' if self.quantity > 1 else ''}{self.name}"

    @property
    def gross(self) -> int:
        """The line's amount before discounts."""
        return sum(part.gross for part in self.parts)


_Sold = TypeVar("_Sold", Line, SubItem)
Off = tuple[tuple[int, ...], ...]
"""The amounts taken off a line: a row for each of its discounts, then one for the order's; in each row an
amount for each part.
"""


@dataclass(frozen=True, slots=True)
class Shares:
    """The share of each line and rate in every amount that was rounded.

    `off` is by line id, void lines left out. `service_charge` is by the VAT rate that it bears, None if it
    bears none; `vat` is by rate, the VAT of the charge included.
    """

    off: Mapping[str, Off]
    service_charge: Mapping[int | None, int]
    vat: Mapping[int, int]


RefundKey = tuple[str | None, int | None]
"""Category and VAT rate. Without a category: the service charge; without a rate: what bears no VAT."""


@dataclass(frozen=True, slots=True)
class Refunded:
    """What went back, as it was shared at that time, and the VAT in it by rate."""

    amounts: Mapping[RefundKey, int]
    vat: Mapping[int, int]

    @property
    def total(self) -> int:
        return sum(self.amounts.values())


@dataclass(frozen=True, slots=True)
class Tab:
    """Everything that decides the total.

    `as_split` holds the exact shares that a split gave this tab: rounding its part anew could give another
    penny. The `with_` methods keep it until an amount changes.
    """

    lines: tuple[Line, ...] = ()
    discount: Discount | None = None
    """On the whole order: on what the lines' own discounts leave."""
    service_charge_rate: int = 0
    service_charge_bears_vat: bool = False
    """A compulsory charge bears the VAT rates of the items, a voluntary one bears no VAT."""
    as_split: Shares | None = None
    refund: int = 0
    """Money that went back, by which the bill became smaller, and that no void or discount explains."""
    as_refunded: Refunded | None = None
    """The shares of `refund`; what they do not add up to, an older version gave back."""

    def __post_init__(self) -> None:
        _not_negative("service_charge_rate", self.service_charge_rate)
        _not_negative("refund", self.refund)

    @property
    def pieces(self) -> int:
        """How many lines, sub-items and modifiers it has, void ones included."""
        return sum(line.pieces for line in self.lines)

    @property
    def live_lines(self) -> tuple[Line, ...]:
        """The lines that are not void."""
        return tuple(line for line in self.lines if line.void is None)

    def live_line(self, line_id: str) -> Line:
        """Raises InvalidRequest for one that is not on the tab, Conflict for a void one."""
        line = next((line for line in self.lines if line.id == line_id), None)
        if line is None:
            raise InvalidRequest("lineId", f"{line_id} is not on this tab")
        if line.void is not None:
            raise Conflict(f"{line.name} is void")
        return line

    def with_lines(self, lines: Iterable[Line]) -> "Tab":
        return self._summed_anew(replace(self, lines=tuple(lines)))

    def with_discount(self, discount: Discount | None) -> "Tab":
        return self._summed_anew(replace(self, discount=discount))

    def with_service_charge(self, rate: int, *, bears_vat: bool) -> "Tab":
        """`rate` 0 removes the charge."""
        charged = replace(self, service_charge_rate=rate, service_charge_bears_vat=bears_vat)
        return self._summed_anew(charged)

    def _summed_anew(self, changed: "Tab") -> "Tab":
        """Keep the planned split unless an amount changed."""
        if changed.as_split is None:
            return changed
        same = _money(changed) == _money(self)
        return replace(changed, as_split=_carried(changed.as_split, changed) if same else None)


def the_other_way(line: Line) -> Line:
    """The line taken away instead of eaten here, or the reverse, with the prices and VAT rates of that."""
    swapped = _swapped(line)
    sub_items = tuple(map(_swapped, line.sub_items))
    return replace(swapped, takeaway=not line.takeaway, sub_items=sub_items)


def _swapped(thing: _Sold) -> _Sold:
    if thing.other is None:
        return thing
    now = Way(thing.price, thing.vat_rate)
    return replace(thing, price=thing.other.price, vat_rate=thing.other.vat_rate, other=now)


def reduced(part: int, of: int) -> tuple[int, int]:
    """A fraction in its lowest terms."""
    common = gcd(part, of)
    return part // common, of // common


def _smallest(start: int, end: int, of: int) -> Piece:
    common = gcd(start, end, of)
    return Piece(start // common, end // common, of // common)


def _pieces(products: Iterable[Product], piece: Piece) -> Iterator[Product]:
    gross: Counter[tuple[str, int]] = Counter()
    counts: Counter[tuple[str, int]] = Counter()
    for product in products:
        key = (product.category, product.vat_rate)
        before = piece.share(gross[key]), piece.share(counts[key])
        gross[key] += product.gross
        counts[key] += product.count
        yield replace(
            product,
            gross=piece.share(gross[key]) - before[0],
            count=piece.share(counts[key]) - before[1],
        )


def _modified(modifiers: Iterable[Modifier]) -> int:
    return sum(modifier.quantity * modifier.price for modifier in modifiers)


def _at_least_one(quantity: int) -> None:
    if quantity < 1:
        raise InvalidRequest("quantity", "must be at least 1")


def _worth_something(thing: Line | SubItem) -> None:
    """Refuse a negative price: money goes back by a refund, not by a sale."""
    if thing.each < 0:
        raise InvalidRequest("price", f"of {thing.name} is less than 0 with its modifiers")
    _not_negative("vat_rate", thing.vat_rate)


def _not_negative(field: str, rate: int) -> None:
    if rate < 0:
        raise InvalidRequest(field, "must not be less than 0")


def _money(tab: Tab) -> tuple[object, ...]:
    """Everything that an amount depends on."""
    lines = {line.id: (line.parts, line.discounts) for line in tab.live_lines if line.gross}
    return lines, tab.discount, tab.service_charge_rate, tab.service_charge_bears_vat


def _carried(shares: Shares, tab: Tab) -> Shares:
    """The shares after free lines were added or removed: those have no share."""
    off = {
        line.id: shares.off[line.id] if line.gross else _nothing_off(line)
        for line in tab.live_lines
    }
    rates = {part.vat_rate for line in tab.live_lines for part in line.parts}
    return replace(shares, off=off, vat={**dict.fromkeys(rates, 0), **shares.vat})


def _nothing_off(line: Line) -> Off:
    row = tuple(0 for _ in line.parts)
    return tuple(row for _ in (*line.discounts, None))
