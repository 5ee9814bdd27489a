"""Migrate a database: one process at a time, the others wait. On Citus it is distributed as well."""

from functools import partial

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from epos.store.database import DURABLE
from epos.store.distribution import (
    CannotDistribute,
    coordinator_elsewhere,
    distribute,
    refuse_unfit,
    use_one_connection,
)
from epos.store.failures import is_passing, reason
from epos.store.revisions import migrations_folder

_LOCK = text("SELECT pg_advisory_lock(hashtext('epos migrations'))")
_UNLOCK = text("SELECT pg_advisory_unlock(hashtext('epos migrations'))")


class CannotMigrate(Exception):
    """The schema was not changed. The message gives the reason in one line."""


def engine_for(url: str) -> AsyncEngine:
    """An engine whose driver reads the URL itself, so that it may have every parameter that libpq knows."""
    creator = partial(asyncpg.connect, url, server_settings=DURABLE)
    return create_async_engine("postgresql+asyncpg://", async_creator=creator, poolclass=NullPool)


async def migrate(url: str, revision: str = "head") -> None:
    """Upgrade the database, or downgrade it to an older revision. Other processes wait for their turn.
    In a database with the extension Citus, the newest schema is then distributed over the nodes by venue.

    Raises CannotMigrate for a database that cannot be reached, a revision that does not exist, and a worker
    of a cluster.
    """
    try:
        await _migrate(url, revision)
    except (CommandError, CannotDistribute) as error:
        raise CannotMigrate(str(error)) from error
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise CannotMigrate(f"the database cannot be used: {error}") from error
    except DBAPIError as error:
        if not is_passing(error):
            raise
        raise CannotMigrate(f"the database cannot be used: {reason(error)}") from error


async def _migrate(url: str, revision: str) -> None:
    engine = engine_for(url)
    try:
        async with engine.connect() as connection:
            if coordinator := await connection.run_sync(coordinator_elsewhere):
                raise CannotMigrate(
                    f"a cluster is migrated at its coordinator, {coordinator}: this node is a worker"
                )
            await connection.run_sync(refuse_unfit)
            await connection.execute(_LOCK)
            await connection.commit()
            try:
                await connection.run_sync(_move, revision)
                await connection.commit()
                if revision == "head":
                    await connection.run_sync(distribute)
            finally:
                await connection.rollback()
                await connection.execute(_UNLOCK)
    finally:
        await engine.dispose()


def _move(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    config.attributes["connection"] = connection
    current = MigrationContext.configure(connection).get_current_revision()
    connection.commit()  # else Alembic would run all migrations in this one transaction
    if revision == current:
        return
    use_one_connection(connection)
    if revision == "head" or current is None or _is_newer(config, revision, current):
        command.upgrade(config, revision)
    else:
        command.downgrade(config, revision)


def _is_newer(config: Config, revision: str, current: str) -> bool:
    script = ScriptDirectory.from_config(config)
    if revision == "base":
        return False
    older = {entry.revision for entry in script.iterate_revisions(current, "base")}
    return revision not in older
