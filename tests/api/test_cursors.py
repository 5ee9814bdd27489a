"""Cursors are opaque: only the search that gave one takes it back."""

import base64
import json
from typing import Any

import pytest

from tests.support.floor import book, open_coffee, seat
from tests.support.refusals import Refusal
from tests.support.venues import Venue

SEARCHES = ["orders", "parties", "reservations", "tables"]
# A search, a filter of it that matches what the fixture makes.
FILTERS: dict[str, dict[str, Any]] = {
    "orders": {"dineIn": {"tableId": "t1"}},
    "parties": {"tableId": "t1"},
    "reservations": {"tableId": "t1"},
    "tables": {"areaId": "area_main"},
}


def packed(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


BROKEN = {
    "nothing": "",
    "a word": "next",
    "an emoji": "🍰",
    "a surrogate": "\ud800",
    "not base64": "!!!!",
    "base64 of nonsense": base64.b64encode(b"\xff\x00nonsense").decode(),
    "an empty list": packed([]),
    "no list": packed({"id": 1}),
    "a foreign scope": packed(["0" * 12, "x"]),
    "a long one": "A" * 9_000,
    "a deep one": base64.b64encode(b"[" * 7_000).decode(),
}


async def page(venue: Venue, search: str, **body: Any) -> Any:
    answer = await venue.ok("POST", f"/v1/{search}/search", body)
    return answer[0] if isinstance(answer, list) else answer


async def refused(venue: Venue, search: str, **body: Any) -> Refusal:
    content = json.dumps(body)  # httpx would refuse a lone surrogate
    headers = {"content-type": "application/json"}
    path = f"/v1/{search}/search"
    return Refusal.of(await venue.client.post(path, content=content, headers=headers))


async def after(venue: Venue, search: str, **filters: Any) -> str:
    """A cursor that the search gives."""
    cursor: str = (await page(venue, search, cursor={"limit": 1}, **filters))["after"]
    return cursor


@pytest.fixture
async def busy(venue: Venue) -> Venue:
    return await furnished(venue)


async def furnished(venue: Venue) -> Venue:
    """Two of everything, and two at the first table where that can be."""
    for table in ("t1", "t2"):
        await seat(venue, table)
    for table in ("t1", "t1"):
        await book(venue, table)
        await open_coffee(venue, tableId=table)
    return venue


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("cursor", BROKEN.values(), ids=BROKEN)
async def test_what_is_no_cursor(quiet_venue: Venue, search: str, cursor: str) -> None:
    for place in ("before", "after"):
        answer = await refused(quiet_venue, search, cursor={place: cursor})
        words = "not valid JSON" if cursor == "\ud800" else f"cursor.{place} is not a cursor"
        answer.check(400, "InvalidRequest", words)


@pytest.mark.parametrize("search", SEARCHES)
async def test_a_cursor_that_was_tampered_with(busy: Venue, search: str) -> None:
    cursor = await after(busy, search)
    scope, *key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    wrong: list[Any] = [[scope, *key, 1], [scope, *key[1:], {}], [scope, *(None for _ in key)]]
    wrong += [
        [scope, *(True for _ in key)],
        [scope, *(2**80 for _ in key)],
        [scope, *key[:-1], "\0"],
    ]
    for tampered in wrong:
        answer = await refused(busy, search, cursor={"after": packed(tampered)})
        answer.check(400, "InvalidRequest", "cursor.after is not a cursor of this search")
    for cut in (cursor[:-3], cursor[1:], cursor + "AAAA"):
        answer = await refused(busy, search, cursor={"after": cut})
        answer.check(400, "InvalidRequest", "cursor.after is not a cursor of this search")


@pytest.mark.parametrize("search", SEARCHES)
async def test_a_cursor_of_another_venue(busy: Venue, other_venue: Venue, search: str) -> None:
    cursor = await after(await furnished(other_venue), search)
    answer = await refused(busy, search, cursor={"after": cursor})
    answer.check(400, "InvalidRequest", "cursor.after is not a cursor of this search")


@pytest.mark.parametrize("search", SEARCHES)
async def test_a_cursor_of_another_search(busy: Venue, search: str) -> None:
    for other in SEARCHES:
        if other != search:
            answer = await refused(busy, search, cursor={"after": await after(busy, other)})
            answer.check(400, "InvalidRequest", "cursor.after is not a cursor of this search")


@pytest.mark.parametrize("search", SEARCHES)
async def test_a_cursor_of_other_filters(busy: Venue, search: str) -> None:
    answer = await refused(
        busy, search, cursor={"after": await after(busy, search)}, **FILTERS[search]
    )
    answer.check(400, "InvalidRequest", "cursor.after is not a cursor of this search")
    if search != "parties":  # one party at a table
        cursor = await after(busy, search, **FILTERS[search])
        answer = await refused(busy, search, cursor={"after": cursor})
        answer.check(400, "InvalidRequest", "cursor.after is not a cursor of this search")


@pytest.mark.parametrize("search", SEARCHES)
async def test_the_length_of_a_page_is_no_part_of_it(busy: Venue, search: str) -> None:
    cursor = await after(busy, search)
    assert (await page(busy, search, cursor={"limit": 100, "after": cursor}))["data"]


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize(
    ("cursor", "words"),
    [
        *(
            ({"limit": n}, "cursor.limit must be a whole number")
            for n in (0, -1, 101, 2**63, "10", 1.5)
        ),
        ({"limit": True}, "cursor.limit must be a whole number"),
        ({"before": "a", "after": "b"}, "cursor.before must not be sent with after"),
        ({"after": 5}, "cursor.after must be text"),
        ([], "cursor must be an object"),
        ("next", "cursor must be an object"),
    ],
)
async def test_a_cursor_of_another_form(
    quiet_venue: Venue, search: str, cursor: Any, words: str
) -> None:
    (await refused(quiet_venue, search, cursor=cursor)).check(400, "InvalidRequest", words)
