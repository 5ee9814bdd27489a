"""A PostgreSQL for this process of the run, and databases on it."""

import asyncio
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import pytest
from sqlalchemy import make_url

from epos.store.embedded import EmbeddedPostgres
from epos.store.migrate import migrate

_MAINTENANCE = "postgres"


@contextmanager
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server of EPOS_DATABASE_URL, which all processes share, else an embedded one of our own."""
    given = os.environ.get("EPOS_DATABASE_URL")
    if given:
        yield given
        return
    with EmbeddedPostgres.open(tmp_path_factory.getbasetemp() / "postgresql") as embedded:
        yield embedded.url


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """A new migrated database, dropped afterwards."""
    name = f"epos_test_{uuid.uuid4().hex[:12]}"
    admin = with_database(server_url, _MAINTENANCE)
    asyncio.run(_execute(admin, f"CREATE DATABASE {name}"))
    try:
        url = with_database(server_url, name)
        asyncio.run(migrate(url))
        yield url
    finally:
        asyncio.run(_execute(admin, f"DROP DATABASE {name} WITH (FORCE)"))


def with_database(url: str, name: str) -> str:
    """The same server, another database."""
    return make_url(url).set(database=name).render_as_string(hide_password=False)


async def _execute(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
