"""One venue reads what costs most, again and again; another on the same server goes on working."""

import pytest

from tests.support.large_days import LAST_DAY, sell, sell_each_day
from tests.support.neighbours import undisturbed
from tests.support.orders import order
from tests.support.rows import execute
from tests.support.server import RunningServer
from tests.support.storm import request, storm
from tests.support.venues import Venue

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
YEAR = f"fromDay=2025-10-25&toDay={LAST_DAY}"
RANGES = [
    f"/till/v1/reports/{what}&{YEAR}&format={form}"
    for what in ("sales?by=day", "sales?by=item", "sales?by=area", "sales?by=device", "journal?")
    for form in ("json", "csv", "page")
]
DAY = [f"/till/v1/days/{LAST_DAY}/report?format={form}" for form in ("json", "csv", "page")]
BOOKINGS = 1_500
_BOOKINGS = f"""
    INSERT INTO reservation (venue_id, id, covers, name, start_time, end_time, created_at, updated_at)
    SELECT $1, 'rsv_' || n, 2, 'Ada', timestamptz '{LAST_DAY} 19:00+00',
           timestamptz '{LAST_DAY} 21:00+00', now(), now()
    FROM generate_series(1, {BOOKINGS}) AS n
"""
_THEIR_TABLES = f"""
    INSERT INTO reservation_table (venue_id, reservation_id, table_id, position)
    SELECT $1, 'rsv_' || n, 't1', 0 FROM generate_series(1, {BOOKINGS}) AS n
"""


async def read(venue: Venue, server: RunningServer, requests: list[str]) -> None:
    """The answers are right, or the refusal of who asks too much."""
    statuses = await storm(server, requests)
    assert statuses[200] > 0
    assert statuses.keys() <= {200, 503}


def till_reads(venue: Venue, paths: list[str]) -> list[str]:
    return [request(venue, "GET", path, role="till") for path in paths]


async def test_reports_of_a_day_with_five_thousand_tabs(
    server: RunningServer, venue: Venue, other_venue: Venue
) -> None:
    await sell(venue, 5_000)
    await undisturbed(other_venue, lambda: read(venue, server, till_reads(venue, DAY)))


async def test_reports_of_a_year(server: RunningServer, venue: Venue, other_venue: Venue) -> None:
    await sell_each_day(venue, 12, 390)
    await undisturbed(other_venue, lambda: read(venue, server, till_reads(venue, RANGES)))


async def test_reservations_that_all_overlap(
    server: RunningServer, venue: Venue, other_venue: Venue
) -> None:
    await execute(venue, _BOOKINGS)
    await execute(venue, _THEIR_TABLES)
    page = f"/till/v1/reservations?day={LAST_DAY}&limit=100"
    found = await venue.till.ok("GET", page)
    assert {len(one["overlaps"]) for one in found["data"]} == {100}, "as many as are named"
    await undisturbed(other_venue, lambda: read(venue, server, till_reads(venue, [page])))


async def test_pages_as_large_as_they_may_be(
    server: RunningServer, venue: Venue, other_venue: Venue
) -> None:
    for _ in range(3):
        await venue.ok("POST", "/v1/orders", large_order())
    search = request(venue, "POST", "/v1/orders/search", {"cursor": {"limit": 100}})
    await undisturbed(other_venue, lambda: read(venue, server, [search]))


async def test_papers_as_long_as_they_may_be(
    server: RunningServer, venue: Venue, other_venue: Venue
) -> None:
    made = await venue.ok("POST", "/v1/orders", large_order())
    tab = f"/till/v1/tabs/{made['id']}"
    papers = [
        f"{tab}/{paper}?format={form}"
        for paper in ("bill", "kitchen-ticket")
        for form in ("text", "page")
    ]
    await undisturbed(other_venue, lambda: read(venue, server, till_reads(venue, papers)))


def large_order() -> dict[str, object]:
    """Half of a page's budget: two of them are a page."""
    line = order(900)["items"][0] | {"note": "no onions, " * 900}
    return order(900) | {"items": [line] * 50}
