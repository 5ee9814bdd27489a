"""The control API, on a server of its own."""

from collections.abc import AsyncIterator

import pytest

from tests.support.control import Controller, MadeVenue, running_controller
from tests.support.dojo import DojoAccount, DojoProcess, dojo_account, running_dojo


@pytest.fixture(scope="session")
async def simulated_dojo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DojoProcess]:
    async with running_dojo(tmp_path_factory.mktemp("dojo") / "dojo.log") as process:
        yield process


@pytest.fixture
async def dojo(simulated_dojo: DojoProcess) -> AsyncIterator[DojoAccount]:
    async with dojo_account(simulated_dojo) as account:
        yield account


@pytest.fixture(scope="session")
async def controller(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Controller]:
    async with running_controller(
        database_url, tmp_path_factory.mktemp("control") / "log"
    ) as controller:
        yield controller


@pytest.fixture
async def demo(controller: Controller) -> AsyncIterator[MadeVenue]:
    """A demo venue of the test's own."""
    async with controller.venue() as venue:
        yield venue
