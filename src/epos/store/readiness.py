"""Whether the database answers, has the schema that this code needs, and takes writes that last."""

import asyncio
from collections.abc import Callable

import asyncpg
from sqlalchemy import (
    Column,
    MetaData,
    Table,
    Text,
    func,
    literal,
    literal_column,
    select,
    update,
)

from epos.domain.errors import Unavailable
from epos.store import venues
from epos.store.database import Database
from epos.store.nodes import IS_CLUSTER, LASTING
from epos.store.revisions import newest_revision
from epos.store.statements import Connection, Statement

NOT_READY = "the database does not have the newest schema: run `epos migrate`"
_KEPT_SECONDS = 1.0
_PROBE_SECONDS = 2.0

_VERSION = Table("alembic_version", MetaData(), Column("version_num", Text))
_STATE = Statement(
    select(
        _VERSION.c.version_num,
        literal_column("current_setting('transaction_read_only') = 'on'").label("read_only"),
    )
)
_DURABLE = Statement(
    select(
        literal_column("current_setting('fsync') = 'on'").label("fsync"),
        literal_column("current_setting('synchronous_commit')").label("synchronous_commit"),
    )
)
# A row that exists in every database of ours. While a migration has it, nobody waits.
_FREE = select(_VERSION.c.version_num).with_for_update(skip_locked=True).cte("free")
_WRITE = Statement(
    update(_VERSION)
    .where(_VERSION.c.version_num == select(_FREE.c.version_num).scalar_subquery())
    .values(version_num=_VERSION.c.version_num)
)
_WRITE_LOG = Statement(
    select(func.pg_logical_emit_message(literal_column("true"), literal("epos"), literal("ready")))
)
# A changed row may find room in a page that exists. This takes new room: some 200 kB, until it has ended.
_NUMBERS = select(func.generate_series(1, literal_column("5000")).label("number")).subquery()
_SPILL = Statement(
    select(func.count()).select_from(
        select(_NUMBERS.c.number).order_by(_NUMBERS.c.number.desc()).subquery()
    )
)
_LITTLE_MEMORY = Statement(
    select(func.set_config("work_mem", literal("64kB"), literal_column("true")))
)


async def is_ready(database: Database) -> bool:
    """Whether it has the newest schema. Raises Unavailable when the database does not answer, or takes no
    writes.
    """
    async with database.connection() as connection:
        try:
            state = await _STATE.first(connection)
        except asyncpg.UndefinedTableError:
            return False
    if state is None:
        return False
    if state["read_only"]:
        raise Unavailable("The database takes no writes")
    is_newest: bool = state["version_num"] == newest_revision()
    return is_newest


async def ask_node_of(database: Database, venue_id: str) -> None:
    """Raises Unavailable when the node that has this venue, or would have it, does not answer."""
    async with database.connection(venue_id) as connection:
        await venues.exists(connection, venue_id)


async def why_not_durable(database: Database) -> str | None:
    """Why a committed payment may not survive a power cut, in one line for the operator."""
    async with database.connection() as connection:
        state = await _DURABLE.first(connection)
    assert state is not None  # noqa: S101 - a SELECT without FROM has one row
    if not state["fsync"]:
        return "PostgreSQL runs with fsync=off: a recorded payment could be lost"
    if state["synchronous_commit"] not in LASTING:
        return (
            f"the sessions have synchronous_commit={state['synchronous_commit']}, although the server "
            "asks for on: a recorded payment could be lost; is there a connection pooler that "
            "ignores it?"
        )
    return None


class Readiness:
    """The answer of `/readyz`: one small write at most each second, however many ask."""

    def __init__(self, database: Database, now: Callable[[], float] | None = None) -> None:
        self._database = database
        self._now = now or (lambda: asyncio.get_running_loop().time())
        self._probe: asyncio.Task[bool] | None = None
        self._asked_at = 0.0

    async def __call__(self) -> bool:
        """As `is_ready`; and raises Unavailable when a write fails or takes too long."""
        probe, now = self._probe, self._now()
        if probe is None or (probe.done() and now - self._asked_at >= _KEPT_SECONDS):
            self._asked_at = now
            probe = self._probe = asyncio.ensure_future(self._ask())
            probe.add_done_callback(_retrieve)
        return await asyncio.shield(probe)  # whoever leaves stops it for nobody else

    async def _ask(self) -> bool:
        try:
            async with asyncio.timeout(_PROBE_SECONDS):
                return await is_ready(self._database) and await self._takes_writes()
        except TimeoutError as error:
            raise Unavailable("The database takes too long") from error

    async def _takes_writes(self) -> bool:
        if await why_not_durable(self._database):
            raise Unavailable("The database could lose what it has committed")
        async with self._database.connection() as connection, connection.transaction():
            await _write(connection)
        return True


async def _write(connection: Connection) -> None:
    await _LITTLE_MEMORY.run(connection)
    await _SPILL.run(connection)
    # On a cluster every node has this row, and a change of it needs all of them: one that is away is not
    # everybody's.
    await (_WRITE_LOG if await IS_CLUSTER.value(connection) else _WRITE).run(connection)


def _retrieve(probe: "asyncio.Task[bool]") -> None:
    if not probe.cancelled():
        probe.exception()
