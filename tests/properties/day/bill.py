"""A tab on paper: lines, discounts, service charge, VAT, and what was given back of it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

from tests.properties.day.arithmetic import percentage, share, vat_in

Key = tuple[str, str | None, int | None]
"""What a row of the day's sales is of: its kind, category and VAT rate."""
IN_TOTAL = ("item", "order", "discount", "refund", "service_charge")


@dataclass(frozen=True)
class Piece:
    """One of an item, or of what comes with it. `count`: for each of the item."""

    category: str
    rate: int
    price: int
    count: int = 1
    plu: str = ""


@dataclass(frozen=True)
class Part:
    """What a line has of one category at one VAT rate, before discounts."""

    category: str
    rate: int
    gross: int
    count: int


@dataclass(frozen=True)
class Discount:
    percent: int | None = None
    amount: int | None = None

    def off(self, of: int) -> int:
        return percentage(of, self.percent) if self.percent else min(self.amount or 0, of)


@dataclass
class Line:
    uid: int
    plu: str
    quantity: int
    here: tuple[Piece, ...]
    """Eaten here, its own piece first."""
    away: tuple[Piece, ...]
    is_away: bool = False
    twice_off: int = 0
    """What modifiers take off each of them beyond once."""
    discounts: tuple[Discount, ...] = ()
    cover: int | None = None
    round: int | None = None
    is_void: bool = False
    start: Fraction = Fraction(0)
    end: Fraction = Fraction(1)
    """Of a line that was split by parts: the part that this is, from where to where. `quantity` is that of
    the whole line.
    """
    id: str = ""
    """The server's."""

    @property
    def is_part(self) -> bool:
        return self.end - self.start < 1

    def of(self, whole: int) -> int:
        """What the parts until its end come to, rounded up, less what those before it come to."""
        return ceil(whole * self.end) - ceil(whole * self.start)

    @property
    def parts(self) -> list[Part]:
        found: dict[tuple[str, int], tuple[int, int]] = {}
        for piece in self.pieces:
            key, count = (piece.category, piece.rate), self.quantity * piece.count
            gross, counted = found.get(key, (0, 0))
            found[key] = (gross + count * piece.price, counted + count)
        return [Part(*key, self.of(gross), self.of(count)) for key, (gross, count) in found.items()]

    @property
    def pieces(self) -> tuple[Piece, ...]:
        return self.away if self.is_away else self.here

    def items(self) -> dict[str, tuple[int, int]]:
        """Amount and count of each item in it, by its PLU. Of one category and rate: each item has what it
        and those before it come to, less what those before it come to.
        """
        found: dict[str, tuple[int, int]] = {}
        until: dict[tuple[str, int], tuple[int, int]] = {}
        for piece in self.pieces:
            key, count = (piece.category, piece.rate), self.quantity * piece.count
            gross, counted = until.get(key, (0, 0))
            until[key] = (gross + count * piece.price, counted + count)
            amount, many = found.get(piece.plu, (0, 0))
            found[piece.plu] = (
                amount + self.of(until[key][0]) - self.of(gross),
                many + self.of(until[key][1]) - self.of(counted),
            )
        return found

    @property
    def gross(self) -> int:
        return sum(part.gross for part in self.parts)

    def left(self, rows: Iterable[list[int]]) -> list[int]:
        """What discounts leave of each part."""
        left = [part.gross for part in self.parts]
        for row in rows:
            left = [amount - off for amount, off in zip(left, row, strict=True)]
        return left


@dataclass
class Shares:
    """Every amount that was rounded. `off`: by line, a row for each of its discounts, then the order's."""

    off: dict[int, list[list[int]]]
    charge: dict[int | None, int]
    vat: dict[int, int]


@dataclass
class Tab:
    lines: list[Line] = field(default_factory=list)
    discount: Discount | None = None
    charge_rate: int = 0
    charge_is_compulsory: bool = False
    back: Counter[tuple[str | None, int | None]] = field(default_factory=Counter)
    """By how much the bill is smaller because money went back, and nothing else says why: by category and
    VAT rate.
    """
    back_vat: Counter[int] = field(default_factory=Counter)
    """The VAT in it, by rate."""
    kept: Shares | None = None
    """The exact shares of a split, until an amount changes."""

    @property
    def given_back(self) -> int:
        return sum(self.back.values())

    @property
    def live(self) -> list[Line]:
        return [line for line in self.lines if not line.is_void]

    def shares(self) -> Shares:
        return self.kept or self._worked_out()

    def _worked_out(self) -> Shares:
        off: dict[int, list[list[int]]] = {}
        for line in self.live:
            rows: list[list[int]] = []
            off[line.uid] = rows
            for discount in line.discounts:
                left = line.left(rows)
                rows.append(share(discount.off(sum(left)), left))
        left_of = [line.left(off[line.uid]) for line in self.live]
        whole = sum(map(sum, left_of))
        order = self.discount.off(whole) if self.discount else 0
        for line, left, amount in zip(
            self.live, left_of, share(order, list(map(sum, left_of))), strict=True
        ):
            off[line.uid].append(share(amount, left))
        by_rate = self.left_by_rate(off)
        amount = percentage(sum(by_rate.values()), self.charge_rate)
        charge: dict[int | None, int] = {None: amount}
        if self.charge_is_compulsory:
            charge = dict(zip(by_rate, share(amount, list(by_rate.values())), strict=True))
        vat = {rate: vat_in(left + charge.get(rate, 0), rate) for rate, left in by_rate.items()}
        return Shares(off, charge, vat)

    def left_by_rate(self, off: Mapping[int, list[list[int]]]) -> dict[int, int]:
        """Highest rate first."""
        sums = Counter[int]()
        for line in self.live:
            for part, left in zip(line.parts, line.left(off[line.uid]), strict=True):
                sums[part.rate] += left
        return dict(sorted(sums.items(), reverse=True))

    # --- exact shares are kept until an amount changes --------------------------------------------

    def amounts(self) -> object:
        """Everything that an amount depends on."""
        lines = {line.uid: (line.parts, line.discounts) for line in self.live if line.gross}
        return lines, self.discount, self.charge_rate, self.charge_is_compulsory

    def forget_split(self, before: object) -> None:
        """After a change: `before` is what `amounts` said until then."""
        if self.kept is None or self.amounts() != before:
            self.kept = None
            return
        for line in self.live:
            if not line.gross:
                self.kept.off[line.uid] = [[0] * len(line.parts)] * (len(line.discounts) + 1)
        rates = {part.rate for line in self.live for part in line.parts}
        self.kept.vat = dict.fromkeys(rates, 0) | self.kept.vat


@dataclass
class Sums:
    """A tab added up. `whole`: what it would come to if nothing had been given back."""

    whole: int
    total: int
    back: int
    charge: int
    taxes: dict[int, tuple[int, int]]
    """By rate: gross, and the VAT in it."""
    order_off: int
    rows: dict[Key, tuple[int, int]]
    """Amount and count."""


def add_up(tab: Tab) -> Sums:
    shares = tab.shares()
    by_rate = tab.left_by_rate(shares.off)
    goods, charge = sum(by_rate.values()), sum(shares.charge.values())
    gross = Counter[int](
        {rate: left + shares.charge.get(rate, 0) for rate, left in by_rate.items()}
    )
    for (_, rate), amount in tab.back.items():
        if rate is not None:
            gross[rate] -= amount
    taxes = {}
    for rate in sorted(gross, reverse=True):
        vat = shares.vat.get(rate, 0) - tab.back_vat[rate]
        taxes[rate] = (gross[rate], vat if gross[rate] or tab.kept else 0)
    return Sums(
        whole=goods + charge,
        total=goods + charge - tab.given_back,
        back=tab.given_back,
        charge=charge,
        taxes=taxes,
        order_off=sum(sum(rows[-1]) for rows in shares.off.values()),
        rows=_rows(tab, shares, taxes),
    )


def _rows(
    tab: Tab, shares: Shares, taxes: dict[int, tuple[int, int]]
) -> dict[Key, tuple[int, int]]:
    amounts, counts = Counter[Key](), Counter[Key]()
    for line in tab.lines:
        for place, part in enumerate(line.parts):
            key = ("void" if line.is_void else "item", part.category, part.rate)
            amounts[key] += part.gross
            counts[key] += part.count
            if not line.is_void:
                off = sum(row[place] for row in shares.off[line.uid])
                amounts["discount", part.category, part.rate] -= off
    for rate, charge in shares.charge.items():
        amounts["service_charge", None, rate] += charge
    for (category, rate), amount in tab.back.items():
        amounts["service_charge" if category is None else "refund", category, rate] -= amount
    for tax_rate, (_, tax) in taxes.items():
        amounts["vat", None, tax_rate] += tax
    return {key: (amounts[key], counts[key]) for key in {*amounts, *counts}}
