"""Spread the tables over the nodes of a Citus cluster, by venue. Without the extension, nothing is done.

All rows of a venue are on one node: `venue` is distributed by its id, every other table by `venue_id`, in
one group. Tables that belong to no venue are in `EVERYWHERE`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic.ddl.postgresql import PostgresqlImpl
from sqlalchemy import Connection, Table, text
from sqlalchemy.schema import AddConstraint

from epos.store.database import SETTINGS_OF_NODES
from epos.store.nodes import COORDINATOR_ELSEWHERE
from epos.store.tables import metadata, venue

EVERYWHERE = {"alembic_version": "the version of the schema: every node is asked for it"}
"""Tables that have a copy on each node, with the reason."""

_HAS_CITUS = text("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')")
_IS_DISTRIBUTED = text(
    "SELECT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = to_regclass(:name))"
)
_NO_WORKER = text(
    "SELECT count(*) > 0 AND count(*) FILTER "
    "(WHERE shouldhaveshards AND isactive AND noderole = 'primary') = 0 FROM pg_dist_node"
)
_TRIGGERS_ALLOWED = text("SELECT current_setting('citus.enable_unsafe_triggers', true) = 'on'")
_ONE_AFTER_THE_OTHER = text("SET LOCAL citus.multi_shard_modify_mode TO 'sequential'")
_ALWAYS_ONE_AFTER_THE_OTHER = text("SET citus.multi_shard_modify_mode TO 'sequential'")
_PATIENTLY = text("SET LOCAL statement_timeout TO 0")
_DISTRIBUTE_VENUE = text("SELECT create_distributed_table('venue', 'id')")
_DISTRIBUTE = text(
    "SELECT create_distributed_table(CAST(:name AS regclass), 'venue_id', colocate_with => 'venue')"
)
_EVERYWHERE = text("SELECT create_reference_table(CAST(:name AS regclass))")
_FUNCTIONS = text("""
    SELECT create_distributed_function(pg_proc.oid::regprocedure) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_dist_object
                      WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid)
""")
_TRIGGERS = text("""
    SELECT tgname::text AS name, tgrelid::regclass::text AS table_name,
           pg_get_triggerdef(pg_trigger.oid) AS made
    FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE NOT tgisinternal AND relnamespace = 'public'::regnamespace
""")
_FORGET_LOCAL_ROWS = text(
    "SELECT truncate_local_data_after_distributing_table(CAST(:name AS regclass))"
)
# The sessions that Citus opens to a node have the settings that the role has there. Each node is told by
# itself; Citus does not pass it on a second time.
_SET_ON_EACH_NODE = text("""
    SELECT pg_dist_node.nodename || ':' || pg_dist_node.nodeport AS node, answer.result
    FROM run_command_on_all_nodes(
        format(
            $command$
            DO $do$ BEGIN
                SET LOCAL citus.enable_ddl_propagation TO off;
                ALTER ROLE %I IN DATABASE %I SET %I = %L;
            END $do$
            $command$,
            current_user, current_database(), CAST(:name AS text), CAST(:value AS text)
        ),
        true, true
    ) AS answer JOIN pg_dist_node ON pg_dist_node.nodeid = answer.nodeid
    WHERE NOT answer.success ORDER BY 1
""")


class CannotDistribute(Exception):
    """Not done, or not on every node. The message gives the reason in one line."""


def has_citus(connection: Connection) -> bool:
    found: bool = connection.execute(_HAS_CITUS).scalar_one()
    return found


def is_distributed(connection: Connection) -> bool:
    """Whether this database has been distributed."""
    return has_citus(connection) and _has_been(connection, venue.name)


def coordinator_elsewhere(connection: Connection) -> str | None:
    """On a worker: `host:port` of the coordinator, the only node where the tables of all can be changed."""
    found = None
    if has_citus(connection):
        found = connection.execute(text(COORDINATOR_ELSEWHERE)).one_or_none()
    connection.commit()
    return None if found is None else f"{found.host}:{found.port}"


def refuse_unfit(connection: Connection) -> None:
    """Raises CannotDistribute for a cluster that does not allow triggers on distributed tables, and one in
    which no node may have rows.
    """
    if has_citus(connection):
        if not connection.execute(_TRIGGERS_ALLOWED).scalar_one():
            raise CannotDistribute("set citus.enable_unsafe_triggers = on on every node")
        if connection.execute(_NO_WORKER).scalar_one():
            raise CannotDistribute("the cluster has no worker: add one with citus_add_node")
    connection.commit()


def use_one_connection(connection: Connection) -> None:
    """From now on this session changes a node's shards one after the other. A migration mixes rows, tables
    and functions in one transaction, which Citus refuses when it has used several connections to a node.
    """
    if is_distributed(connection):
        connection.execute(_ALWAYS_ONE_AFTER_THE_OTHER)
    connection.commit()


def distribute(connection: Connection) -> None:
    """Distribute every table that is not yet, with the rows in it: all or none. Nothing else may write
    meanwhile. Call it on the coordinator, with the newest schema.

    Every node gets the settings of our sessions, each time: one that was added has not got them.

    Raises CannotDistribute if a node does not take the settings.
    """
    if not has_citus(connection):
        connection.rollback()
        return
    new = _not_distributed(connection)
    if new:
        connection.execute(_ONE_AFTER_THE_OTHER)
        connection.execute(_PATIENTLY)
        # Rows that move to their node were journaled, announced and checked when they were written.
        with _without_triggers(connection):
            for table in new:
                _distribute(connection, table)
            for table in new:
                connection.execute(_FORGET_LOCAL_ROWS, {"name": table})
        connection.execute(_FUNCTIONS)
    connection.commit()
    for name, value in SETTINGS_OF_NODES.items():
        _set_on_each_node(connection, name, value)
    connection.commit()


def _set_on_each_node(connection: Connection, name: str, value: str) -> None:
    failed = connection.execute(_SET_ON_EACH_NODE, {"name": name, "value": value}).all()
    if failed:
        reasons = "; ".join(f"{node}: {result}" for node, result in failed)
        raise CannotDistribute(f"not every node has {name}={value} now: {reasons}")


def _not_distributed(connection: Connection) -> list[str]:
    """A table after those that it refers to; `venue` first, since the others are in its group."""
    tables = sorted(metadata.sorted_tables, key=lambda table: table is not venue)
    names = [*(table.name for table in tables), *EVERYWHERE]
    return [name for name in names if not _has_been(connection, name)]


@contextmanager
def _without_triggers(connection: Connection) -> Iterator[None]:
    triggers = connection.execute(_TRIGGERS).all()
    for name, table, _ in triggers:
        connection.execute(text(f"DROP TRIGGER {name} ON {table}"))
    yield
    for _, _, made in triggers:
        connection.exec_driver_sql(made)


def _has_been(connection: Connection, name: str) -> bool:
    found: bool = connection.execute(_IS_DISTRIBUTED, {"name": name}).scalar_one()
    return found


def _distribute(connection: Connection, table: str) -> None:
    if table in EVERYWHERE:
        connection.execute(_EVERYWHERE, {"name": table})
    elif table == venue.name:
        connection.execute(_DISTRIBUTE_VENUE)
    else:
        connection.execute(_DISTRIBUTE, {"name": table})


class DistributingImpl(PostgresqlImpl):
    """What a migration's `create_table` does: in a database that is distributed, so is the new table."""

    __dialect__ = "postgresql"

    def create_table(self, table: Table, **options: Any) -> None:
        if self.as_sql or self.connection is None or not is_distributed(self.connection):
            super().create_table(table, **options)
            return
        # A table of one node cannot refer to one of many: first without its foreign keys.
        self.connection.execute(_ONE_AFTER_THE_OTHER)
        super().create_table(table, include_foreign_key_constraints=[], **options)
        _distribute(self.connection, table.name)
        for key in table.foreign_key_constraints:
            self._exec(AddConstraint(key))
