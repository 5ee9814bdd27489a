"""A simulated Dojo for all tests here, an account for each, and an EPOS behind it."""

from collections.abc import AsyncIterator

import pytest

from tests.support.contract import contract_dir
from tests.support.dojo import DojoAccount, DojoProcess, dojo_account, running_dojo
from tests.support.server import RunningServer
from tests.support.venues import SECRET, Venue


@pytest.fixture(scope="session")
async def simulated_dojo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DojoProcess]:
    """`epos simulate dojo`; it holds everything against the published documents where they are."""
    log = tmp_path_factory.mktemp("dojo") / "dojo.log"
    folder = contract_dir()
    flags = ["--contract", str(folder)] if folder else []
    async with running_dojo(log, "--timeout", "20", "--late-capture", "1", *flags) as dojo:
        yield dojo


@pytest.fixture
async def account(simulated_dojo: DojoProcess) -> AsyncIterator[DojoAccount]:
    async with dojo_account(simulated_dojo) as account:
        yield account


@pytest.fixture
async def dojo(account: DojoAccount, venue: Venue, server: RunningServer) -> DojoAccount:
    """An account with which `venue` has registered everything over REST."""
    answer = await account.register(
        url=server.base_url, username=f"{venue.id}.dojo", password=SECRET
    )
    assert answer.status_code == 200, answer.text
    return account
