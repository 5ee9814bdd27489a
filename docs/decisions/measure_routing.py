"""What it costs inside the process to find an operation and answer ready bytes. No network.

From the root of the project: .venv/bin/python docs/decisions/measure_routing.py
"""

import asyncio
import statistics
import time
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, Response
from starlette.applications import Starlette
from starlette.routing import Route

from epos.contract.operations import OPERATIONS
from epos.domain.credentials import Principal, Role
from epos.web.routes import Endpoint, Routes

ROUNDS, CALLS = 9, 2_000


def requester(waiter_id: Annotated[str | None, Header()] = None) -> str | None:
    return waiter_id


def services(who: Annotated[str | None, Depends(requester)]) -> str | None:
    return who


async def in_fastapi(order_id: str, who: Annotated[str | None, Depends(services)]) -> Response:
    return Response(b"{}")


async def in_starlette(request: Any) -> Response:
    return Response(b"{}")


async def in_ours(call: Any) -> None:
    return None


fastapi = FastAPI()
fastapi.get("/v1/orders/{order_id}")(in_fastapi)
starlette = Starlette(routes=[Route("/v1/orders/{order_id}", in_starlette)])
DOJO = frozenset({Role.DOJO})
ours = Routes(
    [
        Endpoint(known.capability, known.http_method, known.path, DOJO, in_ours, known.request)
        for known in OPERATIONS
    ],
    other=starlette,
)
APPS = {"FastAPI, one header, two dependencies": fastapi, "Starlette": starlette, "ours": ours}


def scope() -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/v1/orders/ord_1",
        "raw_path": b"/v1/orders/ord_1",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"waiter-id", b"42")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {"requester": None, "principal": Principal("demo", "demo", Role.DOJO)},
    }


async def receive() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def send(message: Any) -> None:
    pass


async def microseconds(app: Any) -> float:
    started = time.perf_counter()
    for _ in range(CALLS):
        await app(scope(), receive, send)
    return (time.perf_counter() - started) / CALLS * 1e6


async def main() -> None:
    seen: dict[str, list[float]] = {name: [] for name in APPS}
    for _ in range(ROUNDS):
        for name, app in APPS.items():
            seen[name].append(await microseconds(app))
    for name, values in seen.items():
        print(f"{statistics.median(values):8.1f} microseconds  {name}")


asyncio.run(main())
