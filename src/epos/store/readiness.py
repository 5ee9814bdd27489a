"""Whether the database answers and has the schema that this code needs."""

import asyncpg
from sqlalchemy import column, literal_column, select, table

from epos.domain.errors import Unavailable
from epos.store.database import Database
from epos.store.migrate import head
from epos.store.statements import Statement

NOT_READY = "the database does not have the newest schema: run `epos migrate`"

_VERSION = Statement(select(column("version_num")).select_from(table("alembic_version")))
_READ_ONLY = Statement(
    select(literal_column("current_setting('transaction_read_only') = 'on'").label("read_only"))
)
_DURABLE = Statement(select(literal_column("current_setting('fsync') = 'on'").label("durable")))


async def is_ready(database: Database) -> bool:
    """Raises Unavailable when the database does not answer, or takes no writes."""
    async with database.connection() as connection:
        if await _READ_ONLY.value(connection):
            raise Unavailable("The database takes no writes")
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
