"""An open-loop load generator in a process of its own: requests start when they are due, whatever became of
those before, and latency counts from the moment when a request was due (as wrk2 does it).

A closed loop, such as wrk's, waits for an answer before it sends the next request: a server that stands
still for a second is then measured by one slow request, and not by all that should have come meanwhile.

    python -m benchmarks.open_loop < plan.json > result.json

The plan has `port`, `seconds`, `tag` and `streams`. A stream has `name`, `rate` (a second), `head` (the
first lines and headers of a request), `body`, and for `@ORDER@` `first` and `orders`. Each request takes a
free connection of a pool, or opens one.
"""

import asyncio
import gc
import json
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count, cycle
from typing import Any, cast

import uvloop

GIVE_UP_SECONDS = 12.0
SWEEP_SECONDS = 0.005
"""How exactly requests start; far below what is measured."""
_MOST_CONNECTIONS = 3_000
Json = dict[str, Any]


@dataclass
class Stream:
    """Requests of one kind, and what became of them."""

    name: str
    rate: float
    make: Callable[[], bytes] = bytes
    answered: list[float] = field(default_factory=list)
    """Seconds until a 2xx, from when the request was due."""
    refused_after_sending: list[float] = field(default_factory=list)
    """Seconds until a refusal, from when the request was sent."""
    without_retry_after: int = 0
    failed: int = 0
    sent: int = 0

    def count(self, due: float, sent: float, head: bytes) -> None:
        """An answer over HTTP."""
        status = head[9:12]
        refused = "refused" if status == b"503" else "failed"
        self.note(due, sent, "answered" if status.startswith(b"2") else refused)
        self.without_retry_after += status == b"503" and b"retry-after" not in head

    def note(self, due: float, sent: float, outcome: str) -> None:
        now = time.perf_counter()
        if outcome == "answered":
            self.answered.append(now - due)
        elif outcome == "refused":
            self.refused_after_sending.append(now - sent)
        else:
            self.failed += 1

    def figures(self, seconds: float) -> Json:
        return {
            "offered": self.sent / seconds,
            "answered": len(self.answered),
            "goodput": sum(1 for one in self.answered if one <= 1.0) / seconds,
            "p50": quantile(self.answered, 0.5),
            "p99": quantile(self.answered, 0.99),
            "refused": len(self.refused_after_sending),
            "refused_p50": quantile(self.refused_after_sending, 0.5),
            "refused_p99": quantile(self.refused_after_sending, 0.99),
            "without_retry_after": self.without_retry_after,
            "failed": self.failed,
        }


def quantile(values: list[float], of: float) -> float | None:
    """In milliseconds."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(of * len(ordered)))] * 1e3 if ordered else None


class Connection(asyncio.Protocol):
    """One request at a time."""

    transport: asyncio.Transport

    def __init__(self, pool: "Pool") -> None:
        self._pool = pool
        self._buffer = b""
        self._stream: Stream | None = None
        self._due = self._sent = 0.0
        self.is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.is_open = True

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        if self._stream is not None:
            self._stream.failed += 1
            self._stream = None
        self._pool.forget(self)

    def send(self, stream: Stream, due: float, request: bytes) -> None:
        self._stream, self._due, self._sent = stream, due, time.perf_counter()
        stream.sent += 1
        self.transport.write(request)

    @property
    def is_too_old(self) -> bool:
        return self._stream is not None and time.perf_counter() - self._due > GIVE_UP_SECONDS

    @property
    def is_busy(self) -> bool:
        return self._stream is not None

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        head, separator, rest = self._buffer.partition(b"\r\n\r\n")
        if not separator or self._stream is None:
            return
        at = head.index(b"content-length: ") + 16
        end = head.find(b"\r", at)
        if len(rest) < int(head[at:] if end < 0 else head[at:end]):
            return
        stream, self._stream, self._buffer = self._stream, None, b""
        stream.count(self._due, self._sent, head)
        if b"connection: close" in head:
            self.transport.close()
        else:
            self._pool.idle.append(self)


class Pool:
    """The connections to the server."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.idle: list[Connection] = []
        self.all: set[Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.opening = 0

    def send(self, stream: Stream, due: float, request: bytes) -> None:
        while self.idle:
            connection = self.idle.pop()
            if connection.is_open:
                connection.send(stream, due, request)
                return
        if len(self.all) + self.opening >= _MOST_CONNECTIONS:
            stream.sent += 1
            stream.failed += 1
            return
        self.opening += 1
        task = asyncio.ensure_future(self._open(stream, due, request))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _open(self, stream: Stream, due: float, request: bytes) -> None:
        loop = asyncio.get_running_loop()
        try:
            _, connection = await loop.create_connection(
                lambda: Connection(self), "127.0.0.1", self._port
            )
        except OSError:
            stream.sent += 1
            stream.failed += 1
        else:
            self.all.add(connection)
            connection.send(stream, due, request)
        finally:
            self.opening -= 1

    def forget(self, connection: Connection) -> None:
        self.all.discard(connection)

    @property
    def is_quiet(self) -> bool:
        return not self.opening and not any(one.is_busy for one in self.all)

    def drop_old(self) -> None:
        for one in [one for one in self.all if one.is_too_old]:
            one.transport.abort()


def makes(wish: Json, tag: str) -> Callable[[], bytes]:
    """Requests with an id of their own, for one order after another."""
    orders = cycle(range(wish.get("first", 1), wish.get("first", 1) + wish.get("orders", 1)))
    numbers = count()
    head: str = wish["head"]
    body: str = wish["body"]

    def make() -> bytes:
        order = f"ord_{next(orders):032x}"
        sent = body.replace("@ID@", f"{tag}-{next(numbers)}").encode()
        return head.replace("@ORDER@", order).replace("@SIZE@", str(len(sent))).encode() + sent

    return make


def due_times(streams: list[Stream], seconds: float) -> list[tuple[float, Stream]]:
    """All requests in the order in which they are due, evenly distributed."""
    due = [
        (number / stream.rate, index)
        for index, stream in enumerate(streams)
        for number in range(int(stream.rate * seconds))
    ]
    return [(when, streams[index]) for when, index in sorted(due)]


async def play(plan: Json) -> Json:
    pool, seconds = Pool(plan["port"]), plan["seconds"]
    streams = [
        Stream(wish["name"], wish["rate"], makes(wish, f"{plan['tag']}-{wish['name']}"))
        for wish in plan["streams"]
    ]
    # Made before the first is sent, so that the generator does as little as it can meanwhile.
    coming = deque((due, one, one.make()) for due, one in due_times(streams, seconds))
    gc.disable()
    began = time.perf_counter()
    while coming:
        now = time.perf_counter() - began
        while coming and coming[0][0] <= now:
            due, stream, request = coming.popleft()
            pool.send(stream, began + due, request)
        await asyncio.sleep(SWEEP_SECONDS)
    ended = time.perf_counter()
    while not pool.is_quiet:
        await asyncio.sleep(0.05)
        pool.drop_old()
    return {
        "streams": {stream.name: stream.figures(seconds) for stream in streams},
        "quiet_after": time.perf_counter() - ended,
        "connections": len(pool.all),
    }


if __name__ == "__main__":
    print(json.dumps(uvloop.run(play(json.load(sys.stdin)))))
