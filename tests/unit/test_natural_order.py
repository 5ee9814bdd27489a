"""Names in the order in which people count."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epos.domain.natural_order import natural_key


@pytest.mark.parametrize(
    "names",
    [
        ["Table 1", "Table 2", "Table 9", "Table 10", "Table 11", "Table 100"],
        ["1", "2", "10"],
        ["Bar", "Bar 1", "bar 2", "BAR 10", "Garden 1"],
        ["T1 seat 2", "T1 seat 10", "T2 seat 1"],
        ["1a", "1b", "2a", "10a"],
        ["Table 9999999999", "Table 10000000000"],
    ],
)
def test_people_count_like_this(names: list[str]) -> None:
    backwards = list(reversed(names))
    assert sorted(backwards, key=natural_key) == names


@given(st.integers(0, 10**40), st.integers(0, 10**40))
def test_any_two_numbers_compare_by_value(one: int, other: int) -> None:
    before = natural_key(f"T{one}") < natural_key(f"T{other}")
    assert before == (one < other)


def test_leading_zeros_do_not_count() -> None:
    assert natural_key("Table 007") == natural_key("Table 7")
    assert natural_key("Table 0") == natural_key("Table 000") < natural_key("Table 1")


def test_neither_do_capitals() -> None:
    assert natural_key("BAR 1") == natural_key("bar 1")


@given(st.text())
def test_every_name_has_a_key(name: str) -> None:
    """Only digits of our own script are counted; what is without them stays as it is."""
    key = natural_key(name)
    if not re.search("[0-9]", name.casefold()):
        assert key == name.casefold()
