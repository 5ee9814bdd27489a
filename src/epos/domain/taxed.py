"""What an amount consists of: VAT by rate, and what has none."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from epos.domain.bill import Entry, Tax, tax_summary
from epos.domain.derived_vat import Derived, derived_sums
from epos.domain.money import half_up
from epos.domain.paper import WIDTH, wrapped
from epos.domain.receipt import Charged, named, summary
from epos.domain.tab import Tab
from epos.domain.tab_sums import TaxedSum, sums

UNTAXED = "No VAT"


@dataclass(frozen=True, slots=True)
class Taxed:
    """Minor units. `gross` and `vat` by rate; `untaxed` of a voluntary service charge; of `unknown`
    nobody says the VAT. Of `sent` Dojo did: `sent_vat`, by the name of the tax.
    """

    gross: Mapping[int, int] = field(default_factory=dict)
    vat: Mapping[int, int] = field(default_factory=dict)
    untaxed: int = 0
    unknown: int = 0
    sent: int = 0
    sent_vat: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.gross.values()) + self.untaxed + self.unknown + self.sent

    @property
    def taxes(self) -> list[TaxedSum]:
        """Highest rate first, without empty ones."""
        found = (
            TaxedSum(rate, self.gross[rate], self.vat[rate])
            for rate in sorted(self.gross, reverse=True)
        )
        return [tax for tax in found if tax.gross or tax.vat]

    def less(self, other: "Taxed") -> "Taxed":
        """The difference of each figure."""
        return Taxed(
            _less(self.gross, other.gross),
            _less(self.vat, other.vat),
            self.untaxed - other.untaxed,
            self.unknown - other.unknown,
            self.sent - other.sent,
            _less(self.sent_vat, other.sent_vat),
        )


def of_tab(tab: Tab) -> Taxed:
    """What a tab comes to, after its refund."""
    added = sums(tab)
    return _of(added.taxes, added.total, unknown=0)


def of_derived(derived: Derived, refund: int) -> Taxed:
    """What an order of Dojo's comes to by the menu, after a refund."""
    found = derived_sums(derived, refund)
    return _of(found.taxes, found.goods + found.charge, found.unknown)


def of_sent(taxes: Sequence[Tax], total: int, refund: int) -> Taxed:
    """What an order of Dojo's comes to after a refund, where Dojo sent its taxes: each becomes smaller in
    proportion, as in the day's report. Taxes of more than the total say nothing of what is in it.

    `total`: what it came to before any refund.
    """
    left = total - refund
    if not taxes or not 0 < total >= sum(tax.value for tax in taxes):
        return Taxed(unknown=left)
    sums = Counter[str]()
    for entry in tax_summary(replace(tax, value=half_up(tax.value * left, total)) for tax in taxes):
        sums[entry.name] += entry.value or 0
    return Taxed(sent=left, sent_vat=dict(sums))


def added(parts: Iterable[Taxed]) -> Taxed:
    """The sum of each figure."""
    whole = Taxed()
    for part in parts:
        whole = whole.less(Taxed().less(part))
    return whole


def vat_lines(taxed: Taxed, currency: str, *, by_menu: bool) -> Iterator[str]:
    """The VAT by rate, as lines of a paper, and what nobody knows it of.

    `by_menu`: Dojo said none, and it is derived from the venue's menu.
    """
    rows = [Charged(named("", tax.vat_rate).strip(), tax.gross, tax.vat) for tax in taxed.taxes]
    if rows:
        if taxed.untaxed:
            rows.append(Charged(UNTAXED, taxed.untaxed, 0))
        yield from summary(rows, currency)
    for name, vat in taxed.sent_vat.items():
        yield from Entry(name, vat, currency).lines()
    if taxed.unknown:
        yield from Entry("VAT not known", taxed.unknown, currency).lines()
    if rows and by_menu:
        yield from wrapped("VAT by the rates of the menu", WIDTH)


def _of(taxes: Iterable[TaxedSum], total: int, unknown: int) -> Taxed:
    found = list(taxes)
    return Taxed(
        {tax.vat_rate: tax.gross for tax in found},
        {tax.vat_rate: tax.vat for tax in found},
        total - sum(tax.gross for tax in found) - unknown,
        unknown,
    )


_Key = TypeVar("_Key", int, str)


def _less(these: Mapping[_Key, int], those: Mapping[_Key, int]) -> dict[_Key, int]:
    return {rate: these.get(rate, 0) - those.get(rate, 0) for rate in {**these, **those}}
