"""What went back of a tab and made its bill smaller.

It is shared by category and VAT rate once, when it goes back: what comes to the tab later, or goes to
another one, bears nothing of it. A void or a discount takes its place, at its own rate first.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from epos.domain.money import shared, vat_in
from epos.domain.tab import Refunded, RefundKey, Tab
from epos.domain.tab_shares import left_of, shares_of

_NOTHING = Refunded({}, {})


def refunded(tab: Tab) -> Refunded:
    """As it was shared when it went back. Older versions did not keep that: by what is on the tab now."""
    kept = tab.as_refunded or _NOTHING
    return kept if kept.total == tab.refund else _shared_now(tab, tab.refund)


def give_back(tab: Tab, amount: int) -> Tab:
    """So much more goes back, at most all that is left; shared by what is left at each VAT rate, and there
    by what is left of each category and of the service charge.
    """
    before = refunded(tab)
    if _is_as_now(tab, before):  # pennies that go back one by one are shared as all of them at once
        return _with(tab, _shared_now(tab, before.total + amount))
    return _with(tab, _with_more(tab, before, amount))


def owe_again(tab: Tab, amount: int) -> Tab:
    """So much of what went back is owed again, at most all of it: less of each share."""
    before = refunded(tab)
    if _is_as_now(tab, before):
        return _with(tab, _shared_now(tab, max(before.total - amount, 0)))
    shares = list(before.amounts.values())
    off = dict(zip(before.amounts, shared(min(amount, before.total), shares), strict=True))
    return _with(tab, _with_less(tab, before, off))


def explained(was: Tab, tab: Tab) -> Tab:
    """A bill that became smaller says what a refund was for: so much of it is no refund any more.

    If more went back at a rate than is left there, because lines have another rate now, all of it is
    shared anew.
    """
    before, left_before, left = refunded(was), _left(was), _left(tab)
    smaller = sum(left_before.values()) - sum(left.values())
    off = {}
    if smaller > 0:
        gone = {key: left_before[key] - left.get(key, 0) for key in left_before}
        off = _taken_from(before, gone, min(smaller, before.total))
    changed = _with(tab, _with_less(tab, before, off))
    if fits(changed):
        return changed
    return _with(tab, _shared_now(tab, changed.refund))


def fits(tab: Tab) -> bool:
    """Whether at least as much is left at each VAT rate as went back there."""
    left, back = _by_rate(_left(tab)), _by_rate(refunded(tab).amounts)
    return all(left.get(rate, 0) >= amount for rate, amount in back.items())


# --- each share -----------------------------------------------------------------------------------


def _left(tab: Tab) -> dict[RefundKey, int]:
    """What the discounts leave, highest rate first, each category by name, then the service charge."""
    shares = shares_of(tab)
    sums: dict[RefundKey, int] = defaultdict(int)
    for line in tab.live_lines:
        for part, left in zip(line.parts, left_of(line, shares.off[line.id]), strict=True):
            sums[part.category, part.vat_rate] += left
    for rate, charge in shares.service_charge.items():
        sums[None, rate] += charge
    return {key: sums[key] for key in sorted(sums, key=_place)}


def _place(key: RefundKey) -> tuple[int, bool, str]:
    category, rate = key
    return 1 if rate is None else -rate, category is None, category or ""


def _shared_now(tab: Tab, amount: int) -> Refunded:
    return _with_more(tab, _NOTHING, amount)


def _is_as_now(tab: Tab, back: Refunded) -> bool:
    """Whether nothing has come or gone since it was shared."""
    return back.amounts == _shared_now(tab, back.total).amounts


def _with_more(tab: Tab, before: Refunded, amount: int) -> Refunded:
    left = {key: whole - before.amounts.get(key, 0) for key, whole in _left(tab).items()}
    by_rate = {rate: max(sum_of, 0) for rate, sum_of in _by_rate(left).items()}
    backs = shared(min(amount, sum(by_rate.values())), list(by_rate.values()))
    more: dict[RefundKey, int] = {}
    for rate, back in zip(by_rate, backs, strict=True):
        keys = [key for key in left if key[1] == rate]
        parts = shared(back, [max(left[key], 0) for key in keys]) if back else [0] * len(keys)
        more |= dict(zip(keys, parts, strict=True))
    return _changed(tab, before, more)


def _with_less(tab: Tab, before: Refunded, off: Mapping[RefundKey, int]) -> Refunded:
    return _changed(tab, before, {key: -amount for key, amount in off.items()})


def _taken_from(
    before: Refunded, gone: Mapping[RefundKey, int], amount: int
) -> dict[RefundKey, int]:
    """What takes the place of a refund, first where it was taken off, then in proportion."""
    own = {key: min(back, max(gone.get(key, 0), 0)) for key, back in before.amounts.items()}
    if sum(own.values()) >= amount:
        return dict(zip(own, shared(amount, list(own.values())), strict=True))
    rest = [before.amounts[key] - own[key] for key in own]
    further = shared(amount - sum(own.values()), rest)
    return {key: own[key] + more for key, more in zip(own, further, strict=True)}


def _changed(tab: Tab, before: Refunded, by: Mapping[RefundKey, int]) -> Refunded:
    """The VAT at a rate where more or less went back is computed from what is left there."""
    amounts = {
        key: before.amounts.get(key, 0) + by.get(key, 0) for key in _keys(before.amounts, by)
    }
    left, back, shares = _by_rate(_left(tab)), _by_rate(amounts), shares_of(tab)
    vat = dict(before.vat)
    for rate in {rate for (_, rate), amount in by.items() if amount and rate is not None}:
        net = left.get(rate, 0) - back.get(rate, 0)
        vat[rate] = shares.vat.get(rate, 0) - vat_in(net, rate)
    return Refunded({key: amount for key, amount in amounts.items() if amount}, vat)


def _keys(*of: Iterable[RefundKey]) -> list[RefundKey]:
    return sorted({key for keys in of for key in keys}, key=_place)


def _by_rate(amounts: Mapping[RefundKey, int]) -> dict[int | None, int]:
    sums: dict[int | None, int] = defaultdict(int)
    for (_, rate), amount in amounts.items():
        sums[rate] += amount
    return sums


def _with(tab: Tab, back: Refunded) -> Tab:
    return replace(tab, refund=back.total, as_refunded=back if back.total else None)
