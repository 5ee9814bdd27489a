"""Revision 0046 on a database whose tabs, parties and reservations keep keys of their own."""

from collections.abc import Iterator

import asyncpg
import pytest

from epos.store.migrate import migrate
from tests.support.databases import plain_database

MADE = """
INSERT INTO venue (id, name, currency, time_zone) VALUES ('v', 'V', 'GBP', 'Europe/London');

INSERT INTO customer_order (venue_id, id, origin, status, currency, total_amount,
    order_type, reference, reference_is_ours, content, created_at, updated_at)
SELECT 'v', id, 'till', 'New', 'GBP', 0, 'DineIn', id, true, '{}', made, made
FROM (VALUES ('o', now()), ('old', now() - interval '8 days'), ('free', now())) AS rows (id, made);

INSERT INTO tab (venue_id, order_id, key, fingerprint, service_charge_rate, service_charge_bears_vat)
VALUES ('v', 'o', 'till/1', 'f', 0, false), ('v', 'old', 'till/2', 'f', 0, false),
       ('v', 'free', null, null, 0, false);

INSERT INTO party (venue_id, id, key, fingerprint, status, start_time, created_at, updated_at)
VALUES ('v', 'p', 'till/1', 'f', 'Seated', now(), now(), now()),
       ('v', 'q', 'till/3', 'f', 'Seated', now(), now(), now());

INSERT INTO reservation (venue_id, id, key, fingerprint, name, covers, start_time, end_time,
    created_at, updated_at)
VALUES ('v', 'r', 'till/4', 'f', 'Ada', 2, now(), now() + interval '1 hour', now(), now())
"""


@pytest.fixture
def url(postgresql_url: str) -> Iterator[str]:
    with plain_database(postgresql_url) as url:
        yield url


async def test_what_was_sent_with_a_key_before_is_not_carried_out_again(url: str) -> None:
    await migrate(url, "0045")
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(MADE)
        await migrate(url, "0046")
        rows = await connection.fetch("SELECT key, operation, answer FROM till_write ORDER BY key")
    finally:
        await connection.close()
    assert [tuple(row) for row in rows] == [
        ("till/1", "open-tab", ""),
        ("till/3", "seat-party", ""),
        ("till/4", "book", ""),
    ]
