"""JSON-RPC frames answered: JSON in, JSON out, and never an exception.

The envelope is the one of the AsyncAPI document: `result` or `error`, never both; the error is an
EPOSError, not JSON-RPC's own; the method is echoed.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from pydantic import BaseModel
from pydantic_core import from_json, to_json

from epos.contract.codec import check_size, to_wire
from epos.contract.errors import ContractViolation
from epos.contract.operations import Operation, by_websocket_method
from epos.domain.errors import Overloaded
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.services.admission import Admission, Lane
from epos.services.admitted import Admitted
from epos.services.api import Result
from epos.services.callers import Caller
from epos.services.limits import DEADLINE_SECONDS, MOST_BYTES, logged, took_too_long
from epos.services.refusals import PreparedError, epos_error, is_expected
from epos.store.busy_rows import ROWS
from epos.websocket.methods import arguments_of, operation_of, requester_of

Handler = Callable[[Mapping[str, str], BaseModel | None, Requester], Awaitable[Result]]
"""An operation: the ids of its path, its body, who asks."""

_BEGINNING = 4 * 1024
"""Of a frame that is too large, so much is read, for the id and the method."""
_log = structlog.get_logger("epos.request")


@dataclass(slots=True)
class _Frame:
    """What an answer needs of its request; empty where the request did not have it."""

    id: str = ""
    method: str = ""
    params: object = None
    fault: str | None = None
    requester: Requester | None = None
    """Who asks, once that is understood."""


class Dispatcher:
    """Answers the frames of one venue's connection."""

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        identifiers: Identifiers,
        venue_id: str,
        credential: str,
        admission: Admission | None = None,
        lanes: Mapping[str, Lane] | None = None,
    ) -> None:
        """`lanes`: of the operations, by capability; without `admission` none is refused."""
        self._admission = admission
        self._lanes = lanes or {}
        self._handlers = handlers
        self._identifiers = identifiers
        self._venue_id = venue_id
        self._credential = credential
        self._refused = PreparedError(Overloaded(0))

    def refusal(self, frame_bytes: bytes) -> bytes | None:
        """The answer to a call that would wait too long in its lane; None: there is time for it, or it is
        refused where it is understood. At five times the capacity four of five calls are refused, so this
        costs a small part of `answer`, and no task.
        """
        if self._admission is None or not self._admission.waiting:
            return None
        frame = _read(frame_bytes)
        operation = None if frame.fault else by_websocket_method(frame.method)
        if operation is None:
            return None
        lane = self._lanes.get(operation.capability, Lane.USUAL)
        if self._admission.hopeless_wait(lane, self._venue_id) is None:
            return None
        self._admission.refused.count(lane.name.lower(), self._venue_id)
        error = self._refused.of(self._identifiers.trace_id())
        return _envelope(frame, b'"error":' + error)

    async def answer(self, frame_bytes: bytes, caller: Caller) -> bytes:
        """The answer to one frame; whatever goes wrong is an `error` in it. A read is cancelled when its
        caller has gone.
        """
        started = time.perf_counter()
        trace_id = self._identifiers.trace_id()
        nobody = Requester(self._venue_id, self._credential, trace_id)
        structlog.contextvars.bind_contextvars(trace_id=trace_id)
        frame = _read(frame_bytes)
        failure: Exception | None = None
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                result = await self._call(frame, nobody, caller)
            member, outcome = b'"result":', result
        except Exception as error:  # noqa: BLE001 - the connection must outlive every request
            failure = _explained(error)
            member, outcome = b'"error":', to_wire(epos_error(failure, trace_id))
        if not isinstance(failure, Overloaded):  # they are counted, and logged together
            _write_log(frame, nobody, failure, time.perf_counter() - started)
        return _envelope(frame, member + outcome)

    async def _call(self, frame: _Frame, nobody: Requester, caller: Caller) -> bytes:
        if frame.fault is not None:
            raise ContractViolation("", frame.fault)
        operation = operation_of(frame.method, self._handlers)
        frame.requester = requester_of(frame.params, nobody)
        lane = self._lanes.get(operation.capability, Lane.USUAL)
        if operation.http_method == "GET" or lane is Lane.SEARCHES:
            caller.reads()
        ids, body = arguments_of(operation, frame.params)
        handler = partial(self._handlers[operation.capability], ids, body, frame.requester)
        answer = await self._admitted(handler, lane, _changed_order(operation, ids), caller)
        return b"{}" if answer is None else _wire(answer)

    async def _admitted(
        self,
        handler: Callable[[], Awaitable[Result]],
        lane: Lane,
        order_id: str | None,
        caller: Caller,
    ) -> Result:
        if self._admission is None:
            return await handler()
        order = None if order_id is None else (self._venue_id, order_id)
        if not self._admission.try_enter(lane, self._venue_id, order):
            await self._admission.enter(lane, self._venue_id, order, is_gone=caller.is_gone)
        admitted = Admitted(self._admission, lane, self._venue_id, order, caller.is_gone)
        limited = ROWS.set(admitted)
        try:
            return await handler()
        finally:
            ROWS.reset(limited)
            admitted.leave()


def _changed_order(operation: Operation, ids: Mapping[str, str]) -> str | None:
    return None if operation.http_method == "GET" else ids.get("orderId")


def _wire(answer: Any) -> bytes:
    return to_wire(answer, websocket_spelling=isinstance(answer, BaseModel))


def _read(frame_bytes: bytes) -> _Frame:
    """The frame's parts. A frame that is no request keeps its id, if it has one. Of a frame that is too
    large only the beginning is read: nothing keeps the others waiting for long.
    """
    fault = _too_large(frame_bytes)
    try:
        data = (
            from_json(frame_bytes, allow_inf_nan=False)
            if fault is None
            else from_json(frame_bytes[:_BEGINNING], allow_inf_nan=False, allow_partial=True)
        )
    except (ValueError, TypeError):
        return _Frame(fault="the frame is not valid JSON")
    if not isinstance(data, dict):
        return _Frame(fault="the frame must be a JSON object")
    request_id, method = data.get("id"), data.get("method")
    if not isinstance(request_id, str):
        return _Frame(fault="id is required and must be text")
    if not isinstance(method, str):
        return _Frame(id=request_id, fault="method is required and must be text")
    return _Frame(request_id, method, data.get("params"), fault)


def _too_large(frame_bytes: bytes) -> str | None:
    if len(frame_bytes) > MOST_BYTES:
        return f"the frame must not be larger than {MOST_BYTES} bytes"
    try:
        check_size(frame_bytes)
    except ContractViolation as violation:
        return violation.message
    return None


def _explained(error: Exception) -> Exception:
    if isinstance(error, TimeoutError):
        return took_too_long()
    if not is_expected(error):
        _log.error("unexpected error", exc_info=error)
    elif error.__cause__ is not None:
        _log.warning("unavailable", cause=type(error.__cause__).__name__)
    return error


def _envelope(frame: _Frame, outcome: bytes) -> bytes:
    head = {"jsonrpc": "2.0", "id": frame.id}
    if frame.method:
        head["method"] = frame.method
    return to_json(head)[:-1] + b"," + outcome + b"}"


def _write_log(frame: _Frame, nobody: Requester, failure: Exception | None, seconds: float) -> None:
    _log.info(
        "request",
        door="websocket",
        method=frame.method if by_websocket_method(frame.method) else None,
        error=type(failure).__name__ if failure else None,
        milliseconds=round(seconds * 1000, 2),
        venue=nobody.venue_id,
        **logged(frame.requester or nobody),
    )
