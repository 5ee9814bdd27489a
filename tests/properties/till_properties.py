"""What a bookkeeper holds true of the till, each with a fault that it would notice.

`till` is the arithmetic: as it is, or with the fault planted (tests/support/arithmetic.py).
"""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from tests.support.arithmetic import Fault, Till
from tests.support.tab_strategies import RATES, discounts, splits, tabs, takings

Property = Callable[[Till, st.DataObject], None]
PLANTED: dict[Property, Fault] = {}
AMOUNTS = st.integers(0, 50) | st.integers(0, 10**12)
WEIGHTS = st.lists(st.integers(0, 9) | st.integers(0, 10**6), min_size=1, max_size=8)


def catches(module: str, right: str, wrong: str) -> Callable[[Property], Property]:
    """The property fails where `module` says `wrong` in place of `right`."""

    def planted(holds: Property) -> Property:
        PLANTED[holds] = Fault(module, right, wrong)
        return holds

    return planted


# --- rounding and sharing -------------------------------------------------------------------------


@catches(
    "money", "[each + 1] * odd + [each] * (parts - odd)", "[each] * (parts - 1) + [each + odd]"
)
def equal_parts_differ_by_a_penny_at_most_and_the_first_carry_the_odd_ones(
    till: Till, data: st.DataObject
) -> None:
    amount, count = data.draw(AMOUNTS), data.draw(st.integers(1, 12))
    parts = till.equal_parts(amount, count)
    assert len(parts) == count
    assert sum(parts) == amount
    assert parts[0] - parts[-1] <= 1
    assert parts == sorted(parts, reverse=True)


@catches("money", "-remainders[index]", "index")
def the_odd_pennies_go_to_those_who_are_owed_most_of_one(till: Till, data: st.DataObject) -> None:
    weights = data.draw(WEIGHTS.filter(any))
    amount = data.draw(AMOUNTS)
    owed = [Fraction(amount * weight, sum(weights)) for weight in weights]
    odd = [
        part - int(exact) for part, exact in zip(till.shared(amount, weights), owed, strict=True)
    ]
    by_remainder = sorted(range(len(owed)), key=lambda index: (-(owed[index] % 1), index))
    count = amount - sum(int(exact) for exact in owed)
    assert [odd[index] for index in by_remainder] == [1] * count + [0] * (len(odd) - count)


@catches("money", "part + (index in odd)", "part + len(odd) * (index == 0)")
def a_share_is_never_more_than_what_bears_it(till: Till, data: st.DataObject) -> None:
    weights = data.draw(WEIGHTS)
    shares = till.shared(data.draw(st.integers(0, sum(weights))), weights)
    assert all(share <= weight for share, weight in zip(shares, weights, strict=True))


@catches("money", "(2 * abs(dividend) + divisor)", "(2 * abs(dividend))")
def vat_is_right_to_half_a_penny_which_counts_up(till: Till, data: st.DataObject) -> None:
    gross, rate = data.draw(AMOUNTS), data.draw(st.integers(0, 10_000))
    above = till.vat_in(gross, rate) - Fraction(gross * rate, 10_000 + rate)
    assert -Fraction(1, 2) < above <= Fraction(1, 2)


@catches(
    "money", "rounded if dividend >= 0 else -rounded", "(2 * dividend + divisor) // (2 * divisor)"
)
def a_refund_gives_back_the_vat_of_the_sale(till: Till, data: st.DataObject) -> None:
    gross, rate = data.draw(AMOUNTS), data.draw(st.sampled_from(RATES))
    assert till.vat_in(-gross, rate) == -till.vat_in(gross, rate)


@catches("money", "tendered - due - tip", "tendered - due")
def change_and_due_and_tip_are_what_was_tendered(till: Till, data: st.DataObject) -> None:
    due, tip, tendered = data.draw(AMOUNTS), data.draw(AMOUNTS), data.draw(AMOUNTS)
    try:
        change = till.change_given(due, tip, tendered)
    except till.InvalidRequest:
        assert tendered < due + tip
    else:
        assert change >= 0
        assert change + due + tip == tendered


# --- one tab --------------------------------------------------------------------------------------


@catches("tab_sums", "-sum(taken)", "-taken[-1]")
def items_less_discounts_with_the_service_charge_are_the_total(
    till: Till, data: st.DataObject
) -> None:
    sums = till.sums(data.draw(tabs(till)))
    sold, off, charge = (amount_of(sums, kind) for kind in ("item", "discount", "service_charge"))
    assert sold + off + charge == sums.total
    assert -off == sum(given.amount for given in sums.discounts)
    assert charge == sums.service_charge


@catches("tab_sums", "kind, category, rate, -amount", "kind, category, rate, 0")
def a_refund_makes_the_bill_smaller_at_each_rate_in_proportion(
    till: Till, data: st.DataObject
) -> None:
    """What is left, its VAT and its rows are those of a bill that is smaller; all of it is nothing."""
    tab = data.draw(tabs(till))
    whole = till.sums(tab)
    back = data.draw(st.integers(0, whole.total))
    left = till.sums(replace(tab, refund=back))
    assert (left.total, left.refund) == (whole.total - back, back)
    counted = ("item", "discount", "refund", "service_charge")
    assert sum(amount_of(left, kind) for kind in counted) == left.total
    assert all(tax.vat == till.vat_in(tax.gross, tax.vat_rate) for tax in left.taxes)
    for before in whole.taxes:
        after = sum(tax.gross for tax in left.taxes if tax.vat_rate == before.vat_rate)
        assert 0 <= after <= before.gross
        exact = Fraction(before.gross * left.total, whole.total)
        assert abs(after - exact) < 1


@catches("tab_refunds", "vat_in(net, rate)", "shares.vat.get(rate, 0)")
def the_vat_follows_a_refund(till: Till, data: st.DataObject) -> None:
    """Also where it goes back in two parts; nothing has none."""
    tab = data.draw(tabs(till))
    whole = till.sums(tab).total
    first = till.give_back(tab, data.draw(st.integers(0, whole)))
    for left in (till.sums(first), till.sums(till.give_back(first, whole))):
        assert all(tax.vat == till.vat_in(tax.gross, tax.vat_rate) for tax in left.taxes)
        assert amount_of(left, "vat") == sum(tax.vat for tax in left.taxes)
    assert (left.total, amount_of(left, "vat")) == (0, 0)


@catches("tab_refunds", "kept if kept.total == tab.refund else", "")
def what_comes_after_a_refund_bears_nothing_of_it(till: Till, data: st.DataObject) -> None:
    """Each rate has what was left of it, and what came: no VAT moves from one rate to another."""
    tab = data.draw(tabs(till))
    given = till.give_back(tab, data.draw(st.integers(0, till.sums(tab).total)))
    more = till.merge(given, data.draw(tabs(till, "other")), rounds=0)
    assert rows_of("refund", till.sums(more)) == rows_of("refund", till.sums(given))


@catches("tab_splits", "refunded(tab) if tab.refund else None", "None")
def a_split_moves_no_vat_of_what_went_back(till: Till, data: st.DataObject) -> None:
    """Every row of the two tabs adds up to that of the one, also where the refund stays on one."""
    tab = data.draw(tabs(till))
    given = till.give_back(tab, data.draw(st.integers(0, till.sums(tab).total)))
    parts = till.split(given, data.draw(takings(given, till.Parts)), new_ids())
    for kind in ("refund", "service_charge", "vat"):
        assert rows_of(kind, *map(till.sums, parts)) == rows_of(kind, till.sums(given))


@catches("tab_refunds", "min(smaller, before.total)", "before.total")
def a_discount_after_a_refund_says_what_it_was_for(till: Till, data: st.DataObject) -> None:
    """The bill stays what it was, until all that went back is explained; no VAT is below nothing."""
    tab = data.draw(tabs(till))
    given = till.give_back(tab, data.draw(st.integers(0, till.sums(tab).total)))
    cheaper = given.with_discount(data.draw(discounts(till)))
    explained = till.explained(given, cheaper)
    before, after = till.sums(given), till.sums(explained)
    whole = till.sums(replace(cheaper, refund=0, as_refunded=None)).total
    smaller = max(before.total + before.refund - whole, 0)
    assert after.total == whole - max(before.refund - smaller, 0)
    assert all(tax.gross >= 0 and tax.vat >= 0 for tax in after.taxes)


@catches("tab_refunds", "max(before.total - amount, 0)", "before.total")
def what_is_owed_again_is_on_the_bill_again(till: Till, data: st.DataObject) -> None:
    tab = data.draw(tabs(till))
    whole = till.sums(tab)
    back = data.draw(st.integers(0, whole.total))
    owed = data.draw(st.integers(0, back))
    again = till.sums(till.owe_again(till.give_back(tab, back), owed))
    assert again.total == whole.total - back + owed
    assert till.sums(till.owe_again(till.give_back(tab, back), back)) == whole


@catches("tab_shares", "vat_in(left + charge.get(rate, 0), rate)", "vat_in(left, rate)")
def the_vat_of_a_rate_is_in_all_that_bears_it(till: Till, data: st.DataObject) -> None:
    tab = data.draw(tabs(till))
    sums = till.sums(tab)
    assert all(tax.vat == till.vat_in(tax.gross, tax.vat_rate) for tax in sums.taxes)
    assert sum(tax.vat for tax in sums.taxes) == amount_of(sums, "vat")
    bears_none = 0 if tab.service_charge_bears_vat else sums.service_charge
    assert sum(tax.gross for tax in sums.taxes) == sums.total - bears_none


@catches("tab_shares", "if not tab.service_charge_bears_vat", "if not tab.service_charge_rate")
def a_voluntary_service_charge_changes_no_vat(till: Till, data: st.DataObject) -> None:
    tab = data.draw(tabs(till))
    free = till.sums(tab.with_service_charge(0, bears_vat=False))
    assert till.sums(tab.with_service_charge(1_250, bears_vat=False)).taxes == free.taxes


@catches(
    "tab_shares",
    "percentage_of(sum(by_rate.values()),",
    "percentage_of(sum(line.gross for line in tab.lines),",
)
def the_service_charge_is_on_what_the_discounts_leave(till: Till, data: st.DataObject) -> None:
    tab = data.draw(tabs(till))
    sums = till.sums(tab)
    left = sums.total - sums.service_charge
    assert sums.service_charge == till.percentage_of(left, tab.service_charge_rate)


@catches(
    "tab_shares",
    "percentage_of(sum(by_rate.values()),",
    "percentage_of(sum(by_rate.values()) + sum(line.gross for line in tab.lines if line.void),",
)
def a_void_bears_no_service_charge(till: Till, data: st.DataObject) -> None:
    tab = data.draw(tabs(till))
    without = till.sums(tab.with_lines(tab.live_lines))
    assert till.sums(tab).service_charge == without.service_charge


@catches("tab_shares", "shared(order, sums)", "shared(order, [1] * len(sums))")
def a_discount_never_makes_a_line_negative(till: Till, data: st.DataObject) -> None:
    tab = data.draw(tabs(till)).with_service_charge(0, bears_vat=False)
    off = till.shares_of(tab).off
    assert all(min(till.left_of(line, off[line.id])) >= 0 for line in tab.live_lines)


@catches("tab_sums", "sum(sum(off[-1])", "sum(sum(off[0])")
def discounts_never_exceed_what_they_are_taken_from(till: Till, data: st.DataObject) -> None:
    tab = data.draw(tabs(till))
    sums = till.sums(tab)
    for line in tab.live_lines:
        own = sum(given.amount for given in sums.discounts if given.line_id == line.id)
        assert 0 <= own <= line.gross
    assert sum(given.amount for given in sums.discounts) <= amount_of(sums, "item")


@catches("tab_shares", "sums.get(part.vat_rate, 0) + left", "left")
def the_order_in_which_items_were_added_does_not_matter_to_the_total(
    till: Till, data: st.DataObject
) -> None:
    tab = data.draw(tabs(till))
    other = tab.with_lines(data.draw(st.permutations(tab.lines)))
    assert to_pay(till, other) == to_pay(till, tab)


@catches("tab", "count = self.quantity * for_each", "count = for_each")
def two_of_a_thing_cost_what_one_and_one_cost(till: Till, data: st.DataObject) -> None:
    tab = data.draw(tabs(till))
    plain = [replace(line, discounts=()) for line in tab.lines]
    single = [
        replace(line, id=f"{line.id}-{number}", quantity=1)
        for line in plain
        for number in range(line.quantity)
    ]
    assert to_pay(till, tab.with_lines(single)) == to_pay(till, tab.with_lines(plain))


@catches("tab", "tuple(line for line in self.lines if line.void is None)", "self.lines")
def voiding_a_line_and_adding_it_again_changes_nothing(till: Till, data: st.DataObject) -> None:
    tab = data.draw(tabs(till))
    line = data.draw(st.sampled_from(tab.lines))
    void = replace(line, void=till.Void("Wrong table"))
    again = [void if each is line else each for each in tab.lines] + [replace(line, id="again")]
    assert to_pay(till, tab.with_lines(again)) == to_pay(till, tab)


# --- splits ---------------------------------------------------------------------------------------


@catches("tab_splits", "as_split=Shares(its_off, charge, vat)", "as_split=None")
def every_split_adds_up_to_the_penny(till: Till, data: st.DataObject) -> None:
    whole, parts = drawn_split(till, data)
    assert sum(part.total for part in parts) == whole.total
    assert sum(part.service_charge for part in parts) == whole.service_charge


@catches(
    "tab_splits",
    "Shares(its_off, charge, vat)",
    "Shares(its_off, charge, shares_of(replace(side, as_split=None)).vat)",
)
def the_vat_of_the_parts_is_the_vat_of_the_whole(till: Till, data: st.DataObject) -> None:
    whole, parts = drawn_split(till, data)
    gross, vat = Counter[int](), Counter[int]()
    for tax in (tax for part in parts for tax in part.taxes):
        gross[tax.vat_rate] += tax.gross
        vat[tax.vat_rate] += tax.vat
    assert gross == {tax.vat_rate: tax.gross for tax in whole.taxes}
    assert vat == {tax.vat_rate: tax.vat for tax in whole.taxes}


@catches(
    "tab_splits",
    "shared(taken, weights)",
    "[taken * weight // (sum(weights) or 1) for weight in weights]",
)
def the_discounts_of_the_parts_are_the_discounts_of_the_whole(
    till: Till, data: st.DataObject
) -> None:
    whole, parts = drawn_split(till, data)
    assert given_by_name(parts) == given_by_name([whole])


@catches(
    "tab_splits", "(line.id in moving) is taken)", "(line.id in moving) is taken or line.void)"
)
def every_row_of_the_sales_report_is_the_sum_of_the_parts(till: Till, data: st.DataObject) -> None:
    whole, parts = drawn_split(till, data)
    assert sales_by_key(parts) == sales_by_key([whole])


@catches("tab_splits", "left_of(staying, first)", "left_of(staying, ())")
def dividing_a_line_makes_neither_piece_negative(till: Till, data: st.DataObject) -> None:
    _, divided = drawn_division(till, data)
    off = till.shares_of(divided).off
    assert all(min(till.left_of(line, off[line.id])) >= 0 for line in divided.live_lines)


@catches("tab_splits", "shared(amount, [side.get(rate, 0) for side in weights])", "[amount, 0]")
def a_part_bears_its_share_of_the_service_charge_to_the_penny(
    till: Till, data: st.DataObject
) -> None:
    tab = data.draw(tabs(till)).with_service_charge(1_250, bears_vat=False)
    whole = till.sums(tab)
    for part in map(till.sums, till.split(tab, data.draw(takings(tab, till.Parts)), new_ids())):
        left = part.total - part.service_charge
        fair = Fraction(whole.service_charge * left, (whole.total - whole.service_charge) or 1)
        assert abs(part.service_charge - fair) < 1


@catches("tab_splits", "if line.cover in covers", "if line.cover not in covers")
def splitting_by_covers_loses_no_line_and_moves_no_other(till: Till, data: st.DataObject) -> None:
    tab = data.draw(tabs(till))
    try:
        rest, moved = till.split(tab, till.by_covers(tab, {1}), new_ids())
    except (till.InvalidRequest, till.Conflict):
        assert {line.cover == 1 for line in tab.live_lines} in ({True}, {False})
        return
    assert sorted([*rest.lines, *moved.lines], key=by_id) == sorted(tab.lines, key=by_id)
    assert {line.cover for line in moved.lines} == {1}
    assert 1 not in {line.cover for line in rest.live_lines}


@catches("tab_splits", "quantity=line.quantity - quantity", "quantity=line.quantity")
def a_line_in_two_costs_what_it_cost(till: Till, data: st.DataObject) -> None:
    whole, divided = map(till.sums, drawn_division(till, data))
    assert replace(divided, discounts=()) == replace(whole, discounts=())
    assert given_by_name([divided]) == given_by_name([whole])


# --- after a split, and joining -------------------------------------------------------------------


@catches("tab", "_carried(changed.as_split, changed) if same else None", "None")
def sending_a_part_to_the_kitchen_changes_no_penny(till: Till, data: st.DataObject) -> None:
    _, parts = data.draw(splits(till))
    for part in parts:
        sent = [replace(line, sent_round=2, note="No salt", cover=3) for line in part.lines]
        assert till.sums(part.with_lines(sent)) == till.sums(part)


@catches("tab", "for line in tab.live_lines if line.gross}", "for line in tab.live_lines}")
def what_is_free_on_a_part_of_a_split_changes_no_penny(till: Till, data: st.DataObject) -> None:
    _, parts = data.draw(splits(till))
    rate, off = data.draw(st.sampled_from(RATES)), data.draw(st.lists(discounts(till), max_size=2))
    water = till.Line("water", "W0", "Tap water", 0, "Drinks", rate, discounts=tuple(off))
    for part in parts:
        poured = part.with_lines([*part.lines, water])
        spilt = poured.with_lines([*part.lines, replace(water, void=till.Void("Spilt"))])
        before, *after = (till.sums(tab) for tab in (part, poured, spilt))
        for sums in after:
            assert (sums.total, sums.service_charge) == (before.total, before.service_charge)
            assert (sums.taxes, sums.discounts) == (before.taxes, before.discounts)


@catches("tab", "return lines, tab.discount,", "return lines,")
def another_discount_on_a_part_of_a_split_counts(till: Till, data: st.DataObject) -> None:
    _, (part, *_) = data.draw(splits(till))
    discount = data.draw(discounts(till).filter(lambda drawn: drawn != part.discount))
    alone = replace(part, as_split=None, discount=discount)
    assert till.sums(part.with_discount(discount)) == till.sums(alone)


@catches("tab", "line.id: (line.parts, line.discounts)", "line.id: line.discounts")
def one_more_on_a_part_of_a_split_counts(till: Till, data: st.DataObject) -> None:
    _, (part, *_) = data.draw(splits(till))
    more = [replace(line, quantity=line.quantity + 1) for line in part.lines]
    alone = replace(part, as_split=None, lines=tuple(more))
    assert till.sums(part.with_lines(more)) == till.sums(alone)


@catches("tab_splits", "if discount.off(left) == amount:", "if discount:")
def merging_what_was_split_gives_the_tab_back(till: Till, data: st.DataObject) -> None:
    tab, (merged, *others) = data.draw(splits(till))
    for part in others:
        merged = till.merge(merged, part)
    whole, again = till.sums(tab), till.sums(merged)
    assert (again.total, again.service_charge) == (whole.total, whole.service_charge)
    assert sold(again) == sold(whole)
    assert given_by_name([again]) == given_by_name([whole])


@catches("tab_splits", "discount=None, as_split=None", "as_split=None")
def before_any_service_charge_a_merged_tab_comes_to_what_both_came_to(
    till: Till, data: st.DataObject
) -> None:
    both = [data.draw(splits(till, name))[1][0] for name in ("here", "there")]
    merged = till.sums(till.merge(*both))
    assert merged.total - merged.service_charge == sum(
        part.total - part.service_charge for part in map(till.sums, both)
    )


# --- what is compared -----------------------------------------------------------------------------


def drawn_split(till: Till, data: st.DataObject) -> tuple[Any, list[Any]]:
    """The sums of a tab, and those of its parts."""
    tab, parts = data.draw(splits(till))
    return till.sums(tab), [till.sums(part) for part in parts]


def drawn_division(till: Till, data: st.DataObject) -> tuple[Any, Any]:
    """A tab, and the same with one of its lines in two."""
    tab = data.draw(tabs(till))
    several = [line for line in tab.live_lines if line.quantity > 1]
    assume(several)
    line = data.draw(st.sampled_from(several))
    quantity = data.draw(st.integers(1, line.quantity - 1))
    return tab, till.divide(tab, line.id, quantity, "piece")


def amount_of(sums: Any, kind: str) -> int:
    return sum(row.amount for row in sums.sales if row.kind == kind)


def sold(sums: Any) -> list[Any]:
    return [row for row in sums.sales if row.kind == "item"]


def to_pay(till: Till, tab: Any) -> tuple[Any, ...]:
    """All but where the odd pennies of the order's discount have fallen."""
    sums = till.sums(tab)
    return sums.total, sums.service_charge, sold(sums), given_by_name([sums])


def given_by_name(parts: Iterable[Any]) -> Counter[str]:
    amounts = Counter[str]()
    for given in (given for sums in parts for given in sums.discounts):
        amounts[given.name] += given.amount
    return amounts


def sales_by_key(parts: Iterable[Any]) -> tuple[Counter[Any], Counter[Any]]:
    """Amounts and counts."""
    amounts, counts = Counter[Any](), Counter[Any]()
    for row in (row for sums in parts for row in sums.sales):
        key = (row.kind, row.category, row.vat_rate, row.plu, row.name)
        amounts[key] += row.amount
        counts[key] += row.count
    return amounts, counts


def by_id(line: Any) -> str:
    return str(line.id)


def new_ids() -> Callable[[], str]:
    return map("piece-{}".format, itertools.count()).__next__


def rows_of(kind: str, *sums: Any) -> Counter[tuple[str | None, int | None]]:
    """What the rows of this kind add up to, by category and VAT rate."""
    found = Counter[tuple[str | None, int | None]]()
    for row in (row for one in sums for row in one.sales if row.kind == kind):
        found[row.category, row.vat_rate] += row.amount
    return Counter({key: amount for key, amount in found.items() if amount})
