"""Rows that no request of Dojo's can make: a till's tabs, a venue's settings, waiters, many orders."""

import json
from datetime import datetime
from typing import Any

from epos.domain.natural_order import natural_key
from epos.store.statements import Connection
from tests.support.orders import unique
from tests.support.venues import Venue

_AT_ONCE = 1_000  # rows, so that a statement ends in time on a busy machine


async def execute(venue: Venue, sql: str, *arguments: Any) -> None:
    """One statement; `$1` is the venue's id."""
    async with venue.database.connection() as connection:
        await connection.execute(sql, venue.id, *arguments)


async def fetch(venue: Venue, sql: str, *arguments: Any) -> list[dict[str, Any]]:
    """The rows of one statement; `$1` is the venue's id."""
    async with venue.database.connection() as connection:
        return [dict(row) for row in await connection.fetch(sql, venue.id, *arguments)]


async def set_status(venue: Venue, order_id: str, status: str) -> None:
    """What staff do at the till."""
    await execute(
        venue,
        "UPDATE customer_order SET status = $3 WHERE venue_id = $1 AND id = $2",
        order_id,
        status,
    )


async def make_tab(venue: Venue, total: int, *, paid: int = 0, status: str = "New") -> str:
    """An order of the till's, with a cash payment if any was paid."""
    order_id = unique("ord")
    async with venue.database.connection() as connection, connection.transaction():
        await _insert_tab(connection, venue.id, order_id, total, paid, status)
        if paid:
            await connection.execute(
                """INSERT INTO payment (venue_id, id, order_id, position, source, paid_amount,
                       tips_amount, status, recorded_at, credential, trace_id)
                   VALUES ($1, $2, $3, 0, 'cash', $4, 0, 'recorded', clock_timestamp(), 'till', 't')
                """,
                venue.id,
                unique("pay"),
                order_id,
                paid,
            )
    return order_id


async def _insert_tab(
    connection: Connection, venue_id: str, order_id: str, total: int, paid: int, status: str
) -> None:
    await connection.execute(
        """INSERT INTO customer_order (venue_id, id, origin, status, currency, total_amount,
               paid_amount, order_type, reference, reference_is_ours, content, created_at, updated_at)
           VALUES ($1, $2, 'till', $3, 'GBP', $4, $5, 'DineIn', $6, false, $7,
                   clock_timestamp(), clock_timestamp())
        """,
        venue_id,
        order_id,
        status,
        total,
        paid,
        order_id[-4:],
        json.dumps({"items": []}),
    )


async def add_table(venue: Venue, table_id: str, name: str, area_id: str = "area_main") -> None:
    await execute(
        venue,
        "INSERT INTO dining_table (venue_id, id, area_id, name, name_key) VALUES ($1, $2, $3, $4, $5)",
        table_id,
        area_id,
        name,
        natural_key(name),
    )


async def add_area(venue: Venue, area_id: str, name: str, position: int) -> None:
    await execute(
        venue,
        "INSERT INTO area (venue_id, id, name, position) VALUES ($1, $2, $3, $4)",
        area_id,
        name,
        position,
    )


async def make_orders(venue: Venue, count: int) -> list[str]:
    """Dojo orders all at once, newest first: half of them in the venue's past, half in its future.

    Two share each instant, so that their ids must tell them apart.
    """
    now = (await fetch(venue, "SELECT now() FROM venue WHERE id = $1"))[0]["now"]
    made = [
        order_id
        for first in range(1, count + 1, _AT_ONCE)
        for order_id in await _make(
            venue, range(first, min(first + _AT_ONCE, count + 1)), count, now
        )
    ]
    return sorted(made, reverse=True)


async def _make(venue: Venue, numbers: range, count: int, now: datetime) -> list[str]:
    rows = await fetch(
        venue,
        """INSERT INTO customer_order (venue_id, id, origin, dojo_order_id, fingerprint, status,
               currency, total_amount, order_type, reference, reference_is_ours, content,
               created_at, updated_at)
           SELECT $1, 'ord_made_' || to_char(n, 'FM000000'), 'dojo', 'made-' || n, 'made',
                  'Accepted', 'GBP', 1000, 'Collection', 'R' || n, false, $3,
                  at.moment, at.moment
           FROM generate_series($4::int, $5::int) AS n,
                LATERAL (SELECT $6::timestamptz + (n / 2 - $2::int / 4) * interval '10 ms' AS moment) AS at
           RETURNING id
        """,
        count,
        json.dumps({"items": []}),
        numbers.start,
        numbers.stop - 1,
        now,
    )
    return [row["id"] for row in rows]
