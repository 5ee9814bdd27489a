"""One tab becomes two, two become one, and every figure of the parts adds up to the whole."""

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from fractions import Fraction
from typing import TypeVar

from tests.properties.day.arithmetic import share
from tests.properties.day.bill import Discount, Line, Shares, Tab

NewUid = Callable[[], int]
_Rate = TypeVar("_Rate", bound=int | None)


Taken = dict[int, int | Fraction]
"""How many of each line, by its uid, or which part of it."""


def divide(tab: Tab, line: Line, taken: int | Fraction, uid: int) -> Line:
    """Take so many off a line, or such a part, as a line of its own behind it; no figure of the tab
    changes.
    """
    shares = deepcopy(tab.shares())
    goes = replace(line, uid=uid, id="")
    if isinstance(taken, Fraction):
        middle = line.end - (line.end - line.start) * taken
        stays, goes.start = replace(line, end=middle), middle
    else:
        stays, goes.quantity = replace(line, quantity=line.quantity - taken), taken
    rows: tuple[list[list[int]], list[list[int]]] = ([], [])
    for row in shares.off[line.uid]:
        pairs = [
            share(off, weights)
            for off, *weights in zip(row, stays.left(rows[0]), goes.left(rows[1]), strict=True)
        ]
        for side in (0, 1):
            rows[side].append([pair[side] for pair in pairs])
    for piece, its in zip((stays, goes), rows, strict=True):
        kept = [
            (replace(one, amount=sum(row)) if one.amount is not None else one, row)
            for one, row in zip(piece.discounts, its, strict=False)
            if one.amount is None or any(row)
        ]
        piece.discounts = tuple(one for one, _ in kept)
        shares.off[piece.uid] = [*(row for _, row in kept), its[-1]]
    at = tab.lines.index(line)
    tab.lines[at : at + 1] = [stays, goes]
    tab.kept = shares
    return goes


def is_all(line: Line, taken: int | Fraction) -> bool:
    return taken == (1 if isinstance(taken, Fraction) else line.quantity)


def split(tab: Tab, taken: Taken, new_uid: NewUid) -> tuple[Tab, Tab]:
    """What was given back stays."""
    tab = deepcopy(tab)
    moving = set[int]()
    for line in tab.live:
        if line.uid not in taken:
            continue
        all_of_it = is_all(line, taken[line.uid])
        moves = line if all_of_it else divide(tab, line, taken[line.uid], new_uid())
        moving.add(moves.uid)
    shares = tab.shares()
    stays = replace(tab, lines=[line for line in tab.lines if line.uid not in moving])
    goes = replace(tab, lines=[line for line in tab.lines if line.uid in moving])
    goes.back, goes.back_vat = Counter(), Counter()
    sides = (stays, goes)
    left = [side.left_by_rate(shares.off) for side in sides]
    charges = _parted(shares.charge, [{None: sum(side.values()), **side} for side in left])
    taxed = [
        {rate: amount + charge.get(rate, 0) for rate, amount in side.items()}
        for side, charge in zip(left, charges, strict=True)
    ]
    vats = _parted(shares.vat, taxed)
    for side, charge, vat in zip(sides, charges, vats, strict=True):
        off = {line.uid: shares.off[line.uid] for line in side.live}
        side.kept = Shares(off, charge, vat)
        if side.discount is not None and side.discount.amount is not None:
            amount = sum(sum(rows[-1]) for rows in off.values())
            side.discount = Discount(amount=amount) if amount else None
    return stays, goes


def _parted(
    amounts: dict[_Rate, int], weights: list[dict[_Rate, int]]
) -> tuple[dict[_Rate, int], dict[_Rate, int]]:
    pairs = {
        rate: share(amount, [side.get(rate, 0) for side in weights])
        for rate, amount in amounts.items()
    }
    return (
        {rate: pair[0] for rate, pair in pairs.items()},
        {rate: pair[1] for rate, pair in pairs.items()},
    )


def merge(staying: Tab, coming: Tab, rounds: int) -> Tab:
    """Each order's discount becomes discounts of its lines. `rounds`: what the staying tab has sent."""
    lines = settled(staying)
    for line in settled(coming):
        line.round = None if line.round is None else line.round + rounds
        lines.append(line)
    return replace(staying, lines=lines, discount=None, kept=None)


def settled(tab: Tab) -> list[Line]:
    shares = tab.shares()
    lines = deepcopy(tab.lines)
    for line in lines:
        if line.is_void:
            continue
        left, discounts = line.gross, list[Discount]()
        *own, order = [sum(row) for row in shares.off[line.uid]]
        for discount, off in zip(line.discounts, own, strict=True):
            if discount.off(left) == off:
                discounts.append(discount)
            elif off:
                discounts.append(Discount(amount=off))
            left -= off
        if tab.discount is not None and order:
            discounts.append(Discount(amount=order))
        line.discounts = tuple(discounts)
    return lines
