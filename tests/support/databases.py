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
from tests.support.cluster import copied_database, made_once, nodes

_MAINTENANCE = "postgres"
_TEMPLATE = f"epos_test_template_{uuid.uuid4().hex[:12]}"


@contextmanager
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server of EPOS_DATABASE_URL, which all processes share, else an embedded one of our own."""
    given = os.environ.get("EPOS_DATABASE_URL")
    if given and nodes(given):
        yield given
        return
    if given:
        with _template_on(given):
            yield given
        return
    data_dir = tmp_path_factory.getbasetemp() / "postgresql"
    with EmbeddedPostgres.open(data_dir) as embedded, _template_on(embedded.url):
        yield embedded.url


@contextmanager
def _template_on(server_url: str) -> Iterator[None]:
    """Migrate one database, which every fresh one is a copy of."""
    with _database(server_url, _TEMPLATE) as url:
        asyncio.run(migrate(url))
        yield


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """A new migrated database, dropped afterwards; on a Citus cluster it is distributed.

    A commit does not wait for the disk: the tests of crashes have clusters of their own.
    """
    if cluster := nodes(server_url):
        with copied_database(cluster, _new_name()) as url:
            yield url
        return
    with plain_database(server_url) as url:
        yield url


@contextmanager
def plain_database(server_url: str) -> Iterator[str]:
    """A new migrated database of PostgreSQL alone, for tests of migrations from older schemas."""
    name = _new_name()
    with _database(server_url, name, f"TEMPLATE {_template_of(server_url)}") as url:
        admin = with_database(server_url, _MAINTENANCE)
        asyncio.run(_execute(admin, f"ALTER DATABASE {name} SET synchronous_commit = off"))
        yield url


def _template_of(server_url: str) -> str:
    """On Citus, few tests need one: it is made for the first."""
    cluster = nodes(server_url)
    if not cluster:
        return _TEMPLATE

    async def fill(name: str) -> None:
        await migrate(with_database(server_url, name))

    return asyncio.run(made_once(cluster[:1], "plain", fill))


def _new_name() -> str:
    return f"epos_test_{uuid.uuid4().hex[:12]}"


@contextmanager
def _database(server_url: str, name: str, options: str = "") -> Iterator[str]:
    admin = with_database(server_url, _MAINTENANCE)
    asyncio.run(_execute(admin, f"CREATE DATABASE {name} {options}"))
    try:
        yield with_database(server_url, name)
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
