"""A tiny EPOS on the WebSocket: it answers as a test tells it to."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.support.dojo import DojoAccount

Json = dict[str, Any]
Answer = Callable[[Json], Json | Awaitable[Json | None] | None]


def result(frame: Json, value: Any) -> Json:
    return {"jsonrpc": "2.0", "id": frame["id"], "method": frame["method"], "result": value}


def error(frame: Json, kind: str) -> Json:
    said = {"errorType": kind, "debugMessage": "no", "traceId": "t"}
    return {"jsonrpc": "2.0", "id": frame["id"], "method": frame["method"], "error": said}


class FakeEpos:
    """One connection; every frame it got is in `frames`."""

    def __init__(self, connection: ClientConnection, answer: Answer) -> None:
        self.connection = connection
        self.frames: list[Json] = []
        self._answer = answer

    async def serve(self) -> None:
        """Until the connection ends, however it does."""
        async with asyncio.TaskGroup() as tasks:
            with suppress(ConnectionClosed):
                async for text in self.connection:
                    frame = json.loads(text)
                    self.frames.append(frame)
                    tasks.create_task(self._reply(frame))

    async def _reply(self, frame: Json) -> None:
        answer = self._answer(frame)
        if isinstance(answer, Awaitable):
            answer = await answer
        if answer is not None:
            with suppress(ConnectionClosed):
                await self.connection.send(json.dumps(answer))


def dial(account: DojoAccount, **headers: str | None) -> connect:
    """A connection as an EPOS opens it; a header that is None is left out."""
    sent = {
        "Authorization": account.headers["authorization"],
        "software-house-id": "test-house",
    }
    changed = {name.replace("_", "-"): value for name, value in headers.items()}
    known = {name: value for name, value in (sent | changed).items() if value is not None}
    return connect(account.dojo.socket_url, additional_headers=known, proxy=None)


@asynccontextmanager
async def fake_epos(account: DojoAccount, answer: Answer) -> AsyncIterator[FakeEpos]:
    """Connected until the block ends."""
    async with dial(account) as connection:
        epos = FakeEpos(connection, answer)
        serving = asyncio.create_task(epos.serve())
        yield epos
        await connection.close()
        await serving
