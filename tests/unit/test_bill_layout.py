"""The bill's grid, its amounts and its splits: for any name and any amount."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epos.contract.bills import BillSection, OrderBill
from epos.contract.orders import Order
from epos.domain.bill import Entry, Tax, money, percentage, tax_summary
from epos.domain.money import equal_parts, percentage_of
from epos.domain.paper import WIDTH, WIDTHS, cells, centered, cleaned, columns, right, wrapped
from epos.services import bill_text

LARGEST = 10**12
NAMES = st.text(max_size=120) | st.sampled_from(
    [
        "Crème brûlée",
        "cre\u0300me bru\u0302le\u0301e " * 5,
        "麻婆豆腐" * 12,
        "👩‍🍳🏴󠁧󠁢󠁥󠁮󠁧󠁿🇬🇧 ❤️ 👍🏽" * 6,
        "W" * 99,
    ]
)
AMOUNTS = st.integers(-LARGEST, LARGEST)
CURRENCIES = st.sampled_from(["GBP", "EUR"])


class TestMoney:
    @pytest.mark.parametrize(
        ("value", "currency", "text"),
        [
            (0, "GBP", "£0.00"),
            (5, "GBP", "£0.05"),
            (123450, "GBP", "£1,234.50"),
            (-200, "GBP", "-£2.00"),
            (-5, "EUR", "-€0.05"),
            (100, "EUR", "€1.00"),
            (LARGEST, "GBP", "£10,000,000,000.00"),
        ],
    )
    def test_as_people_write_it(self, value: int, currency: str, text: str) -> None:
        assert money(value, currency) == text

    @given(AMOUNTS, CURRENCIES)
    def test_it_says_the_amount(self, value: int, currency: str) -> None:
        assert int(re.sub(r"[£€,.]", "", money(value, currency))) == value

    @pytest.mark.parametrize(
        ("hundredths", "text"),
        [(2000, "20%"), (1250, "12.5%"), (2510, "25.1%"), (5, "0.05%"), (0, "0%"), (-50, "-0.5%")],
    )
    def test_percentages(self, hundredths: int, text: str) -> None:
        assert percentage(hundredths) == text


class TestWidth:
    @pytest.mark.parametrize(
        ("text", "width"),
        [
            ("Soup", 4),
            ("café", 4),
            ("cafe\u0301", 4),
            ("£€", 2),
            ("豆腐", 4),
            ("한국", 4),
            ("\u1112\u1161\u11ab", 2),  # the first of them, in three pieces
            ("🍕", 2),
            ("👍🏽", 2),
            ("👩‍👩‍👧", 2),
            ("🏃‍♂️", 2),
            ("🇬🇧🇮🇪", 4),
            ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", 2),
            ("❤️", 2),
            ("❤", 1),
            ("1️⃣", 2),
            ("a\ufe0f", 1),
            ("", 0),
        ],
    )
    def test_cells(self, text: str, width: int) -> None:
        assert cells(text) == width

    @given(NAMES)
    def test_a_clean_text_is_one_line(self, name: str) -> None:
        clean = cleaned(name)
        assert len(clean.splitlines()) <= 1
        assert clean == clean.strip()
        assert not set(clean) & set("\t\n\x1b\u202e\u2066")


class TestWrapping:
    @given(NAMES, st.integers(2, 40))
    def test_no_line_is_too_wide_and_nothing_is_lost(self, name: str, width: int) -> None:
        lines = wrapped(name, width)
        assert all(cells(line) <= width for line in lines)
        assert "".join(lines).replace(" ", "") == cleaned(name).replace(" ", "")

    @given(st.lists(st.from_regex(r"[a-z]{1,16}", fullmatch=True), min_size=1))
    def test_words_that_fit_are_never_cut(self, words: list[str]) -> None:
        assert " ".join(wrapped(" ".join(words), WIDTHS["Header1"])).split() == words

    def test_an_emoji_is_never_cut(self) -> None:
        assert wrapped("👩‍👩‍👧" * 3, 4) == ["👩‍👩‍👧" * 2, "👩‍👩‍👧"]

    def test_a_word_without_end_starts_a_line(self) -> None:
        assert wrapped("ab " + "c" * 6 + " d", 4) == ["ab", "cccc", "cc d"]


class TestColumns:
    @given(NAMES, AMOUNTS, CURRENCIES, st.sampled_from(["", "1 x ", "  + 1000000 x "]))
    def test_an_amount_is_whole_and_ends_the_line(
        self, name: str, value: int, currency: str, lead: str
    ) -> None:
        amount = money(value, currency)
        lines = columns(name, amount, lead=lead)
        assert all(cells(line) <= WIDTH for line in lines)
        [line] = [line for line in (lines[0], lines[-1]) if line.endswith(amount)][:1]
        assert cells(line) == WIDTH

    def test_a_long_name_goes_on_below_itself(self) -> None:
        assert columns("Sourdough & Marmite Butter", "£9.50", lead="2 x ") == [
            "2 x Sourdough & Marmite    £9.50",
            "    Butter",
        ]

    def test_what_is_too_long_for_a_neighbour_stands_alone(self) -> None:
        amount = money(-LARGEST, "GBP")
        assert columns("Sparkling", amount, lead="1000000 x ") == [
            "1000000 x Sparkling",
            right(amount),
        ]

    def test_nothing_to_add_up(self) -> None:
        assert columns("Medium Rare", "", lead="  + ") == ["  + Medium Rare"]

    def test_centred(self) -> None:
        assert centered("豆腐", 9) == "  豆腐"


class TestTaxes:
    def test_by_rate_the_highest_first(self) -> None:
        taxes = [
            Tax("VAT", 500, 10, "GBP"),
            Tax(None, 2000, 100, "GBP"),
            Tax("VAT", 2000, 23, "GBP"),
            Tax("VAT 0%", 0, 0, "GBP"),
        ]
        assert [(entry.name, entry.value) for entry in tax_summary(taxes)] == [
            ("VAT 20%", 123),
            ("VAT 5%", 10),
            ("VAT 0%", 0),
        ]


class TestSplits:
    @given(st.integers(0, LARGEST), st.integers(1, 500))
    def test_equal_parts_sum_to_the_whole_and_the_first_carry_the_odd_pennies(
        self, amount: int, parts: int
    ) -> None:
        shared = equal_parts(amount, parts)
        assert len(shared) == parts
        assert sum(shared) == amount
        assert shared == sorted(shared, reverse=True)
        assert shared[0] - shared[-1] <= 1

    @pytest.mark.parametrize(
        ("amount", "percentage", "tip"), [(1000, 1000, 100), (2478, 1250, 310), (4, 1250, 1)]
    )
    def test_a_share_is_rounded_half_up(self, amount: int, percentage: int, tip: int) -> None:
        assert percentage_of(amount, percentage) == tip


# --- whole bills ----------------------------------------------------------------------------------

PRICES = st.builds(lambda value: {"value": value, "currencyCode": "GBP"}, AMOUNTS)
OWED = st.builds(lambda value: {"value": value, "currencyCode": "GBP"}, st.integers(0, LARGEST))
COUNTS = st.integers(0, 3) | st.integers(0, 1_000_000)
MODIFIERS = st.fixed_dictionaries(
    {"name": NAMES, "plu": st.just("1"), "quantity": COUNTS, "amountPerModifier": PRICES}
)
PARTS: dict[str, Any] = {
    "name": NAMES,
    "plu": st.just("1"),
    "quantity": COUNTS,
    "amountPerItem": PRICES,
    "modifiers": st.lists(MODIFIERS, max_size=2),
    "note": st.just("SECRET"),
}
ITEMS = st.fixed_dictionaries(
    PARTS | {"subItems": st.lists(st.fixed_dictionaries(PARTS), max_size=2)}
)
DISCOUNTS = st.fixed_dictionaries({"name": NAMES, "amountTotal": PRICES})


def bill_of(**order: Any) -> OrderBill:
    empty = BillSection(lines=[])
    answered = Order.model_construct(id="ord_1", status="New", details={}, **order)
    return OrderBill.model_construct(header=empty, order=answered, footer=empty)


@given(st.lists(ITEMS, max_size=3), st.lists(DISCOUNTS, max_size=2), OWED, OWED)
def test_a_bill_of_anything_keeps_to_its_grid(
    items: Any, discounts: Any, charge: Any, total: Any
) -> None:
    text = bill_text.render(
        bill_of(items=items, discounts=discounts, serviceChargeAmount=charge, totalAmount=total)
    )
    lines = text.splitlines()
    assert all(cells(line) <= WIDTH for line in lines)
    assert all(cells(line) == WIDTH for line in lines if re.search(r"£[\d,.e+]+$", line))
    assert "SECRET" not in text
    last = right(money(total["value"], "GBP"), WIDTH - 5)
    assert lines[-1] == f"TOTAL{last}"


def price(value: int) -> dict[str, Any]:
    return {"value": value, "currencyCode": "EUR"}


def test_quantities_are_of_all_together() -> None:
    side = {"name": "Chips", "quantity": 1, "amountPerItem": price(450)}
    cheese = {"name": "Cheddar", "quantity": 2, "amountPerModifier": price(150)}
    rare = {"name": "Medium Rare", "quantity": 1, "amountPerModifier": price(0)}
    included = {"name": "Salad", "quantity": 1, "amountPerItem": price(0)}
    burger = {
        "name": "Burger",
        "quantity": 2,
        "amountPerItem": price(1650),
        "modifiers": [cheese, rare],
        "subItems": [side | {"modifiers": [cheese]}, included],
    }
    text = bill_text.render(bill_of(items=[burger], totalAmount=price(5400)))
    assert text.splitlines() == [
        "2 x Burger                €33.00",
        "  + 4 x Cheddar            €6.00",
        "  + Medium Rare",
        "  2 x Chips                €9.00",
        "    + 4 x Cheddar          €6.00",
        "  2 x Salad",
        "--------------------------------",
        "TOTAL                     €54.00",
    ]


def test_a_subtotal_only_where_the_lines_come_to_the_total() -> None:
    soup = {"name": "Soup", "quantity": 1, "amountPerItem": price(500)}
    off = {"name": "Regulars", "amountTotal": price(100)}
    right_total = bill_of(items=[soup], discounts=[off], totalAmount=price(400))
    assert "Subtotal                   €5.00\nRegulars                  -€1.00" in bill_text.render(
        right_total
    )
    their_total = bill_of(items=[soup], discounts=[off], totalAmount=price(399))
    assert "Subtotal" not in bill_text.render(their_total)


def test_a_sum_that_no_paper_holds_is_about_right() -> None:
    [line] = Entry("Water", LARGEST**3, "GBP").lines()[-1:]
    assert line == f"Water{right('~£1.00e+34', WIDTH - 5)}"
