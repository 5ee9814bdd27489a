"""What the report of a large day costs: CPU time of the server and of its database, not of the clock.

`REPORT_TABS` makes the day another one; with `pytest -s` the cost is printed.
"""

import os
import time
from pathlib import Path
from typing import Any

import pytest

from epos.domain.requester import Requester
from epos.store.database import Database
from tests.support.days import at
from tests.support.rows import execute
from tests.support.services import WiredServices
from tests.support.venues import Venue

DAY = "2026-11-25"
TABS = int(os.environ.get("REPORT_TABS", "5000"))
"""Whole thousands, or less than one."""
MOST_SECONDS = 0.2
_SALES = """[
    {"kind": "item", "category": "Food", "vat_rate": 2000, "amount": 1250, "count": 1},
    {"kind": "item", "category": "Drinks", "vat_rate": 2000, "amount": 795, "count": 1},
    {"kind": "discount", "category": "Food", "vat_rate": 2000, "amount": -45, "count": 0},
    {"kind": "service_charge", "category": null, "vat_rate": null, "amount": 250, "count": 0},
    {"kind": "vat", "category": null, "vat_rate": 2000, "amount": 333, "count": 0}]"""
_ORDERS = """
    INSERT INTO customer_order (venue_id, id, origin, status, currency, total_amount, paid_amount,
        tips_amount, order_type, waiter_id, reference, reference_is_ours, content, sales,
        created_at, updated_at)
    SELECT $1, 'ord_cost_' || n, 'till', 'Finalized', 'GBP', 2250, 2250, 100, 'DineIn',
           CASE n % 2 WHEN 0 THEN 'anna' ELSE 'ben' END, 'C' || n, false, '{"items": []}', $2::jsonb,
           timestamptz '2026-11-25 19:00+00', timestamptz '2026-11-25 19:00+00'
    FROM generate_series($3::int, $4::int) AS n
"""
_PAYMENTS = """
    INSERT INTO payment (venue_id, id, order_id, position, source, paid_amount, tips_amount, status,
        recorded_at, credential, trace_id)
    SELECT $1, 'pay_cost_' || n, 'ord_cost_' || n, 0, 'cash', 2250, 100, 'recorded',
           timestamptz '2026-11-25 19:00+00', 'till', 't'
    FROM generate_series($2::int, $3::int) AS n
"""
_TABS = """
    INSERT INTO tab (venue_id, order_id, covers, service_charge_rate, service_charge_bears_vat)
    SELECT $1, 'ord_cost_' || n, 2, 1250, false FROM generate_series($2::int, $3::int) AS n
"""
_CALLS = """
    SELECT pid FROM pg_stat_activity WHERE datname = current_database()
"""


def cpu_of(process: int) -> float:
    """User and system time of a process, in seconds; 0 for one that has ended."""
    try:
        fields = (
            Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        )
    except OSError:
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def spent(database: Database) -> float:
    """CPU time of this process and of the database's processes for its connections."""
    async with database.connection() as connection:
        backends = [row["pid"] for row in await connection.fetch(_CALLS)]
    return time.process_time() + sum(map(cpu_of, backends))


async def sell(venue: Venue) -> None:
    """So many paid tabs, a thousand at a time."""
    for first in range(1, TABS + 1, 1_000):
        last = min(first + 999, TABS)
        async with venue.database.connection() as connection, connection.transaction():
            await connection.execute(_ORDERS, venue.id, _SALES, first, last)
            await connection.execute(_TABS, venue.id, first, last)
            await connection.execute(_PAYMENTS, venue.id, first, last)
    await execute(venue, "SELECT $1::text")
    async with venue.database.connection() as connection:
        for table in ("sale_entry", "takings_entry", "customer_order", "payment", "tab"):
            await connection.execute(f"ANALYZE {table}")


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_day_of_five_thousand_tabs(services: WiredServices, venue: Venue) -> None:
    await at(venue, f"{DAY} 20:00")
    await sell(venue)
    requester = Requester(venue.id, "till", "trace-of-a-test")
    costs: list[float] = []
    told: Any = None
    for _ in range(5):
        before = await spent(services.database)
        told = await services.till.days.report(DAY, requester)
        costs.append(await spent(services.database) - before)
    assert (told.sales, told.orders, told.covers) == (TABS * 2_250, TABS, 2 * TABS)
    assert told.reconciliation.difference == told.reconciliation.ledgerDifference == 0
    print(f"\n{TABS} tabs: {sorted(costs)[2] * 1e3:.0f} ms of CPU")  # noqa: T201 - with pytest -s
    assert sorted(costs)[2] < MOST_SECONDS, costs
