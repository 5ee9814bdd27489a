"""Revision 0009 on a database with trade in it, up, down and up again."""

from collections.abc import Iterator

import asyncpg
import pytest

from epos.store.migrate import migrate
from epos.store.statements import Connection
from tests.support.databases import plain_database

MADE = """
INSERT INTO venue (id, name, currency, time_zone) VALUES ('v', 'V', 'GBP', 'Europe/London');
INSERT INTO area (venue_id, id, name, position) VALUES ('v', 'a', 'A', 0);
INSERT INTO dining_table (venue_id, id, area_id, name, name_key) VALUES ('v', 't', 'a', 'T', 't');
INSERT INTO party (venue_id, id, status, start_time, end_time, created_at, updated_at)
VALUES ('v', 'gone', 'Left', '2026-01-01Z', '2026-01-02Z', now(), now()),
       ('v', 'here', 'Seated', '2026-01-03Z', NULL, now(), now());
INSERT INTO party_table (venue_id, party_id, table_id, position, is_live)
VALUES ('v', 'gone', 't', 0, false), ('v', 'here', 't', 0, true);
"""
SELL = """
INSERT INTO customer_order (venue_id, id, origin, dojo_order_id, status, currency, total_amount,
    order_type, reference, reference_is_ours, content, created_at, updated_at)
VALUES ('v', $1, 'dojo', $1, 'Accepted', 'GBP', 1000, 'DineIn', $1, false,
        '{"taxLines": [{"amountPercentage": 2000, "amountTotal": {"value": 100}}]}', now(), now())
"""
PAY = """
INSERT INTO payment (venue_id, id, order_id, position, source, paid_amount, tips_amount, status,
    recorded_at, credential, trace_id)
VALUES ('v', $1, $1, $2, 'cash', 100, 0, 'recorded', now(), 'c', 't')
"""
PAID = "UPDATE customer_order SET paid_amount = 100 WHERE venue_id = 'v' AND id = $1"
JOURNAL = "SELECT kind, amount FROM sale_entry WHERE venue_id = 'v' AND order_id = $1 ORDER BY kind"
SEATS = "SELECT party_id FROM party_table WHERE venue_id = 'v' AND is_live"


@pytest.fixture
def url(postgresql_url: str) -> Iterator[str]:
    with plain_database(postgresql_url) as url:
        yield url


async def trade(connection: Connection, name: str, position: int | None) -> list[tuple[str, int]]:
    """Sell and pay; what the journal says of it."""
    async with connection.transaction():
        await connection.execute(SELL, name)
        await connection.execute(PAY, name, position)
        await connection.execute(PAID, name)
    with pytest.raises(asyncpg.CheckViolationError, match="disagrees with its ledger"):
        await connection.execute(PAID.replace("100", "99"), name)
    return [tuple(row) for row in await connection.fetch(JOURNAL, name)]


async def leave(connection: Connection) -> list[str]:
    """The party ends and comes back; who sits at a table, each time."""
    sits = []
    for end in ("now()", "NULL"):
        sql = f"UPDATE party SET end_time = {end} WHERE venue_id = 'v' AND id = 'here'"
        await connection.execute(sql)
        sits.append(",".join(row["party_id"] for row in await connection.fetch(SEATS)))
    return sits


async def test_trade_goes_on_in_both_directions(url: str) -> None:
    sold = [("order", 1000), ("order_vat", 100)]
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(MADE)
        assert await trade(connection, "first", None) == sold
        await migrate(url, "0006")
        await connection.reload_schema_state()
        assert await trade(connection, "second", 0) == sold
        assert await leave(connection) == ["", "here"]
        await migrate(url)
        await connection.reload_schema_state()
        assert await trade(connection, "third", None) == sold
        assert await leave(connection) == ["", "here"]
        entered = "SELECT count(*) FROM takings_entry WHERE venue_id = 'v' AND paid = 100"
        assert await connection.fetchval(entered) == 3
    finally:
        await connection.close()


async def test_a_seat_is_live_with_its_party_whatever_is_written(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(MADE)
        await connection.execute(
            "UPDATE party_table SET is_live = NOT is_live WHERE venue_id = 'v'"
        )
        assert [row["party_id"] for row in await connection.fetch(SEATS)] == ["here"]
    finally:
        await connection.close()
