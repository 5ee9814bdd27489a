"""FastAPI behind the routes: health checks, the documentation pages, start and stop."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import cache
from typing import Any

from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from epos.domain.errors import EposError
from epos.web.health import health_routes
from epos.web.replies import ProtocolError, reply_error

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
OpenApi = Callable[[], dict[str, Any]]


def pages(
    documents: Mapping[str, OpenApi],
    is_ready: Callable[[], Awaitable[bool]],
    *,
    lifespan: Lifespan,
) -> FastAPI:
    """`documents`: by prefix; each is served at `<prefix>/openapi.json`, its page at `<prefix>/docs`."""
    app = FastAPI(
        lifespan=lifespan, redirect_slashes=False, openapi_url=None, docs_url=None, redoc_url=None
    )
    app.router.routes.extend(health_routes(is_ready))
    for prefix, document in documents.items():
        _describe(app, prefix, document)
    for kind in (HTTPException, EposError, ProtocolError, Exception):
        app.add_exception_handler(kind, _answer_error)
    return app


def _describe(app: FastAPI, prefix: str, document: OpenApi) -> None:
    document = cache(document)

    async def openapi(_: Request) -> JSONResponse:
        return JSONResponse(document())

    async def page(_: Request) -> HTMLResponse:
        url = f"{prefix}/openapi.json"
        return get_swagger_ui_html(openapi_url=url, title=document()["info"]["title"])

    app.add_route(f"{prefix}/openapi.json", openapi, include_in_schema=False)
    app.add_route(f"{prefix}/docs", page, include_in_schema=False)


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
