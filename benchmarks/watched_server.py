"""`epos serve` with an event loop that notes for how long nothing else ran on it.

python -m benchmarks.watched_server FILE

The loop asks to be called each millisecond. What lies between two calls was one step of the loop, or a
thread that kept Python's lock: nobody else was answered meanwhile. FILE gets the largest two figures since
it was filled with zeros: the processor time of this process between two calls, and the time on the clock.
"""

import asyncio
import mmap
import socket
import struct
import sys
import time
from pathlib import Path

import uvicorn

FIGURES = struct.Struct("=dd")
_EVERY_SECONDS = 0.001


class LoopWatch:
    """Writes the figures of the loop that it is started on. It never ends."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), FIGURES.size)

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._cpu, self._clock = time.process_time(), time.monotonic()
        self._tick()

    def _tick(self) -> None:
        cpu, clock = time.process_time(), time.monotonic()
        worst_cpu, worst_clock = FIGURES.unpack_from(self._shared)
        figures = max(worst_cpu, cpu - self._cpu), max(worst_clock, clock - self._clock)
        FIGURES.pack_into(self._shared, 0, *figures)
        self._cpu, self._clock = cpu, clock
        self._loop.call_later(_EVERY_SECONDS, self._tick)


def main() -> None:
    watch, serve = LoopWatch(Path(sys.argv[1])), uvicorn.Server.serve

    async def watched(server: uvicorn.Server, sockets: list[socket.socket] | None = None) -> None:
        watch.start()
        await serve(server, sockets)

    uvicorn.Server.serve = watched  # type: ignore[method-assign,assignment]  # the watch belongs in its loop
    sys.argv = ["epos", "serve"]
    from epos.commands.app import main as epos  # noqa: PLC0415 - with the watch in place

    epos()


if __name__ == "__main__":
    main()
