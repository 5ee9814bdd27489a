"""The pytest plugin: the fixtures `epos` and `epos_url`.

Nothing is started before a test asks for one of them. Installed with the extra `testing`; pytest finds it
by its entry point.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx

    from epos.testing.venue import Epos

_JOURNAL = pytest.StashKey["Epos"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("epos", "EPOS server")
    group.addoption(
        "--epos-url", help="use this server instead of starting one; it needs EPOS_TESTING"
    )
    group.addoption("--epos-password", help="the password of its user `testing`")
    group.addoption("--epos-dojo-url", help="use this simulated Dojo instead of starting one")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "epos(kind, layout, seed, settings): what the venue of the fixture `epos` shall be like",
    )
    if not hasattr(config, "workerinput"):  # not a worker of pytest-xdist
        from epos.testing import servers

        servers.name_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        from epos.testing import servers

        servers.stop_all()


@pytest.fixture(scope="session")
def _epos_server(pytestconfig: pytest.Config) -> tuple[str, str]:
    """The address of the server and the password of its control API."""
    import os

    from epos.testing.servers import epos_server

    url = pytestconfig.getoption("--epos-url")
    if url is None:
        running = epos_server()
        return running.url, running.password
    password = pytestconfig.getoption("--epos-password") or os.environ.get("EPOS_TESTING_PASSWORD")
    if password is None:
        raise pytest.UsageError("--epos-url needs --epos-password, or EPOS_TESTING_PASSWORD")
    return url.rstrip("/"), password


@pytest.fixture(scope="session")
def epos_url(_epos_server: tuple[str, str]) -> str:
    """The address of an EPOS server, one for the whole run."""
    return _epos_server[0]


@pytest.fixture(scope="session")
def _epos_control(_epos_server: tuple[str, str]) -> "Iterator[httpx.Client]":
    import httpx

    url, password = _epos_server
    with httpx.Client(base_url=url, auth=("testing", password), timeout=90) as client:
        yield client


@pytest.fixture
def epos(
    request: pytest.FixtureRequest, epos_url: str, _epos_control: "httpx.Client"
) -> "Iterator[Epos]":
    """A venue of the test's own, on a server that all tests of the run share."""
    from epos.testing.venue import Epos

    form: dict[str, Any] = {}
    for marker in request.node.iter_markers("epos"):
        form = dict(marker.kwargs) | form
    dojo_url = request.config.getoption("--epos-dojo-url")
    venue = Epos(epos_url, _epos_control, form or {"kind": "demo"}, dojo_url)
    request.node.stash[_JOURNAL] = venue
    yield venue
    venue.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A test that fails shows what its venue was asked, and why it answered as it did."""
    outcome: Any = yield
    report: pytest.TestReport = outcome.get_result()
    venue = item.stash.get(_JOURNAL, None)
    if report.when == "call" and report.failed and venue is not None:
        report.sections.append((f"journal of venue {venue.venue_id}", _journal_of(venue)))


def _journal_of(venue: "Epos") -> str:
    try:
        return str(venue.journal)
    except Exception as error:  # noqa: BLE001 - the report of the test matters more
        return f"The journal cannot be read: {error}"
