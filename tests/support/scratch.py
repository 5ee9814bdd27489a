"""Units of work on a table called scratch, which has keys and nothing else to say."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg

from epos.domain.errors import Unavailable
from epos.store.database import Database
from epos.store.statements import Connection
from epos.store.venue_store import VenueStore

KEY = "a key"


def raw(store: VenueStore) -> Connection:
    return store.orders._connection


async def insert(store: VenueStore, key: str = KEY) -> None:
    await raw(store).execute("INSERT INTO scratch (key) VALUES ($1)", key)


async def keys(database: Database) -> list[str]:
    """What is committed."""
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT key FROM scratch ORDER BY key")
    return [row["key"] for row in rows]


async def backend(store: VenueStore) -> int:
    """The process behind the connection."""
    pid: int = await raw(store).fetchval("SELECT pg_backend_pid()")
    return pid


async def terminate(url: str, where: str = "true") -> None:
    """What an administrator, or a restart of PostgreSQL, does to connections."""
    admin = await asyncpg.connect(url)
    await admin.execute(
        f"""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND {where}"""
    )
    await admin.close()


async def until_it_works(attempt: Callable[[], Awaitable[None]]) -> None:
    """Meanwhile there is no other answer than Unavailable."""
    async with asyncio.timeout(10):
        while True:
            try:
                return await attempt()
            except Unavailable:
                await asyncio.sleep(0.01)
