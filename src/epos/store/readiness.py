"""Whether the database answers and has the schema that this code needs."""

import asyncpg
from sqlalchemy import column, literal_column, select, table

from epos.domain.errors import Unavailable
from epos.store.database import Database
from epos.store.revisions import newest_revision
from epos.store.statements import Statement

NOT_READY = "the database does not have the newest schema: run `epos migrate`"

_STATE = Statement(
    select(
        column("version_num"),
        literal_column("current_setting('transaction_read_only') = 'on'").label("read_only"),
    ).select_from(table("alembic_version"))
)
_DURABLE = Statement(select(literal_column("current_setting('fsync') = 'on'").label("durable")))


async def is_ready(database: Database) -> bool:
    """Raises Unavailable when the database does not answer, or takes no writes."""
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


async def is_durable(database: Database) -> bool:
    """Whether a committed payment survives a power cut: fsync is on."""
    async with database.connection() as connection:
        durable: bool = await _DURABLE.value(connection)
    return durable
