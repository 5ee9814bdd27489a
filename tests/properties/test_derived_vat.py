"""VAT derived from the menu, compared with fractions: nothing is lost, and no part is off by a penny."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from epos.domain.derived_vat import Derived, Ordered, TakenOff, derived_sums, goods_by_rate

PLUS = st.sampled_from(["a", "b", "c"])
RATES = st.sampled_from([None, 0, 500, 2000])
AMOUNTS = st.integers(0, 50_000)
ORDERED = st.lists(st.builds(Ordered, PLUS, RATES, AMOUNTS), max_size=6)
TAKEN_OFF = st.lists(st.builds(TakenOff, st.integers(-10, 60_000), st.none() | PLUS), max_size=4)
GOODS = st.dictionaries(RATES, AMOUNTS, max_size=4)


@given(ORDERED, TAKEN_OFF, AMOUNTS)
def test_the_goods_are_what_dojo_says(
    ordered: list[Ordered], taken_off: list[TakenOff], goods: int
) -> None:
    found = goods_by_rate(ordered, taken_off, goods)
    assert sum(found.values()) == goods
    assert all(amount >= 0 for amount in found.values())
    listed = {part.vat_rate for part in ordered} | {None}
    assert found.keys() <= listed
    for rate in found.keys() - {None}:
        assert found[rate] <= sum(part.gross for part in ordered if part.vat_rate == rate)


@given(ORDERED)
def test_without_discounts_each_rate_has_its_own(ordered: list[Ordered]) -> None:
    whole = sum(part.gross for part in ordered)
    for rate, amount in goods_by_rate(ordered, [], whole).items():
        assert amount == sum(part.gross for part in ordered if part.vat_rate == rate)


@given(ORDERED, st.integers(0, 10_000))
def test_a_discount_of_all_is_shared_in_proportion(ordered: list[Ordered], off: int) -> None:
    whole = sum(part.gross for part in ordered)
    off = min(off, whole)
    found = goods_by_rate(ordered, [], whole - off)
    listed = goods_by_rate(ordered, [TakenOff(off, None)], whole - off)
    for rate, amount in found.items():
        gross = sum(part.gross for part in ordered if part.vat_rate == rate)
        assert abs(amount - gross * Fraction(whole - off, whole or 1)) < 1
        parts = sum(part.vat_rate == rate for part in ordered)
        assert abs(listed[rate] - amount) <= parts + 1


@given(GOODS, AMOUNTS, st.booleans(), st.integers(0, 300_000))
def test_what_is_left_after_a_refund(
    goods: dict[int | None, int], charge: int, bears: bool, refund: int
) -> None:
    derived = Derived(goods, charge, bears)
    whole = sum(goods.values()) + charge
    refund = min(refund, whole)
    sums = derived_sums(derived, refund)
    assert sums.goods + sums.charge == whole - refund
    assert min(sums.goods, sums.charge, sums.unknown) >= 0
    taxed = sum(tax.gross for tax in sums.taxes) + sums.unknown
    bearing = sums.goods + (sums.charge if bears and goods else 0)
    assert taxed == bearing
    charges = derived.charge_by_rate
    for tax in sums.taxes:
        at_rate = goods[tax.vat_rate] + charges.get(tax.vat_rate, 0)
        assert abs(tax.gross - at_rate * Fraction(whole - refund, whole)) < 1
        exact = Fraction(tax.gross * tax.vat_rate, 10_000 + tax.vat_rate)
        assert abs(tax.vat - exact) <= Fraction(1, 2)
