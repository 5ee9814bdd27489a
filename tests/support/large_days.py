"""Business days with more on them than any restaurant has, written with SQL: requests would take hours."""

from datetime import UTC, datetime, timedelta

from tests.support.clock import freeze
from tests.support.venues import Venue

LAST_DAY = "2026-11-25"
_EVENING = datetime(2026, 11, 25, 19, tzinfo=UTC)
_AT_ONCE = 1_000  # rows, so that a statement ends in time on a busy machine
_SALES = """[
    {"kind": "item", "plu": "burger", "name": "Burger", "category": "Food", "vat_rate": 2000,
     "amount": 850, "count": 1},
    {"kind": "item", "plu": "chips", "name": "Chips", "category": "Food", "vat_rate": 2000,
     "amount": 400, "count": 1},
    {"kind": "item", "plu": "wine", "name": "Wine", "category": "Drinks", "vat_rate": 2000,
     "amount": 495, "count": 1},
    {"kind": "item", "plu": "cola", "name": "Cola", "category": "Drinks", "vat_rate": 2000,
     "amount": 300, "count": 1},
    {"kind": "discount", "category": "Food", "vat_rate": 2000, "amount": -45, "count": 0},
    {"kind": "service_charge", "category": null, "vat_rate": null, "amount": 250, "count": 0},
    {"kind": "vat", "category": null, "vat_rate": 2000, "amount": 333, "count": 0}]"""
_ORDERS = """
    INSERT INTO customer_order (venue_id, id, origin, status, currency, total_amount, paid_amount,
        tips_amount, order_type, waiter_id, reference, reference_is_ours, content, sales,
        created_at, updated_at)
    SELECT $1, 'ord_cost_' || n, 'till', 'Finalized', 'GBP', 2250, 2250, 100, 'DineIn',
           CASE n % 2 WHEN 0 THEN 'anna' ELSE 'ben' END, 'C' || n, false, '{"items": []}', $5::jsonb,
           $2::timestamptz, $2::timestamptz
    FROM generate_series($3::int, $4::int) AS n
"""
_PAYMENTS = """
    INSERT INTO payment (venue_id, id, order_id, position, source, paid_amount, tips_amount, status,
        recorded_at, credential, trace_id)
    SELECT $1, 'pay_cost_' || n, 'ord_cost_' || n, 0, 'cash', 2250, 100, 'recorded',
           $2::timestamptz, 'till', 't'
    FROM generate_series($3::int, $4::int) AS n
"""
_TABS = """
    INSERT INTO tab (venue_id, order_id, covers, service_charge_rate, service_charge_bears_vat)
    SELECT $1, 'ord_cost_' || n, 2, 1250, false FROM generate_series($2::int, $3::int) AS n
"""


async def sell(venue: Venue, tabs: int) -> None:
    """So many paid tabs of two items, 22.50 each, on LAST_DAY. The venue's clock stands there."""
    await freeze(venue, f"{LAST_DAY} 20:00+00:00")
    await _sell(venue, 1, tabs, _EVENING)
    await _analyze(venue)


async def sell_each_day(venue: Venue, tabs: int, days: int) -> None:
    """So many such tabs on each of so many days that end with LAST_DAY."""
    for day in range(days):
        evening = _EVENING - timedelta(days=days - 1 - day)
        await freeze(venue, evening.isoformat())
        await _sell(venue, day * tabs + 1, tabs, evening)
    await _analyze(venue)


async def _sell(venue: Venue, first_of_all: int, tabs: int, evening: datetime) -> None:
    async with venue.database.connection() as connection:
        for first in range(first_of_all, first_of_all + tabs, _AT_ONCE):
            last = min(first + _AT_ONCE, first_of_all + tabs) - 1
            async with connection.transaction():
                await connection.execute(_ORDERS, venue.id, evening, first, last, _SALES)
                await connection.execute(_TABS, venue.id, first, last)
                await connection.execute(_PAYMENTS, venue.id, evening, first, last)


async def _analyze(venue: Venue) -> None:
    """As autovacuum does it in time."""
    async with venue.database.connection() as connection:
        for table in ("sale_entry", "takings_entry", "customer_order", "payment", "tab"):
            await connection.execute(f"ANALYZE {table}")
