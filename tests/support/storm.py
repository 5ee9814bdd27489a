"""Clients that ask again and again, in a process of their own: the one that measures has nothing to do with
their answers.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from itertools import count
from pathlib import Path
from typing import Any

from tests.support.raw_http import credential_of, head
from tests.support.server import RunningServer
from tests.support.venues import Venue

CLIENTS, SECONDS = 12, 3.0
_ROOT = Path(__file__).parents[2]


def request(
    venue: Venue, method: str, path: str, body: Any = None, *, role: str = "dojo", **headers: str
) -> str:
    """One request as it is sent; `waiter_id="anna"` becomes the header `waiter-id`."""
    sent = "" if body is None else json.dumps(body)
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if sent:
        lines += ["content-type: application/json", f"content-length: {len(sent)}"]
    first = f"{method} {path} HTTP/1.1"
    return (
        head(first, "host: 127.0.0.1", *lines, credential=credential_of(venue, role)).decode()
        + sent
    )


async def storm(
    server: RunningServer, requests: list[str], *, clients: int = CLIENTS, seconds: float = SECONDS
) -> Counter[int]:
    """Each client sends these in turn, the next one when it has its answer. How often each status came."""
    plan = {"port": server.port, "requests": requests, "clients": clients, "seconds": seconds}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.storm"),
        cwd=_ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate(json.dumps(plan).encode())
    assert process.returncode == 0
    found = json.loads(printed)
    return Counter({int(status): times for status, times in found.items()})


async def _play(port: int, requests: list[str], clients: int, seconds: float) -> Counter[int]:
    found: Counter[int] = Counter()
    until, turns = time.monotonic() + seconds, count()
    sent = [one.encode() for one in requests]

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.monotonic() < until:
            writer.write(sent[next(turns) % len(sent)])
            answer = await reader.readuntil(b"\r\n\r\n")
            found[int(answer[9:12])] += 1
            await reader.readexactly(_length(answer))
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return found


def _length(answer: bytes) -> int:
    _, _, rest = answer.lower().partition(b"\r\ncontent-length: ")
    return int(rest.partition(b"\r\n")[0] or 0)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(_play(**json.load(sys.stdin)))))
