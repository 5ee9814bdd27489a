"""Revision 0002 on a database where events had moved intents and left the payments alone."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from epos.store.migrate import migrate
from tests.support.databases import plain_database

Row = tuple[Any, ...]

MADE = """
INSERT INTO venue (id, name, currency, time_zone)
VALUES ('v', 'V', 'GBP', 'Europe/London'), ('w', 'W', 'GBP', 'Europe/London');

INSERT INTO payment_intent (venue_id, id, status)
VALUES ('v', 'pi_reversed', 'Reversed'), ('v', 'pi_refunded', 'Refunded'),
       ('v', 'pi_canceled', 'Canceled'), ('v', 'pi_captured', 'Captured'), ('v', 'pi_new', NULL),
       ('v', 'pi_last', 'Reversed'), ('v', 'pi_unknown', 'Reversed'), ('w', 'pi_reversed', 'Captured');

INSERT INTO customer_order (venue_id, id, origin, dojo_order_id, status, currency, total_amount,
    paid_amount, tips_amount, order_type, reference, reference_is_ours, content, created_at, updated_at)
SELECT made.venue, made.id, CASE WHEN made.id LIKE 'tab%' THEN 'till' ELSE 'dojo' END,
       CASE WHEN made.id LIKE 'tab%' THEN NULL ELSE made.id END, made.status, 'GBP', 1000, made.paid,
       made.tips, 'DineIn', 'R-' || made.id, false, '{}', '2024-01-01Z', '2024-01-01Z'
FROM (VALUES ('v', 'tab', 'Finalized', 1000, 15), ('v', 'canceled', 'Canceled', 300, 30),
             ('v', 'open', 'Accepted', 100, 0), ('v', 'sound', 'Finalized', 500, 50),
             ('w', 'tab', 'Finalized', 1000, 0)) AS made (venue, id, status, paid, tips);

INSERT INTO payment (venue_id, id, order_id, position, source, payment_intent_id, paid_amount,
                     tips_amount, status, recorded_at, credential, trace_id)
SELECT made.venue, made.id, made.order_id, made.position, made.source, made.intent, made.paid,
       made.tips, 'recorded', now(), 'dojo', 't'
FROM (VALUES ('v', 'pay_1', 'tab', 0, 'dojo', 'pi_reversed', 600, 10),
             ('v', 'pay_2', 'tab', 1, 'dojo', 'pi_refunded', 250, 5),
             ('v', 'pay_3', 'tab', 2, 'cash', NULL, 150, 0),
             ('v', 'pay_4', 'canceled', 0, 'dojo', 'pi_canceled', 300, 30),
             ('v', 'pay_5', 'open', 0, 'dojo', 'pi_last', 100, 0),
             ('v', 'pay_6', 'sound', 0, 'dojo', 'pi_captured', 400, 40),
             ('v', 'pay_7', 'sound', 1, 'dojo', 'pi_new', 100, 10),
             ('w', 'pay_1', 'tab', 0, 'dojo', 'pi_reversed', 1000, 0)
     ) AS made (venue, id, order_id, position, source, intent, paid, tips)
"""
ORDERS = """
SELECT venue_id, id, status, paid_amount, tips_amount, version FROM customer_order ORDER BY 1, 2
"""
LEDGER = "SELECT venue_id, id, status, paid_amount, tips_amount FROM payment ORDER BY 1, 2"
MOVES = """
SELECT venue_id, payment_id, was, status, reason, event_id FROM payment_transition ORDER BY 2
"""
TRAIL = """
SELECT subject_id, action, credential, trace_id, details FROM audit_entry ORDER BY details ->> 'payment'
"""

ORDERS_AFTER = [
    ("v", "canceled", "Canceled", 0, 0, 2),
    ("v", "open", "Accepted", 0, 0, 2),
    ("v", "sound", "Finalized", 500, 50, 1),
    ("v", "tab", "Ready", 150, 0, 2),
    ("w", "tab", "Finalized", 1000, 0, 1),
]
LEDGER_AFTER = [
    ("v", "pay_1", "reversed", 600, 10),
    ("v", "pay_2", "refunded", 250, 5),
    ("v", "pay_3", "recorded", 150, 0),
    ("v", "pay_4", "canceled", 300, 30),
    ("v", "pay_5", "reversed", 100, 0),
    ("v", "pay_6", "recorded", 400, 40),
    ("v", "pay_7", "recorded", 100, 10),
    ("w", "pay_1", "recorded", 1000, 0),
]


async def rows(url: str, sql: str) -> list[Row]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def execute(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute(sql)
    finally:
        await connection.close()


async def _prepare(url: str) -> None:
    await migrate(url, "0001")
    await execute(url, MADE)


@pytest.fixture
def url(postgresql_url: str) -> Iterator[str]:
    """A database at revision 0001, with the rows above."""
    with plain_database(postgresql_url) as url:
        asyncio.run(_prepare(url))
        yield url


@pytest.mark.parametrize("revision", ["0002", "head"])
async def test_payments_of_dead_intents_end(url: str, revision: str) -> None:
    await migrate(url, revision)
    assert await rows(url, ORDERS) == ORDERS_AFTER
    assert await rows(url, LEDGER) == LEDGER_AFTER


async def test_by_transitions_that_are_written_down(url: str) -> None:
    await migrate(url)
    assert await rows(url, MOVES) == [
        ("v", "pay_1", "recorded", "reversed", "migration", None),
        ("v", "pay_2", "recorded", "refunded", "migration", None),
        ("v", "pay_4", "recorded", "canceled", "migration", None),
        ("v", "pay_5", "recorded", "reversed", "migration", None),
    ]
    trail = await rows(url, TRAIL)
    assert [entry[:4] for entry in trail] == [
        (order_id, "payment.ended", "migration", "migration-0002")
        for order_id in ("tab", "tab", "canceled", "open")
    ]
    assert json.loads(trail[0][4]) == {
        "payment": "pay_1",
        "paid": 600,
        "tips": 10,
        "status": "reversed",
    }


async def test_from_then_on_what_has_ended_stays_ended(url: str) -> None:
    await migrate(url)
    with pytest.raises(asyncpg.CheckViolationError, match="cannot change so"):
        await execute(url, "UPDATE payment SET status = 'recorded' WHERE id = 'pay_5'")


async def test_down_keeps_the_books_and_up_again_ends_nothing_twice(url: str) -> None:
    await migrate(url)
    await migrate(url, "0001")
    assert await rows(url, ORDERS) == ORDERS_AFTER
    assert await rows(url, LEDGER) == LEDGER_AFTER
    assert await rows(url, "SELECT to_regclass('payment_transition')") == [(None,)]
    assert len(await rows(url, TRAIL)) == 4, "the audit trail is never taken back"
    await migrate(url)
    assert await rows(url, ORDERS) == ORDERS_AFTER
    assert await rows(url, LEDGER) == LEDGER_AFTER
    assert len(await rows(url, TRAIL)) == 4
    assert await rows(url, MOVES) == []


async def test_a_database_without_orders(url: str) -> None:
    await migrate(url, "base")
    await migrate(url)
    assert await rows(url, ORDERS) == []
