"""What tabs come to, worked out by hand."""

from dataclasses import replace

import pytest

from epos.domain.errors import InvalidRequest
from epos.domain.money import change_given, shared, vat_in
from epos.domain.tab import Discount, Line, Modifier, Part, SubItem, Tab, Void
from epos.domain.tab_sums import GivenDiscount, SaleKind, SalesRow, Sums, sums

BURGER = Line("burger", "B1", "Burger", 1_295, "Food", 2_000)
WATER = Line("water", "W1", "Water", 250, "Drinks", 0)
WINE = Line("wine", "W2", "House red", 750, "Drinks", 2_000)
HALF = Discount("Half price", percentage=5_000)
VOUCHER = Discount("Voucher", amount=500)


def taxes(tab: Tab) -> list[tuple[int, int, int]]:
    return [(tax.vat_rate, tax.gross, tax.vat) for tax in sums(tab).taxes]


class TestShared:
    @pytest.mark.parametrize(
        ("amount", "weights", "parts"),
        [
            (100, [1, 1, 1], [34, 33, 33]),
            (100, [1, 2, 3], [17, 33, 50]),
            (5, [1, 1, 8], [1, 0, 4]),  # a tie between the first two: the earlier
            (2, [0, 0, 0], [1, 1, 0]),
            (-100, [1, 2, 3], [-17, -33, -50]),
            (7, [0, 3], [0, 7]),
            (0, [], []),
        ],
    )
    def test_by_largest_remainder(self, amount: int, weights: list[int], parts: list[int]) -> None:
        assert shared(amount, weights) == parts

    @pytest.mark.parametrize(("amount", "weights"), [(1, []), (5, [3, -1]), (0, [-1])])
    def test_not_by_less_than_nothing_nor_among_nobody(
        self, amount: int, weights: list[int]
    ) -> None:
        with pytest.raises(ValueError, match="cannot be shared"):
            shared(amount, weights)


class TestVat:
    @pytest.mark.parametrize(
        ("gross", "rate", "vat"),
        [
            (1_200, 2_000, 200),
            (1_000, 2_000, 167),
            (3, 2_000, 1),  # exactly half a penny
            (2, 2_000, 0),
            (1_000, 500, 48),
            (1_000, 0, 0),
            (-3, 2_000, -1),
            (-1_000, 2_000, -167),
        ],
    )
    def test_is_in_the_price(self, gross: int, rate: int, vat: int) -> None:
        assert vat_in(gross, rate) == vat

    def test_is_of_the_sum_of_a_rate_and_not_of_each_line(self) -> None:
        lines = [replace(WINE, id=str(number), price=2) for number in range(3)]
        assert taxes(Tab(tuple(lines))) == [(2_000, 6, 1)]

    def test_stands_by_rate_the_highest_first(self) -> None:
        assert taxes(Tab((WATER, WINE, BURGER))) == [(2_000, 2_045, 341), (0, 250, 0)]


class TestLine:
    def test_modifiers_are_of_each_single_item(self) -> None:
        cheese = Modifier("C1", "Cheese", 100, quantity=2)
        assert replace(BURGER, quantity=2, modifiers=(cheese,)).gross == 2 * (1_295 + 200)

    def test_a_sub_item_bears_its_own_rate_and_counts_for_itself(self) -> None:
        milk = SubItem(
            "M1", "Milk", 120, "Drinks", 0, quantity=2, modifiers=(Modifier("L", "Large", 30),)
        )
        line = replace(BURGER, quantity=3, sub_items=(milk,))
        assert line.parts == (Part("Food", 2_000, 3_885, 3), Part("Drinks", 0, 900, 6))

    def test_what_is_of_one_category_and_rate_is_one_part(self) -> None:
        chips = SubItem("C2", "Chips", 300, "Food", 2_000, quantity=2)
        line = replace(BURGER, quantity=2, sub_items=(chips,))
        assert line.parts == (Part("Food", 2_000, 2 * 1_295 + 4 * 300, 6),)

    def test_a_modifier_may_take_off_all_that_an_item_costs(self) -> None:
        free = replace(BURGER, modifiers=(Modifier("F", "On the house", -1_295),))
        assert sums(Tab((free,), service_charge_rate=1_250)).total == 0

    def test_nothing_on_a_tab_is_worth_less_than_nothing(self) -> None:
        too_much = (Modifier("F", "Too kind", -1_296),)
        with pytest.raises(InvalidRequest, match="price of Burger is less than 0"):
            replace(BURGER, modifiers=too_much)
        with pytest.raises(InvalidRequest, match="price of Milk is less than 0"):
            SubItem("M1", "Milk", -1, "Drinks", 0)

    def test_a_quantity_is_at_least_one_and_a_rate_is_not_negative(self) -> None:
        with pytest.raises(InvalidRequest, match="quantity must be at least 1"):
            replace(BURGER, quantity=0)
        with pytest.raises(InvalidRequest, match="quantity must be at least 1"):
            Modifier("C1", "Cheese", 100, quantity=0)
        with pytest.raises(InvalidRequest, match="vat_rate must not be less than 0"):
            replace(BURGER, vat_rate=-1)
        with pytest.raises(InvalidRequest, match="service_charge_rate must not be less than 0"):
            Tab(service_charge_rate=-1)


class TestDiscount:
    @pytest.mark.parametrize(
        ("discount", "total"),
        [
            (HALF, 647),  # 647.5 off, half up
            (VOUCHER, 795),
            (Discount("Voucher", amount=2_000), 0),
            (Discount("Comp", percentage=10_000), 0),
        ],
    )
    def test_on_a_line_or_on_the_order(self, discount: Discount, total: int) -> None:
        assert sums(Tab((replace(BURGER, discounts=(discount,)),))).total == total
        assert sums(Tab((BURGER,), discount)).total == total

    def test_each_is_on_what_those_before_it_leave_and_the_orders_comes_last(self) -> None:
        line = replace(BURGER, price=1_000, discounts=(VOUCHER, HALF))
        assert sums(Tab((line, WINE), HALF)).discounts == (
            GivenDiscount("burger", "Voucher", None, 500),
            GivenDiscount("burger", "Half price", 5_000, 250),
            GivenDiscount(None, "Half price", 5_000, 500),
        )

    def test_one_that_gives_nothing_is_not_given(self) -> None:
        line = replace(BURGER, discounts=(Discount("Comp", percentage=10_000), VOUCHER))
        assert [given.name for given in sums(Tab((line,), HALF)).discounts] == ["Comp"]

    def test_the_orders_is_borne_by_all_rates_by_what_they_have(self) -> None:
        tab = Tab(
            (replace(WINE, price=200), replace(WATER, price=100)), Discount("Voucher", amount=100)
        )
        assert taxes(tab) == [(2_000, 133, 22), (0, 67, 0)]

    @pytest.mark.parametrize(
        "wrong",
        [
            {},
            {"percentage": 1_000, "amount": 100},
            {"percentage": 0},
            {"percentage": 10_001},
            {"amount": 0},
            {"amount": -1},
        ],
    )
    def test_is_a_percentage_or_an_amount(self, wrong: dict[str, int]) -> None:
        with pytest.raises(InvalidRequest):
            Discount("Staff", **wrong)


class TestServiceCharge:
    def test_a_voluntary_one_is_on_what_discounts_leave_and_bears_no_vat(self) -> None:
        tab = Tab((BURGER, WATER), VOUCHER, service_charge_rate=1_250)
        found = sums(tab)
        assert (found.service_charge, found.total) == (131, 1_045 + 131)  # 130.625
        assert taxes(tab) == [(2_000, 876, 146), (0, 169, 0)]

    def test_a_compulsory_one_bears_the_rates_of_the_items(self) -> None:
        tab = Tab((BURGER, WATER)).with_service_charge(1_250, bears_vat=True)
        charged = [row for row in sums(tab).sales if row.kind is SaleKind.SERVICE_CHARGE]
        assert charged == [
            SalesRow(SaleKind.SERVICE_CHARGE, None, 2_000, 162),  # of 193: 161.76 and 31.23
            SalesRow(SaleKind.SERVICE_CHARGE, None, 0, 31),
        ]
        assert taxes(tab) == [(2_000, 1_457, 243), (0, 281, 0)]


def test_a_void_line_counts_nothing_and_is_reported() -> None:
    found = sums(Tab((BURGER, replace(WINE, quantity=2, discounts=(HALF,), void=Void("Corked")))))
    assert found.total == 1_295
    assert found.discounts == ()
    assert found.sales == (
        SalesRow(SaleKind.ITEM, "Food", 2_000, 1_295, 1, "B1", "Burger"),
        SalesRow(SaleKind.VAT, None, 2_000, 216),
        SalesRow(SaleKind.VOID, "Drinks", 2_000, 1_500, 2),
    )


def test_sales_have_one_row_a_key_in_the_same_order_however_they_were_added() -> None:
    free = replace(WATER, id="free", price=0)
    tab = Tab((WATER, WINE, free, BURGER, replace(BURGER, id="another")), service_charge_rate=1_000)
    assert sums(tab).sales == (
        SalesRow(SaleKind.ITEM, "Drinks", 2_000, 750, 1, "W2", "House red"),
        SalesRow(SaleKind.ITEM, "Drinks", 0, 250, 2, "W1", "Water"),
        SalesRow(SaleKind.ITEM, "Food", 2_000, 2_590, 2, "B1", "Burger"),
        SalesRow(SaleKind.SERVICE_CHARGE, None, None, 359),
        SalesRow(SaleKind.VAT, None, 2_000, 557),
    )
    assert sums(tab.with_lines(reversed(tab.lines))) == sums(tab)


def test_an_empty_tab_comes_to_nothing() -> None:
    tab = Tab((), VOUCHER, 1_250, service_charge_bears_vat=True)
    assert sums(tab) == Sums(0, 0, discounts=(), taxes=(), sales=())


class TestChange:
    @pytest.mark.parametrize(
        ("due", "tip", "tendered", "back"), [(1_045, 0, 2_000, 955), (1_045, 100, 1_145, 0)]
    )
    def test_is_what_is_over(self, due: int, tip: int, tendered: int, back: int) -> None:
        assert change_given(due, tip, tendered) == back

    def test_too_little_is_refused(self) -> None:
        with pytest.raises(InvalidRequest, match="tendered must be at least 1145"):
            change_given(1_045, 100, 1_144)

    @pytest.mark.parametrize(("due", "tip", "field"), [(-1, 0, "due"), (0, -1, "tip")])
    def test_nothing_is_negative(self, due: int, tip: int, field: str) -> None:
        with pytest.raises(InvalidRequest, match=f"{field} must not be less than 0"):
            change_given(due, tip, 100)
