"""Dojo calls the EPOS: over the registered transport, with timeouts, retries and faults on demand."""

import asyncio
import time
from json import JSONDecodeError
from typing import Any
from urllib.parse import quote

import httpx

from epos.contract.operations import by_capability
from epos.simulator.calls import EposCall, Json, Reply, RequesterHeaders, Silence
from epos.simulator.checks import answer_violations, error_violations
from epos.simulator.connections import EposSocket
from epos.simulator.faults import Action, Faults, InjectedFault, Target
from epos.simulator.journal import Direction, MessageTransport
from epos.simulator.options import Shared
from epos.simulator.registrations import Registrations

_CUTS = (Action.DISCONNECT, Action.GOING_AWAY)
_CUT_SECONDS = 0.03
_NOBODY = RequesterHeaders()
_KINDS = {400: "InvalidRequest", 401: "InvalidRequest", 404: "NotFound", 409: "Conflict"}


class NotRegistered(Exception):
    """Dojo never calls a capability that the EPOS did not register."""


class EposCaller:
    """Calls the EPOS of one account."""

    def __init__(
        self,
        account: str,
        registrations: Registrations,
        socket: EposSocket,
        faults: Faults,
        shared: Shared,
    ) -> None:
        self._account = account
        self._registrations = registrations
        self._socket = socket
        self._rest_transport = RestTransport(shared.http, registrations)
        self._socket_transport = SocketTransport(socket)
        self._faults = faults
        self._journal = shared.journal
        self._ids = shared.ids
        self._options = shared.options
        self._published = shared.published

    def can(self, *capabilities: str) -> bool:
        """Whether all of them are registered."""
        return self._registrations.routed >= set(capabilities)

    async def call(
        self,
        capability: str,
        ids: Json | None = None,
        body: Json | None = None,
        *,
        requester: RequesterHeaders = _NOBODY,
        attempts: int | None = None,
    ) -> Reply:
        """The reply; a call without one, or with UnexpectedError, is sent again. Raises NotRegistered."""
        operation = by_capability(capability)
        if operation is None or not self.can(capability):
            raise NotRegistered(f"{capability} is not registered")
        most = attempts or self._options.attempts
        for attempt in range(1, most + 1):
            call_id = self._ids.new("call")
            call = EposCall(call_id, capability, operation, ids or {}, body, requester)
            reply = await self._attempt(call)
            if reply.ok or reply.is_refusal or attempt == most:
                break
            await asyncio.sleep(self._options.wait(attempt))
        return reply

    async def _attempt(self, call: EposCall) -> Reply:
        """One message, unless a fault says otherwise."""
        fault = self._faults.take(Target.CALL, call.capability)
        match fault.action if fault else None:
            case Action.DELAY if fault:
                await asyncio.sleep(fault.seconds)
            case Action.REORDER:
                await self._faults.hold()
            case Action.DROP:
                return self._lost(call)
            case Action.DUPLICATE:
                return await self._twice(call)
        reply = await self._exchange(call, fault)
        if fault and fault.action is Action.LOSE_ANSWER:
            return Reply(silence="the answer was lost")
        return reply

    async def _twice(self, call: EposCall) -> Reply:
        again = EposCall(
            self._ids.new("call"),
            call.capability,
            call.operation,
            call.ids,
            call.body,
            call.requester,
        )
        first, _ = await asyncio.gather(self._exchange(call, None), self._exchange(again, None))
        return first

    def _lost(self, call: EposCall) -> Reply:
        self._journal.write(
            self._account,
            Direction.TO_EPOS,
            self._transport(call),
            call.capability,
            call.id,
            ok=False,
            note="lost on purpose",
        )
        return Reply(silence="the call was lost")

    async def _exchange(self, call: EposCall, fault: InjectedFault | None) -> Reply:
        """One message and its answer, both written down."""
        transport = self._transport(call)
        note = fault.action.value if fault else None
        head = (self._account, Direction.TO_EPOS, transport, call.capability, call.id)
        self._journal.write(*head, body=call.params, note=note)
        self._faults.passed()
        started = time.perf_counter()
        try:
            reply = await self._ask(call, transport, fault)
        except Silence as silence:
            reply = Reply(silence=str(silence))
        reply.violations += self._violations(call, reply, transport)
        self._write_reply(call, transport, reply, time.perf_counter() - started)
        return reply

    async def _ask(
        self, call: EposCall, transport: MessageTransport, fault: InjectedFault | None
    ) -> Reply:
        seconds = self._options.call_seconds
        cut = fault.action if fault and fault.action in _CUTS else None
        if transport is MessageTransport.WEBSOCKET:
            return await self._socket_transport.ask(call, seconds, cut=cut)
        return await self._rest_transport.ask(call, seconds, cut=cut is not None)

    def _transport(self, call: EposCall) -> MessageTransport:
        """The WebSocket while it is open, where both are registered."""
        transports = self._registrations.transports(call.capability)
        if len(transports) > 1 and not self._socket.is_connected:
            return MessageTransport.REST
        return transports[0]

    def _violations(self, call: EposCall, reply: Reply, transport: MessageTransport) -> list[str]:
        if reply.silence is not None:
            return []
        found = self._published.answer(call, reply, transport) if self._published else []
        if reply.ok:
            found += answer_violations(
                call.operation, reply.answer, call.ids, call.body or {}, transport
            )
        return found

    def _write_reply(
        self, call: EposCall, transport: MessageTransport, reply: Reply, seconds: float
    ) -> None:
        self._journal.write(
            self._account,
            Direction.FROM_EPOS,
            transport,
            call.capability,
            call.id,
            ok=reply.ok,
            body=reply.error or reply.answer,
            status=reply.status,
            note=reply.silence,
            milliseconds=round(seconds * 1000, 2),
            violations=reply.violations,
        )


class RestTransport:
    """One account's REST integration."""

    def __init__(self, http: httpx.AsyncClient, registrations: Registrations) -> None:
        self._http = http
        self._registrations = registrations

    async def ask(self, call: EposCall, seconds: float, *, cut: bool = False) -> Reply:
        """Raises Silence. `cut` ends the connection before the answer can have been read."""
        request = asyncio.ensure_future(self._send(call))
        try:
            response = await asyncio.wait_for(request, _CUT_SECONDS if cut else seconds)
        except TimeoutError:
            raise Silence("the connection was cut" if cut else "timed out") from None
        except httpx.HTTPError as error:
            raise Silence(f"no connection: {type(error).__name__}") from None
        if cut:
            raise Silence("the connection was cut")
        return _read_response(response)

    async def _send(self, call: EposCall) -> httpx.Response:
        path = call.operation.path
        for name, value in call.ids.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        auth = self._registrations.auth
        return await self._http.request(
            call.operation.http_method,
            self._registrations.url + path,
            json=call.body,
            headers=call.requester.rest_headers,
            auth=(auth.username, auth.password),
        )


def _read_response(response: httpx.Response) -> Reply:
    status = response.status_code
    answer, violations = _content(response)
    if response.is_success:
        violations += [] if status == 200 else [f"status {status}: 200 is the success"]
        return Reply(answer=answer, status=status, violations=violations)
    violations += error_violations(answer, status)
    if not isinstance(answer, dict) or "errorType" not in answer:
        answer = {"errorType": _KINDS.get(status, "UnexpectedError")}
    return Reply(error=answer, status=status, violations=violations)


def _content(response: httpx.Response) -> tuple[Any, list[str]]:
    if not response.content:
        return None, []
    kind = response.headers.get("content-type", "")
    violations = [] if kind.startswith("application/json") else ["content-type: is not JSON"]
    try:
        return response.json(), violations
    except (JSONDecodeError, UnicodeDecodeError):
        return None, [*violations, "the body: is not JSON"]


class SocketTransport:
    """One account's WebSocket integration."""

    def __init__(self, socket: EposSocket) -> None:
        self._socket = socket

    async def ask(self, call: EposCall, seconds: float, *, cut: str | None = None) -> Reply:
        """Raises Silence."""
        frame = {
            "jsonrpc": "2.0",
            "id": call.id,
            "method": call.operation.websocket_method,
            "params": call.params,
        }
        return _read_frame(call, await self._socket.ask(frame, seconds, cut=cut))


def _read_frame(call: EposCall, frame: Json) -> Reply:
    violations = [*frame.get("_violations", []), *_envelope_violations(call, frame)]
    if "error" not in frame:
        return Reply(answer=frame.get("result"), violations=violations)
    error = frame["error"]
    violations += error_violations(error)
    if not isinstance(error, dict):
        error = {"errorType": "UnexpectedError"}
    return Reply(error=error, violations=violations)


def _envelope_violations(call: EposCall, frame: Json) -> list[str]:
    checks = {
        'jsonrpc: is not "2.0"': frame.get("jsonrpc") == "2.0",
        "method: is not the one that was called": (
            frame.get("method") == call.operation.websocket_method
        ),
        "the frame: has not exactly one of result and error": (
            ("result" in frame) != ("error" in frame)
        ),
    }
    return [words for words, holds in checks.items() if not holds]
