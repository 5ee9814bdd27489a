"""The schema and the statements fit PostgreSQL and Citus: whatever a statement or a trigger touches is of
one venue, and so on one node.

On Citus a trigger runs on a shard, which has a name and a row type of its own. What a migration may write,
in short: keys that begin with the venue, triggers for each row, INSERT … VALUES in them, no locks by name.
"""

import re

import pytest

from epos.store.database import Database
from epos.store.statements import Record, Statement
from epos.store.tables import metadata
from tests.architecture.source_tree import PACKAGE, modules
from tests.store.test_statements import FILTERS, WRITTEN, combinations, searches, statements_of

NO_VENUE = {
    "dojo_links._LIST": "every connected venue, for the process that keeps them connected",
    "dojo_links._LIST_BY_SHARD": "the same, while a node is away",
    "readiness._DURABLE": "a setting of the server",
    "nodes.IS_CLUSTER": "the extensions of the database",
    "nodes._NODES": "the nodes of the cluster",
    "node_watch._NODES_OF": "the nodes of many venues, in the catalog that each node has",
    "node_watch.IS_CLUSTER": "the same statement",
    "readiness.IS_CLUSTER": "the same statement",
    "readiness._LITTLE_MEMORY": "a setting of the connection",
    "readiness._SPILL": "numbers; it reads no table",
    "readiness._WRITE": "the schema's version",
    "readiness._WRITE_LOG": "a line of PostgreSQL's own log",
    "readiness._STATE": "the schema's version, which every node has",
    "seeding._WAIT": "a setting of the connection",
    "setup.KNOWS_ZONE": "time zones, which every node has",
    "venues.KNOWS_ZONE": "the same statement",
    "venues._ADD": "the new venue's id is its key",
    "venues._LIST": "every venue, for the operator",
    "wakeups._TELL": "a message between processes; it reads no table",
}
LOCKS_BY_NAME = {PACKAGE / "store" / "migrate.py"}
"""Migrations run on one node alone."""
VOLATILE = r"\b(clock_timestamp|random|\w*uuid\w*|nextval|setval|timeofday|txid_current)\s*\("
CHANGES_ROWS = r"\b(INSERT INTO|UPDATE (?!OF\b)\w|DELETE FROM)"


def faults(sql: str) -> list[str]:
    """What Citus refuses in a statement, or does not do as PostgreSQL does."""
    plain = re.sub(r"FOR (NO KEY )?UPDATE", "", re.sub(r"\s+", " ", sql))
    found = ["a lock by name"] if "advisory" in plain else []
    if re.search(CHANGES_ROWS, plain):
        if re.search(VOLATILE, plain):
            found.append("a volatile function in a change")
        if re.search(r"VALUES \((?:(?!ON CONFLICT|RETURNING).)*\(SELECT", plain):
            found.append("a sub-select in VALUES")
        if re.search(r"(CASE (?:(?!END).)*|coalesce\([^)]*)_timestamp\(", plain):
            found.append("a function that is not immutable in CASE or coalesce")
        if re.search(r"DO UPDATE .*(_timestamp\(|\bnow\()", plain):
            found.append("a function that is not immutable in DO UPDATE")
    return found


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_a_statement_fits_both_engines(name: str) -> None:
    statement: Statement = WRITTEN[name]
    assert faults(statement.sql) == [], statement.sql
    assert ("venue_id" in statement.names) != (name in NO_VENUE)


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_a_search_fits_both_engines(name: str) -> None:
    for used in combinations(name):
        for keyset in searches(name, used):
            assert all(faults(statement.sql) == [] for statement in statements_of(keyset))


def test_nobody_locks_by_name() -> None:
    users = {path for path in modules() if "pg_advisory" in path.read_text(encoding="utf-8")}
    assert users == LOCKS_BY_NAME


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("INSERT INTO payment VALUES ($1, (SELECT max(position) FROM payment))", "VALUES"),
        ("INSERT INTO payment VALUES ($1, coalesce((SELECT 1), 0))", "VALUES"),
        ("UPDATE lease SET expires_at = clock_timestamp()", "volatile"),
        ("INSERT INTO a VALUES (1) ON CONFLICT DO UPDATE SET at = clock_timestamp()", "volatile"),
        ("INSERT INTO a VALUES (1) ON CONFLICT DO UPDATE SET at = now()", "not immutable"),
        ("UPDATE a SET at = CASE WHEN b THEN now() ELSE statement_timestamp() END", "CASE"),
        ("UPDATE a SET at = coalesce(at, statement_timestamp())", "coalesce"),
        ("SELECT pg_advisory_xact_lock(1)", "lock by name"),
    ],
)
def test_what_does_not_fit_is_found(sql: str, found: str) -> None:
    assert found in " ".join(faults(sql))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT clock_timestamp() FROM venue WHERE id = $1 FOR NO KEY UPDATE",
        "INSERT INTO payment VALUES ($1, $2) RETURNING id",
        "UPDATE lease SET expires_at = statement_timestamp()",
    ],
)
def test_and_what_fits_is_not(sql: str) -> None:
    assert faults(sql) == []


# --- the schema that the migrations made ----------------------------------------------------------

_OF_NO_VENUE = "alembic_version%"
"""And its shard, where a cluster has one on the coordinator."""
KEYS = f"""
    SELECT conrelid::regclass::text AS of, conname::text AS name, contype::text AS kind,
           (SELECT attname::text FROM pg_attribute
            WHERE attrelid = conrelid AND attnum = conkey[1]) AS first,
           confrelid::regclass::text AS to,
           (SELECT attname::text FROM pg_attribute
            WHERE attrelid = confrelid AND attnum = confkey[1]) AS key,
           confupdtype::text AS on_update, confdeltype::text AS on_delete
    FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'x', 'f')
      AND conrelid::regclass::text NOT LIKE '{_OF_NO_VENUE}'
"""
UNIQUE = f"""
    SELECT indrelid::regclass::text AS of, indexrelid::regclass::text AS name, attname::text AS first
    FROM pg_index LEFT JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
    WHERE indisunique AND indrelid::regclass::text NOT LIKE '{_OF_NO_VENUE}'
      AND (SELECT relnamespace FROM pg_class WHERE oid = indrelid) = 'public'::regnamespace
"""
TRIGGERS = """
    SELECT tgname::text AS name, tgrelid::regclass::text AS of,
           tgoldtable IS NOT NULL OR tgnewtable IS NOT NULL AS with_tables,
           tgtype & 1 = 1 AS for_each_row, tgtype & 28 = 0 AS only_truncate
    FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE NOT tgisinternal AND relnamespace = 'public'::regnamespace
"""
FUNCTIONS = """
    SELECT proname::text AS name, prosrc AS body,
           EXISTS (SELECT FROM unnest(proargtypes) AS argument JOIN pg_type ON pg_type.oid = argument
                   WHERE typtype = 'c') AS takes_a_row
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
"""
REFUSES_ALL = "refuse_change"
"""Reads and writes nothing, and may say the shard's name."""


def statements_of_function(body: str) -> list[str]:
    """Those that read or change a table, each in one line."""
    plain = re.sub(r"\s+", " ", re.sub("--.*", "", body))
    parts = re.split(r";|\bBEGIN\b|\bTHEN\b|\bELSE\b|\bLOOP\b", plain)
    return [part.strip() for part in parts if tables_in(part)]


def tables_in(sql: str) -> set[str]:
    named = re.findall(r"\b(?<!DISTINCT )(?:FROM|JOIN|INTO|UPDATE) (\w+)", sql)
    return set(named) & metadata.tables.keys()


def of_any_venue(sql: str) -> set[str]:
    """The tables of which a statement of a trigger does not say that it means the venue of the row."""
    return {table for table in tables_in(sql) if not _is_of_the_venue(table, sql)}


def _is_of_the_venue(table: str, sql: str) -> bool:
    if f"INSERT INTO {table} " in sql:
        values = rf"INSERT INTO {table} (AS \w+ )?\(venue_id, [^)]*\) VALUES \(NEW\.venue_id\b"
        return bool(re.search(values, sql))
    key = "id" if table == "venue" else "venue_id"
    alone = len(tables_in(sql)) == 1
    return bool(
        re.search(rf"\b{'' if alone else table + '[.]'}{key} = (NEW\.venue_id|the_venue)", sql)
    )


async def found(database: Database, sql: str) -> list[Record]:
    async with database.connection() as connection:
        return await connection.fetch(sql)


async def test_every_key_begins_with_the_venue(database: Database) -> None:
    keys = [key for key in await found(database, KEYS) if key["of"] in metadata.tables]
    assert {key["of"] for key in keys} == metadata.tables.keys(), (
        "and no shard, which a worker shows too"
    )
    for key in keys:
        assert key["first"] == ("id" if key["of"] == "venue" else "venue_id"), key
        if key["kind"] == "f":
            assert key["key"] == ("id" if key["to"] == "venue" else "venue_id"), key
            assert key["on_update"] == "a", f"{key['name']}: a trigger has to do it"
            assert key["on_delete"] in "ac", key
    indexes = [index for index in await found(database, UNIQUE) if index["of"] in metadata.tables]
    assert indexes
    for index in indexes:
        assert index["first"] == ("id" if index["of"] == "venue" else "venue_id"), index


async def test_triggers_run_on_a_shard(database: Database) -> None:
    for trigger in await found(database, TRIGGERS):
        assert not trigger["with_tables"], f"{trigger['name']}: transition tables"
        assert trigger["for_each_row"] or trigger["only_truncate"], trigger


async def test_functions_run_on_a_shard(database: Database) -> None:
    for function in await found(database, FUNCTIONS):
        body, name = re.sub(r"\s+", " ", function["body"]), function["name"]
        assert not function["takes_a_row"], f"{name}: a shard's row has a type of its own"
        assert "advisory" not in body, name
        for table in metadata.tables:
            assert f" {table}; " not in re.sub("FROM " + table, "", body), f"{name}: a row type"
        assert name == REFUSES_ALL or "TG_TABLE_NAME" not in body, f"{name}: pass an argument"
        assert not re.search(r"INSERT INTO \w+ (\([^)]*\) )?(SELECT|WITH)", body), (
            f"{name}: INSERT … VALUES in a loop"
        )


async def test_statements_of_triggers_stay_in_the_venue_of_the_row(database: Database) -> None:
    written = [
        (function["name"], statement)
        for function in await found(database, FUNCTIONS)
        for statement in statements_of_function(function["body"])
    ]
    assert len(written) > 10, "they are found"
    for name, statement in written:
        assert faults(statement) == [], f"{name}: {statement}"
        assert of_any_venue(statement) == set(), f"{name}: {statement}"


@pytest.mark.parametrize(
    ("body", "tables"),
    [
        (
            "BEGIN SELECT day INTO NEW.day FROM business_day WHERE id = NEW.id; END",
            {"business_day"},
        ),
        ("BEGIN UPDATE party SET is_live = true WHERE id = NEW.party_id; END", {"party"}),
        ("BEGIN INSERT INTO outbox (entity) VALUES (NEW.id); END", {"outbox"}),
        ("BEGIN INSERT INTO outbox (venue_id, entity) VALUES ('v', NEW.id); END", {"outbox"}),
        (
            "BEGIN IF EXISTS (SELECT FROM tab JOIN party ON tab.venue_id = NEW.venue_id) THEN END IF; END",
            {"party"},
        ),
        ("BEGIN DELETE FROM tab WHERE venue_id = NEW.venue_id; END", set()),
    ],
)
def test_a_statement_of_a_trigger_that_leaves_the_venue_is_found(
    body: str, tables: set[str]
) -> None:
    left = [of_any_venue(statement) for statement in statements_of_function(body)]
    assert set().union(*left) == tables
    assert left
