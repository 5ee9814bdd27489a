"""The simulated Dojo as one ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from epos.simulator import control, people
from epos.simulator.api_host import unknown_route
from epos.simulator.api_routes import api_routes
from epos.simulator.caller import NotRegistered
from epos.simulator.endpoint import socket_route
from epos.simulator.options import Options
from epos.simulator.terminal import NoSession
from epos.simulator.world import World

_MOST_CONNECTIONS = 100


def build_app(options: Options) -> FastAPI:
    """Dojo's API, its WebSocket endpoint, and the control API under `/sim`."""
    http = httpx.AsyncClient(
        timeout=None,  # noqa: S113 - the caller has its own patience
        limits=httpx.Limits(max_connections=_MOST_CONNECTIONS),
        trust_env=False,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with http:
            yield

    app = FastAPI(title="Simulated Dojo", version="1", lifespan=lifespan)
    world = app.state.world = World(options, http)
    app.include_router(control.router, tags=["Seen and done"])
    app.include_router(people.router, tags=["People"])
    app.router.routes += [*api_routes(world), socket_route(world), unknown_route(world)]
    app.add_exception_handler(NoSession, _not_found)
    app.add_exception_handler(NotRegistered, _not_found)
    return app


async def _not_found(_: Request, error: Exception) -> Response:
    return JSONResponse({"detail": str(error)}, 404)
