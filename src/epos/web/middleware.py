"""Around every request: a trace id, a deadline, errors as EPOSErrors, one line in the log."""

import asyncio
import time
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from epos.contract.errors import ContractViolation
from epos.domain.errors import EposError
from epos.domain.identifiers import Identifiers
from epos.services.admission import stays
from epos.services.limits import DEADLINE_SECONDS, logged, took_too_long
from epos.web.bodies import ClientGone
from epos.web.connections import Connections
from epos.web.deadlines import Deadlines
from epos.web.gate import Gate
from epos.web.headers import SAFE_HEADERS, RequestHeaders
from epos.web.origins import OPEN_PATHS, Hosts, Origins
from epos.web.replies import Headers, ProtocolError, reply_error

_log = structlog.get_logger("epos.request")


class Observed:
    """The outermost middleware: whatever fails inside it is answered as an EPOSError."""

    def __init__(
        self,
        app: ASGIApp,
        identifiers: Identifiers,
        hosts: Hosts,
        origins: Origins,
        connections: Connections,
        gate: Gate,
        deadline: float = DEADLINE_SECONDS,
    ) -> None:
        """`connections`: those of clients. uvicorn's protocol finds them and the gate here. `deadline` in
        seconds.
        """
        self.connections = connections
        self.gate = gate
        self._app = app
        self._identifiers = identifiers
        self._hosts = hosts
        self._origins = origins
        self._deadlines = Deadlines(deadline)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began: float = scope.get("began") or time.monotonic()
        headers = RequestHeaders.read(scope["headers"])
        trace_id = headers.trace_id or self._identifiers.trace_id()
        scope["state"] = {"headers": headers, "trace_id": trace_id, "began": began}
        answer = _Answer(send, trace_id, self._origins.headers(headers.origin))
        # Never unbound: each request is a task of its own, and so has its own context.
        structlog.contextvars.bind_contextvars(trace_id=trace_id)
        await self._guarded(scope, receive, answer)
        _write_log(scope, answer.status, time.monotonic() - began)

    async def _guarded(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        try:
            await self._in_time(scope, receive, answer)
        except ClientGone:
            pass
        except (EposError, ContractViolation, ProtocolError) as error:
            if error.__cause__ is not None:
                _log.warning("unavailable", cause=type(error.__cause__).__name__)
            await answer.fail(error)
        except Exception as error:  # noqa: BLE001 - the last line of defence
            _log.exception("unexpected error")
            await answer.fail(error)

    async def _in_time(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        task = scope["state"]["task"] = self._deadlines.start(scope["state"]["began"])
        try:
            self._check(scope, scope["state"]["headers"])
            asks_first = scope["method"] == "OPTIONS"
            if not (asks_first and await self._origins.preflight(scope, receive, answer)):
                await self._app(scope, receive, answer)
        except TimeoutError:
            raise took_too_long() from None
        except asyncio.CancelledError:
            if not self._deadlines.has_expired(task):
                if scope.get("is_gone", stays)():
                    raise ClientGone from None
                raise
            task.uncancel()
            raise took_too_long() from None
        finally:
            self._deadlines.end(task)

    def _check(self, scope: Scope, headers: RequestHeaders) -> None:
        headers.check(scope["http_version"])
        if scope["path"] not in OPEN_PATHS:
            self._hosts.check(headers)
        self._origins.check(scope["method"], headers)


_SAFE_NAMES = frozenset(name for name, _ in SAFE_HEADERS)


class _Answer:
    """The ASGI `send`: adds the headers that an answer has not itself, and remembers the status."""

    def __init__(self, send: Send, trace_id: str, headers: Headers) -> None:
        self._send = send
        self._trace_id = trace_id
        self._is_for_a_page = bool(headers)
        self._headers = (*SAFE_HEADERS, *headers, (b"x-trace-id", trace_id.encode()))
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own, added = message["headers"], self._headers
            names = {name for name, _ in own}
            if self._is_for_a_page or not names.isdisjoint(_SAFE_NAMES):
                added = tuple(header for header in added if header[0] not in names)
            message["headers"] = [*own, *added]
        await self._send(message)

    async def fail(self, error: Exception) -> None:
        if self.status == 0:
            await reply_error(self, error, self._trace_id)


def _write_log(scope: Scope, status: int, seconds: float) -> None:
    state: dict[str, Any] = scope["state"]
    requester, refused = state.get("requester"), state.get("refused")
    fields: dict[str, Any] = {
        "method": scope["method"],
        "capability": state.get("capability"),
        "status": status,
        "milliseconds": round(seconds * 1000, 2),
    }
    if requester is not None:
        fields |= {"venue": requester.venue_id, "credential": requester.credential}
        fields |= logged(requester)
    elif refused is not None:
        fields |= refused
    _log.info("request", **fields)
