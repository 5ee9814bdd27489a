"""What was given back of a tab, by category and VAT rate: it stays what it was when it went back, until a
void or a discount takes its place.
"""

from collections import Counter
from dataclasses import replace

from tests.properties.day.arithmetic import share, vat_in
from tests.properties.day.bill import Tab

Of = tuple[str | None, int | None]
"""Category and rate; the service charge has no category, and no rate if it bears no VAT."""


def more(tab: Tab, amount: int) -> None:
    """If nothing has changed since the last time, all that went back is shared together."""
    if tab.back == _together(tab, tab.given_back).back:
        amount, tab.back, tab.back_vat = tab.given_back + amount, Counter(), Counter()
    _share(tab, amount)


def _together(tab: Tab, amount: int) -> Tab:
    """A tab like this one, of which so much went back at once."""
    like = replace(tab, back=Counter(), back_vat=Counter())
    _share(like, amount)
    return like


def _share(tab: Tab, amount: int) -> None:
    """By what is left at each rate, then by category; the service charge comes last."""
    _forget_what_others_know(tab)
    left = sold(tab)
    left.subtract(tab.back)
    rates = sorted({rate for _, rate in left if rate is not None}, reverse=True)
    rates_and_none: list[int | None] = [*rates, None]
    weights = [
        max(sum(one for (_, of), one in left.items() if of == rate), 0) for rate in rates_and_none
    ]
    for rate, part in zip(rates_and_none, share(amount, weights), strict=True):
        keys = sorted(
            (of for of in left if of[1] == rate), key=lambda of: (of[0] is None, of[0] or "")
        )
        if part:
            tab.back.update(
                dict(zip(keys, share(part, [max(left[of], 0) for of in keys]), strict=True))
            )
            _tax(tab, rate)
    tab.back = Counter({of: one for of, one in tab.back.items() if one})


def less(tab: Tab, amount: int) -> None:
    """It is owed again: so much less of each."""
    if tab.back == _together(tab, tab.given_back).back:
        amount, tab.back, tab.back_vat = tab.given_back - amount, Counter(), Counter()
        _share(tab, amount)
        return
    _take(tab, dict(zip(tab.back, share(amount, list(tab.back.values())), strict=True)))


def explain(was: Tab, tab: Tab) -> None:
    """The tab has become cheaper: what was taken off where went back there first."""
    before, now = sold(was), sold(tab)
    cheaper = min(before.total() - now.total(), tab.given_back)
    if cheaper > 0:
        there = {of: min(one, max(before[of] - now[of], 0)) for of, one in tab.back.items()}
        if sum(there.values()) > cheaper:
            there = dict(zip(there, share(cheaper, list(there.values())), strict=True))
        rest = [one - there[of] for of, one in tab.back.items()]
        others = share(cheaper - sum(there.values()), rest)
        _take(tab, {of: there[of] + one for of, one in zip(there, others, strict=True)})
    if not fits(tab):
        amount, tab.back, tab.back_vat = tab.given_back, Counter(), Counter()
        _share(tab, amount)


def fits(tab: Tab) -> bool:
    left = sold(tab)
    left.subtract(tab.back)
    rates = Counter[int | None]()
    for (_, rate), amount in left.items():
        rates[rate] += amount
    return all(one >= 0 for one in rates.values())


def sold(tab: Tab) -> Counter[Of]:
    """What the discounts leave of each category, and the service charge."""
    shares, found = tab.shares(), Counter[Of]()
    for line in tab.live:
        for part, left in zip(line.parts, line.left(shares.off[line.uid]), strict=True):
            found[part.category, part.rate] += left
    for rate, charge in shares.charge.items():
        found[None, rate] += charge
    return found


def _forget_what_others_know(tab: Tab) -> None:
    """A tab that was made from another has its own figures."""
    tab.back, tab.back_vat = Counter(tab.back), Counter(tab.back_vat)


def _take(tab: Tab, off: dict[Of, int]) -> None:
    _forget_what_others_know(tab)
    tab.back.subtract(off)
    for rate in {rate for (_, rate), amount in off.items() if amount}:
        _tax(tab, rate)
    tab.back = Counter({of: one for of, one in tab.back.items() if one})


def _tax(tab: Tab, rate: int | None) -> None:
    """The VAT that went back leaves that of what is left."""
    if rate is None:
        return
    left = sum(one for (_, of), one in sold(tab).items() if of == rate)
    left -= sum(one for (_, of), one in tab.back.items() if of == rate)
    tab.back_vat[rate] = tab.shares().vat.get(rate, 0) - vat_in(left, rate)
