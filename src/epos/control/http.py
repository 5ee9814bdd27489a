"""Requests of test venues over HTTP: written into the journal, struck by faults."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.types import Message, Receive, Scope, Send

from epos.contract.codec import to_wire
from epos.contract.errors import EPOSError
from epos.control.exchange import Call, Exchange, Transport
from epos.control.faults import Action, Doing, Fault, When
from epos.control.watched import Watch
from epos.domain.identifiers import Identifiers
from epos.services.limits import MOST_BYTES
from epos.web.connections import Connections
from epos.web.headers import SAFE_HEADERS, RequestHeaders
from epos.web.middleware import Observed
from epos.web.replies import reply
from epos.web.route_table import RouteTable

_FLUSH_SECONDS = 0.05
_GARBAGE = b'{"\x00garbled": '


@dataclass(slots=True)
class _Answer:
    """What the server has answered, before anyone has seen it."""

    start: Message | None = None
    body: bytearray = field(default_factory=bytearray)

    async def keep(self, message: Message) -> None:
        """The ASGI `send`."""
        if message["type"] == "http.response.start":
            self.start = message
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    @property
    def is_success(self) -> bool:
        return self.start is not None and self.start["status"] < 400


class WatchedHttp:
    """Around all that is served, for the requests of a test venue."""

    def __init__(
        self,
        served: Observed,
        routes: RouteTable,
        identifiers: Identifiers,
        connections: Connections,
        seconds: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._served = served
        self._routes = routes
        self._identifiers = identifiers
        self._connections = connections
        self._seconds = seconds

    async def answer(self, watch: Watch, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, whose credential is right."""
        headers = RequestHeaders.read(scope["headers"])
        trace_id = headers.trace_id or self._identifiers.trace_id()
        if headers.trace_id is None:
            traced = (b"x-trace-id", trace_id.encode())
            scope = {**scope, "headers": [*scope["headers"], traced]}
        body, again = await _read(receive)
        entry = watch.journal.begin(self._call(scope, headers, body), trace_id)
        started = self._seconds()
        try:
            await self._exchange(watch, entry, scope, again, send)
        finally:
            entry.milliseconds = (self._seconds() - started) * 1000
            watch.journal.write(entry)

    def _call(self, scope: Scope, headers: RequestHeaders, body: bytes) -> Call:
        name, ids = self._routes.name_of(scope)
        sent = {key: value.decode("utf-8", "replace") for key, value in headers.requester.items()}
        query = scope["query_string"].decode("latin-1")
        return Call(
            Transport.REST,
            name,
            scope["method"],
            f"{scope['path']}?{query}" if query else scope["path"],
            ids,
            sent.get("waiter_id"),
            sent.get("product"),
            sent.get("device_id"),
            body,
        )

    async def _exchange(
        self, watch: Watch, entry: Exchange, scope: Scope, receive: Receive, send: Send
    ) -> None:
        answer = _Answer()
        fault = watch.faults.strike(entry.call, When.BEFORE, entry.trace_id)
        if fault is not None:
            _note(entry, fault)
            if fault.action.doing is Doing.DELAY:
                await asyncio.sleep(fault.action.value)
            elif await self._replaced(fault.action, entry, answer, scope, receive, send):
                return
        if fault is None or fault.action.doing is Doing.DELAY:
            await self._served(scope, receive, answer.keep)
            if answer.start is None:  # the client has gone
                return
            entry.status, entry.answer = answer.start["status"], bytes(answer.body)
            if answer.is_success:
                fault = watch.faults.strike(entry.call, When.AFTER_COMMIT, entry.trace_id)
                if fault is not None:
                    _note(entry, fault)
                    if await self._replaced(fault.action, entry, answer, scope, receive, send):
                        return
        await _send(answer, send)

    async def _replaced(
        self,
        action: Action,
        entry: Exchange,
        answer: _Answer,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> bool:
        """Do to the answer what the fault says. True: it has been sent, or never will be."""
        if action.doing is Doing.DELAY:
            await asyncio.sleep(action.value)
            return False
        if action.doing is Doing.CUT:
            entry.status = None
            await self._cut(scope, receive)
            return True
        if answer.start is None or action.doing in (Doing.ERROR, Doing.STATUS):
            await _fail(action, entry, answer)
        if action.doing is Doing.GARBLE:
            answer.body[:] = _GARBAGE + answer.body
            _set_length(answer)
        if action.doing is not Doing.TRUNCATE:
            return False
        assert answer.start is not None, "it was answered above"  # noqa: S101
        await send(answer.start)
        half = bytes(answer.body[: len(answer.body) // 2])
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await asyncio.sleep(_FLUSH_SECONDS)  # what was written is on its way
        await self._cut(scope, receive)
        return True

    async def _cut(self, scope: Scope, receive: Receive) -> None:
        """Close the connection, and wait until the server knows."""
        self._connections.cut(tuple(scope["client"]))
        while (await receive())["type"] != "http.disconnect":
            pass


def _note(entry: Exchange, fault: Fault) -> None:
    entry.fault_id = fault.id
    entry.note = f"{fault.when}: {fault.action.doing} {fault.action.value}"


async def _fail(action: Action, entry: Exchange, answer: _Answer) -> None:
    """Answer with an error. Before the work, a body that shall be broken is that of an error too."""
    failing = action if action.doing in (Doing.ERROR, Doing.STATUS) else Action(Doing.STATUS, 500)
    error = EPOSError(
        errorType=failing.error_kind,
        debugMessage=f"Injected by fault {entry.fault_id}",
        traceId=entry.trace_id,
    )
    answer.body.clear()
    traced = (b"x-trace-id", entry.trace_id.encode())
    body = to_wire(error)
    await reply(answer.keep, failing.error_status, body, (*SAFE_HEADERS, traced))
    entry.status, entry.answer = failing.error_status, body


def _set_length(answer: _Answer) -> None:
    assert answer.start is not None, "there is an answer"  # noqa: S101
    kept = [header for header in answer.start["headers"] if header[0] != b"content-length"]
    answer.start["headers"] = [*kept, (b"content-length", str(len(answer.body)).encode())]


async def _send(answer: _Answer, send: Send) -> None:
    if answer.start is not None:
        await send(answer.start)
        await send({"type": "http.response.body", "body": bytes(answer.body)})


async def _read(receive: Receive) -> tuple[bytes, Receive]:
    """The body, as far as the server would read it, and a `receive` that gives it once more."""
    messages: list[Message] = []
    size = 0
    while True:
        message = await receive()
        messages.append(message)
        size += len(message.get("body", b""))
        if not message.get("more_body", False) or size > MOST_BYTES:
            break
    body = b"".join(message.get("body", b"") for message in messages)

    async def again() -> Message:
        return messages.pop(0) if messages else await receive()

    return body, again
