"""`ContractRoute`: an operation declared as FastAPI declares it, read and answered as the contract says.

FastAPI knows the route, its parameters, its models and its documentation. Only the reading and the
writing are ours: `contract.codec` is strict, names the first fault and answers 400, at every door alike.
"""

import asyncio
import inspect
import typing
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, get_args, get_origin
from urllib.parse import parse_qsl

from fastapi import Request, Response, params
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.types import Receive, Scope

from epos.contract.base import ID_RULE, is_id
from epos.contract.codec import parse, to_wire, validate
from epos.contract.errors import EPOSError
from epos.domain.credentials import Role
from epos.domain.errors import InvalidRequest
from epos.domain.requester import Requester
from epos.services.admission import Admission, lane_of, stays
from epos.services.admitted import Admitted
from epos.services.api import Result, check_ids
from epos.store.busy_rows import ROWS
from epos.web.bodies import read_body
from epos.web.replies import ProtocolError

_EPOS_ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/EPOSError"}}}
_LARGE = 64 * 1024
"""A body above this size is read in a thread, so that it keeps nobody else waiting."""
_ORDERS = ("orderId", "tabId")
_LONGEST_NAME = 60
Endpoint = Callable[..., Coroutine[Any, Any, Result | Response]]


@dataclass(frozen=True, slots=True)
class Opens:
    """Marks the requester of an endpoint: whose credentials open the operation."""

    roles: frozenset[Role]

    def __init__(self, *roles: Role) -> None:
        object.__setattr__(self, "roles", frozenset(roles))


@dataclass(frozen=True, slots=True)
class ReadWith:
    """Marks a body that has a reader of its own, which names every fault; it runs in a thread."""

    read: Callable[[bytes], Any]


def services_of(request: Request) -> Any:
    """Marks the services of the application that has the route; `ContractRoute` passes them itself."""
    return request.app.state.services


class ContractRoute(APIRoute):
    """One operation. Its endpoint may take: ids of the path, one body model (`Model | None`: it
    need not be sent), one model of the query
    (`Annotated[Model, Query()]`), the requester (marked with `Opens`), the services
    (`Depends(services_of)`) and the `Request`. Anything else is a TypeError on import.
    """

    def __init__(self, path: str, endpoint: Endpoint, **declared: Any) -> None:
        self.arguments = Arguments.of(endpoint, path)
        declared["responses"] = self.arguments.errors() | (declared.get("responses") or {})
        if self.arguments.roles and not declared.get("description"):
            declared["description"] = endpoint.__doc__ or self.arguments.described_roles
        super().__init__(path, endpoint, **declared)
        self.lane = lane_of(endpoint) if self.arguments.roles else None
        """None: never refused, as the health checks."""
        self.changed_order = self._changed_order()

    def _changed_order(self) -> str | None:
        """The parameter of the path that names the order which the operation changes."""
        if self.methods == {"GET"}:
            return None
        return next((name for name in self.arguments.ids if name in _ORDERS), None)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        async def respond(request: Request) -> Response:
            answer = await self.answer(request.scope, request.receive)
            if isinstance(answer, Response):
                return answer
            return Response(answer, media_type="application/json" if answer else None)

        return respond

    async def answer(self, scope: Scope, receive: Receive) -> bytes | Response:
        """The JSON of the answer, empty for None, or what the endpoint made for people. Errors are
        raised: the outermost middleware answers them.
        """
        state = scope["state"]
        state["capability"], state["lane"] = self.name, self.lane
        arguments = self.arguments
        arguments.check(scope)
        sent = await read_body(scope, receive) if arguments.body else None
        admission: Admission | None = state.get("admission")
        if admission is None or self.lane is None:
            body = None if sent is None else await arguments.parse(sent)
            return await self.carry_out(arguments.read(scope, receive, body), scope)
        venue_id, order = state["requester"].venue_id, None
        if self.changed_order is not None:
            order = (venue_id, scope["path_params"][self.changed_order])
        if not admission.try_enter(self.lane, venue_id, order):
            is_gone = scope.get("is_gone", stays)
            await admission.enter(self.lane, venue_id, order, since=state["began"], is_gone=is_gone)
        admitted = Admitted(admission, self.lane, venue_id, order, scope.get("is_gone", stays))
        limited = ROWS.set(admitted)
        try:
            body = None if sent is None else await arguments.parse(sent)
            return await self.carry_out(arguments.read(scope, receive, body), scope)
        finally:
            ROWS.reset(limited)
            admitted.leave()

    async def carry_out(self, found: dict[str, Any], scope: Scope) -> bytes | Response:
        """Call the endpoint with the arguments that were read."""
        answer: Result | Response = await self.endpoint(**found)
        return answer if isinstance(answer, Response) else self.render(answer, scope)

    def render(self, answer: Result, scope: Scope) -> bytes:
        return b"" if answer is None else to_wire(answer)

    async def call(
        self, ids: Mapping[str, str], body: BaseModel | None, requester: Requester, services: object
    ) -> Result:
        """The same operation for a door that is not HTTP."""
        found = self.arguments.bind(ids, body, requester, services)
        answer: Result = await self.endpoint(**found)
        return answer


@dataclass(slots=True)
class Arguments:
    """What an endpoint takes, by the names of its parameters; empty where it does not take one."""

    ids: tuple[str, ...] = ()
    body: str = ""
    body_model: type[BaseModel] = BaseModel
    may_be_empty: bool = False
    read_with: Callable[[bytes], Any] | None = None
    query: str = ""
    query_model: type[BaseModel] = BaseModel
    requester: str = ""
    roles: frozenset[Role] = frozenset()
    services: str = ""
    request: str = ""

    @classmethod
    def of(cls, endpoint: Endpoint, path: str) -> "Arguments":
        found = cls()
        for name, hint in _hints(endpoint).items():
            kind, marks = _unpacked(hint)
            if f"{{{name}}}" in path:
                found.ids = (*found.ids, name)
            elif not found.takes(name, kind, marks):
                where = f"{endpoint.__module__}.{endpoint.__qualname__}"
                raise TypeError(f"{where}: a ContractRoute knows no parameter like {name!r}")
        return found

    def takes(self, name: str, kind: Any, marks: tuple[Any, ...]) -> bool:
        """Note the parameter, if it is one that a route knows."""
        for mark in marks:
            if isinstance(mark, Opens):
                self.requester, self.roles = name, mark.roles
                return True
            if isinstance(mark, params.Depends) and mark.dependency is services_of:
                self.services = name
                return True
            if isinstance(mark, params.Query):
                self.query, self.query_model = name, kind
                return True
            if isinstance(mark, ReadWith):
                self.read_with = mark.read
        if kind is Request:
            self.request = name
            return True
        if get_origin(kind) is UnionType:  # `Model | None`: the body need not be sent
            (kind,) = (part for part in get_args(kind) if part is not NoneType)
            self.may_be_empty = True
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            self.body, self.body_model = name, kind
            return True
        return False

    def check(self, scope: Scope) -> None:
        """What is refused without any work: role, ids."""
        if self.roles and scope["state"]["principal"].role not in self.roles:
            raise ProtocolError(403, "This credential does not open this operation")
        check_ids(scope["path_params"])

    def read(self, scope: Scope, receive: Receive, body: BaseModel | None) -> dict[str, Any]:
        """The arguments of one request. Its body was parsed before: its faults count first."""
        state, ids = scope["state"], scope["path_params"]
        services = scope["app"].state.services if self.services else None
        found = self.bind(ids, body, state.get("requester"), services)
        if self.query:
            found[self.query] = validate(self.query_model, _query(scope, self.query_model))
        if self.request:
            found[self.request] = Request(scope, receive)
        return found

    def bind(
        self,
        ids: Mapping[str, str],
        body: BaseModel | None,
        requester: Requester | None,
        services: object,
    ) -> dict[str, Any]:
        """What every door has, by the names of the endpoint's parameters."""
        found: dict[str, Any] = dict(ids)
        if self.body:
            found[self.body] = body
        if self.requester:
            found[self.requester] = requester
        if self.services:
            found[self.services] = services
        return found

    async def parse(self, sent: bytes) -> Any:
        """The body. A large one is parsed in a thread."""
        if self.may_be_empty and not sent:
            return None
        if self.read_with is None and len(sent) > _LARGE:
            return await asyncio.to_thread(parse, self.body_model, sent)
        if self.read_with is None:
            return parse(self.body_model, sent)
        return await asyncio.to_thread(self.read_with, sent)

    def errors(self) -> dict[int | str, dict[str, Any]]:
        """The errors that every operation of this form can answer, for the document."""
        statuses = [400, 401, 403] if self.roles else []
        statuses += [404] if self.ids else []
        statuses += [413, 415] if self.body else []
        if not self.roles:
            return {}
        # One status has the model itself, and so FastAPI publishes its schema. FastAPI builds each model
        # that is named here, for each route: that took an eighth of the time of a start.
        return refusals(*statuses, 503, "4XX") | {"5XX": {"model": EPOSError}}

    @property
    def described_roles(self) -> str:
        return f"Role: {' or '.join(f'`{role}`' for role in sorted(self.roles))}."


def refusals(*statuses: int | str) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route for these statuses: each is an EPOSError."""
    return {status: {"content": _EPOS_ERROR} for status in statuses}


def media_types(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that can also answer in these forms, for people."""
    return {200: {"content": {kind: {"schema": {"type": "string"}} for kind in kinds}}}


def _hints(endpoint: Endpoint) -> dict[str, Any]:
    hints = typing.get_type_hints(endpoint, include_extras=True)
    return {name: hints[name] for name in inspect.signature(endpoint).parameters}


def _unpacked(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    if get_origin(hint) is Annotated:
        kind, *marks = get_args(hint)
        return kind, tuple(marks)
    return hint, ()


def unknown_parameter(name: str) -> InvalidRequest:
    """The error for a parameter that an operation does not have. The sender chose its name."""
    known = name if name.isidentifier() and len(name) <= _LONGEST_NAME else "?"
    return InvalidRequest(f"query {known}", "is not a parameter of this operation")


def _query(scope: Scope, model: type[BaseModel]) -> dict[str, str]:
    """The parameters that the model has; others, and those without a value, are ignored, unless it is a
    closed one. Raises InvalidRequest for one that comes twice, or that no id could be.
    """
    found: dict[str, str] = {}
    is_closed = model.model_config.get("extra") == "forbid"
    query = scope["query_string"].decode("latin-1")
    for name, value in parse_qsl(query, keep_blank_values=is_closed):
        if name not in model.model_fields:
            if is_closed:
                raise unknown_parameter(name)
            continue
        if name in found:
            raise InvalidRequest(f"query {name}", "must be sent once")
        if not is_id(value):
            raise InvalidRequest(f"query {name}", ID_RULE)
        found[name] = value
    return found
