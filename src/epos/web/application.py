"""A FastAPI application whose operations are a contract's: its document, and how it answers errors."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from functools import cached_property
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from epos.contract.errors import ContractViolation, EPOSError
from epos.domain.errors import EposError
from epos.web.examples import examples_of
from epos.web.openapi import Json, tidied
from epos.web.replies import NOTHING_HERE, ProtocolError, reply_error

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


class ContractApi(FastAPI):
    """FastAPI without what this contract does not have: redirects for slashes, errors of its own form,
    documents at fixed places. `package`: where its routers and their examples are. `prefix`: where it is
    mounted, as its document shows it. `error`: what its errors are; the document calls it EPOSError.
    """

    def __init__(  # noqa: PLR0913 - one argument for each part of the document
        self,
        routers: Sequence[APIRouter],
        *,
        title: str,
        version: str,
        description: str,
        tags: Mapping[str, str],
        descriptions: Mapping[str, str] | None = None,
        package: str,
        prefix: str = "",
        error: type[EPOSError] = EPOSError,
        lifespan: Lifespan | None = None,
    ) -> None:
        super().__init__(
            title=title,
            version=version,
            description=description,
            openapi_tags=[{"name": tag, "description": text} for tag, text in tags.items()],
            servers=[{"url": "/", "description": "The server that gave this document."}],
            openapi_url=None,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
            telemetry={"tracing": False, "metrics": False, "logs": False},
            generate_unique_id_function=_name,
            exception_handlers=dict.fromkeys(
                (HTTPException, EposError, ProtocolError, ContractViolation), _answer_error
            ),
            lifespan=lifespan,
        )
        self.routers: list[APIRouter] = []
        self._prefix = prefix
        self._error = error
        self._package = package
        self._descriptions = descriptions or {}
        for router in routers:
            self.include_router(router)

    def include_router(self, router: APIRouter, *arguments: Any, **named: Any) -> None:
        """As FastAPI does it; the table of routes reads them from here."""
        self.routers.append(router)
        super().include_router(router, *arguments, **named)

    def prepare(self) -> None:
        """Build what FastAPI would build for the first path that it is asked for: the routes of all routers
        once more. Call it in a thread: it takes longer than the event loop may be held.
        """
        for route in self.routes:
            route.matches({"type": "http", "method": "GET", "path": "", "root_path": ""})

    def openapi(self) -> Json:
        """The document as it is published."""
        return self._document

    @cached_property
    def _document(self) -> Json:
        document = super().openapi()
        if self._error is not EPOSError:
            schema = self._error.model_json_schema(ref_template="#/components/schemas/{model}")
            del schema["$defs"]
            document["components"]["schemas"]["EPOSError"] = schema
        return tidied(document, self._prefix, self._descriptions, examples_of(self._package))


def _name(route: APIRoute) -> str:
    """The id of an operation in the document, where the route has no other."""
    return route.name


async def _answer_error(request: Request, error: Exception) -> Any:
    """What fails inside FastAPI: unknown paths and its own routes, such as the documentation pages."""
    refusal = _routing_error(error) if isinstance(error, HTTPException) else error
    trace_id = request.scope["state"]["trace_id"]

    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        await reply_error(send, refusal, trace_id)

    return answer


def _routing_error(error: HTTPException) -> ProtocolError:
    message = NOTHING_HERE if error.status_code == 404 else error.detail
    headers = [
        (name.lower().encode(), value.encode()) for name, value in (error.headers or {}).items()
    ]
    return ProtocolError(error.status_code, message, tuple(headers))
