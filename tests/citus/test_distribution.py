"""`epos migrate` distributes: an empty database, one with trade in it, and what later migrations add."""

import asyncio
import re
from collections.abc import Iterator

import asyncpg
import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from typer.testing import CliRunner

from epos.commands.app import app
from epos.serving import CannotServe, prepare
from epos.settings import Settings
from epos.store.distribution import EVERYWHERE
from epos.store.migrate import CannotMigrate, engine_for, migrate
from epos.store.revisions import newest_revision
from epos.store.statements import Record
from epos.store.tables import metadata
from tests.store.test_migration_0009 import JOURNAL, MADE, leave, trade
from tests.store.test_migration_0053 import closed_day_is_told_apart
from tests.support.cluster import (
    HOST,
    OwnCluster,
    at,
    distributed_database,
    empty_database,
    join,
    run,
)

pytestmark = [pytest.mark.citus, pytest.mark.slow]

REFUSED = 2
TABLES = """
    SELECT table_name::text AS name, citus_table_type AS kind, distribution_column AS by,
           colocation_id AS together FROM citus_tables
"""


@pytest.fixture(scope="module")
def url(cluster: OwnCluster) -> Iterator[str]:
    with distributed_database(cluster.nodes, "distribution") as url:
        yield url


async def ask(url: str, sql: str) -> list[Record]:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(sql)
    finally:
        await connection.close()


async def test_every_table_is_with_its_venue(url: str) -> None:
    tables = {row["name"]: row for row in await ask(url, TABLES)}
    assert tables.keys() == metadata.tables.keys() | EVERYWHERE.keys()
    groups = set()
    for name, table in tables.items():
        if name in EVERYWHERE:
            assert table["kind"] == "reference"
        else:
            assert table["by"] == ("id" if name == "venue" else "venue_id")
            groups.add(table["together"])
    assert len(groups) == 1


async def test_every_node_has_the_functions_and_the_version(cluster: OwnCluster, url: str) -> None:
    sql = """SELECT (SELECT version_num FROM alembic_version) AS version, count(*) AS functions
             FROM pg_proc WHERE pronamespace = 'public'::regnamespace
             AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')"""
    answers = [(await ask(at(node, "distribution"), sql))[0] for node in cluster.nodes]
    assert answers[0]["functions"] > 10
    assert len(set(map(tuple, answers))) == 1


async def test_migrating_again_changes_nothing(url: str) -> None:
    before = await ask(url, TABLES)
    await migrate(url)
    assert sorted(map(str, await ask(url, TABLES))) == sorted(map(str, before))


@pytest.mark.parametrize("revision", ["head", "base"])
async def test_a_worker_is_not_migrated_and_nothing_changes(
    cluster: OwnCluster, url: str, revision: str
) -> None:
    before = await ask(url, TABLES)
    with pytest.raises(CannotMigrate, match=f"{HOST}:{cluster.port}"):
        await migrate(at(cluster.nodes[1], "distribution"), revision)
    assert await ask(url, TABLES) == before


def test_a_cluster_without_tables_gets_none_by_a_worker(cluster: OwnCluster) -> None:
    """One line, whoever asks: the command, or a server that would have to migrate first."""
    with empty_database(cluster.nodes, "by_worker"):
        asyncio.run(join(cluster.nodes, "by_worker"))
        worker = at(cluster.nodes[1], "by_worker")
        coordinator = f"{HOST}:{cluster.port}"
        command = CliRunner().invoke(app, ["migrate", "--database-url", worker])
        assert command.exit_code == REFUSED
        assert coordinator in command.stderr.splitlines()[-1]
        with pytest.raises(CannotServe, match=coordinator):
            asyncio.run(prepare(Settings(database_url=worker), worker))
        sql = "SELECT FROM pg_tables WHERE schemaname = 'public'"
        assert [asyncio.run(ask(at(node, "by_worker"), sql)) for node in cluster.nodes] == [[]] * 3


async def test_a_server_starts_at_a_worker_unless_it_would_have_to_migrate(
    cluster: OwnCluster, url: str
) -> None:
    worker = at(cluster.nodes[1], "distribution")
    settings = Settings(database_url=worker)
    await prepare(settings, worker)
    await run(url, "UPDATE alembic_version SET version_num = '0001'")
    try:
        with pytest.raises(CannotServe, match=f"{HOST}:{cluster.port}"):
            await prepare(settings, worker)
        assert [tuple(row) for row in await ask(url, "TABLE alembic_version")] == [("0001",)]
    finally:
        await run(url, f"UPDATE alembic_version SET version_num = '{newest_revision()}'")


def test_a_database_with_trade_keeps_it_and_trades_on(cluster: OwnCluster) -> None:
    """The journal is not written again, nothing is announced again, and the rules hold afterwards."""
    counts = ("sale_entry", "takings_entry", "payment", "party_table", "outbox")
    sql = "SELECT " + ", ".join(f"(SELECT count(*) FROM {name}) AS {name}" for name in counts)

    async def tell(url: str) -> None:
        await migrate(url)
        connection = await asyncpg.connect(url)
        await connection.execute(MADE)
        sold = await trade(connection, "first", None)
        await connection.close()
        before = await ask(url, sql)
        await join(cluster.nodes, "trade")
        await migrate(url)
        assert await ask(url, sql) == before
        connection = await asyncpg.connect(url)
        assert [tuple(row) for row in await connection.fetch(JOURNAL, "first")] == sold
        assert await leave(connection) == ["", "here"]
        sql_of_sale = "DELETE FROM sale_entry WHERE venue_id = 'v'"
        with pytest.raises(asyncpg.RestrictViolationError):
            await connection.execute(sql_of_sale)
        await connection.close()

    with empty_database(cluster.nodes, "trade") as url:
        asyncio.run(tell(url))


def test_a_coordinator_without_workers_says_what_is_missing(cluster: OwnCluster) -> None:
    with empty_database(cluster.nodes, "alone") as url:
        asyncio.run(run(url, "CREATE EXTENSION citus"))
        alone = f"SELECT citus_set_coordinator_host('{HOST}', {cluster.port})"
        asyncio.run(run(url, alone))
        with pytest.raises(CannotMigrate, match="no worker: add one with citus_add_node"):
            asyncio.run(migrate(url))


def test_a_later_migration_changes_rows_on_every_node(cluster: OwnCluster) -> None:
    with distributed_database(cluster.nodes, "later_rows") as url:
        asyncio.run(closed_day_is_told_apart(url))


async def test_a_table_of_a_later_migration_is_distributed_as_it_is_made(url: str) -> None:
    def make(connection: sa.Connection) -> None:
        operations = Operations(MigrationContext.configure(connection))
        operations.create_table(
            "later",
            sa.Column("venue_id", sa.Text(collation="C"), primary_key=True),
            sa.Column("id", sa.Text(collation="C"), primary_key=True),
            sa.Column("order_id", sa.Text(collation="C")),
            sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name="fk_later_venue_id"),
            sa.ForeignKeyConstraint(
                ["venue_id", "order_id"],
                ["customer_order.venue_id", "customer_order.id"],
                name="fk_later_venue_id_order_id",
            ),
        )
        operations.add_column("customer_order", sa.Column("later", sa.Integer()))
        operations.drop_column("customer_order", "later")

    engine = engine_for(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(make)
    finally:
        await engine.dispose()
    made = [row for row in await ask(url, TABLES) if row["name"] == "later"]
    assert [(row["kind"], row["by"]) for row in made] == [("distributed", "venue_id")]
    keys = await ask(url, "SELECT conname FROM pg_constraint WHERE conrelid = 'later'::regclass")
    assert sum(bool(re.match("fk_", row["conname"])) for row in keys) == 2
    await ask(url, "DROP TABLE later")
