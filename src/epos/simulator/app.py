"""The simulated Dojo as one FastAPI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from epos.simulator.accounts import Accounts
from epos.simulator.caller import NotRegistered
from epos.simulator.options import Options
from epos.simulator.routes import (
    control,
    epos_socket,
    events,
    integrations,
    payment_intents,
    people,
    terminal_sessions,
    unknown,
)
from epos.simulator.terminal import NoSession

_MOST_CONNECTIONS = 100
_ROUTERS = (
    control.router,
    people.router,
    integrations.router,
    events.router,
    payment_intents.router,
    terminal_sessions.router,
    epos_socket.router,
    unknown.router,  # matches every path: the last one
)


def build_app(options: Options) -> FastAPI:
    """Dojo's API, its WebSocket endpoint, and the control API under `/sim`."""
    http = httpx.AsyncClient(
        timeout=None,  # noqa: S113 - the caller has its own timeouts
        limits=httpx.Limits(max_connections=_MOST_CONNECTIONS),
        trust_env=False,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with http:
            yield

    app = FastAPI(title="Simulated Dojo", version="1", lifespan=lifespan)
    app.state.accounts = Accounts(options, http)
    for router in _ROUTERS:
        app.include_router(router)
    app.add_exception_handler(NoSession, _not_found)
    app.add_exception_handler(NotRegistered, _not_found)
    return app


async def _not_found(_: Request, error: Exception) -> Response:
    return JSONResponse({"detail": str(error)}, 404)
