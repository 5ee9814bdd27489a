"""Frames of test venues over the WebSocket: written into the journal, struck by faults."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

import structlog
from pydantic_core import from_json, to_json

from epos.contract.errors import EPOSErrorType
from epos.contract.operations import by_websocket_method
from epos.control.exchange import Call, Exchange, Transport
from epos.control.faults import STATUSES, Action, Doing, Fault, When
from epos.control.watched import Watch
from epos.domain.errors import HangUp
from epos.domain.identifiers import Identifiers
from epos.domain.requester import REQUESTER_HEADERS
from epos.services.callers import Caller

_HEADERS = {header.websocket: header.field for header in REQUESTER_HEADERS}
_GARBAGE = b'{"garbled: '


class Answering(Protocol):
    """What answers a frame: the WebSocket door's dispatcher."""

    async def answer(self, frame_bytes: bytes, caller: Caller) -> bytes:
        """The answer to one frame, for which the caller waits."""
        ...

    def refusal(self, frame_bytes: bytes) -> bytes | None:
        """The answer to a frame for which there is no time."""
        ...


class WatchedFrames:
    """Around the dispatcher of one venue, which may be a test venue or not."""

    def __init__(
        self,
        dispatcher: Answering,
        find: Callable[[], Watch | None],
        identifiers: Identifiers,
        seconds: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`find` gives what is watched of the venue; None: nothing."""
        self._dispatcher = dispatcher
        self._find = find
        self._identifiers = identifiers
        self._seconds = seconds

    def refusal(self, frame_bytes: bytes) -> bytes | None:
        """None in a test venue: its journal has every call."""
        return None if self._find() is not None else self._dispatcher.refusal(frame_bytes)

    async def answer(self, frame_bytes: bytes, caller: Caller) -> bytes:
        """The answer to one frame. Raises HangUp where a fault cuts the connection."""
        watch = self._find()
        if watch is None:
            return await self._dispatcher.answer(frame_bytes, caller)
        watch.world.enter()
        entry = watch.journal.begin(call_of(frame_bytes), self._identifiers.trace_id())
        started = self._seconds()
        try:
            return await self._exchange(watch, entry, frame_bytes, caller)
        finally:
            entry.milliseconds = (self._seconds() - started) * 1000
            watch.journal.write(entry)

    async def _exchange(
        self, watch: Watch, entry: Exchange, frame_bytes: bytes, caller: Caller
    ) -> bytes:
        fault = watch.faults.strike(entry.call, When.BEFORE, entry.trace_id)
        if fault is not None:
            _note(entry, fault)
            if fault.action.doing is not Doing.DELAY:
                return _struck(fault.action, entry, frame_bytes, None)
            await asyncio.sleep(fault.action.value)
        answer = await self._dispatcher.answer(frame_bytes, caller)
        # The dispatcher has bound its own, which an error and the log lines have.
        bound = structlog.contextvars.get_contextvars().get("trace_id")
        entry.trace_id = bound if isinstance(bound, str) else entry.trace_id
        entry.status, entry.answer = _outcome(answer)
        if entry.status < 400:
            fault = watch.faults.strike(entry.call, When.AFTER_COMMIT, entry.trace_id)
            if fault is not None:
                _note(entry, fault)
                if fault.action.doing is not Doing.DELAY:
                    return _struck(fault.action, entry, frame_bytes, answer)
                await asyncio.sleep(fault.action.value)
        return answer


def call_of(frame_bytes: bytes) -> Call:
    """What a frame asks for; little, if it is no proper request."""
    frame = _object(frame_bytes)
    method, params = frame.get("method"), frame.get("params")
    named = method if isinstance(method, str) else ""
    call = Call(Transport.WEBSOCKET, None, named, "", body=frame_bytes)
    operation = by_websocket_method(named)
    if operation is None or not isinstance(params, dict):
        return call
    rest = {name: value for name, value in params.items() if name != "headers"}
    ids = {name: str(rest.pop(sent, "")) for name, sent in operation.websocket_parameters.items()}
    headers = params.get("headers")
    named_by = {
        _HEADERS[name]: value
        for name, value in (headers.items() if isinstance(headers, dict) else ())
        if name in _HEADERS and isinstance(value, str)
    }
    return replace(
        call,
        capability=operation.capability,
        ids=ids,
        body=to_json(rest) if rest else b"",
        waiter_id=named_by.get("waiter_id"),
        product=named_by.get("product"),
        device_id=named_by.get("device_id"),
    )


def _outcome(answer: bytes) -> tuple[int, bytes]:
    """The status that HTTP would have, and the result or the error alone."""
    frame = _object(answer)
    if "error" not in frame:
        return 200, to_json(frame.get("result"))
    error = frame["error"]
    kind = error.get("errorType") if isinstance(error, dict) else None
    status = STATUSES[kind] if kind in tuple(EPOSErrorType) else 500
    return status, to_json(error)


def _struck(action: Action, entry: Exchange, frame_bytes: bytes, answer: bytes | None) -> bytes:
    """The answer as the fault makes it. Before the work there is none, so it is that of an error."""
    if action.doing is Doing.CUT:
        entry.status = None
        raise HangUp
    if answer is None or action.doing in (Doing.ERROR, Doing.STATUS):
        answer = _failing(action, entry, frame_bytes)
    if action.doing is Doing.TRUNCATE:
        return answer[: len(answer) // 2].decode("utf-8", "ignore").encode()
    return _GARBAGE + answer if action.doing is Doing.GARBLE else answer


def _failing(action: Action, entry: Exchange, frame_bytes: bytes) -> bytes:
    failing = action if action.doing in (Doing.ERROR, Doing.STATUS) else Action(Doing.STATUS, 500)
    error = {
        "errorType": failing.error_kind.value,
        "debugMessage": f"Injected by fault {entry.fault_id}",
        "traceId": entry.trace_id,
    }
    entry.status, entry.answer = failing.error_status, to_json(error)
    sent = _object(frame_bytes)
    head = {"jsonrpc": "2.0", "id": sent.get("id", ""), "method": entry.call.method}
    return to_json(head | {"error": error})


def _note(entry: Exchange, fault: Fault) -> None:
    entry.fault_id = fault.id
    entry.note = f"{fault.when}: {fault.action.doing} {fault.action.value}"


def _object(text: bytes) -> dict[str, Any]:
    try:
        found = from_json(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
