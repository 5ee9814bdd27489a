"""Splitting a tab and merging two, to the penny: the parts sum to the whole."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from epos.domain.errors import Conflict, InvalidRequest
from epos.domain.money import shared
from epos.domain.tab import WHOLE_LINE, Discount, Line, Off, Shares, Tab
from epos.domain.tab_refunds import refunded
from epos.domain.tab_shares import left_by_rate, left_of, shares_of

MOST_PARTS_OF_A_LINE = 10_000
"""Of a line that is divided again and again."""


@dataclass(frozen=True, slots=True)
class Parts:
    """`taken` of `of` equal parts of a line."""

    taken: int
    of: int


Taken = Mapping[str, int | Parts]
"""What goes to the new tab, by line id: a quantity of the line, or parts of it."""


def by_covers(tab: Tab, covers: Collection[int]) -> dict[str, int | Parts]:
    """The lines of these covers, for `split`; lines without a cover stay."""
    return {line.id: line.quantity for line in tab.live_lines if line.cover in covers}


def split(tab: Tab, taken: Taken, new_id: Callable[[], str]) -> tuple[Tab, Tab]:
    """The tab that stays and the tab that is taken.

    A line that is taken in part is divided, and the part gets a new id. Lines keep their discounts; service
    charge and VAT follow the amounts that bear them, by largest remainder, ties to the tab that stays. Void
    lines stay, and so does a refund.

    Raises InvalidRequest for a line or a quantity that the tab does not have, Conflict for a void line
    and if nothing would stay.
    """
    _check_taken(tab, taken)
    moving: set[str] = set()
    for line in tab.live_lines:
        wanted = taken.get(line.id)
        if wanted is None:
            continue
        if _is_all_of(line, wanted):
            moving.add(line.id)
            continue
        part_id = new_id()
        if isinstance(wanted, Parts):
            tab = divide_by_parts(tab, line.id, wanted, part_id)
        else:
            tab = divide(tab, line.id, wanted, part_id)
        moving.add(part_id)
    return _parted(tab, moving)


def divide(tab: Tab, line_id: str, quantity: int, new_id: str) -> Tab:
    """Divide one line in two, `quantity` of it under a new id; for example to void one of three.

    The total stays the same. A discount by amount is divided between the two lines. Raises as `split` does.
    """
    line = tab.live_line(line_id)
    if not 0 < quantity < line.quantity:
        raise InvalidRequest("quantity", f"of {line.name} must be from 1 to {line.quantity - 1}")
    if line.piece is not None:
        raise Conflict(f"This is a part of {line.name}, and has no quantity of its own")
    staying = replace(line, quantity=line.quantity - quantity)
    return _in_two(tab, line, staying, replace(line, id=new_id, quantity=quantity))


def divide_by_parts(tab: Tab, line_id: str, taken: Parts, new_id: str) -> Tab:
    """Divide one line in two, these parts of it under a new id; a part can be divided again.

    The total stays the same. Raises Conflict for parts that are too small, and as `split` does.
    """
    line = tab.live_line(line_id)
    stays, moves = (line.piece or WHOLE_LINE).divided(taken.taken, taken.of)
    if max(stays.of, moves.of) > MOST_PARTS_OF_A_LINE:
        raise Conflict(f"{line.name} is in small parts already")
    return _in_two(tab, line, replace(line, piece=stays), replace(line, id=new_id, piece=moves))


def _in_two(tab: Tab, line: Line, staying: Line, moving: Line) -> Tab:
    """Two lines for one that come to the same; its discounts are divided between them."""
    shares = shares_of(tab)
    staying_off, moving_off = _divided(shares.off[line.id], staying, moving)
    pieces = (_with_its_own(staying, staying_off), _with_its_own(moving, moving_off))
    at = tab.lines.index(line)
    return replace(
        tab,
        lines=(*tab.lines[:at], *(piece for piece, _ in pieces), *tab.lines[at + 1 :]),
        as_split=replace(shares, off={**shares.off, **{piece.id: off for piece, off in pieces}}),
    )


def merge(staying: Tab, coming: Tab, *, rounds: int = 0) -> Tab:
    """The staying tab with the lines of both, void ones too, and its own service charge rate.

    `rounds`: how many the staying tab has sent; those of the coming tab are counted on from there.

    The order discount of each tab becomes discounts of its lines: so the sum before service charge is the
    sum of both, and lines that are added later get no discount.
    """
    lines = (*_settled(staying), *(_sent_later(line, rounds) for line in _settled(coming)))
    return replace(staying, lines=lines, discount=None, as_split=None)


def _sent_later(line: Line, rounds: int) -> Line:
    sent = line.sent_round
    return line if sent is None else replace(line, sent_round=sent + rounds)


def _check_taken(tab: Tab, taken: Taken) -> None:
    if not taken:
        raise InvalidRequest("lines", "must name what is taken")
    for line_id, wanted in taken.items():
        line = tab.live_line(line_id)
        quantity, most = (
            (wanted.taken, wanted.of) if isinstance(wanted, Parts) else (wanted, line.quantity)
        )
        if not 0 < quantity <= most:
            raise InvalidRequest("quantity", f"of {line.name} must be from 1 to {most}")
    if all(line.id in taken and _is_all_of(line, taken[line.id]) for line in tab.live_lines):
        raise Conflict("Nothing would stay on the tab")


def _is_all_of(line: Line, taken: int | Parts) -> bool:
    return taken.taken == taken.of if isinstance(taken, Parts) else taken == line.quantity


def _divided(off: Off, staying: Line, moving: Line) -> tuple[Off, Off]:
    """Divide what was taken off a line between its two pieces: part by part, by what each has left."""
    first: Off = ()
    second: Off = ()
    for row in off:
        left = zip(row, left_of(staying, first), left_of(moving, second), strict=True)
        pairs = [shared(taken, weights) for taken, *weights in left]
        first = (*first, tuple(taken for taken, _ in pairs))
        second = (*second, tuple(taken for _, taken in pairs))
    return first, second


def _with_its_own(piece: Line, off: Off) -> tuple[Line, Off]:
    """A piece of a line, with the discounts of which it has a share."""
    *own, order = off
    kept = [
        (discount if discount.amount is None else replace(discount, amount=sum(row)), row)
        for discount, row in zip(piece.discounts, own, strict=True)
        if discount.amount is None or any(row)
    ]
    discounts = tuple(discount for discount, _ in kept)
    return replace(piece, discounts=discounts), (*(row for _, row in kept), order)


def _parted(tab: Tab, moving: Collection[str]) -> tuple[Tab, Tab]:
    """The tab without these lines, and the tab with only these lines."""
    rest, moved = (
        replace(tab, lines=tuple(line for line in tab.lines if (line.id in moving) is taken))
        for taken in (False, True)
    )
    shares = shares_of(tab)
    left = [left_by_rate(side.live_lines, shares.off) for side in (rest, moved)]
    bearing = [{None: sum(side.values()), **side} for side in left]
    charges = _on_both_sides(shares.service_charge, bearing)
    taxed = [
        {rate: amount + charge.get(rate, 0) for rate, amount in side.items()}
        for side, charge in zip(left, charges, strict=True)
    ]
    vats = _on_both_sides(shares.vat, taxed)
    rest = replace(rest, as_refunded=refunded(tab) if tab.refund else None)
    moved = replace(moved, refund=0, as_refunded=None)
    return (
        _with_shares(rest, shares.off, charges[0], vats[0]),
        _with_shares(moved, shares.off, charges[1], vats[1]),
    )


_Rate = TypeVar("_Rate", bound=int | None)


def _on_both_sides(
    amounts: Mapping[_Rate, int], weights: Sequence[Mapping[_Rate, int]]
) -> tuple[dict[_Rate, int], dict[_Rate, int]]:
    """Divide each amount between two sides, by what each side has that bears it."""
    pairs = {
        rate: shared(amount, [side.get(rate, 0) for side in weights])
        for rate, amount in amounts.items()
    }
    return (
        {rate: staying for rate, (staying, _) in pairs.items()},
        {rate: moving for rate, (_, moving) in pairs.items()},
    )


def _with_shares(
    side: Tab, off: Mapping[str, Off], charge: Mapping[int | None, int], vat: Mapping[int, int]
) -> Tab:
    its_off = {line.id: off[line.id] for line in side.live_lines}
    discount = side.discount
    if discount is not None and discount.amount is not None:
        amount = sum(sum(rows[-1]) for rows in its_off.values())
        discount = replace(discount, amount=amount) if amount else None
    return replace(side, discount=discount, as_split=Shares(its_off, charge, vat))


def _settled(tab: Tab) -> Iterator[Line]:
    """The lines, with the order's discount turned into exact discounts of their own."""
    shares = shares_of(tab)
    for line in tab.lines:
        if line.void is None:
            amounts = [sum(row) for row in shares.off[line.id]]
            yield replace(line, discounts=tuple(_exact(line, amounts, tab.discount)))
        else:
            yield line


def _exact(line: Line, amounts: list[int], order: Discount | None) -> Iterator[Discount]:
    left = line.gross
    for discount, amount in zip(line.discounts, amounts, strict=False):
        if discount.off(left) == amount:
            yield discount
        elif amount:
            yield Discount(discount.name, amount=amount)
        left -= amount
    if order is not None and amounts[-1]:
        yield Discount(order.name, amount=amounts[-1])
