"""Revision 0006 on a database that had times without end."""

from collections.abc import Iterator

import asyncpg
import pytest

from epos.store.migrate import migrate
from tests.support.databases import plain_database

MADE = """
INSERT INTO venue (id, name, currency, time_zone) VALUES ('v', 'V', 'GBP', 'Europe/London');

INSERT INTO customer_order (venue_id, id, origin, dojo_order_id, status, currency, total_amount,
    order_type, reference, reference_is_ours, content, created_at, updated_at)
VALUES ('v', 'o', 'dojo', 'o', 'Accepted', 'GBP', 1000, 'DineIn', 'R', false, '{}',
        '2024-01-01Z', '2024-01-01Z');

INSERT INTO order_lock (venue_id, order_id, lock_id, holder, expires_at, created_at, credential)
VALUES ('v', 'o', 'l', 'dojo', 'infinity', '2024-01-01Z', 'dojo');

INSERT INTO reservation (venue_id, id, name, covers, start_time, end_time, created_at, updated_at)
VALUES ('v', 'r', 'Ada', 2, '-infinity', 'infinity', '2024-01-01Z', '2024-01-01Z'),
       ('v', 's', 'Ben', 2, '9999-12-31 23:59:59.999998Z', 'infinity', '2024-01-01Z', '2024-01-01Z')
"""
TIMES = """
SELECT to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') FROM order_lock
UNION ALL SELECT to_char(start_time AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') FROM reservation
UNION ALL SELECT to_char(end_time AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') FROM reservation
ORDER BY 1
"""
FIRST, LAST = "0001-01-01 00:00:00.000000", "9999-12-31 23:59:59.999999"


@pytest.fixture
def url(postgresql_url: str) -> Iterator[str]:
    with plain_database(postgresql_url) as url:
        yield url


async def test_they_end_with_the_calendar(url: str) -> None:
    await migrate(url, "0005")
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(MADE)
        await migrate(url, "0006")
        found = [row[0] for row in await connection.fetch(TIMES)]
        expiry = await connection.fetchval("SELECT expires_at FROM order_lock")
    finally:
        await connection.close()
    assert found == [FIRST, "9999-12-31 23:59:59.999998", LAST, LAST, LAST]
    assert expiry.tzinfo is not None, "as every time that is read"
