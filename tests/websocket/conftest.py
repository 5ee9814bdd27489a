"""Dojo's end of the connection."""

from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.server import serve

from tests.support.fake_dojo import FakeDojo


@pytest.fixture
async def fake_dojo() -> AsyncIterator[FakeDojo]:
    fake = FakeDojo()
    async with serve(fake.accept, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        fake.url = f"ws://127.0.0.1:{port}/epos"
        yield fake


@pytest.fixture
def dojo(fake_dojo: FakeDojo) -> FakeDojo:
    """The same, for tests that are left out of a fast run."""
    return fake_dojo
