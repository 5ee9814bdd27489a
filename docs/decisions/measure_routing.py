"""What it costs inside the process to find an operation, bind its arguments and write a ready answer.

From the root of the project: .venv/bin/python docs/decisions/measure_routing.py
CPU time of the process; no network, no database, no middleware.
"""

import asyncio
import statistics
import time
from collections.abc import MutableMapping
from types import SimpleNamespace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, Response
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp

from epos.domain.credentials import Principal, Role
from epos.domain.requester import Requester
from epos.rest.app import build_api
from epos.web.route_table import RouteTable

ROUNDS, CALLS = 15, 2_000
PATH = "/v1/orders/ord_1"
ORDER = b'{"id":"ord_1"}'


class Orders:
    async def get(self, order_id: str, requester: Requester) -> None:
        return None


def plain_fastapi() -> FastAPI:
    """Four headers and two dependencies, as FastAPI's documentation has it."""

    def requester(
        waiter_id: Annotated[str | None, Header()] = None,
        dojo_requesting_product: Annotated[str | None, Header()] = None,
        device_id: Annotated[str | None, Header()] = None,
        device_type: Annotated[str | None, Header()] = None,
    ) -> str | None:
        return waiter_id

    def services(request: Request) -> Any:
        return request.app.state.services

    router = APIRouter(prefix="/v1/orders")

    @router.get("/{order_id}")
    async def get_order(
        order_id: str,
        who: Annotated[str | None, Depends(requester)],
        orders: Annotated[Any, Depends(services)],
    ) -> Response:
        return Response(ORDER, media_type="application/json")

    app = FastAPI()
    app.state.services = None
    app.include_router(router)
    return app


def starlette() -> Starlette:
    async def get_order(request: Request) -> Response:
        return Response(ORDER, media_type="application/json")

    return Starlette(routes=[Route("/v1/orders/{order_id}", get_order)])


def route_class(*, table: bool) -> ASGIApp:
    """The whole EPOS Data API, its operations found by FastAPI or through the table."""
    api = build_api()
    api.state.services = SimpleNamespace(orders=Orders())
    return RouteTable(api) if table else api


APPS: dict[str, ASGIApp] = {
    "FastAPI as in its documentation: four headers, two dependencies": plain_fastapi(),
    "routers with a route class, found by FastAPI": route_class(table=False),
    "routers with a route class, found through the table (ours)": route_class(table=True),
    "Starlette, one route": starlette(),
}


def scope() -> dict[str, Any]:
    requester = Requester("demo", "dojo", "trace")
    state = {"principal": Principal("demo", "dojo", Role.DOJO), "requester": requester}
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "path": PATH,
        "raw_path": PATH.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"waiter-id", b"42"), (b"device-id", b"tm_1")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
        "state": state,
    }


async def receive() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def send(message: MutableMapping[str, Any]) -> None:
    if message["type"] == "http.response.start":
        assert message["status"] == 200, message


async def microseconds(app: ASGIApp) -> float:
    started = time.process_time()
    for _ in range(CALLS):
        await app(scope(), receive, send)
    return (time.process_time() - started) / CALLS * 1e6


async def main() -> None:
    measured: dict[str, list[float]] = {name: [] for name in APPS}
    for _ in range(ROUNDS):
        for name, app in APPS.items():
            measured[name].append(await microseconds(app))
    for name, values in measured.items():
        print(f"{statistics.median(values):8.1f} microseconds  {name}")


asyncio.run(main())
