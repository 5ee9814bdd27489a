"""The application in the tests' own process, on a real database, without a socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import ClassVar

import httpx
from starlette.types import ASGIApp, Message

from epos.main import build_app
from epos.settings import Settings
from tests.support.patience import Patient


@dataclass
class Application:
    """Where a venue's clients send their requests, instead of to a server process."""

    app: ASGIApp
    base_url: ClassVar[str] = "http://127.0.0.1"

    def transport(self) -> httpx.AsyncBaseTransport:
        return Patient(httpx.ASGITransport(self.app))


@asynccontextmanager
async def running_application(database_url: str) -> AsyncIterator[Application]:
    app = build_app(Settings(demo=False), database_url)
    to_app, from_app = asyncio.Queue[Message](), asyncio.Queue[Message]()
    await to_app.put({"type": "lifespan.startup"})
    running = asyncio.create_task(_live(app, to_app, from_app))
    assert (await from_app.get())["type"] == "lifespan.startup.complete"
    yield Application(app)
    await to_app.put({"type": "lifespan.shutdown"})
    await running


async def _live(
    app: ASGIApp, received: asyncio.Queue[Message], sent: asyncio.Queue[Message]
) -> None:
    """From start to stop, as a server tells an application of them."""
    await app({"type": "lifespan", "asgi": {"version": "3.0"}}, received.get, sent.put)
