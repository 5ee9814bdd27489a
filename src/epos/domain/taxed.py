"""What an amount consists of: VAT by rate, and what has none."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from epos.domain.bill import Entry
from epos.domain.derived_vat import Derived, derived_sums
from epos.domain.paper import WIDTH, wrapped
from epos.domain.receipt import Charged, named, summary
from epos.domain.tab import Tab
from epos.domain.tab_sums import TaxedSum, sums

UNTAXED = "No VAT"


@dataclass(frozen=True, slots=True)
class Taxed:
    """Minor units. `gross` and `vat` by rate; `untaxed` of a voluntary service charge; of `unknown` the
    menu does not say the VAT.
    """

    gross: Mapping[int, int] = field(default_factory=dict)
    vat: Mapping[int, int] = field(default_factory=dict)
    untaxed: int = 0
    unknown: int = 0

    @property
    def total(self) -> int:
        return sum(self.gross.values()) + self.untaxed + self.unknown

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
        )


def of_tab(tab: Tab) -> Taxed:
    """What a tab comes to, after its refund."""
    added = sums(tab)
    return _of(added.taxes, added.total, unknown=0)


def of_derived(derived: Derived, refund: int) -> Taxed:
    """What an order of Dojo's comes to by the menu, after a refund."""
    found = derived_sums(derived, refund)
    return _of(found.taxes, found.goods + found.charge, found.unknown)


def added(parts: Iterable[Taxed]) -> Taxed:
    """The sum of each figure."""
    whole = Taxed()
    for part in parts:
        whole = whole.less(Taxed().less(part))
    return whole


def vat_lines(taxed: Taxed, currency: str, *, by_menu: bool) -> Iterator[str]:
    """The VAT by rate, as lines of a paper; nothing where no rate is known.

    `by_menu`: Dojo said none, and it is derived from the venue's menu.
    """
    rows = [Charged(named("", tax.vat_rate).strip(), tax.gross, tax.vat) for tax in taxed.taxes]
    if not rows:
        return
    if taxed.untaxed:
        rows.append(Charged(UNTAXED, taxed.untaxed, 0))
    yield from summary(rows, currency)
    if taxed.unknown:
        yield from Entry("VAT not known", taxed.unknown, currency).lines()
    if by_menu:
        yield from wrapped("VAT by the rates of the menu", WIDTH)


def _of(taxes: Iterable[TaxedSum], total: int, unknown: int) -> Taxed:
    found = list(taxes)
    return Taxed(
        {tax.vat_rate: tax.gross for tax in found},
        {tax.vat_rate: tax.vat for tax in found},
        total - sum(tax.gross for tax in found) - unknown,
        unknown,
    )


def _less(these: Mapping[int, int], those: Mapping[int, int]) -> dict[int, int]:
    return {rate: these.get(rate, 0) - those.get(rate, 0) for rate in {**these, **those}}
