"""Tabs that are split, and tabs that are joined."""

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest

from epos.domain.errors import Conflict, EposError, InvalidRequest
from epos.domain.tab import Discount, Line, Tab, Void
from epos.domain.tab_changes import with_discount
from epos.domain.tab_splits import by_covers, divide, merge, split
from epos.domain.tab_sums import Sums, sums

PINT = Line("pint", "P1", "Pint", 333, "Drinks", 2_000, quantity=3)
PIE = Line("pie", "P2", "Pie", 1_000, "Food", 2_000, cover=1)
WINE = Line("wine", "W1", "House red", 750, "Drinks", 2_000, void=Void("Corked"))
VOUCHER = Discount("Voucher", amount=500)
TENTH = Discount("Staff", percentage=1_000)
TAB = Tab((PINT, PIE, WINE))


def parted(tab: Tab, **taken: int) -> tuple[Tab, Tab]:
    numbers = itertools.count(1)
    return split(tab, taken, lambda: f"new-{next(numbers)}")


def of(line_id: str, tab: Tab) -> Line:
    (line,) = (line for line in tab.lines if line.id == line_id)
    return line


def vat(found: Sums) -> int:
    return sum(tax.vat for tax in found.taxes)


class TestDiscounts:
    @pytest.mark.parametrize("there", [10, 11])
    def test_a_line_has_ten_at_most_however_many_it_came_with(self, there: int) -> None:
        tab = Tab((replace(PINT, discounts=(TENTH,) * there),))
        with pytest.raises(Conflict, match="at most 10 discounts"):
            with_discount(tab, "pint", TENTH)


class TestSplit:
    def test_a_line_is_divided_by_quantity_and_the_part_has_a_new_id(self) -> None:
        rest, moved = parted(TAB, pint=1)
        assert (of("pint", rest).quantity, of("new-1", moved).quantity) == (2, 1)
        assert (sums(rest).total, sums(moved).total) == (666 + 1_000, 333)

    def test_a_whole_line_keeps_its_id_and_void_lines_stay(self) -> None:
        rest, moved = parted(TAB, pie=1)
        assert [line.id for line in rest.lines] == ["pint", "wine"]
        assert moved.lines == (PIE,)

    def test_odd_pennies_stay_with_who_stays(self) -> None:
        tab = replace(TAB, lines=(replace(PIE, id="one"), replace(PIE, id="two")))
        tab = tab.with_service_charge(25, bears_vat=False)  # 5p on 20.00
        rest, moved = (sums(part) for part in parted(tab, two=1))
        assert (rest.service_charge, moved.service_charge) == (3, 2)
        assert (vat(rest), vat(moved)) == (167, 166)  # of 333, though each alone has 167
        assert vat(sums(tab)) == 333

    def test_a_line_takes_along_what_was_taken_off_it(self) -> None:
        pints = replace(PINT, discounts=(Discount("Two for one", amount=100),))
        rest, moved = parted(Tab((pints, PIE), VOUCHER), pint=1)
        assert of("pint", rest).discounts == (Discount("Two for one", amount=67),)
        assert of("new-1", moved).discounts == (Discount("Two for one", amount=33),)
        assert (rest.discount, moved.discount) == (
            Discount("Voucher", amount=421),  # 264 for the pie, 157 of 237 for two pints
            Discount("Voucher", amount=79),
        )
        assert sums(rest).total + sums(moved).total == 999 - 100 + 1_000 - 500

    def test_a_discount_by_percentage_stays_one(self) -> None:
        pints = replace(PINT, price=5, discounts=(TENTH,))
        rest, moved = parted(Tab((pints, PIE), TENTH), pint=1)
        assert of("new-1", moved).discounts == (TENTH,)
        assert (rest.discount, moved.discount) == (TENTH, TENTH)

    def test_a_voucher_that_one_side_has_nothing_of_stays_with_the_other(self) -> None:
        free = replace(PIE, id="free", price=0, discounts=(VOUCHER,))
        rest, moved = parted(Tab((PIE, free), VOUCHER), free=1)
        assert (rest.discount, moved.discount) == (VOUCHER, None)

    def test_a_penny_off_two_is_off_one_of_them(self) -> None:
        pints = replace(PINT, quantity=2, discounts=(Discount("Penny", amount=1),))
        rest, moved = parted(Tab((pints,)), pint=1)
        assert of("pint", rest).discounts == (Discount("Penny", amount=1),)
        assert of("new-1", moved).discounts == ()
        assert (sums(rest).total, sums(moved).total) == (332, 333)

    def test_a_part_can_be_split_again(self) -> None:
        tab = replace(TAB, discount=VOUCHER).with_service_charge(1_250, bears_vat=True)
        rest, first = parted(tab, pint=1)
        rest, second = split(rest, {"pint": 1}, lambda: "second")
        parts = [sums(part) for part in (rest, first, second)]
        assert sum(part.total for part in parts) == sums(tab).total
        assert sum(vat(part) for part in parts) == vat(sums(tab))

    @pytest.mark.parametrize(
        ("taken", "error", "words"),
        [
            ({}, InvalidRequest, "lines must name what is taken"),
            ({"soup": 1}, InvalidRequest, "lineId soup is not on this tab"),
            ({"pint": 4}, InvalidRequest, "quantity of Pint must be from 1 to 3"),
            ({"pint": 0}, InvalidRequest, "quantity of Pint must be from 1 to 3"),
            ({"pie": -1}, InvalidRequest, "quantity of Pie must be from 1 to 1"),
            ({"wine": 1}, Conflict, "House red is void"),
            ({"pint": 3, "pie": 1}, Conflict, "Nothing would stay on the tab"),
        ],
    )
    def test_what_cannot_be_taken(
        self, taken: dict[str, int], error: type[EposError], words: str
    ) -> None:
        with pytest.raises(error, match=words):
            parted(TAB, **taken)


class TestAfterASplit:
    TAB = Tab((replace(PIE, id="one"), replace(PIE, id="two", cover=2))).with_service_charge(
        25, bears_vat=False
    )

    def test_what_is_no_money_changes_no_money(self) -> None:
        _, moved = parted(self.TAB, two=1)
        sent = replace(of("two", moved), sent_round=1, note="No peas", cover=4)
        assert moved.with_lines([sent]).as_split == moved.as_split

    @pytest.mark.parametrize(
        "changed",
        [
            lambda tab: tab.with_lines([*tab.lines, PINT]),
            lambda tab: tab.with_lines(replace(line, void=Void("Cold")) for line in tab.lines),
            lambda tab: tab.with_lines(replace(line, discounts=(TENTH,)) for line in tab.lines),
            lambda tab: tab.with_discount(TENTH),
            lambda tab: tab.with_service_charge(1_250, bears_vat=False),
        ],
        ids=["item", "void", "discount of a line", "discount", "service charge"],
    )
    def test_what_is_money_is_summed_anew(self, changed: Callable[[Tab], Tab]) -> None:
        _, moved = parted(self.TAB, two=1)
        assert moved.as_split is not None
        assert changed(moved).as_split is None


class TestByCovers:
    def test_what_nobody_is_named_for_stays(self) -> None:
        tab = Tab((PINT, PIE, replace(PIE, id="two", cover=2), replace(WINE, cover=2)))
        assert by_covers(tab, {1, 2}) == {"pie": 1, "two": 1}
        assert by_covers(tab, {3}) == {}


class TestDivide:
    def test_one_of_three_can_be_void(self) -> None:
        divided = divide(TAB, "pint", 1, "spilt")
        assert sums(divided) == sums(TAB)
        assert [line.id for line in divided.lines] == ["pint", "spilt", "pie", "wine"]
        spilt = replace(of("spilt", divided), void=Void("Spilt"))
        without = divided.with_lines(
            spilt if line.id == "spilt" else line for line in divided.lines
        )
        assert sums(without).total == sums(TAB).total - 333

    @pytest.mark.parametrize("quantity", [0, 3])
    def test_a_line_is_not_divided_into_all_and_nothing(self, quantity: int) -> None:
        with pytest.raises(InvalidRequest, match="quantity of Pint must be from 1 to 2"):
            divide(TAB, "pint", quantity, "new")


class TestMerge:
    def test_the_discount_of_an_order_becomes_discounts_of_its_lines(self) -> None:
        here = Tab((PINT,), TENTH, service_charge_rate=1_250)
        there = Tab((PIE, replace(PINT, id="more"), WINE), VOUCHER)
        merged = merge(here, there)
        assert [(line.id, line.discounts) for line in merged.lines] == [
            ("pint", (Discount("Staff", amount=100),)),
            ("pie", (Discount("Voucher", amount=250),)),
            ("more", (Discount("Voucher", amount=250),)),
            ("wine", ()),
        ]
        assert merged.discount is None
        found = sums(merged)
        assert found.total - found.service_charge == 899 + 1_499
        assert found.service_charge == 300  # 12.5% of all of it

    def test_a_discount_of_a_line_keeps_its_percentage(self) -> None:
        merged = merge(Tab((replace(PIE, discounts=(TENTH,)),)), Tab((PINT,)))
        assert of("pie", merged).discounts == (TENTH,)

    def test_a_percentage_that_a_split_has_rounded_otherwise_becomes_an_amount(self) -> None:
        pints = replace(PINT, price=5, quantity=2, discounts=(TENTH,))
        rest, moved = parted(Tab((pints,)), pint=1)
        merged = merge(rest, moved)
        assert [line.discounts for line in merged.lines] == [(TENTH,), ()]
        assert sums(merged).total == 9
