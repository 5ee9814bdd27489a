"""The server's HTTP side: what surrounds every request, the EPOS Data API, and FastAPI behind it."""

from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from epos.contract.openapi import openapi_document
from epos.contract.operations import OPERATIONS, Operation
from epos.domain.errors import EposError
from epos.domain.identifiers import Identifiers
from epos.rest.authentication import Authenticated
from epos.rest.endpoints import Endpoint, EposDataApi, Handler
from epos.rest.health import health_routes
from epos.rest.middleware import Observed
from epos.rest.plain_bills import PlainBills
from epos.rest.replies import ProtocolError, reply_error
from epos.services.api import Answer, Call, Services, calls
from epos.services.authentication import Authentication

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(
    services: Services,
    authentication: Authentication,
    identifiers: Identifiers,
    is_ready: Callable[[], Awaitable[bool]],
    *,
    lifespan: Lifespan,
    tables_as_array: bool = True,
) -> ASGIApp:
    """`tables_as_array`: SearchTables answers an array with one page, as the specification says."""
    handlers: dict[str, Handler] = dict(calls(services))
    if tables_as_array:
        handlers["SearchTables"] = _in_array(handlers["SearchTables"])
    operations = served(handlers)
    endpoints = [Endpoint(operation, handlers[operation.capability]) for operation in operations]
    api = EposDataApi(endpoints, other=_fastapi(operations, is_ready, lifespan))
    readable = PlainBills(api, services.bills)
    return Observed(Authenticated(readable, authentication), identifiers)


def served(handlers: Collection[str]) -> list[Operation]:
    """The operations that have a handler."""
    return [operation for operation in OPERATIONS if operation.capability in handlers]


def _fastapi(
    operations: list[Operation], is_ready: Callable[[], Awaitable[bool]], lifespan: Lifespan
) -> FastAPI:
    """Health checks, the documentation pages, start and stop."""
    app = FastAPI(lifespan=lifespan, redirect_slashes=False, redoc_url=None)
    app.router.routes.extend(health_routes(is_ready))
    for kind in (HTTPException, EposError, ProtocolError, Exception):
        app.add_exception_handler(kind, _answer_error)
    app.openapi = lambda: openapi_document(operations)  # type: ignore[method-assign]
    return app


async def _answer_error(request: Request, error: Exception) -> Any:
    """What fails inside FastAPI. Left to itself, it answers in a form of its own and in plain text."""
    refusal = _routing_error(error) if isinstance(error, HTTPException) else error
    trace_id = request.scope["state"]["trace_id"]

    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        await reply_error(send, refusal, trace_id)

    return answer


def _routing_error(error: HTTPException) -> ProtocolError:
    """FastAPI's own refusals are routing ones."""
    message = "There is nothing at this path" if error.status_code == 404 else error.detail
    headers = tuple(
        (name.lower().encode(), value.encode()) for name, value in (error.headers or {}).items()
    )
    return ProtocolError(error.status_code, message, headers)


def _in_array(handler: Handler) -> Handler:
    async def answer(call: Call) -> Answer:
        page = await handler(call)
        return [page]  # type: ignore[list-item]  # a search answers one model

    return answer
