"""Revision 0053 on a database that has sold: it is told apart by item and area, and no day changes."""

from collections.abc import Iterator

import asyncpg
import pytest

from epos.store.migrate import migrate
from epos.store.statements import Connection
from tests.support.databases import plain_database

ITEM = '{"kind": "item", "category": "%s", "vat_rate": %s, "amount": %s, "count": %s}'
VAT = '{"kind": "vat", "category": null, "vat_rate": 2000, "amount": 100, "count": 0}'
MEAL = f"[{ITEM % ('Food', 2000, 1800, 3)}, {VAT}]"
HALF = f"[{ITEM % ('Drinks', 2000, 398, 1)}]"
OTHER_HALF = f"[{ITEM % ('Drinks', 2000, 397, 0)}]"
COFFEE = f"[{ITEM % ('Drinks', 2000, 300, 1)}]"
MADE = f"""
INSERT INTO venue (id, name, currency, time_zone) VALUES ('v', 'V', 'GBP', 'Europe/London');
INSERT INTO area (venue_id, id, name, position) VALUES ('v', 'bar', 'Bar', 0);
INSERT INTO dining_table (venue_id, id, area_id, name, name_key) VALUES ('v', 't', 'bar', 'T', 't');
INSERT INTO customer_order (venue_id, id, origin, status, currency, total_amount, table_id,
    order_type, reference, reference_is_ours, content, sales, created_at, updated_at)
SELECT 'v', id, 'till', status, 'GBP', total, at_table, 'DineIn', id, true, '{{}}', sales::jsonb,
       now(), now()
FROM (VALUES ('meal', 'Preparing', 1800, 't', '{MEAL}'), ('half', 'Preparing', 398, NULL, '{HALF}'),
             ('other', 'Finalized', 397, NULL, '{OTHER_HALF}'), ('late', 'New', 300, NULL, '{COFFEE}'),
             ('gone', 'Canceled', 300, NULL, '{COFFEE}')) AS rows (id, status, total, at_table, sales);
INSERT INTO tab (venue_id, order_id, service_charge_rate, service_charge_bears_vat)
SELECT 'v', id, 0, false FROM customer_order WHERE venue_id = 'v';
INSERT INTO tab_line (venue_id, order_id, id, position, plu, name, category, vat_rate, price, quantity,
    modifiers, sub_items, piece, void_reason, voided_at, added_at)
VALUES ('v', 'meal', '1', 0, 'burger', 'Burger', 'Food', 2000, 1000, 1,
        '[{{"plu": "cheese", "price": 100, "quantity": 2}}]',
        '[{{"plu": "chips", "name": "Chips", "category": "Food", "vat_rate": 2000, "price": 300,
            "quantity": 2, "modifiers": []}}]', NULL, NULL, NULL, now()),
       ('v', 'meal', '2', 1, 'soup', 'Soup', 'Food', 2000, 500, 1, '[]', '[]', NULL, 'cold', now(), now()),
       ('v', 'half', '3', 0, 'wine', 'Wine', 'Drinks', 2000, 795, 1, '[]', '[]', '[0, 1, 2]',
        NULL, NULL, now()),
       ('v', 'other', '4', 0, 'wine', 'Wine', 'Drinks', 2000, 795, 1, '[]', '[]', '[1, 2, 2]',
        NULL, NULL, now()),
       ('v', 'late', '5', 0, 'coffee', 'Coffee', 'Drinks', 2000, 300, 1, '[]', '[]', NULL,
        NULL, NULL, now()),
       ('v', 'gone', '6', 0, 'coffee', 'Coffee', 'Drinks', 2000, 300, 1, '[]', '[]', NULL,
        NULL, NULL, now());
"""
CLOSE = """
INSERT INTO business_day (venue_id, day, closed_at, report, owed_at_end, z_number)
SELECT 'v', min(day), now(), '{}', 0, 1 FROM sale_entry WHERE venue_id = 'v'
"""
ENTRIES = """
SELECT {0} AS key, sum(amount)::bigint AS amount FROM sale_entry
WHERE venue_id = 'v' AND kind = 'item' GROUP BY 1
"""
GIVE_AWAY = "UPDATE customer_order SET waiter_id = 'ben' WHERE venue_id = 'v' AND id = 'late'"
VOID = """
UPDATE customer_order SET total_amount = 0, sales = '[]' WHERE venue_id = 'v' AND id = $1
"""


@pytest.fixture
def url(postgresql_url: str) -> Iterator[str]:
    with plain_database(postgresql_url) as url:
        yield url


async def entered(connection: Connection, by: str) -> dict[str | None, int]:
    rows = await connection.fetch(ENTRIES.format(by))
    return {row["key"]: row["amount"] for row in rows if row["amount"]}


async def closed_day_is_told_apart(url: str) -> None:
    """At 0052: a day of tabs that is closed; on the next, one goes to another waiter. Then the migration,
    voids, and back.
    """
    await migrate(url, "0052")
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(MADE)
        await connection.execute(CLOSE)
        await connection.execute(GIVE_AWAY)
        ways = ("day::text || category", "day::text || coalesce(waiter_id, '')", "order_id")
        before = [await entered(connection, by) for by in ways]
        await migrate(url, "0053")
        await connection.reload_schema_state()
        assert [await entered(connection, by) for by in ways] == before
        sold = {"burger Burger": 1_200, "chips Chips": 600, "wine Wine": 795, "coffee Coffee": 300}
        assert await entered(connection, "plu || ' ' || name") == sold
        assert await entered(connection, "area_id") == {"bar": 1_800, None: 1_095}
        [closed] = await connection.fetch("SELECT day FROM business_day WHERE venue_id = 'v'")
        first = f"(day = '{closed['day']}')::text || plu"
        day = {"trueburger": 1_200, "truechips": 600, "truewine": 795, "truecoffee": 300}
        assert await entered(connection, first) == day
        for tab in ("half", "late"):
            await connection.execute(VOID, tab)
        assert await entered(connection, first) == {**day, "falsewine": -398, "falsecoffee": -300}
        with pytest.raises(asyncpg.RestrictViolationError):
            await connection.execute("UPDATE sale_entry SET area_id = NULL WHERE venue_id = 'v'")
        await migrate(url, "0052")
        await connection.execute(VOID, "meal")
        assert await entered(connection, "order_id") == {"other": 397}
    finally:
        await connection.close()


async def test_a_closed_day_is_told_apart_by_item_and_area(url: str) -> None:
    await closed_day_is_told_apart(url)
