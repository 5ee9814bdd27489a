"""Venues that are connected to Dojo, and processes that keep them so."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from epos.store.database import Database
from tests.support.dojo import DojoAccount, DojoProcess, dojo_account, running_dojo
from tests.support.links import Outbox, connect
from tests.support.venues import Venue


@pytest.fixture(scope="session")
async def dojo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DojoProcess]:
    async with running_dojo(tmp_path_factory.mktemp("dojo") / "dojo.log") as process:
        yield process


@pytest.fixture
async def account(dojo: DojoProcess) -> AsyncIterator[DojoAccount]:
    async with dojo_account(dojo) as account:
        yield account


@pytest.fixture
async def outbox(venue: Venue) -> Outbox:
    """Of the venue, which is connected from now on; nobody sends unless the test does."""
    await connect(venue)
    return Outbox(venue)


@pytest.fixture
async def fresh_outbox(database: Database) -> Callable[[Venue], Awaitable[Outbox]]:
    """Of any venue."""

    async def make(venue: Venue) -> Outbox:
        await connect(venue)
        return Outbox(venue)

    return make
