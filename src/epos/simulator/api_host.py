"""Dojo's API as the EPOS sees it: who asks, what is asked, what is written down, what goes wrong."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from epos.simulator.faults import Action, Fault, Target
from epos.simulator.journal import Direction, Transport
from epos.simulator.problems import Problem, ProblemResponse, details
from epos.simulator.world import Account, World, api_key

Json = dict[str, Any]
API_VERSION = "2026-02-27"
_NOBODY = "nobody"


@dataclass(slots=True)
class ApiCall:
    """One request, authenticated. What is odd but accepted goes to `violations`."""

    account: Account
    path: dict[str, str]
    query: dict[str, str]
    headers: dict[str, str]
    body: Any = None
    violations: list[str] = field(default_factory=list)


Handler = Callable[[ApiCall], Awaitable[Any]]


def api_route(world: World, method: str, path: str, handler: Handler) -> Route:
    """A route that is written into the journal and may be told to misbehave."""
    name = f"{method} {path}"

    async def endpoint(request: Request) -> Response:
        trace_id = world.identifiers.new("trace")
        try:
            call = _call(world, request)
        except Problem as problem:
            _write(world, _NOBODY, name, trace_id, request.url.path, [problem.detail])
            return ProblemResponse(details(problem, trace_id), problem.status)
        return await _answer(world, call, name, trace_id, request, handler)

    return Route(path, endpoint, methods=[method])


def unknown_route(world: World) -> Route:
    """Whatever Dojo does not have: 404, and a violation."""

    async def endpoint(request: Request) -> Response:
        name = f"{request.method} {request.url.path}"
        trace_id = world.identifiers.new("trace")
        key = api_key(request.headers.get("authorization"))
        account = world.account_of(key).id if key else _NOBODY
        _write(world, account, name, trace_id, None, ["Dojo's API has no such operation"])
        return ProblemResponse(details(Problem(404, "No such operation"), trace_id), 404)

    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return Route("/{rest:path}", endpoint, methods=methods)


def _call(world: World, request: Request) -> ApiCall:
    key = api_key(request.headers.get("authorization"))
    if key is None:
        raise Problem(401, "Authorization must be: Basic, a space, and the API key as it is")
    version = request.headers.get("version")
    if version is None:
        raise Problem(400, "The version header is required")
    account = world.account_of(key)
    call = ApiCall(account, request.path_params, dict(request.query_params), dict(request.headers))
    if version != API_VERSION:
        call.violations.append(f"version: is not {API_VERSION}")
    if house := request.headers.get("software-house-id"):
        account.software_houses.add(house)
    else:
        call.violations.append("software-house-id: is missing")
    return call


async def _answer(
    world: World, call: ApiCall, name: str, trace_id: str, request: Request, handler: Handler
) -> Response:
    fault = call.account.faults.take(Target.API, name)
    problem: Problem | None = None
    answer: Any = None
    try:
        call.body = await _body(request)
        _check_published(world, call, name)
        answer = await _carried_out(call, fault, handler)
    except ClientDisconnect:
        return Response(status_code=400)  # nobody reads it: the caller died in the middle
    except Problem as refusal:
        problem = refusal
    status = problem.status if problem else 200
    if problem and not fault:
        call.violations.append(f"refused: {problem.detail}")
    _write(
        world, call.account.id, name, trace_id, _masked(call.body), call.violations, status=status
    )
    if problem:
        return ProblemResponse(details(problem, trace_id), status)
    return JSONResponse(answer)


async def _carried_out(call: ApiCall, fault: Fault | None, handler: Handler) -> Any:
    """Raises Problem. The fault comes before, instead of, or after."""
    match fault.action if fault else None:
        case Action.DELAY if fault:
            await asyncio.sleep(fault.seconds)
        case Action.STATUS if fault:
            raise Problem(fault.status, "Refused on purpose")
        case Action.DROP if fault:
            await asyncio.sleep(fault.seconds)
            raise Problem(504, "Dropped on purpose")
    answer = await handler(call)
    if fault and fault.action is Action.LOSE_ANSWER:
        await asyncio.sleep(fault.seconds)
        raise Problem(504, "The answer was lost on purpose")
    return answer


async def _body(request: Request) -> Any:
    raw = await request.body()
    if not raw:
        return None
    try:
        return json.loads(raw)
    except ValueError:
        raise Problem(400, "The body is not JSON") from None


def _check_published(world: World, call: ApiCall, name: str) -> None:
    if world.published is not None and call.body is not None:
        method, path = name.split(" ")
        call.violations += world.published.request(method, path, call.body)


def _masked(body: Any) -> Any:
    """Without the password: a journal is shown around."""
    if isinstance(body, dict) and isinstance(body.get("auth"), dict):
        return {**body, "auth": {"authType": body["auth"].get("authType")}}
    return body


def _write(
    world: World,
    account: str,
    name: str,
    trace_id: str,
    body: Any,
    violations: list[str],
    *,
    status: int | None = None,
) -> None:
    world.journal.write(
        account,
        Direction.FROM_EPOS,
        Transport.API,
        name,
        trace_id,
        ok=status == 200,
        body=body,
        status=status,
        violations=violations,
    )
