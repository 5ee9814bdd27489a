"""The small EPOS as others reach it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from epos.contract.operations import OPERATIONS
from tests.check.small_epos import SmallEpos
from tests.support.dojo import dojo_key, named
from tests.support.server import CERTIFICATES, free_port
from tests.support.waiting import until


@asynccontextmanager
async def listening(epos: SmallEpos) -> AsyncIterator[str]:
    """Its URL, over HTTP."""
    port = free_port()
    config = uvicorn.Config(epos, port=port, log_config=None, lifespan="off", access_log=False)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server.serve())

    async def started() -> bool:
        return server.started

    await until(started)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving


async def connect_to_dojo(
    epos: SmallEpos, port: int, without: frozenset[str] = frozenset()
) -> None:
    """Register, connect, and answer until the connection ends."""
    names = [
        name
        for operation in OPERATIONS
        if operation.capability not in without
        for name in operation.registrable_names
    ]
    headers = {
        "authorization": f"Basic {dojo_key()}",
        "version": "2026-02-27",
        "software-house-id": "test-house",
        "reseller-id": "test-reseller",
    }
    place = f"http://127.0.0.1:{port}/epos/integrations/ws"
    async with httpx.AsyncClient(headers=headers, verify=CERTIFICATES) as client:

        async def registered() -> bool:
            try:
                return (await client.put(place, json={"capabilities": named(*names)})).is_success
            except httpx.TransportError:
                return False

        await until(registered)
    socket = f"ws://127.0.0.1:{port}/epos"
    async with (
        connect(socket, additional_headers=headers, proxy=None) as connection,
        asyncio.TaskGroup() as tasks,
    ):
        async for text in connection:
            tasks.create_task(_answer(epos, connection, text))


async def _answer(epos: SmallEpos, connection: ClientConnection, text: str | bytes) -> None:
    answer = await epos.frame(json.loads(text))
    with suppress(ConnectionClosed):
        await connection.send(json.dumps(answer))
