"""A table in front of FastAPI's router: path, then method, then route.

It is made from the application's own routes and is no second list of them. It finds a route without
trying one pattern after the other, knows `%2F` inside an id from a slash between parts of the path, and
answers 405 with `Allow`. FastAPI itself is asked for nothing but its own routes: the documentation pages.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from fastapi.routing import APIRoute
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from epos.services.admission import Admission, Lane
from epos.web.application import ContractApi
from epos.web.contract_route import ContractRoute
from epos.web.replies import NOTHING_HERE, ProtocolError, reply


def contract_routes(
    api: ContractApi, prefix: str = ""
) -> Iterator[tuple[str, ContractRoute, ContractApi]]:
    """Each operation of an application and of those mounted on it: whole path, route, application."""
    for router in api.routers:
        for route in router.routes:
            if isinstance(route, ContractRoute):
                yield prefix + route.path, route, api
    for mount in api.routes:
        if isinstance(mount, Mount) and isinstance(mount.app, ContractApi):
            yield from contract_routes(mount.app, prefix + mount.path)


@dataclass(slots=True)
class _Place:
    """One part of a path: the parts that may follow, and the methods where the path ends here."""

    literal: dict[str, "_Place"] = field(default_factory=dict)
    id: "_Place | None" = None
    names: tuple[str, ...] = ()
    methods: dict[str, tuple[ContractRoute, ContractApi]] = field(default_factory=dict)

    def add(self, part: str) -> "_Place":
        """The place that follows for a part of a route's path."""
        if not part.startswith("{"):
            return self.literal.setdefault(part, _Place())
        if self.id is None:
            self.id = _Place()
        return self.id


class RouteTable:
    """Answers the operations of an application; its other routes are left to the application itself."""

    def __init__(
        self, api: ContractApi, prefix: str = "", *, admission: Admission | None = None
    ) -> None:
        """`prefix`: what stands before every path of the application. `admission`: what operations must
        pass; without one, none is refused.
        """
        self._api = api
        self._admission = admission
        self._root = _Place()
        for path, route, owner in contract_routes(api, prefix):
            place = self._root
            for part in path.split("/"):
                place = place.add(part)
            place.names = tuple(part[1:-1] for part in path.split("/") if part.startswith("{"))
            place.methods |= dict.fromkeys(route.methods or (), (route, owner))
        self._others = [
            route.path_regex
            for router in api.routers
            for route in router.routes
            if isinstance(route, APIRoute) and not isinstance(route, ContractRoute)
        ]
        self._is_prepared = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        place, ids = self._find(scope) if scope["type"] == "http" else (None, {})
        if place is None:
            await self._ask_fastapi(scope, receive, send)
            return
        if scope["method"] not in place.methods:
            allow = ", ".join(sorted(place.methods)).encode()
            raise ProtocolError(405, "The method is not allowed here", ((b"allow", allow),))
        route, scope["app"] = place.methods[scope["method"]]
        scope["path_params"] = ids
        scope["state"]["admission"] = self._admission
        answer = await route.answer(scope, receive)
        if isinstance(answer, bytes):
            await reply(send, 200, answer)
        else:
            await answer(scope, receive, send)

    async def _ask_fastapi(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if not any(known.match(scope["path"]) for known in self._others):
                raise ProtocolError(404, NOTHING_HERE)
            if not self._is_prepared:
                await asyncio.to_thread(self._api.prepare)
                self._is_prepared = True
        await self._api(scope, receive, send)

    def lane_of(self, method: str, raw_path: bytes) -> Lane | None:
        """The lane of an operation; None for whatever is not admitted in lanes, such as health checks."""
        place = _follow(self._root, _decoded(raw_path), 0, [])
        found = None if place is None else place.methods.get(method)
        return None if found is None else found[0].lane

    def name_of(self, scope: Scope) -> tuple[str | None, dict[str, str]]:
        """The name of the operation that would answer, and its ids; None: there is none."""
        place, ids = self._find(scope)
        found = place.methods.get(scope["method"]) if place is not None else None
        return (found[0].name, ids) if found is not None else (None, {})

    def _find(self, scope: Scope) -> tuple[_Place | None, dict[str, str]]:
        values: list[str] = []
        place = _follow(self._root, _parts(scope), 0, values)
        return place, {} if place is None else dict(zip(place.names, values, strict=True))


def _follow(place: _Place, parts: list[str], index: int, values: list[str]) -> _Place | None:
    """The place where a path ends, its ids in `values`. A literal part comes before an id, unless the
    path leads nowhere from there: an id may have the text of a literal part.
    """
    for at in range(index, len(parts)):
        part = parts[at]
        literal = place.literal.get(part)
        if place.id is None or not part:
            if literal is None:
                return None
            place = literal
            continue
        if literal is not None:
            known = len(values)
            found = _follow(literal, parts, at + 1, values)
            if found is not None:
                return found
            del values[known:]
        values.append(part)
        place = place.id
    return place if place.methods else None


def _parts(scope: Scope) -> list[str]:
    """The decoded parts of the path; a slash that was sent as %2F stays inside its part."""
    raw: bytes = scope["raw_path"]
    if b"%" not in raw:
        path: str = scope["path"]
        return path.split("/")
    return _decoded(raw)


def _decoded(raw_path: bytes) -> list[str]:
    parts = raw_path.decode("latin-1").split("/")
    return [unquote(part) for part in parts] if b"%" in raw_path else parts
