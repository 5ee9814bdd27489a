"""Dojo is away while a busy venue goes on: what it is told afterwards, and how little that is."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from epos.dojo.links import Links
from epos.dojo.sealing import Sealer, new_secret_key
from tests.support.dojo import DojoAccount, DojoProcess, dojo_account, running_dojo
from tests.support.links import heard, is_reached, link, nothing_waits
from tests.support.orders import order
from tests.support.rows import make_orders
from tests.support.server import running_server
from tests.support.venues import Venue
from tests.support.waiting import until

_ORDERS, _ROUNDS = 500, 20
_MOST_EVENTS = 10
_PATIENCE = 90

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
async def curious_dojo(tmp_path: Path) -> AsyncIterator[DojoProcess]:
    """A Dojo that fetches what it is told has changed."""
    async with running_dojo(tmp_path / "dojo.log", "--fetch") as dojo:
        yield dojo


async def connect(venue: Venue, account: DojoAccount, secret_key: str) -> None:
    """As `epos dojo link set` does."""
    where = {"api_url": account.dojo.url, "ws_url": account.dojo.socket_url}
    await Links(venue.database, Sealer(secret_key)).put(link(venue.id, **where), account.key)


_CHANGE_EACH = """
    SET LOCAL citus.enable_ddl_propagation = off;  -- on Citus, on this node alone
    CREATE PROCEDURE pg_temp.change_each(venue text, order_ids text[], number text)
    LANGUAGE plpgsql AS $$
    DECLARE one text;
    BEGIN
        FOREACH one IN ARRAY order_ids LOOP
            UPDATE customer_order SET note = number, updated_at = statement_timestamp()
            WHERE venue_id = venue AND id = one;
            COMMIT;
        END LOOP;
    END $$
"""


async def change(url: str, venue: Venue, order_ids: list[str], *numbers: int) -> None:
    """Each order once for each number, in a transaction of its own; the number is what changes."""
    connection = await asyncpg.connect(url, server_settings={"synchronous_commit": "off"})
    try:
        await connection.execute(_CHANGE_EACH)
        for number in numbers:
            await connection.execute(
                "CALL pg_temp.change_each($1, $2, $3)", venue.id, order_ids, str(number)
            )
    finally:
        await connection.close()


async def change_and_think_better_of_it(venue: Venue, order_ids: list[str]) -> None:
    async with venue.database.connection() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(
            "UPDATE customer_order SET note = 'never' WHERE venue_id = $1 AND id = ANY($2)",
            venue.id,
            order_ids,
        )
        await transaction.rollback()


async def told(account: DojoAccount) -> list[str]:
    """What Dojo was told has changed, oldest first."""
    return [one["entity"] for one in (await account.sim("GET", "events"))["events"]]


async def is_told_more_than(account: DojoAccount, count: int) -> bool:
    return len(await told(account)) > count


async def notes_seen(account: DojoAccount) -> dict[str, list[int]]:
    """The notes of each order in the sequence in which Dojo fetched them."""
    seen: dict[str, list[int]] = defaultdict(list)
    journal = await account.sim("GET", "journal", None, method="GetOrderById", limit="20000")
    for entry in journal:
        body: Any = entry.get("body")
        if entry["direction"] == "from-epos" and entry["ok"]:
            seen[body["id"]].append(int(body.get("note", 0)))
    return seen


async def test_10_000_changes_of_500_orders_while_dojo_is_away(
    curious_dojo: DojoProcess,
    venue: Venue,
    other_venue: Venue,
    database_url: str,
    tmp_path: Path,
) -> None:
    secret_key = new_secret_key()
    untouched = [(await venue.ok("POST", "/v1/orders", order()))["id"] for _ in range(3)]
    async with dojo_account(curious_dojo) as account, dojo_account(curious_dojo) as other:
        await connect(venue, account, secret_key)
        await connect(other_venue, other, secret_key)
        async with running_server(database_url, tmp_path / "server.log", secret_key=secret_key):
            await until(lambda: is_reached(account), _PATIENCE)
            await until(lambda: is_reached(other), _PATIENCE)
            order_ids = await make_orders(venue, _ORDERS)
            await change(database_url, venue, order_ids, 1)

            await account.fault("api", "status", match="POST /epos/events", status=503, times=None)
            await change(database_url, venue, order_ids, *range(2, _ROUNDS - 1))
            await change_and_think_better_of_it(venue, untouched)
            assert not await nothing_waits(venue)
            elsewhere = (await other_venue.ok("POST", "/v1/orders", order()))["id"]
            await until(lambda: nothing_waits(other_venue))
            assert await heard(other, elsewhere) == 1

            before = len(await told(account))
            await account.sim("DELETE", "faults")
            await until(lambda: is_told_more_than(account, before), _PATIENCE)
            await change(database_url, venue, order_ids, _ROUNDS - 1, _ROUNDS)  # while it hears
            await until(lambda: nothing_waits(venue), _PATIENCE)
            await account.settle()
            counts = Counter(await told(account))
            copies = await account.sim("GET", "copies")
            seen = await notes_seen(account)
    assert set(counts) == set(order_ids), "all of them, and nothing that was rolled back"
    assert max(counts.values()) <= _MOST_EVENTS
    assert {copies[one]["note"] for one in order_ids} == {str(_ROUNDS)}
    assert all(notes == sorted(notes) for notes in seen.values())
