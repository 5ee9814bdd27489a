"""How many connections one turn of the event loop accepts."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import uvloop

from epos import listening

_CLIENTS = 48


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with listening.bound("127.0.0.1", 0) as bound:
        listening.listen(bound)
        yield bound


def test_clients_that_come_together_are_accepted_together(listener: socket.socket) -> None:
    """A turn takes long while the server is busy: a client must not wait a turn for each before it."""
    accepted = 0

    class Client(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            nonlocal accepted
            accepted += 1
            transport.close()

    async def accept() -> int:
        loop = asyncio.get_running_loop()
        servers = [
            await loop.create_server(Client, sock=one) for one in listening.repeated(listener)
        ]
        turns = 0
        while accepted < _CLIENTS:
            await asyncio.sleep(0)
            turns += 1
        for server in servers:
            server.close()
        return turns

    with ExitStack() as clients:
        for _ in range(_CLIENTS):
            clients.enter_context(socket.create_connection(listener.getsockname()))
        assert uvloop.run(accept()) < _CLIENTS // 4
