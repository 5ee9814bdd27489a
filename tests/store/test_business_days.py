"""Which business day a moment belongs to, in every zone and in the nights when clocks change."""

import asyncio
import itertools
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from epos.store.migrate import migrate
from tests.support.databases import plain_database
from tests.support.rows import fetch
from tests.support.venues import Venue

DAY_OF = (
    "SELECT business_day_of($2::timestamptz, $3, $4::time)::text AS day FROM venue WHERE id = $1"
)


async def day_of(venue: Venue, moment: str, closing: str, zone: str = "Europe/London") -> str:
    """`moment` is UTC."""
    at = datetime.fromisoformat(f"{moment}+00:00")
    day: str = (await fetch(venue, DAY_OF, at, zone, time.fromisoformat(closing)))[0]["day"]
    return day


@pytest.mark.parametrize(
    ("moment", "closing", "day"),
    [
        ("2026-07-02 02:59", "04:00", "2026-07-01"),
        ("2026-07-02 03:00", "04:00", "2026-07-02"),
        ("2026-07-01 22:59", "00:00", "2026-07-01"),
        ("2026-07-01 23:00", "00:00", "2026-07-02"),
        # From noon on, closing time ends the day that it falls on.
        ("2026-07-01 21:59", "23:00", "2026-07-01"),
        ("2026-07-01 22:00", "23:00", "2026-07-02"),
        ("2026-07-01 11:00", "12:00", "2026-07-02"),
    ],
)
async def test_a_summer_night(venue: Venue, moment: str, closing: str, day: str) -> None:
    assert await day_of(venue, moment, closing) == day


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-10-25 00:29", "2026-10-24"),
        ("2026-10-25 00:31", "2026-10-24"),  # half past one, for the first time
        ("2026-10-25 01:29", "2026-10-24"),
        ("2026-10-25 01:31", "2026-10-25"),  # and for the second
        ("2026-03-29 00:59", "2026-03-28"),
        ("2026-03-29 01:31", "2026-03-29"),  # there is no half past one
    ],
)
async def test_when_the_clocks_change_at_closing_time(venue: Venue, moment: str, day: str) -> None:
    assert await day_of(venue, moment, "01:30") == day


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("closing", ["00:00", "01:30", "02:15", "04:00", "23:30"])
@pytest.mark.parametrize("begins", ["2026-03-01T00:00Z", "2026-10-01T00:00Z"])
async def test_days_follow_one_another(venue: Venue, zone: str, closing: str, begins: str) -> None:
    """Through the weeks in which clocks change: no day comes back, none is left out, and each begins at
    closing time wherever that comes once.
    """
    rows = await fetch(
        venue,
        """
        SELECT at, business_day_of(at, $2, $3::time) AS day
        FROM venue, generate_series(0, 44 * 96) AS quarters,
            LATERAL (SELECT $4::timestamptz + quarters * interval '15 minutes' AS at) AS moment
        WHERE id = $1 ORDER BY at
        """,
        zone,
        time.fromisoformat(closing),
        datetime.fromisoformat(begins),
    )
    starts = [
        (now["at"], now["day"])
        for before, now in itertools.pairwise(rows)
        if now["day"] != before["day"]
    ]
    days = [day for _, day in starts]
    assert days == [days[0] + timedelta(days=number) for number in range(len(days))]
    assert len(days) >= 43
    at_closing = [at for at, _ in starts if f"{at.astimezone(ZoneInfo(zone)):%H:%M}" == closing]
    assert len(days) - len(at_closing) <= 1


@pytest.mark.parametrize("closed", [False, True])
async def test_what_one_transaction_enters_is_of_one_moment(venue: Venue, *, closed: bool) -> None:
    """Closing time passes between the two halves, as it may in a merge; the next transaction sees it.
    The day is never one that is closed.
    """
    freeze = "UPDATE venue SET clock_frozen_at = $2 WHERE id = $1"
    day = "SELECT today::text, at FROM current_business_day($1, true)"
    close = "INSERT INTO business_day (venue_id, day, closed_at, report, owed_at_end, z_number)"
    before, after = (datetime.fromisoformat(f"2026-07-02 {at}Z") for at in ("02:59", "03:01"))
    async with venue.database.connection() as connection:
        async with connection.transaction():
            await connection.execute(freeze, venue.id, before)
            first = await connection.fetchrow(day, venue.id)
            await connection.execute(freeze, venue.id, after)
            if closed:
                await connection.execute(
                    f"{close} VALUES ($1, '2026-07-01', now(), '{{}}', 0, 1)", venue.id
                )
            second = await connection.fetchrow(day, venue.id)
        third = await connection.fetchrow(day, venue.id)
    assert tuple(first or ()) == ("2026-07-01", before)
    assert tuple(second or ()) == ("2026-07-02" if closed else "2026-07-01", before)
    assert tuple(third or ()) == ("2026-07-02", after)


# --- what was there before there were days --------------------------------------------------------

MADE = """
INSERT INTO venue (id, name, currency, time_zone) VALUES ('v', 'V', 'GBP', 'Europe/London');
INSERT INTO payment_intent (venue_id, id) VALUES ('v', 'pi_1'), ('v', 'pi_2'), ('v', 'pi_3');
INSERT INTO customer_order (venue_id, id, origin, dojo_order_id, status, currency, total_amount,
    service_charge_amount, paid_amount, tips_amount, order_type, waiter_id, reference,
    reference_is_ours, content, created_at, updated_at)
VALUES
    ('v', 'a', 'dojo', 'a', 'Accepted', 'GBP', 1000, 100, 600, 60, 'DineIn', 'anna', 'A', false,
     '{"items": [], "taxLines": [{"amountPercentage": 2000, "amountTotal": {"value": 150}}]}',
     '2026-11-24 23:00Z', '2026-11-24 23:00Z'),
    ('v', 'b', 'dojo', 'b', 'Canceled', 'GBP', 500, NULL, 500, 0, 'Collection', NULL, 'B', false,
     '{"items": []}', '2026-11-25 03:00Z', '2026-11-25 03:00Z');
INSERT INTO payment (venue_id, id, order_id, position, source, payment_intent_id, paid_amount,
    tips_amount, status, refunded_amount, recorded_at, credential, trace_id)
VALUES ('v', 'pay_1', 'a', 0, 'dojo', 'pi_1', 600, 60, 'captured', 50, '2026-11-25 01:00Z', 'c', 't'),
       ('v', 'pay_2', 'a', 1, 'dojo', 'pi_2', 400, 40, 'recorded', 0, '2026-11-25 02:00Z', 'c', 't'),
       ('v', 'pay_3', 'b', 0, 'dojo', 'pi_3', 500, 0, 'recorded', 0, '2026-11-25 03:00Z', 'c', 't');
UPDATE payment SET status = 'reversed' WHERE id = 'pay_2';
INSERT INTO payment_transition (venue_id, payment_id, status, was, at)
VALUES ('v', 'pay_2', 'reversed', 'recorded', '2026-11-25 12:00Z');
"""
SALES = "SELECT day::text, order_id, kind, vat_rate, amount FROM sale_entry ORDER BY id, kind"
TAKINGS = """
SELECT day::text, payment_id, waiter_id, status, paid, tips, partly_refunded, of_day::text
FROM takings_entry ORDER BY id
"""


async def _fetch(url: str, sql: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def _make(url: str) -> None:
    connection = await asyncpg.connect(url)
    async with connection.transaction():
        await connection.execute(MADE)
    await connection.close()


def test_orders_and_payments_of_before_are_journaled_on_their_days(postgresql_url: str) -> None:
    with plain_database(postgresql_url) as url:
        asyncio.run(migrate(url, "0003"))
        asyncio.run(_make(url))
        asyncio.run(migrate(url))
        sales = asyncio.run(_fetch(url, SALES))
        takings = asyncio.run(_fetch(url, TAKINGS))
    assert sorted(sales, key=str) == [
        ("2026-11-24", "a", "order", None, 900),
        ("2026-11-24", "a", "order_vat", 2000, 150),
        ("2026-11-24", "a", "service_charge", None, 100),
    ]
    assert takings == [
        ("2026-11-24", "pay_1", "anna", "recorded", 600, 60, 50, "2026-11-24"),
        ("2026-11-24", "pay_2", "anna", "recorded", 400, 40, 0, "2026-11-24"),
        ("2026-11-24", "pay_3", None, "recorded", 500, 0, 0, "2026-11-24"),
        ("2026-11-25", "pay_2", "anna", "reversed", -400, -40, 0, "2026-11-24"),
    ]
