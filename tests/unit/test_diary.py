"""Reservations that want the same table at the same time."""

import time
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from epos.domain.diary import Booked, overlaps

NOON = datetime(2024, 8, 12, 12, tzinfo=UTC)


def booked(number: int, start: int, length: int, tables: set[str]) -> Booked:
    begins = NOON + timedelta(minutes=start)
    return Booked(f"r{number}", begins, begins + timedelta(minutes=length), frozenset(tables))


_TABLES = st.sets(st.sampled_from("abc"), min_size=1)
_DIARIES = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 8), _TABLES), max_size=12)


def clash(one: Booked, other: Booked) -> bool:
    shared = one.table_ids & other.table_ids
    return bool(shared) and one.start < other.end and other.start < one.end


@given(_DIARIES)
def test_each_knows_exactly_those_it_overlaps(drawn: list[tuple[int, int, set[str]]]) -> None:
    diary = [booked(number, *one) for number, one in enumerate(drawn)]
    expected = {
        one.id: {other.id for other in diary if other is not one and clash(one, other)}
        for one in diary
    }
    assert {name: set(found) for name, found in overlaps(diary).items()} == expected


def test_who_comes_when_others_leave_is_in_nobodys_way() -> None:
    diary = [booked(1, 0, 60, {"a"}), booked(2, 60, 60, {"a"})]
    assert overlaps(diary) == {"r1": [], "r2": []}


def test_a_full_diary_is_compared_once_for_each_that_is_wanted() -> None:
    """1,500 at one table at one time: each against each took seconds."""
    diary = [booked(number, 0, 60, {"a"}) for number in range(1_500)]
    started = time.process_time()
    found = overlaps(diary, ["r0", "r700"])
    assert time.process_time() - started < 0.5
    assert {len(others) for others in found.values()} == {100}
