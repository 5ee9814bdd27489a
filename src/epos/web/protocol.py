"""EPOSError for malformed HTTP; offers of another protocol; size and time limits per connection."""

import asyncio
import time
from typing import Any

import httptools
import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from epos.contract.codec import to_wire
from epos.contract.errors import EPOSError, EPOSErrorType
from epos.domain.identifiers import Identifiers
from epos.services.admission import Lane
from epos.services.callers import GRACE_SECONDS
from epos.web.connections import Connections
from epos.web.gate import Gate
from epos.web.headers import SAFE_HEADERS

_MOST_UNREAD = 64 * 1024
"""Most bytes that may come before the headers of a request are complete."""
_MOST_PIPELINED = 32
_PATIENCE_SECONDS = 20.0
_INVALID = "The request is not valid HTTP"
_SAFE = b"".join(b"%b: %b\r\n" % header for header in SAFE_HEADERS)
_OF_AN_OFFER = frozenset({b"upgrade", b"http2-settings", b"connection"})
_log = structlog.get_logger("epos.request")


class MalformedRequest(Exception):
    """Raised inside the parser's callbacks to end the parsing. The message is answered."""


class EposHttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with an EPOSError for a broken request (a NUL in a header, for example).

    Neither uvicorn nor its parser limits what comes before a request is complete, or how many requests
    are sent ahead. None of that needs a credential, so the limits are here.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self._unread = 0
        self._patience: asyncio.TimerHandle | None = None
        self._reading: asyncio.TimerHandle | None = None
        self._refusal: bytes | None = None
        """The answer to the request that is being read, if it is refused before it is looked at."""
        super().__init__(*arguments, **named)
        self._all: Connections = self.config.loaded_app.connections
        self._gate: Gate = self.config.loaded_app.gate

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        if self.client is not None:
            self._all.add(self.client, transport)
        self._expect_request()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.client is not None:
            self._all.forget(self.client)
        self._end_patience()
        self._end_reading()
        super().connection_lost(exc)
        if self._is_busy:
            self.loop.call_later(GRACE_SECONDS, _stop_reading, self.cycle.scope)

    def pause_writing(self) -> None:
        """Called when too much of the answers waits to be read: give the client some time."""
        super().pause_writing()
        self._reading = self.loop.call_later(_PATIENCE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        self._end_reading()
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        self._unread += len(data)
        self._parse(data)
        if self.transport.is_closing():
            return
        if self._unread > _MOST_UNREAD and self._is_busy:
            self.transport.abort()
        elif self._unread > _MOST_UNREAD:
            self._refuse("431 Request Header Fields Too Large", "The headers are too large")
        elif not self._is_busy:
            self._expect_request()

    def _parse(self, data: bytes) -> None:
        """As in uvicorn, but an offer of another protocol is ignored (RFC 9110, 7.8): the request is read
        again without it.
        """
        self._unset_keepalive_if_required()
        try:
            while data and not self.transport.is_closing():
                try:
                    self.parser.feed_data(data)
                except httptools.HttpParserUpgrade as offer:
                    # httptools takes no body of such a request, and would read it as the next one.
                    data = self._without_offer() + data[offer.args[0] :]
                    self._start_parser()
                else:
                    return
        except httptools.HttpParserError as error:
            fault = error.__context__
            words = str(fault) if isinstance(fault, MalformedRequest) else _INVALID
            self.send_400_response(words)

    def _start_parser(self) -> None:
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn's

    def _without_offer(self) -> bytes:
        """The head of the request that has been read, without its offer of another protocol."""
        parser = self.parser
        version = parser.get_http_version().encode()
        lines = [b"%b %b HTTP/%b" % (parser.get_method(), self.url, version)]
        for name, value in self.headers:
            if name not in _OF_AN_OFFER:
                lines.append(b"%b: %b" % (name, value))
            elif name == b"connection":
                kept = [token for token in value.split(b",") if not _is_of_an_offer(token)]
                lines.append(b"connection: " + b",".join(kept))
        return b"\r\n".join([*lines, b"", b""])

    def on_message_begin(self) -> None:
        super().on_message_begin()
        scope: Any = self.scope
        scope["began"] = time.monotonic()
        scope["is_gone"] = self._is_gone

    def _is_gone(self) -> bool:
        """Whether nobody waits for an answer any more."""
        return self.transport.is_closing()

    def on_headers_complete(self) -> None:
        if self.parser.should_upgrade():
            if self.parser.get_method() == b"CONNECT":
                raise MalformedRequest("CONNECT is not supported: this is not a proxy")
            return
        _check_transfer_coding(self.headers)
        self._unread = 0
        if self._gate.is_crowded and not self._is_busy and not self.expect_100_continue:
            self._refusal = self._gate.refusal(self.parser.get_method(), self.url, self.headers)
            if self._refusal is not None:
                return
        self._end_patience()
        super().on_headers_complete()
        if len(self.pipeline) > _MOST_PIPELINED:
            self.transport.abort()

    def on_body(self, body: bytes) -> None:
        self._unread = 0
        if self._refusal is None:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade():
            return
        self._unread = 0
        if self._refusal is None:
            super().on_message_complete()
        else:
            self._turn_away(self._refusal)

    def _turn_away(self, refusal: bytes) -> None:
        """Answer a request for which there is no time. It never becomes a task, which would cost more."""
        self._refusal = None
        self._end_patience()
        self.transport.write(refusal)
        if self.parser.should_keep_alive():
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        else:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        if self._is_busy:
            # The client would take it for the answer to the request under way, which may be a payment.
            _log.warning("connection closed", cause=msg)
            self.transport.close()
        else:
            self._refuse("400 Bad Request", msg)

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
            "connection: close\r\n"
        )
        self.transport.write(head.encode() + _SAFE + b"\r\n" + body)
        self.transport.close()
        _log.warning("request", trace_id=trace_id, status=int(status[:3]))


def _stop_reading(scope: Any) -> None:
    """Stop a read whose client has gone, in PostgreSQL too. A write goes on to its end."""
    state = scope["state"]
    task = state.get("task")
    if task is not None and (scope["method"] == "GET" or state.get("lane") is Lane.SEARCHES):
        task.cancel()


def _is_of_an_offer(token: bytes) -> bool:
    return token.strip().lower() in _OF_AN_OFFER


def _check_transfer_coding(headers: list[tuple[bytes, bytes]]) -> None:
    """The parser reads every coding as if it were `chunked`, or closes the connection."""
    codings = [value.strip().lower() for name, value in headers if name == b"transfer-encoding"]
    if codings and codings != [b"chunked"]:
        raise MalformedRequest("The only transfer coding that is read is chunked, once")
