"""Calls over the WebSocket in an open loop, as `open_loop.py` sends requests; `dojo.py` makes them."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.open_loop import GIVE_UP_SECONDS, SWEEP_SECONDS, Stream, due_times

Json = dict[str, Any]


class OpenCalls:
    """Calls that are sent when they are due; each stream has frames of its own."""

    def __init__(
        self,
        streams: list[Stream],
        frames: dict[str, Iterator[tuple[str, bytes]]],
        send: Callable[[bytes], None],
    ) -> None:
        self._streams = streams
        self._frames = frames
        self._send = send
        self._under_way: dict[str, tuple[Stream, float, float]] = {}

    async def play(self, seconds: float) -> Json:
        coming = deque(
            (due, one, *next(self._frames[one.name]))
            for due, one in due_times(self._streams, seconds)
        )
        began = time.perf_counter()
        while coming:
            now = time.perf_counter() - began
            while coming and coming[0][0] <= now:
                due, stream, call_id, frame = coming.popleft()
                self._under_way[call_id] = (stream, began + due, time.perf_counter())
                stream.sent += 1
                self._send(frame)
            await asyncio.sleep(SWEEP_SECONDS)
        ended = time.perf_counter()
        while self._under_way and time.perf_counter() - ended < GIVE_UP_SECONDS:  # noqa: ASYNC110 - ends by calls
            await asyncio.sleep(0.05)
        self.broken()
        return {"streams": {one.name: one.figures(seconds) for one in self._streams}}

    def answered(self, head: bytes) -> None:
        call = self._under_way.pop(head.split(b'"', 8)[7].decode(), None)
        if call is not None:
            # Every call is right, so an error is a refusal. It has no Retry-After here.
            call[0].note(call[1], call[2], "answered" if b'"result"' in head else "refused")

    def broken(self) -> None:
        """The connection is lost, or nobody waits any more."""
        for stream, _, _ in self._under_way.values():
            stream.failed += 1
        self._under_way.clear()
