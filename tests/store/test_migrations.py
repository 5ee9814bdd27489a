"""The schema: up, down, and the same as the models say."""

import asyncio
import sys
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from epos.store.database import Database
from epos.store.migrate import engine_for, migrate
from epos.store.readiness import is_ready
from epos.store.revisions import migrations_folder, newest_revision
from epos.store.tables import metadata
from tests.support.databases import plain_database

OBJECTS = {
    "tables": "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
    "functions": "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    "columns": """
        SELECT table_name || '.' || column_name, data_type, is_nullable, column_default,
               collation_name, is_identity, is_generated, generation_expression
        FROM information_schema.columns WHERE table_schema = 'public'""",
    "constraints": """
        SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype NOT IN ('n', 't')""",
    "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
}


@pytest.fixture
def url(postgresql_url: str) -> Iterator[str]:
    """A database at the newest schema, of the test's own."""
    with plain_database(postgresql_url) as url:
        yield url


async def execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


async def described(url: str, what: str) -> set[tuple[Any, ...]]:
    """The objects of one kind in a database, but for Alembic's own."""
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(OBJECTS[what])
    await connection.close()
    return {tuple(row) for row in rows if "alembic_version" not in str(row[0])}


async def on_engine(url: str, call: Any) -> None:
    engine = engine_for(url)
    async with engine.begin() as connection:
        await connection.run_sync(call)
    await engine.dispose()


async def test_down_to_nothing_and_up_again(url: str) -> None:
    before = {what: await described(url, what) for what in OBJECTS}
    assert len(before["tables"]) == len(metadata.tables)
    await migrate(url, "base")
    assert {what: await described(url, what) for what in OBJECTS} == {
        what: set() for what in OBJECTS
    }
    await migrate(url)
    assert {what: await described(url, what) for what in OBJECTS} == before


async def test_every_single_step_can_be_taken_back(url: str) -> None:
    before = {what: await described(url, what) for what in OBJECTS}
    await migrate(url, "0001")
    assert await described(url, "tables") < before["tables"]
    await migrate(url, "0001")
    await migrate(url)
    await migrate(url)
    assert {what: await described(url, what) for what in OBJECTS} == before


async def test_alembic_finds_nothing_to_do(url: str) -> None:
    def check(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(migrations_folder()))
        config.attributes["connection"] = connection
        command.check(config)

    await on_engine(url, check)


@pytest.mark.parametrize("what", ["tables", "columns", "constraints", "indexes"])
async def test_migrated_is_what_the_models_say(url: str, what: str) -> None:
    """Alembic compares neither checks nor the conditions of indexes; PostgreSQL's own words do."""
    migrated = await described(url, what)
    await execute(url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    await on_engine(url, metadata.create_all)
    assert await described(url, what) == migrated


@pytest.mark.slow
async def test_who_comes_at_the_same_time_waits_its_turn(url: str) -> None:
    await migrate(url, "base")
    program = [sys.executable, "-m", "epos", "migrate", "--database-url", url]
    processes = [await asyncio.create_subprocess_exec(*program) for _ in range(3)]
    assert await asyncio.gather(*(process.wait() for process in processes)) == [0, 0, 0]
    database = Database(url, pool_size=1)
    assert await is_ready(database)
    await database.close()


def test_the_newest_revision_is_the_one_that_alembic_finds() -> None:
    assert newest_revision() == ScriptDirectory(str(migrations_folder())).get_current_head()


async def test_ready_is_only_the_newest(url: str) -> None:
    assert newest_revision() != "0001"
    database = Database(url, pool_size=1)
    for revision, ready in (("0001", False), ("base", False), ("head", True)):
        await migrate(url, revision)
        assert await is_ready(database) is ready, revision
    await database.close()


async def test_a_payment_that_had_ended_ends_when_the_ledger_learns_of_it(url: str) -> None:
    """Revision 0002: before it, events moved intents and left the payments alone."""
    await migrate(url, "0001")
    order = """INSERT INTO customer_order (venue_id, id, origin, status, currency, total_amount,
                   paid_amount, tips_amount, order_type, reference, reference_is_ours, content,
                   created_at, updated_at)
               VALUES ('v', 'ord', 'till', 'Finalized', 'GBP', 1000, 1000, 70, 'DineIn', 'R', false,
                       '{}', now(), now())"""
    payments = """INSERT INTO payment (venue_id, id, order_id, position, source, payment_intent_id,
                      paid_amount, tips_amount, status, recorded_at, credential, trace_id)
                  SELECT 'v', 'pay_' || n, 'ord', n, 'dojo', 'pi_' || n, n * 100, n * 10, 'recorded',
                         now(), 'dojo', 't'
                  FROM (VALUES (1), (2), (4)) AS made (n)"""
    await execute(
        url,
        "INSERT INTO venue (id, name, currency, time_zone) VALUES ('v', 'V', 'GBP', 'Europe/London')",
        """INSERT INTO payment_intent (venue_id, id, status)
           VALUES ('v', 'pi_1', 'Reversed'), ('v', 'pi_2', 'Captured'), ('v', 'pi_4', 'Refunded')""",
        f"""DO $$ BEGIN {order}; {payments};
            UPDATE customer_order SET paid_amount = 700; END $$""",
    )
    await migrate(url)
    connection = await asyncpg.connect(url)
    left = await connection.fetchrow("SELECT status, paid_amount, tips_amount FROM customer_order")
    ledger = await connection.fetch("SELECT status FROM payment ORDER BY id")
    noted = await connection.fetch("SELECT payment_id, was FROM payment_transition ORDER BY 1")
    await connection.close()
    assert left is not None
    assert tuple(left) == ("Ready", 200, 20)
    assert [row["status"] for row in ledger] == ["reversed", "recorded", "refunded"]
    assert [tuple(row) for row in noted] == [("pay_1", "recorded"), ("pay_4", "recorded")]
