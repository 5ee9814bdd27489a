"""What the tests share: a real PostgreSQL, the real server on it, and venues of their own.

Every worker process of pytest-xdist has a database of its own: on an embedded PostgreSQL that it starts
for itself, or on the server of EPOS_DATABASE_URL.
"""

import os
import shutil
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache, partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from epos.store.database import Database
from tests.support.application import Application, running_application
from tests.support.cluster import is_citus, reasons
from tests.support.contract import contract_dir
from tests.support.databases import fresh_database, postgresql
from tests.support.server import RunningServer, running_server
from tests.support.services import WiredServices, wired_services
from tests.support.venues import Target, Venue, make_venue

# A busy machine is no failure.
settings.register_profile("epos", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fast", settings.get_profile("epos"), max_examples=20)

_IN_MEMORY = Path("/dev/shm")
_ROOM = 8 * 2**30
"""Bytes that must be free for the databases of the tests, with much to spare."""

# Fixtures that start a process other than PostgreSQL.
_PROCESSES = frozenset({"server", "dojo", "simulated_dojo"})

pytest_plugins = ["tests.support.privacy"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fast",
        action="store_true",
        help="leave out tests that are slow or start a process, send requests to the application in "
        "this process, try fewer examples",
    )


def pytest_configure(config: pytest.Config) -> None:
    """In the background of a script, or under nohup, these are ignored; so they would be by every server
    that a test starts.
    """
    for what in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(what) is signal.SIG_IGN:
            signal.signal(what, lambda *_: None)
    # Each commit waits for the disk, as it must in production. Here that would be a third of the time.
    if _IN_MEMORY.is_dir() and shutil.disk_usage(_IN_MEMORY).free > _ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_IN_MEMORY))
    settings.load_profile("fast" if config.getoption("--fast") else "epos")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what is slow from a fast run, and what needs the published contract where there is none.

    The slow ones come first: at the end no worker is left with a long one while the others are idle.
    """
    items.sort(key=lambda item: not _is_slow(item))
    left_out = {item for item in items if config.getoption("--fast") and _is_slow(item)}
    if contract_dir() is None:
        left_out |= _without(items, "the published contract: set EPOS_CONTRACT_DIR", _is_published)
    for name in _missing_programs():
        left_out |= _without(items, name, partial(_runs, name))
    if is_citus():
        why = reasons()
        left_out |= {item for item in items if item.nodeid.startswith(tuple(why))}
    else:
        left_out |= {item for item in items if item.get_closest_marker("citus") is not None}
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


def _is_slow(item: pytest.Item) -> bool:
    """Whether it is marked so, or starts a process through a fixture."""
    fixtures = getattr(item, "fixturenames", ())
    return item.get_closest_marker("slow") is not None or not _PROCESSES.isdisjoint(fixtures)


def _is_published(item: pytest.Item) -> bool:
    return item.get_closest_marker("published") is not None


def _runs(name: str, item: pytest.Item) -> bool:
    marker = item.get_closest_marker("program")
    return marker is not None and marker.args == (name,)


def _without(
    items: list[pytest.Item], what: str, needs: Callable[[pytest.Item], bool]
) -> set[pytest.Item]:
    """Those that need what is missing, which may not be in CI."""
    found = {item for item in items if needs(item)}
    if found and os.environ.get("CI"):
        raise pytest.UsageError(f"CI needs {what}")
    return found


@cache
def _missing_programs() -> list[str]:
    return [name for name in ("curl", "go", "java", "node") if shutil.which(name) is None]


def pytest_report_header() -> list[str]:
    """Said at the start: with several processes, collection has no terminal to say it on."""
    lines = [
        f"{name}: not found, so the tests with this HTTP client are deselected"
        for name in _missing_programs()
    ]
    if contract_dir() is None:
        lines.append(
            "published contract: not at ../shared/contract and EPOS_CONTRACT_DIR is not set, "
            "so the tests marked `published` are deselected"
        )
    return lines


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


@pytest.fixture(scope="session")
async def application(database_url: str) -> AsyncIterator[Application]:
    """The application in this process, on this worker's database."""
    async with running_application(database_url) as application:
        yield application


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest) -> Target:
    """Where the requests of a test's venues go: to a server process, in a fast run to the application
    in this process.
    """
    in_process = request.config.getoption("--fast")
    target: Target = request.getfixturevalue("application" if in_process else "server")
    return target


@pytest.fixture
async def services(database_url: str) -> AsyncIterator[WiredServices]:
    """Every service, on a database that counts how its transactions end."""
    async with wired_services(database_url) as services:
        yield services


@pytest.fixture
async def venue(database: Database, target: Target) -> AsyncIterator[Venue]:
    """A venue of the test's own: two areas, six tables, three waiters and a manager; policy open."""
    async with make_venue(database, target) as venue:
        yield venue


@pytest.fixture(scope="session")
async def quiet_venue(database: Database, target: Target) -> AsyncIterator[Venue]:
    """A venue that no test changes, so that one is enough for all of them."""
    async with make_venue(database, target) as venue:
        yield venue


@pytest.fixture
async def other_venue(database: Database, target: Target) -> AsyncIterator[Venue]:
    """A second venue in the same database, with the same ids of its own."""
    async with make_venue(database, target) as venue:
        yield venue


@pytest.fixture
async def assigned_venue(database: Database, target: Target) -> AsyncIterator[Venue]:
    """The same, with the access policy `assigned`."""
    async with make_venue(database, target, access_policy="assigned") as venue:
        yield venue
