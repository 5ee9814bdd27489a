"""Runs migrations on the connection that `epos.store.migrate` passes in, or on EPOS_DATABASE_URL."""

import asyncio
import os

from alembic import context
from sqlalchemy import Connection

from epos.store.migrate import engine_for
from epos.store.tables import metadata


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_by_url() -> None:
    engine = engine_for(os.environ["EPOS_DATABASE_URL"])
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    asyncio.run(run_by_url())
