"""What every request asks is planned once for a connection, not again for each request."""

from collections.abc import AsyncIterator, Iterator

import pytest

from epos.demo import seeding
from epos.store.database import Database
from epos.store.statements import Connection
from epos.store.venue_store import VenueStore
from tests.support.databases import plain_database

_TIMES = 10
_ALWAYS_PLANNED = 5
"""So often PostgreSQL plans a statement anew before it considers keeping a plan."""


@pytest.fixture
def url(postgresql_url: str) -> Iterator[str]:
    with plain_database(postgresql_url) as url:
        yield url


@pytest.fixture
async def connection(url: str) -> AsyncIterator[Connection]:
    """To the demo venue, of whose size PostgreSQL knows."""
    database = Database(url, pool_size=1)
    await seeding.seed(database)
    async with database.connection() as connection:
        await connection.execute("ANALYZE")
        yield connection
    await database.close()


async def test_an_order_is_found_by_a_plan_that_is_kept(connection: Connection) -> None:
    store = VenueStore(connection, "demo")
    orders = await connection.fetch("SELECT id FROM customer_order ORDER BY id")
    (waiter,) = await connection.fetch("SELECT id FROM waiter WHERE NOT is_manager LIMIT 1")
    for number in range(_TIMES):
        order_id = orders[number % len(orders)]["id"]
        locked = await store.orders.lock(order_id)
        assert locked is not None
        assert await store.orders.sees(locked, waiter["id"])
        assert await store.orders.answer(order_id, waiter["id"]) is not None
        assert await store.tabs.answer(order_id, waiter["id"]) is not None
    planned = await connection.fetch(
        "SELECT statement, generic_plans, custom_plans FROM pg_prepared_statements "
        "WHERE generic_plans + custom_plans >= $1",
        _TIMES,
    )
    assert len(planned) >= 3
    assert not [row["statement"] for row in planned if row["custom_plans"] > _ALWAYS_PLANNED]
