"""How discounts, service charge and VAT are shared among the lines of a tab: every rounding there is."""

from collections.abc import Iterable, Mapping

from epos.domain.money import percentage_of, shared, vat_in
from epos.domain.tab import Line, Off, Shares, Tab


def shares_of(tab: Tab) -> Shares:
    """The shares that a split has stored, else calculated.

    In this order: each line's own discounts, the order's discount on what they leave, the service charge on
    what that leaves, the VAT in the sum of each rate.
    """
    return _calculated(tab) if tab.as_split is None else tab.as_split


def left_of(line: Line, off: Off) -> list[int]:
    """What the discounts leave of each part of a line."""
    left = [part.gross for part in line.parts]
    for row in off:
        left = [amount - taken for amount, taken in zip(left, row, strict=True)]
    return left


def left_by_rate(lines: Iterable[Line], off: Mapping[str, Off]) -> dict[int, int]:
    """What the discounts leave at each VAT rate, highest rate first."""
    sums: dict[int, int] = {}
    for line in lines:
        for part, left in zip(line.parts, left_of(line, off[line.id]), strict=True):
            sums[part.vat_rate] = sums.get(part.vat_rate, 0) + left
    return dict(sorted(sums.items(), reverse=True))


def _calculated(tab: Tab) -> Shares:
    off = _taken_off(tab)
    by_rate = left_by_rate(tab.live_lines, off)
    charge = _service_charge(tab, by_rate)
    vat = {rate: vat_in(left + charge.get(rate, 0), rate) for rate, left in by_rate.items()}
    return Shares(off, charge, vat)


def _taken_off(tab: Tab) -> dict[str, Off]:
    own = [_own(line) for line in tab.live_lines]
    left = [left_of(line, off) for line, off in zip(tab.live_lines, own, strict=True)]
    sums = [sum(parts) for parts in left]
    order = 0 if tab.discount is None else tab.discount.off(sum(sums))
    shares = zip(shared(order, sums), left, strict=True)
    rows = [tuple(shared(amount, parts)) for amount, parts in shares]
    return {line.id: (*off, row) for line, off, row in zip(tab.live_lines, own, rows, strict=True)}


def _own(line: Line) -> Off:
    """A row for each of the line's own discounts."""
    rows: Off = ()
    for discount in line.discounts:
        left = left_of(line, rows)
        rows = (*rows, tuple(shared(discount.off(sum(left)), left)))
    return rows


def _service_charge(tab: Tab, by_rate: Mapping[int, int]) -> dict[int | None, int]:
    charge = percentage_of(sum(by_rate.values()), tab.service_charge_rate)
    if not tab.service_charge_bears_vat:
        return {None: charge}
    return dict(zip(by_rate, shared(charge, list(by_rate.values())), strict=True))
