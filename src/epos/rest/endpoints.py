"""The EPOS Data API as one ASGI application: finds the operation, reads the body, calls, answers.

It stands in front of FastAPI rather than in its routers: the operation registry already says what
FastAPI would work out again for every request (docs/decisions).
"""

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from epos.contract.codec import parse, to_wire
from epos.contract.operations import Operation
from epos.rest.bodies import read_json
from epos.rest.replies import ProtocolError, reply
from epos.services.api import Answer, Call, check_ids

Handler = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation and what answers it."""

    operation: Operation
    handler: Handler

    async def answer(self, scope: Scope, receive: Receive, ids: dict[str, str]) -> bytes:
        state = scope["state"]
        state["capability"] = self.operation.capability
        check_ids(ids)
        model = self.operation.request
        body = None if model is None else parse(model, await read_json(scope, receive))
        answer = await self.handler(Call(state["requester"], ids, body))
        return b"" if answer is None else to_wire(answer)


class Resource:
    """The operations of one path."""

    def __init__(self, path: str) -> None:
        pattern = re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path)
        self.pattern = re.compile(pattern)
        self._endpoints: dict[str, Endpoint] = {}

    def add(self, endpoint: Endpoint) -> None:
        self._endpoints[endpoint.operation.http_method] = endpoint

    def endpoint(self, method: str) -> Endpoint:
        """Raises ProtocolError 405 naming what is allowed."""
        endpoint = self._endpoints.get(method)
        if endpoint is None:
            allow = ", ".join(sorted(self._endpoints)).encode()
            raise ProtocolError(405, "The method is not allowed here", ((b"allow", allow),))
        return endpoint


class EposDataApi:
    """Answers the published paths; everything else goes on to `other`."""

    def __init__(self, endpoints: Iterable[Endpoint], other: ASGIApp) -> None:
        resources: dict[str, Resource] = {}
        for endpoint in endpoints:
            path = endpoint.operation.path
            resources.setdefault(path, Resource(path)).add(endpoint)
        self._fixed = {path: found for path, found in resources.items() if "{" not in path}
        self._named = [found for path, found in resources.items() if "{" in path]
        self._other = other

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        resource, ids = self._find(scope["path"]) if scope["type"] == "http" else (None, {})
        if resource is None:
            await self._other(scope, receive, send)
            return
        endpoint = resource.endpoint(scope["method"])
        await reply(send, 200, await endpoint.answer(scope, receive, ids))

    def _find(self, path: str) -> tuple[Resource | None, dict[str, str]]:
        if path in self._fixed:
            return self._fixed[path], {}
        for resource in self._named:
            match = resource.pattern.fullmatch(path)
            if match is not None:
                return resource, match.groupdict()
        return None, {}
