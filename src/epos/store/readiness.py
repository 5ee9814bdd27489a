"""Whether the database answers and has the schema that this code needs."""

import asyncpg
from sqlalchemy import column, literal_column, select, table

from epos.store.database import Database
from epos.store.migrate import head
from epos.store.statements import Statement

NOT_READY = "the database does not have the newest schema: run `epos migrate`"

_VERSION = Statement(select(column("version_num")).select_from(table("alembic_version")))
_DURABLE = Statement(select(literal_column("current_setting('fsync') = 'on'").label("durable")))


async def is_ready(database: Database) -> bool:
    """Raises Unavailable when the database does not answer."""
    async with database.connection() as connection:
        try:
            version: str | None = await _VERSION.value(connection)
        except asyncpg.UndefinedTableError:
            return False
    return version == head()


async def is_durable(database: Database) -> bool:
    """Whether a committed payment survives a power cut: fsync is on."""
    async with database.connection() as connection:
        durable: bool = await _DURABLE.value(connection)
    return durable
