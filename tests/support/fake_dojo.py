"""Dojo's end of a WebSocket, as bare as it can be."""

import asyncio

from websockets.asyncio.server import ServerConnection

_PATIENCE = 20


class FakeDojo:
    """Listens where Dojo would; each connection that arrives waits in `arrivals`."""

    def __init__(self) -> None:
        self.arrivals: asyncio.Queue[ServerConnection] = asyncio.Queue()
        self.handshakes: list[dict[str, str]] = []
        self.url = ""

    async def accept(self, connection: ServerConnection) -> None:
        request = connection.request
        assert request is not None
        self.handshakes.append({name.lower(): value for name, value in request.headers.items()})
        await self.arrivals.put(connection)
        await connection.wait_closed()

    async def next(self) -> ServerConnection:
        async with asyncio.timeout(_PATIENCE):
            return await self.arrivals.get()
