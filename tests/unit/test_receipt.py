"""The VAT summary of a receipt, and the lines of a kitchen's ticket, whatever is written on them."""

from hypothesis import given
from hypothesis import strategies as st

from epos.domain import kitchen
from epos.domain.kitchen import Dish, Extra
from epos.domain.paper import WIDTH, cells, table
from epos.domain.receipt import Charged, codes, named, summary

NAMES = st.text(max_size=60)
AMOUNTS = st.integers(0, 10**13)
COUNTS = st.integers(0, 10**6)
EXTRAS = st.lists(st.builds(Extra, COUNTS, NAMES), max_size=2).map(tuple)
PARTS = st.lists(st.builds(Dish, COUNTS, NAMES, EXTRAS, note=NAMES), max_size=2).map(tuple)
DISHES = st.builds(Dish, COUNTS, NAMES, EXTRAS, PARTS, NAMES, COUNTS)


class TestRates:
    def test_the_highest_is_the_first_letter(self) -> None:
        assert codes([0, 2000, 500, 2000]) == {2000: "A", 500: "B", 0: "C"}
        assert named("A", 1750) == "A 17.5%"

    @given(st.sets(st.integers(0, 10_000), max_size=800))
    def test_each_has_a_letter_of_its_own(self, rates: set[int]) -> None:
        letters = codes(rates)
        assert len(set(letters.values())) == len(rates)
        assert all(letter.isalpha() for letter in letters.values())

    @given(st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=1, max_size=4))
    def test_every_amount_ends_in_the_last_cell(self, sums: list[tuple[int, int]]) -> None:
        charged = [Charged(named("A", 2000), max(pair), min(pair)) for pair in sums]
        lines = list(summary(charged, "GBP"))
        assert {cells(line) for line in lines} == {WIDTH}
        assert len(lines) in (1 + len(charged), 4 * len(charged))

    def test_columns_without_room_are_no_table(self) -> None:
        assert table([["A 20%", "1.00"], ["B 5%", "10.00"]], 10) == []
        assert table([["A 20%", "1.00"], ["B 5%", "10.00"]], 11) == ["A 20%  1.00", "B 5%  10.00"]


class TestKitchenLines:
    def test_what_belongs_to_a_dish_stands_below_it(self) -> None:
        pudding = Dish(4, "Pudding", (Extra(2, "Custard"),))
        menu = Dish(2, "Menu", (Extra(1, "Rare"),), (pudding,), "No nuts", 3)
        assert list(menu.lines()) == [
            "2 x Menu",
            "  + Rare",
            "  4 x Pudding",
            "    + 2 x Custard each",
            "  ! No nuts",
            "  Seat 3",
        ]

    @given(DISHES)
    def test_nothing_is_wider_than_the_ticket(self, dish: Dish) -> None:
        assert max(map(cells, dish.lines())) <= kitchen.WIDTH
