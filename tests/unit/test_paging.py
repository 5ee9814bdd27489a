"""Cursors: they hold a place, belong to one search, and nothing else is taken for one."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epos.contract.paging import Cursor
from epos.domain.errors import InvalidRequest
from epos.services.paging import Pages
from epos.store.paging import PageRows

COLUMNS = (("created_at", datetime), ("position", int), ("id", str))
PAGES = Pages(COLUMNS, "venue", "orders", {"table_id": "t1", "payable_only": True})

moments = st.datetimes(timezones=st.just(UTC))
keys = st.tuples(
    moments,
    st.integers(-(2**31), 2**31 - 1),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
)


def rows(*found: tuple[Any, ...], in_front: bool = True, behind: bool = True) -> PageRows:
    names = [name for name, _ in COLUMNS]
    records: list[Any] = [dict(zip(names, key, strict=True)) for key in found]
    return PageRows(records, in_front, behind)


def packed(*values: object) -> str:
    """A cursor with this inside, as nobody but us should make one."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def scope() -> str:
    after = PAGES.around(rows((datetime.now(UTC), 1, "a")))[1]
    assert after is not None
    found: str = json.loads(base64.urlsafe_b64decode(after + "=="))[0]
    return found


@given(keys, keys)
def test_a_page_ends_where_its_first_and_last_rows_are(first: Any, last: Any) -> None:
    before, after = PAGES.around(rows(first, last))
    assert PAGES.request(Cursor(before=before)).before == first
    assert PAGES.request(Cursor(after=after)).after == last


def test_there_is_a_cursor_only_where_there_is_more() -> None:
    key = (datetime(2026, 11, 23, tzinfo=UTC), 1, "a")
    for in_front in (True, False):
        for behind in (True, False):
            before, after = PAGES.around(rows(key, in_front=in_front, behind=behind))
            assert (before is not None, after is not None) == (in_front, behind)


def test_an_empty_page_points_to_the_far_end() -> None:
    before, after = PAGES.around(rows())
    assert PAGES.request(Cursor(before=before)).before == ()
    assert PAGES.request(Cursor(after=after)).after == ()


def test_nothing_said_is_the_first_fifty() -> None:
    wanted = PAGES.request(Cursor())
    assert (wanted.limit, wanted.before, wanted.after) == (50, None, None)


@pytest.mark.parametrize(
    "other",
    [
        Pages(COLUMNS, "other", "orders", {"table_id": "t1", "payable_only": True}),
        Pages(COLUMNS, "venue", "tables", {"table_id": "t1", "payable_only": True}),
        Pages(COLUMNS, "venue", "orders", {"table_id": "t2", "payable_only": True}),
        Pages(COLUMNS, "venue", "orders", {"table_id": "t1", "payable_only": False}),
        Pages(COLUMNS, "venue", "orders", {"table_id": None, "payable_only": True}),
    ],
    ids=["venue", "search", "table", "payable", "no table"],
)
def test_another_search_refuses_it(other: Pages) -> None:
    _, after = other.around(rows((datetime.now(UTC), 1, "a")))
    with pytest.raises(InvalidRequest) as refused:
        PAGES.request(Cursor(after=after))
    assert refused.value.field == "cursor.after"


def test_the_order_of_filters_does_not_matter() -> None:
    same = Pages(COLUMNS, "venue", "orders", {"payable_only": True, "table_id": "t1"})
    _, after = same.around(rows((datetime.now(UTC), 1, "a")))
    assert PAGES.request(Cursor(after=after)).after is not None


@pytest.mark.parametrize(
    "values",
    [
        ("2026-11-23", 1, "a"),
        (1.5, 1, "a"),
        (True, 1, "a"),
        (10**30, 1, "a"),
        (0, 2**31, "a"),
        (0, "1", "a"),
        (0, None, "a"),
        (0, 1, 7),
        (0, 1, "a\0"),
        (0, 1, "\ud800"),
        (0, 1),
        (0, 1, "a", "more"),
    ],
)
def test_our_own_mark_on_a_wrong_place_helps_nobody(values: tuple[object, ...]) -> None:
    with pytest.raises(InvalidRequest):
        PAGES.request(Cursor(before=packed(scope(), *values)))


@given(st.one_of(st.text(), st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode())))
def test_nothing_made_up_is_a_cursor(text: str) -> None:
    with pytest.raises(InvalidRequest):
        PAGES.request(Cursor.model_construct(limit=50, before=None, after=text))


def test_not_even_json_nested_without_end() -> None:
    deep = base64.urlsafe_b64encode(b"[" * 7_000).decode()
    with pytest.raises(InvalidRequest):
        PAGES.request(Cursor(after=deep))


@given(moments)
def test_microseconds_are_not_lost(moment: datetime) -> None:
    """A key that is cut would skip or repeat rows of the same millisecond."""
    _, after = PAGES.around(rows((moment, 1, "a")))
    key = PAGES.request(Cursor(after=after)).after
    assert key is not None
    assert key[0] - moment == timedelta(0)
