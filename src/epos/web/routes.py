"""Operations served over HTTP as one ASGI application: finds the one, reads the body, calls, answers.

It stands in front of FastAPI rather than in its routers: the registries of operations already say
what FastAPI would work out again for every request (docs/decisions).
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.types import ASGIApp, Receive, Scope, Send

from epos.contract.base import ID_RULE, is_id
from epos.contract.codec import parse, to_wire
from epos.domain.credentials import Role
from epos.domain.errors import InvalidRequest
from epos.services.api import Answer, Call, check_ids
from epos.web.bodies import read_json
from epos.web.replies import Document, ProtocolError, reply, reply_document

_SLASH = "\ue000"  # of those that Unicode gives no meaning
Handler = Callable[[Call], Awaitable[Answer | Document]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation and what answers it."""

    name: str
    """What the log calls it."""
    http_method: str
    path: str
    roles: frozenset[Role]
    """Whose credentials open it."""
    handler: Handler
    request: type[Any] | None = None
    read: Callable[[bytes], Any] | None = None
    """How the body is read, where the model alone does not say what is wrong with it; it may take a
    while, so it runs beside the event loop.
    """
    query: frozenset[str] = frozenset()
    """The query parameters that it reads; others are ignored."""

    async def answer(
        self, scope: Scope, receive: Receive, ids: Mapping[str, str]
    ) -> bytes | Document:
        state = scope["state"]
        state["capability"] = self.name
        if state["principal"].role not in self.roles:
            raise ProtocolError(403, "This credential does not open this operation")
        check_ids(ids)
        body = await self._body(scope, receive)
        query = _query(scope, self.query) if self.query else {}
        answer = await self.handler(Call(state["requester"], ids, body, query))
        if isinstance(answer, Document):
            return answer
        return b"" if answer is None else to_wire(answer)

    async def _body(self, scope: Scope, receive: Receive) -> Any:
        if self.request is None:
            return None
        sent = await read_json(scope, receive)
        if self.read is None:
            return parse(self.request, sent)
        return await asyncio.to_thread(self.read, sent)


class _Resource:
    """The operations of one path."""

    def __init__(self, path: str) -> None:
        pattern = re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path)
        self.pattern = re.compile(pattern)
        self._endpoints: dict[str, Endpoint] = {}

    def add(self, endpoint: Endpoint) -> None:
        self._endpoints[endpoint.http_method] = endpoint

    def endpoint(self, method: str) -> Endpoint:
        """Raises ProtocolError 405 naming what is allowed."""
        endpoint = self._endpoints.get(method)
        if endpoint is None:
            allow = ", ".join(sorted(self._endpoints)).encode()
            raise ProtocolError(405, "The method is not allowed here", ((b"allow", allow),))
        return endpoint


class Routes:
    """Answers the paths of the endpoints; everything else goes on to `other`."""

    def __init__(self, endpoints: Iterable[Endpoint], other: ASGIApp) -> None:
        resources: dict[str, _Resource] = {}
        for endpoint in endpoints:
            resources.setdefault(endpoint.path, _Resource(endpoint.path)).add(endpoint)
        self._fixed = {path: found for path, found in resources.items() if "{" not in path}
        self._named = [found for path, found in resources.items() if "{" in path]
        self._other = other

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        resource, ids = self._find(_path(scope)) if scope["type"] == "http" else (None, {})
        if resource is None:
            await self._other(scope, receive, send)
            return
        endpoint = resource.endpoint(scope["method"])
        answer = await endpoint.answer(scope, receive, ids)
        if isinstance(answer, Document):
            await reply_document(send, answer)
        else:
            await reply(send, 200, answer)

    def _find(self, path: str) -> tuple[_Resource | None, dict[str, str]]:
        if path in self._fixed:
            return self._fixed[path], {}
        for resource in self._named:
            match = resource.pattern.fullmatch(path)
            if match is not None:
                return resource, {
                    name: value.replace(_SLASH, "/") for name, value in match.groupdict().items()
                }
        return None, {}


def _path(scope: Scope) -> str:
    """Decoded, with a slash inside an id (%2F) told from those between the parts of the path."""
    raw: bytes = scope["raw_path"]
    if b"%2f" not in raw.lower():
        path: str = scope["path"]
        return path
    return unquote(re.sub("%2[fF]", _SLASH, raw.decode("ascii")))


def _query(scope: Scope, known: frozenset[str]) -> dict[str, str]:
    """Raises InvalidRequest for a parameter that comes twice, or that no id could be."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(scope["query_string"].decode("latin-1")):
        if name not in known:
            continue
        if name in found:
            raise InvalidRequest(f"query {name}", "must be sent once")
        if not is_id(value):
            raise InvalidRequest(f"query {name}", ID_RULE)
        found[name] = value
    return found
