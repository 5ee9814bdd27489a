"""`python -m benchmarks --holds`: how long the costliest requests hold the event loop.

Each request is sent alone, a few times. Two figures of the server come with it: the most processor time,
and the most time on the clock, between two moments at which its event loop could do something else.
"""

import asyncio
import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.children import child
from benchmarks.holds_requests import CASES, Case
from benchmarks.postgres import Postgres
from benchmarks.report import line
from benchmarks.watched_server import FIGURES
from epos.store.database import Database
from tests.support.server import RunningServer, free_port
from tests.support.venues import SECRET, Venue, client_at, make_venue

MOST_MILLISECONDS = 20.0
_TIMES = 5
_HEADINGS = ("request", "sent, bytes", "answered, bytes", "took ms", "held ms, processor", "clock")


@dataclass(frozen=True, slots=True)
class Held:
    """What one request did: the worst of several times."""

    case: Case
    status: int
    sent: int
    answered: int
    took: float
    cpu: float
    clock: float
    """In milliseconds, as the two before it."""

    def cells(self) -> list[str]:
        what = self.case.says if self.status == 200 else f"{self.case.says}: {self.status}"
        sizes = [f"{size:,}" if size else "" for size in (self.sent, self.answered)]
        return [what, *sizes, f"{self.took:,.0f}", f"{self.cpu:,.1f}", f"{self.clock:,.1f}"]


class Watch:
    """Reads the figures of the watched server, and begins anew."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clear()

    def clear(self) -> None:
        with self.path.open("r+b" if self.path.exists() else "wb") as file:
            file.write(bytes(FIGURES.size))

    def milliseconds(self) -> tuple[float, float]:
        cpu, clock = FIGURES.unpack(self.path.read_bytes())
        return cpu * 1e3, clock * 1e3


def measure(
    postgres: Postgres, scratch: Path, only: str, say: Callable[[str], None]
) -> Iterator[str]:
    """The table's lines. `only`: those whose name has this."""
    held = asyncio.run(_measured(postgres, scratch, only, say))
    yield line(list(_HEADINGS))
    yield line(["---"] + ["---:"] * (len(_HEADINGS) - 1))
    for one in sorted(held, key=lambda one: -one.cpu):
        yield line(one.cells())


async def _measured(
    postgres: Postgres, scratch: Path, only: str, say: Callable[[str], None]
) -> list[Held]:
    watch = Watch(scratch / "holds.figures")
    port, log = free_port(), scratch / "epos.log"
    url = f"http://127.0.0.1:{port}"
    settings = {
        "DATABASE_URL": postgres.url,
        "PORT": str(port),
        "DEMO": "false",
        "LOG_FORMAT": "json",
    }
    command = [sys.executable, "-m", "benchmarks.watched_server", str(watch.path)]
    held = []
    with child(command, log, f"{url}/readyz", settings=settings):
        database = Database(postgres.url)
        for case in CASES:
            if re.search(only, case.says):
                say(case.says)
                held.append(await _held(case, database, url, watch))
        await database.close()
    return held


async def _held(case: Case, database: Database, url: str, watch: Watch) -> Held:
    target = RunningServer(url, Path(), None)  # type: ignore[arg-type]  # nobody stops it here
    async with make_venue(database, target) as venue:
        await case.prepare(venue)
        async with client_at(target, (f"{venue.id}.{case.role}", SECRET)) as client:
            await client.get("/v1/areas")  # the credential is known from here on
            return await _worst(case, venue, client, watch)


async def _worst(case: Case, venue: Venue, client: httpx.AsyncClient, watch: Watch) -> Held:
    took, sizes, status = 0.0, (0, 0), 0
    held: list[tuple[float, float]] = []
    for number in range(_TIMES):
        method, path, body = await case.ask(venue, number)
        content = (
            b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        )
        headers = {"content-type": "application/json"} if content else {}
        await asyncio.sleep(0.05)
        watch.clear()
        began = time.perf_counter()
        answer = await client.request(method, path, content=content, headers=headers)
        took = max(took, (time.perf_counter() - began) * 1e3)
        await asyncio.sleep(0.05)
        held.append(watch.milliseconds())
        status, sizes = answer.status_code, (len(content), len(answer.content))
    return Held(
        case, status, *sizes, took, max(cpu for cpu, _ in held), max(clock for _, clock in held)
    )
