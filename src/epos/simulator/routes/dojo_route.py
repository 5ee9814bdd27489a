"""The route class of Dojo's API: who calls, the journal, the faults and the refusals."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Header, Security
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from epos.simulator.accounts import NOBODY, Accounts, DojoAccount, api_key
from epos.simulator.faults import Action, InjectedFault, Target
from epos.simulator.journal import Direction, MessageTransport
from epos.simulator.problems import Problem, ProblemResponse, complaints
from epos.simulator.routes.dependencies import accounts_of

API_VERSION = "2026-02-27"
_KEY = APIKeyHeader(
    name="Authorization",
    description="`Basic`, a space, and the API key as it is.",
    auto_error=False,
)
REFUSALS: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "Problem details", "content": {ProblemResponse.media_type: {}}}
}
"""For the documentation page."""
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


@dataclass(slots=True)
class ApiCall:
    """One request of the EPOS to Dojo's API. What is odd but accepted goes to `violations`."""

    account: DojoAccount
    trace_id: str
    body: Any = None
    violations: list[str] = field(default_factory=list)


def _call_of(
    request: Request,
    _key: Annotated[str | None, Security(_KEY)],
    _version: Annotated[str, Header(alias="version", examples=[API_VERSION])],
    _house: Annotated[str | None, Header(alias="software-house-id")] = None,
    _reseller: Annotated[str | None, Header(alias="reseller-id")] = None,
) -> ApiCall:
    """The route has made it; the other parameters describe the headers on the documentation page."""
    call: ApiCall = request.state.dojo_call
    return call


TheCall = Annotated[ApiCall, Depends(_call_of)]


class DojoRoute(APIRoute):
    """A route of Dojo's API: it is written into the journal and may be told to misbehave."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        name = f"{''.join(self.methods or ())} {self.path}"

        async def handle_call(received: Request) -> Response:
            request = _JsonRequest(received.scope, received.receive)
            accounts = accounts_of(request)
            trace_id = accounts.shared.ids.new("trace")
            try:
                call = _authenticated(accounts, request, trace_id)
            except Problem as problem:
                write_refusal(accounts, NOBODY, name, trace_id, problem.detail, request.url.path)
                return ProblemResponse(problem, trace_id)
            request.state.dojo_call = call
            fault: InjectedFault | None = None
            try:
                _require_headers(request)
                fault = call.account.faults.take(Target.API, name)
                call.body = await _body(request)
                _check_published(accounts, call, name)
                response = await _carried_out(fault, handle, request)
            except ClientDisconnect:
                return Response(status_code=400)  # nobody reads it: the caller has gone
            except (Problem, RequestValidationError) as refusal:
                response = _refused(call, refusal, on_purpose=fault is not None)
            _write(accounts, call, name, response.status_code)
            return response

        return handle_call


def write_refusal(
    accounts: Accounts, account: str, name: str, trace_id: str, why: str, body: Any = None
) -> None:
    """A request that reached no operation."""
    accounts.shared.journal.write(
        account,
        Direction.FROM_EPOS,
        MessageTransport.API,
        name,
        trace_id,
        ok=False,
        body=body,
        violations=[why],
    )


def _authenticated(accounts: Accounts, request: Request, trace_id: str) -> ApiCall:
    """Raises Problem."""
    key = api_key(request.headers.get("authorization"))
    if key is None:
        raise Problem(401, "Authorization must be: Basic, a space, and the API key as it is")
    version = request.headers.get("version")
    if version is None:
        raise Problem(400, "The version header is required")
    call = ApiCall(accounts.account_of(key), trace_id)
    if version != API_VERSION:
        call.violations.append(f"version: is not {API_VERSION}")
    if house := request.headers.get("software-house-id"):
        call.account.software_houses.add(house)
    elif request.method != "POST":
        call.violations.append("software-house-id: is missing")
    return call


def _require_headers(request: Request) -> None:
    """What Dojo wants in every POST. Raises Problem."""
    if request.method != "POST":
        return
    if not request.headers.get("software-house-id"):
        raise Problem(400, "A software house ID header is required")
    if not request.headers.get("reseller-id"):
        raise Problem(401, "A reseller ID header is required")


class _JsonRequest(Request):
    """A request whose body is read as JSON, whatever its Content-Type says."""

    @property
    def headers(self) -> Headers:
        sent = [(name, value) for name, value in self.scope["headers"] if name != b"content-type"]
        return Headers(raw=[*sent, (b"content-type", b"application/json")])


async def _carried_out(fault: InjectedFault | None, handle: Handler, request: Request) -> Response:
    """The answer, with the fault before, after or instead of it. Raises Problem."""
    match fault.action if fault else None:
        case Action.DELAY if fault:
            await asyncio.sleep(fault.seconds)
        case Action.STATUS if fault:
            raise Problem(fault.status, "Refused on purpose")
        case Action.DROP if fault:
            await asyncio.sleep(fault.seconds)
            raise Problem(504, "Dropped on purpose")
    response = await handle(request)
    if fault and fault.action is Action.LOSE_ANSWER:
        await asyncio.sleep(fault.seconds)
        raise Problem(504, "The answer was lost on purpose")
    return response


def _refused(
    call: ApiCall, refusal: Problem | RequestValidationError, *, on_purpose: bool
) -> ProblemResponse:
    """A violation, unless a fault was asked for."""
    if isinstance(refusal, RequestValidationError):
        refusal = Problem(400, "; ".join(complaints(refusal.errors(), within="body")))
    if not on_purpose:
        call.violations.append(f"refused: {refusal.detail}")
    return ProblemResponse(refusal, call.trace_id)


async def _body(request: Request) -> Any:
    """Raises Problem."""
    if not await request.body():
        return None
    try:
        return await request.json()
    except ValueError:
        raise Problem(400, "The body is not JSON") from None


def _check_published(accounts: Accounts, call: ApiCall, name: str) -> None:
    published = accounts.shared.published
    if published is not None and call.body is not None:
        method, path = name.split(" ")
        call.violations += published.request(method, path, call.body)


def _write(accounts: Accounts, call: ApiCall, name: str, status: int) -> None:
    accounts.shared.journal.write(
        call.account.id,
        Direction.FROM_EPOS,
        MessageTransport.API,
        name,
        call.trace_id,
        ok=status == 200,
        body=_masked(call.body),
        status=status,
        violations=call.violations,
    )


def _masked(body: Any) -> Any:
    """Without the password: people show the journal to others."""
    if isinstance(body, dict) and isinstance(body.get("auth"), dict):
        return {**body, "auth": {"authType": body["auth"].get("authType")}}
    return body
