"""A database with a table for tests of the store itself."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from epos.store.database import Database
from tests.support.databases import fresh_database
from tests.support.scratch import until_it_works


@pytest.fixture(scope="module")
def scratch_url(postgresql_url: str) -> Iterator[str]:
    """A database with one more table, of keys that nobody else uses."""
    with fresh_database(postgresql_url) as url:
        asyncio.run(_add_table(url))
        yield url


async def _add_table(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE scratch (key text PRIMARY KEY, value int DEFAULT 0)")
    await connection.close()


@pytest.fixture
async def scratch(scratch_url: str) -> AsyncIterator[Database]:
    """Two connections each for writing and for reading."""
    database = Database(scratch_url, pool_size=2)
    yield database
    await until_it_works(lambda: _clear(database))
    await database.close()


async def _clear(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute("TRUNCATE scratch")
