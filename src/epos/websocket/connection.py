"""One venue's connection to Dojo: opened by us, kept open for as long as the server lives."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    ConnectionClosedOK,
    InvalidStatus,
    WebSocketException,
)

from epos.domain.backoff import Backoff
from epos.domain.errors import HangUp
from epos.services.callers import Caller
from epos.services.limits import DEADLINE_SECONDS, MOST_BYTES

_MOST_BYTES = 16 * MOST_BYTES  # up to here a frame too large costs an answer, not the connection
_KEEP_ALIVE_SECONDS = 20.0
_OPEN_SECONDS = 10.0
_CLOSE_SECONDS = 2.0
_DRAIN_SECONDS = DEADLINE_SECONDS + 1
MOST_CONCURRENT = 512
"""Calls beyond this wait in the socket, unseen. They are not all worked on: those for which there is no
time are refused as they are read, so that Dojo hears an error instead of nothing.
"""
_MOST_READ_AHEAD = 64
"""Frames; with few, each turn of the event loop reads few."""
REDIAL = Backoff(first=0.5, longest=15.0)
_log = structlog.get_logger("epos.websocket")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where Dojo listens and who we are there. The API key follows `Basic ` as it is, not base64."""

    url: str
    api_key: str
    software_house_id: str
    reseller_id: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        headers = {
            "Authorization": f"Basic {self.api_key}",
            "software-house-id": self.software_house_id,
        }
        return headers | ({"reseller-id": self.reseller_id} if self.reseller_id else {})


class Answering(Protocol):
    """What answers Dojo's calls: a dispatcher."""

    async def answer(self, frame_bytes: bytes, caller: Caller) -> bytes:
        """The answer to one frame. Raises HangUp where there shall be none. `caller`: who waits for it."""
        ...

    def refusal(self, frame_bytes: bytes) -> bytes | None:
        """The answer to a frame for which there is no time; None: `answer` it."""
        ...


class DojoConnection:
    """Answers Dojo's calls until it is cancelled; then it finishes those under way."""

    def __init__(
        self,
        endpoint: Endpoint,
        dispatcher: Answering,
        *,
        may_answer: Callable[[], bool],
        most_concurrent: int = MOST_CONCURRENT,
        backoff: Backoff = REDIAL,
    ) -> None:
        """`may_answer` is asked before each call is carried out. Once it says no, another process may be
        connected for the venue. Dojo no longer waits for calls that still arrive here, and may have sent
        them to that process again.
        """
        self._endpoint = endpoint
        self._dispatcher = dispatcher
        self._may_answer = may_answer
        self._slots = asyncio.Semaphore(most_concurrent)
        self._backoff = backoff
        self._attempts = 0
        """Since a handshake was accepted last."""
        self._answers: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Connect, serve, and connect again, for as long as it may answer."""
        while self._may_answer():
            try:
                await self._serve_once()
            except InvalidStatus as error:
                _log.warning("Dojo refused the connection", status=error.response.status_code)
            except (OSError, TimeoutError, WebSocketException) as error:
                _log.warning("connection to Dojo lost", cause=type(error).__name__)
            self._attempts += 1
            await asyncio.sleep(self._backoff.seconds(self._attempts))

    async def _serve_once(self) -> None:
        async with connect(
            self._endpoint.url,
            additional_headers=self._endpoint.headers,
            max_size=_MOST_BYTES,
            max_queue=_MOST_READ_AHEAD,
            open_timeout=_OPEN_SECONDS,
            ping_interval=_KEEP_ALIVE_SECONDS,
            ping_timeout=_KEEP_ALIVE_SECONDS,
            close_timeout=_CLOSE_SECONDS,
        ) as connection:
            self._attempts = 0
            _log.info("connected to Dojo")
            caller = Caller()
            try:
                await self._serve(connection, caller)
            except asyncio.CancelledError:
                await self._drain()
                raise
            finally:
                caller.leave()

    async def _serve(self, connection: ClientConnection, caller: Caller) -> None:
        """Until the connection ends, or no more may be answered. Calls beyond the limit wait in the socket;
        answers leave in any order.
        """
        while True:
            try:
                frame = await connection.recv(decode=False)
                refusal = self._dispatcher.refusal(frame) if self._may_answer() else None
                if refusal is not None:
                    await connection.send(refusal, text=True)
                    continue
            except ConnectionClosedOK:
                return
            await self._slots.acquire()
            if not self._may_answer():
                return
            task = asyncio.create_task(self._answer(connection, frame, caller))
            self._answers.add(task)
            task.add_done_callback(self._finished)

    async def _answer(self, connection: ClientConnection, frame: bytes, caller: Caller) -> None:
        try:
            answer = await self._dispatcher.answer(frame, caller)
            await connection.send(answer, text=True)
        except HangUp:
            connection.transport.abort()
        except ConnectionClosed:
            _log.warning("the connection closed before an answer could be sent")

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._answers.discard(task)
        self._slots.release()

    async def _drain(self) -> None:
        """While the connection is still there: answers to one that was lost reach nobody."""
        if self._answers:
            await asyncio.wait(set(self._answers), timeout=_DRAIN_SECONDS)
