"""Tabs as an evening brings them: pennies that do not divide, several VAT rates, voids, discounts."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from hypothesis import strategies as st

from tests.support.arithmetic import Till

Strategy = st.SearchStrategy[Any]
RATES = (0, 500, 2_000)
PERCENTAGES = (1, 333, 1_000, 1_250, 5_000, 9_999, 10_000)
AMOUNTS = (1, 2, 100, 1_000, 50_000)
PRICES = st.integers(0, 2_000)
QUANTITIES = st.integers(1, 4)
KINDS = st.sampled_from([("Food", 2_000), ("Food", 0), ("Drinks", 2_000), ("Drinks", 500)])


@cache
def discounts(till: Till) -> Strategy:
    return st.sampled_from(
        [till.Discount("Staff", percentage=percentage) for percentage in PERCENTAGES]
        + [till.Discount("Voucher", amount=amount) for amount in AMOUNTS]
    )


@cache
def _items(till: Till) -> Strategy:
    """What an item and a sub-item have in common. Modifiers may take off all that it costs."""
    none, cheese, less = (), till.Modifier("c", "Cheese", 107, 2), till.Modifier("l", "Less", -50)
    modifiers = st.sampled_from([none, none, (cheese,), (less,), (cheese, less)])
    return st.tuples(PRICES, KINDS, QUANTITIES, modifiers).map(_item)


def _item(drawn: tuple[int, tuple[str, int], int, tuple[Any, ...]]) -> dict[str, Any]:
    price, (category, vat_rate), quantity, modifiers = drawn
    least = -sum(modifier.price * modifier.quantity for modifier in modifiers)
    return {
        "price": max(price, least),
        "category": category,
        "vat_rate": vat_rate,
        "quantity": quantity,
        "modifiers": modifiers,
    }


@cache
def lines(till: Till) -> Strategy:
    sub_items = _items(till).map(lambda item: (till.SubItem("s", "Sub-item", **item),))
    covers = st.sampled_from([None, 1, 2])
    off = st.lists(discounts(till), max_size=2).map(tuple)
    return st.tuples(_items(till), st.just(()) | sub_items, off, covers).map(
        lambda drawn: till.Line(
            "added",
            "p",
            "Item",
            **drawn[0],
            sub_items=drawn[1],
            discounts=drawn[2],
            cover=drawn[3],
        )
    )


@cache
def tabs(till: Till, name: str = "line") -> Strategy:
    """At least two lines that count, and perhaps a void one; ids begin with `name`."""

    def tab(sold: list[Any], void: int, discount: Any, rate: int, *, bears_vat: bool) -> Any:
        named = [replace(line, id=f"{name}-{number}") for number, line in enumerate(sold)]
        if 2 < len(named) > void:
            named[void] = replace(named[void], void=till.Void("Sent back"))
        return till.Tab(tuple(named), discount, rate, bears_vat)

    return st.builds(
        tab,
        st.lists(lines(till), min_size=2, max_size=3),
        st.integers(0, 6),
        st.none() | discounts(till),
        st.sampled_from([0, 1_000, 1_250]),
        bears_vat=st.booleans(),
    )


@st.composite
def takings(draw: st.DrawFn, tab: Any, parts: Callable[[int, int], Any]) -> dict[str, Any]:
    """Some of a tab, but not all: so many of each line, or so many `parts` of it. What is a part of a line
    already goes as a whole, or by parts.
    """
    lines = tab.live_lines
    counts = [draw(_some_of(line, parts)) for line in lines]
    if not any(counts):
        counts[0] = parts(1, 2)
    if counts == [line.quantity for line in lines]:
        counts[-1] = parts(1, 3)
    return {line.id: count for line, count in zip(lines, counts, strict=True) if count}


def _some_of(line: Any, parts: Callable[[int, int], Any]) -> Strategy:
    whole = (
        st.integers(0, line.quantity) if line.piece is None else st.just(line.quantity) | st.just(0)
    )
    by_parts = st.integers(2, 7).flatmap(
        lambda of: st.integers(1, of - 1).map(lambda taken: parts(taken, of))
    )
    return whole | by_parts


@cache
@st.composite
def splits(draw: st.DrawFn, till: Till, name: str = "line") -> tuple[Any, list[Any]]:
    """A tab, and the two or three parts that it was split into."""
    tab = draw(tabs(till, name))
    ids = (f"{name}-piece-{number}" for number in itertools.count())
    rest, moved = till.split(tab, draw(takings(tab, till.Parts)), ids.__next__)
    if len(rest.live_lines) < 2:
        return tab, [rest, moved]
    return tab, [*till.split(rest, draw(takings(rest, till.Parts)), ids.__next__), moved]
