"""The application in the tests' own process, on a real database, without a socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import ClassVar

import httpx
from fastapi import FastAPI

from epos.main import build_app
from epos.settings import Settings
from tests.support.patience import Patient


@dataclass
class Application:
    """Where a venue's clients send their requests, instead of to a server process."""

    api: FastAPI
    base_url: ClassVar[str] = "http://127.0.0.1"

    def transport(self) -> httpx.AsyncBaseTransport:
        return Patient(httpx.ASGITransport(self.api))


@asynccontextmanager
async def running_application(database_url: str) -> AsyncIterator[Application]:
    api = build_app(Settings(demo=False), database_url)
    async with api.router.lifespan_context(api):
        yield Application(api)
