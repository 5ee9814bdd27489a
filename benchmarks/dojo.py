"""A very light Dojo in its own process: it accepts registrations and events, and calls the EPOS over the
WebSocket as fast as it answers.

The simulated Dojo checks and records everything, which costs more than what is measured here. This one
costs about as little as wrk: it does not mask its frames (only clients have to), and it reads only the
beginning of an answer.
"""

import asyncio
import base64
import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count, cycle
from statistics import quantiles
from typing import Any, cast

import uvloop

from benchmarks.open_calls import OpenCalls
from benchmarks.open_loop import Stream

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_MASK = 4
_HEAD = 160
"""The first bytes of an answer: enough to read its id and whether it is a result."""
Json = dict[str, Any]


@dataclass
class Load:
    """Calls under way: as one is answered, the next is made."""

    frames: Iterator[tuple[str, bytes]]
    send: Callable[[bytes], None]
    ends: float
    errors: int = 0
    seconds: list[float] = field(default_factory=list)
    started: dict[str, float] = field(default_factory=dict)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def call(self) -> None:
        call_id, frame = next(self.frames)
        self.started[call_id] = time.perf_counter()
        self.send(frame)

    def answered(self, head: bytes) -> None:
        now = time.perf_counter()
        call_id = head.split(b'"', 8)[7].decode()
        self.seconds.append(now - self.started.pop(call_id))
        self.errors += b'"result"' not in head
        if now < self.ends:
            self.call()
        elif not self.started:
            self.done.set()

    def broken(self) -> None:
        """The connection is lost, and with it every call under way."""
        self.errors += len(self.started)
        self.done.set()


class Dojo:
    """The state that all connections share."""

    def __init__(self) -> None:
        self.capabilities: list[Json] = []
        self.peers: set[Peer] = set()
        self.socket: Peer | None = None
        self.load: Load | OpenCalls | None = None
        self.listening: asyncio.Server | None = None

    async def answer(self, method: str, path: str, body: Any) -> Any:
        """Answer the part of Dojo's API that the EPOS uses."""
        if method == "PUT":
            self.capabilities = body["capabilities"]
        held = {"capabilities": self.capabilities}
        return {"wsIntegrations": [held], "restIntegrations": []} if method == "GET" else {}

    async def called(self, wish: Json) -> Json:
        """Make calls for a number of seconds, several at a time, and return the figures."""
        assert self.socket is not None, "asked before the EPOS was connected"
        ends = time.perf_counter() + wish["seconds"]
        self.load = load = Load(_frames(wish), self.socket.send_frame, ends)
        started = time.perf_counter()
        for _ in range(wish["calls"]):
            load.call()
        await load.done.wait()
        elapsed, self.load = time.perf_counter() - started, None
        cuts = quantiles(load.seconds, n=100) if len(load.seconds) > 1 else [0.0] * 99
        return {
            "rate": len(load.seconds) / elapsed,
            "p50": cuts[49] * 1e3,
            "p99": cuts[98] * 1e3,
            "requests": len(load.seconds),
            "errors": load.errors,
        }

    async def flooded(self, wish: Json) -> Json:
        """Make calls when they are due, whatever became of those before."""
        assert self.socket is not None, "asked before the EPOS was connected"
        streams = [Stream(one["name"], one["rate"]) for one in wish["streams"]]
        frames = {
            one["name"]: _frames({**one, "tag": f"{wish['tag']}-{one['name']}"})
            for one in wish["streams"]
        }
        self.load = calls = OpenCalls(streams, frames, self.socket.send_frame)
        figures = await calls.play(wish["seconds"])
        self.load = None
        return figures

    async def come(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        self.listening = await loop.create_server(lambda: Peer(self), "127.0.0.1", port)

    def go(self) -> None:
        """Stop listening and break every connection."""
        if self.listening is not None:
            self.listening.close()
        self.listening = None
        for peer in list(self.peers):
            peer.transport.abort()


def _frames(wish: Json) -> Iterator[tuple[str, bytes]]:
    """Frames of `text`, each with its own `@ID@`, for one `@ORDER@` after another, without end."""
    orders = cycle(range(wish["first"], wish["first"] + wish["orders"]))
    for number in count():
        call_id = f"{wish['tag']}-{number}"
        order = f"ord_{next(orders):032x}"
        payload = wish["text"].replace("@ID@", call_id).replace("@ORDER@", order).encode()
        size = len(payload)
        head = bytes([0x81, size]) if size < 126 else b"\x81\x7e" + size.to_bytes(2, "big")
        yield call_id, head + payload


class Peer(asyncio.Protocol):
    """One connection: HTTP, until it becomes the WebSocket."""

    transport: asyncio.Transport

    def __init__(self, dojo: Dojo) -> None:
        self._dojo = dojo
        self._buffer = bytearray()
        self._is_socket = False
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._dojo.peers.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._dojo.peers.discard(self)
        if self._dojo.socket is self:
            self._dojo.socket = None
            if self._dojo.load is not None:
                self._dojo.load.broken()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while self._read_frame() if self._is_socket else self._read_request():
            pass

    def send_frame(self, frame: bytes) -> None:
        self.transport.write(frame)

    def _read_frame(self) -> bool:
        """Read a frame if a whole one has arrived. Only its beginning is unmasked."""
        buffer = self._buffer
        if len(buffer) < 2:
            return False
        size, at = buffer[1] & 0x7F, 2
        if size >= 126:
            at += 2 if size == 126 else 8
            size = int.from_bytes(buffer[2:at], "big")
        end = at + _MASK + size
        if len(buffer) < end:
            return False
        mask, start = buffer[at : at + _MASK], at + _MASK
        kind, payload = buffer[0] & 0x0F, bytes(buffer[start : min(end, start + _HEAD)])
        del buffer[:end]
        unmasked = bytes(byte ^ mask[index % _MASK] for index, byte in enumerate(payload))
        if kind == 0x9:  # a ping wants its pong
            self.transport.write(bytes([0x8A, len(unmasked)]) + unmasked)
        elif kind == 0x8:
            self.transport.close()
        elif kind == 0x1 and self._dojo.load is not None:
            self._dojo.load.answered(unmasked)
        return True

    def _read_request(self) -> bool:
        head, separator, rest = bytes(self._buffer).partition(b"\r\n\r\n")
        if not separator:
            return False
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        size = int(headers.get("content-length", 0))
        if len(rest) < size:
            return False
        del self._buffer[: len(head) + 4 + size]
        method, path, _ = first.split(" ")
        if "sec-websocket-key" in headers:
            self._become_socket(headers["sec-websocket-key"])
        else:
            body = json.loads(rest[:size]) if size else None
            self._later(self._answer(method, path, body))
        return True

    def _later(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, method: str, path: str, body: Any) -> None:
        answer = json.dumps(await self._dojo.answer(method, path, body)).encode()
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        self.transport.write(head % len(answer) + answer)

    def _become_socket(self, key: str) -> None:
        accept = base64.b64encode(
            hashlib.sha1(key.encode() + _GUID, usedforsecurity=False).digest()
        )
        self._is_socket = True
        self._dojo.socket = self
        self.transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )


class Control(Dojo):
    """The port for the benchmark's commands. It answers also while Dojo is away."""

    def __init__(self, dojo: Dojo, port: int) -> None:
        super().__init__()
        self._of = dojo
        self._port = port

    async def answer(self, method: str, path: str, body: Any) -> Any:
        match path:
            case "/load":
                return await self._of.called(body)
            case "/flood":
                return await self._of.flooded(body)
            case "/go":
                self._of.go()
            case "/come":
                await self._of.come(self._port)
        there = self._of.listening is not None
        return {"connected": self._of.socket is not None, "listening": there}


async def main(port: int, control_port: int) -> None:
    dojo = Dojo()
    control = Control(dojo, port)
    await dojo.come(port)
    await control.come(control_port)
    await asyncio.Event().wait()


if __name__ == "__main__":
    try:
        uvloop.run(main(*map(int, sys.argv[1:])))
    except KeyboardInterrupt:
        sys.exit(0)
