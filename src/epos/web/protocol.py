"""EPOSError for malformed HTTP; size and time limits per connection."""

import asyncio
from typing import Any

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from epos.contract.codec import to_wire
from epos.contract.errors import EPOSError, EPOSErrorType
from epos.domain.identifiers import Identifiers

_MOST_UNREAD = 64 * 1024
"""Most bytes that may come before the headers of a request are complete."""
_MOST_PIPELINED = 32
_PATIENCE_SECONDS = 20.0
_log = structlog.get_logger("epos.request")


class EposHttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with an EPOSError for a broken request (a NUL in a header, for example).

    Neither uvicorn nor its parser limits what comes before a request is complete, or how many requests
    are sent ahead. None of that needs a credential, so the limits are here.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self._unread = 0
        self._patience: asyncio.TimerHandle | None = None
        self._reading: asyncio.TimerHandle | None = None
        super().__init__(*arguments, **named)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._expect_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_patience()
        self._end_reading()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Called when too much of the answers waits to be read: give the client some time."""
        super().pause_writing()
        self._reading = self.loop.call_later(_PATIENCE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        self._end_reading()
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        self._unread += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._unread > _MOST_UNREAD and self._is_busy:
            self.transport.abort()
        elif self._unread > _MOST_UNREAD:
            self._refuse("431 Request Header Fields Too Large", "The headers are too large")
        elif not self._is_busy:
            self._expect_request()

    def on_headers_complete(self) -> None:
        self._unread = 0
        self._end_patience()
        super().on_headers_complete()
        if len(self.pipeline) > _MOST_PIPELINED:
            self.transport.abort()

    def on_body(self, body: bytes) -> None:
        self._unread = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._unread = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        if self._is_busy:
            # The client would take it for the answer to the request under way, which may be a payment.
            self.transport.close()
        else:
            self._refuse("400 Bad Request", "The request is not valid HTTP")

    @property
    def _is_busy(self) -> bool:
        """Whether a request is being answered. It has a deadline of its own."""
        cycle: RequestResponseCycle | None = self.cycle  # uvicorn's type leaves None out
        return cycle is not None and not cycle.response_complete

    def _expect_request(self) -> None:
        """Start the request timeout; further bytes do not restart it."""
        if self._patience is None and self.timeout_keep_alive_task is None:
            self._patience = self.loop.call_later(_PATIENCE_SECONDS, self.transport.abort)

    def _end_patience(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _end_reading(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _refuse(self, status: str, words: str) -> None:
        trace_id = Identifiers().trace_id()
        error = EPOSError(
            errorType=EPOSErrorType.InvalidRequest, debugMessage=words, traceId=trace_id
        )
        body = to_wire(error)
        head = (
            f"HTTP/1.1 {status}\r\n"
            "content-type: application/json\r\n"
            f"content-length: {len(body)}\r\n"
            f"x-trace-id: {trace_id}\r\n"
            "connection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
        _log.warning("request", trace_id=trace_id, status=int(status[:3]))
