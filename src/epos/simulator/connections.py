"""The WebSocket that an EPOS has opened: one at a time; calls on it are matched by their ids."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from epos.simulator.calls import Silence

Json = dict[str, Any]
Complain = Callable[[str, Any, list[str]], None]
"""Told of a frame that answers nothing: a note, the frame, what is wrong with it."""

NORMAL, GOING_AWAY = 1000, 1001


class EposConnection:
    """One connection."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._cut = asyncio.Event()

    async def send(self, text: str) -> None:
        """Raises Silence when the connection has gone."""
        try:
            await self._websocket.send_text(text)
        except (WebSocketDisconnect, RuntimeError, OSError):
            raise Silence("the connection was lost") from None

    def cut(self) -> None:
        """End it without a word: the application returns, and the server drops the connection."""
        self._cut.set()

    async def close(self, code: int) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError, OSError):
            await self._websocket.close(code)

    async def next_frame(self) -> str | None:
        """None when it is over."""
        receiving = asyncio.ensure_future(self._websocket.receive())
        cut = asyncio.ensure_future(self._cut.wait())
        done, waiting = await asyncio.wait({receiving, cut}, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        if receiving not in done:
            return None
        message = receiving.result()
        if message["type"] == "websocket.disconnect":
            return None
        text: str | None = message.get("text")
        return text if text is not None else message.get("bytes", b"").decode(errors="replace")


@dataclass(slots=True)
class _Asked:
    connection: EposConnection
    answer: asyncio.Future[Json]


class EposSocket:
    """The connection of one account, and the calls under way on it."""

    def __init__(self, complain: Complain) -> None:
        self._complain = complain
        self._connection: EposConnection | None = None
        self._connected = asyncio.Event()
        self._asked: dict[str, _Asked] = {}
        self._sent: set[str] = set()
        self._answered: set[str] = set()
        self.handshakes = 0

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    async def serve(self, connection: EposConnection) -> None:
        """Read a connection until it ends. It takes the place of the one before."""
        before, self._connection = self._connection, connection
        self.handshakes += 1
        self._connected.set()
        if before is not None:
            await before.close(NORMAL)
        try:
            while (text := await connection.next_frame()) is not None:
                self._receive(text, connection)
        finally:
            self._lost(connection)

    async def ask(self, frame: Json, seconds: float, *, cut: str | None = None) -> Json:
        """The answer to a frame, by its id. `cut` is how the connection dies once it is sent."""
        connection = await self._live(seconds)
        asked = self._asked[frame["id"]] = _Asked(
            connection, asyncio.get_running_loop().create_future()
        )
        self._sent.add(frame["id"])
        try:
            await connection.send(json.dumps(frame))
            if cut is not None:
                await self.disconnect(cut)
            async with asyncio.timeout(seconds):
                return await asked.answer
        except TimeoutError:
            raise Silence("timed out") from None
        finally:
            del self._asked[frame["id"]]

    async def disconnect(self, how: str) -> bool:
        """`disconnect`: without a word; `going-away`: with 1001; else a normal close."""
        connection = self._connection
        if connection is None:
            return False
        if how == "disconnect":
            connection.cut()
        else:
            await connection.close(GOING_AWAY if how == "going-away" else NORMAL)
        return True

    async def _live(self, seconds: float) -> EposConnection:
        try:
            await asyncio.wait_for(self._connected.wait(), seconds)
        except TimeoutError:
            raise Silence("the EPOS is not connected") from None
        if self._connection is None:
            raise Silence("the EPOS is not connected")
        return self._connection

    def _lost(self, connection: EposConnection) -> None:
        if self._connection is connection:
            self._connection = None
            self._connected.clear()
        for asked in self._asked.values():
            if asked.connection is connection and not asked.answer.done():
                asked.answer.set_exception(Silence("the connection was lost"))

    def _receive(self, text: str, connection: EposConnection) -> None:
        frame = _parsed(text)
        if not isinstance(frame, dict) or not isinstance(frame.get("id"), str):
            self._complain("not an answer", text[:1000], ["the frame: is not an object with an id"])
            return
        call_id = frame["id"]
        asked = self._asked.get(call_id)
        if asked is not None and not asked.answer.done():
            other = (
                [] if asked.connection is connection else ["id: was asked on another connection"]
            )
            asked.answer.set_result({**frame, "_violations": other} if other else frame)
        elif call_id in self._answered:
            self._complain("an answer too many", frame, ["id: was answered before"])
        elif call_id in self._sent:  # nobody waits for it any more
            self._complain("a late answer", frame, [])
        else:
            self._complain("an answer too many", frame, ["id: was never asked"])
        if call_id in self._sent:
            self._answered.add(call_id)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
