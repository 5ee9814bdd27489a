"""The control API, on a server of its own."""

from collections.abc import AsyncIterator

import pytest

from tests.support.control import Controller, MadeVenue, running_controller


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
