"""What the tests share: a real PostgreSQL, the real server on it, and venues of their own.

Every worker process of pytest-xdist has a database of its own: on an embedded PostgreSQL that it starts
for itself, or on the server of EPOS_DATABASE_URL.
"""

import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from epos.store.database import Database
from tests.support.contract import contract_dir
from tests.support.databases import fresh_database, postgresql
from tests.support.server import RunningServer, running_server
from tests.support.venues import Venue, make_venue

# A busy machine is no failure.
settings.register_profile("epos", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("epos")

pytest_plugins = ["tests.support.privacy"]


def pytest_configure() -> None:
    """In the background of a script, or under nohup, these are ignored; so they would be by every server
    that a test starts.
    """
    for what in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(what) is signal.SIG_IGN:
            signal.signal(what, lambda *_: None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect, with a line that says so, what needs the published contract where there is none.

    The slow ones come first: at the end no worker is left with a long one while the others are idle.
    """
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    if contract_dir() is not None:
        return
    published = [item for item in items if item.get_closest_marker("published")]
    if not published:
        return
    if os.environ.get("CI"):
        raise pytest.UsageError("CI needs the published contract: set EPOS_CONTRACT_DIR")
    config.hook.pytest_deselected(items=published)
    items[:] = [item for item in items if item not in published]


def pytest_report_header() -> str | None:
    """Said at the start: with several processes, collection has no terminal to say it on."""
    if contract_dir() is not None:
        return None
    return (
        "published contract: not at ../shared/contract and EPOS_CONTRACT_DIR is not set, "
        "so the tests marked `published` are deselected"
    )


@pytest.fixture(scope="session")
def postgresql_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server to make databases on."""
    with postgresql(tmp_path_factory) as url:
        yield url


@pytest.fixture(scope="session")
def database_url(postgresql_url: str) -> Iterator[str]:
    """A migrated database of this worker process."""
    with fresh_database(postgresql_url) as url:
        yield url


@pytest.fixture(scope="session")
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture(scope="session")
async def server(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningServer]:
    """`epos serve` as a process on a free port, on this worker's database."""
    log: Path = tmp_path_factory.mktemp("server") / "server.log"
    async with running_server(database_url, log) as server:
        yield server


@pytest.fixture
async def venue(database: Database, server: RunningServer) -> AsyncIterator[Venue]:
    """A venue of the test's own: two areas, six tables, three waiters and a manager; policy open."""
    async with make_venue(database, server) as venue:
        yield venue


@pytest.fixture
async def other_venue(database: Database, server: RunningServer) -> AsyncIterator[Venue]:
    """A second venue in the same database, with the same ids of its own."""
    async with make_venue(database, server) as venue:
        yield venue


@pytest.fixture
async def assigned_venue(database: Database, server: RunningServer) -> AsyncIterator[Venue]:
    """The same, with the access policy `assigned`."""
    async with make_venue(database, server, access_policy="assigned") as venue:
        yield venue
