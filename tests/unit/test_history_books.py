"""The judge of a history finds what was lost, doubled or torn."""

from collections import Counter

from benchmarks.citus_history.books import different, torn, trail
from benchmarks.citus_history.record import Promised


def test_what_is_as_promised_is_no_fault() -> None:
    assert not [*different("order", {"a": (1,)}, {"a": (1,)})]
    assert not [*torn([{**WHOLE}])]


def test_lost_changed_and_unknown_rows_are_found() -> None:
    promised, there = {"a": (1,), "b": (1,)}, {"b": (2,), "c": (3,)}
    words = " / ".join(different("order", promised, there))
    assert "order a is lost" in words
    assert "order b: promised (1,), found (2,)" in words
    assert "order c is there" in words


WHOLE = {
    "id": "o",
    "total_amount": 900,
    "paid_amount": 500,
    "tips_amount": 10,
    "sold": 900,
    "taken": 500,
    "tipped": 10,
    "ledger": 500,
}


def test_an_order_that_does_not_agree_with_its_journal_is_torn() -> None:
    for column in ("sold", "taken", "tipped", "ledger"):
        assert [*torn([WHOLE | {column: 1}])], column


def test_what_was_made_twice_is_twice_in_the_trail() -> None:
    promised = Promised(orders={"dojo": ("o", 900, 0)})
    assert not [*trail(promised, Counter({("order.created", "o"): 1}))]
    assert [*trail(promised, Counter({("order.created", "o"): 2}))]
    assert [*trail(promised, Counter())]
