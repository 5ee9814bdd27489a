"""`python -m benchmarks --overload`: more requests than the server can answer.

First the capacity is measured, with payments alone. Then payments come at one, two and five times that
rate, alone and mixed with a flood of searches, in an open loop, over REST and over the WebSocket. Each row
is a run of its own against one server.
"""

import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any, Self

from benchmarks import bodies, connected, loads, servers, venues, wrk
from benchmarks.connected import Connected
from benchmarks.postgres import Postgres
from benchmarks.processes import memory_megabytes, pin
from benchmarks.report import line
from benchmarks.venues import Venue

VENUE = Venue("bench-overload", 5_000, 4_000)
TIMES = (1, 2, 5)
SEARCHES = 440
"""A second, in the rows with searches: about twice what one process can answer alone."""
_CORES = sorted(os.sched_getaffinity(0))
"""The server and its PostgreSQL run on the first, all that asks on the last."""
_REST_SECONDS = 2.0
_PROBES = 50
_HEADINGS = (
    "payments come over",
    "offered a second",
    "with searches",
    "answered a second",
    "of the best",
    "p50 ms",
    "p99 ms",
    "refused",
    "refused after ms, p50 and p99",
    "failed",
    "health check ms, p99",
    "memory MB, before and after",
    "2 s later: payment ms, p99",
)
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one run."""

    door: str
    rate: float
    searches: int
    payments: Json
    health: float
    memory: tuple[float, float]
    later: float

    def cells(self, best: float) -> list[str]:
        paid, both = self.payments, (self.payments["refused_p50"], self.payments["refused_p99"])
        shown = "" if both[0] is None else f"{both[0]:,.0f} and {both[1]:,.0f}"
        return [
            self.door,
            f"{self.rate:,.0f}",
            f"{self.searches:,}" if self.searches else "",
            f"{paid['goodput']:,.0f}",
            f"{paid['goodput'] / best:.2f}" if best else "",
            _milliseconds(paid["p50"]),
            _milliseconds(paid["p99"]),
            f"{paid['refused']:,}",
            shown,
            f"{paid['failed']:,}",
            _milliseconds(self.health),
            " and ".join(f"{one:,.0f}" for one in self.memory),
            _milliseconds(self.later),
        ]


@dataclass
class Health:
    """Asks for the health check ten times a second, in a thread."""

    url: str
    seconds: list[float] = field(default_factory=list)
    _done: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._done.wait(0.1):
            self.seconds.append(_timed(f"{self.url}/healthz"))

    @property
    def p99(self) -> float:
        return _p99(self.seconds)


def measure(postgres: Postgres, scratch: Path, seconds: int, say: Any) -> Iterator[str]:
    """The table's lines."""
    with servers.epos(postgres.url, scratch / "epos.log"):
        venues.prepare(postgres)
        venues.seed(postgres, VENUE)
        postgres.ask("VACUUM ANALYZE")
    os.sched_setaffinity(0, _CORES[-1:])  # all that is started from here on inherits it
    pin(postgres.pid, _CORES[0])
    with connected.opened(postgres, VENUE, scratch) as dojo:
        pin(dojo.epos.pid, _CORES[0])
        say("capacity")
        url = dojo.epos.url
        wrk.run(loads.pay(url, VENUE), 2)
        capacity = wrk.run(loads.pay(url, VENUE), seconds).rate
        rows = []
        for door in ("REST", "WebSocket"):
            for searches in (0, SEARCHES):
                for times in TIMES:
                    say(f"{door}: payments x{times}, {searches} searches a second")
                    rows.append(_row(dojo, door, times * capacity, searches, seconds))
    closed = f"a closed loop of {wrk.CONNECTIONS} connections over REST"
    yield f"Capacity, in {closed}: {capacity:,.0f} payments a second."
    yield ""
    yield line(list(_HEADINGS))
    yield line(["---"] + ["---:"] * (len(_HEADINGS) - 1))
    for row in rows:
        best = max(one.payments["goodput"] for one in rows if one.door == row.door)
        yield line(row.cells(best))


def _row(dojo: Connected, door: str, rate: float, searches: int, seconds: int) -> Row:
    venues.restore(dojo.postgres, VENUE)
    dojo.postgres.ask("DELETE FROM outbox")
    epos = dojo.epos
    before = memory_megabytes(epos.pid)
    plan: Json = {"seconds": seconds, "tag": next(wrk.TAGS)}
    with Health(epos.url) as health:
        if door == "REST":
            streams = [_payments(rate)] + ([_searches(searches)] if searches else [])
            port = int(epos.url.rpartition(":")[2])
            result = play({**plan, "port": port, "streams": streams})
        else:
            result = dojo.flood({**plan, "streams": _calls(rate, searches)})
    time.sleep(_REST_SECONDS)
    later = [_pay(epos.url) for _ in range(_PROBES)]
    after = memory_megabytes(epos.pid)
    payments = result["streams"]["payments"]
    return Row(door, rate, searches, payments, health.p99, (before, after), _p99(later))


def play(plan: Json) -> Json:
    """Run the generator, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.open_loop"]
    done = subprocess.run(
        command, input=json.dumps(plan), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"the load generator failed:\n{done.stderr[-2000:]}")
    result: Json = json.loads(done.stdout)
    return result


def _payments(rate: float) -> Json:
    path, body = "/v1/orders/@ORDER@/record-payment", json.dumps(bodies.payment("pi_@ID@"))
    orders = {"first": VENUE.first_open, "orders": VENUE.open}
    return {"name": "payments", "rate": rate, "head": _head(path), "body": body, **orders}


def _searches(rate: float) -> Json:
    head = _head("/v1/orders/search")
    return {"name": "searches", "rate": rate, "head": head, "body": bodies.search()}


def _calls(rate: float, searches: int) -> list[Json]:
    body = bodies.payment(f"pi_{bodies.UNIQUE}")
    pay = connected.frame_of(VENUE, connected.PAY, {**body, "orderId": "@ORDER@"})
    search = connected.frame_of(VENUE, "SearchOrdersV1", json.loads(bodies.search()))
    orders = {"first": VENUE.first_open, "orders": VENUE.open}
    calls = [{"name": "payments", "rate": rate, "text": pay, **orders}]
    if searches:
        calls.append({"name": "searches", "rate": searches, "text": search, **orders})
    return calls


def _head(path: str) -> str:
    lines = [f"POST {path} HTTP/1.1", "host: 127.0.0.1", "content-type: application/json"]
    lines += [f"{name}: {value}" for name, value in VENUE.headers.items()]
    return "\r\n".join([*lines, "content-length: @SIZE@", "", ""])


def _pay(url: str) -> float:
    path = f"/v1/orders/{venues.order_id(VENUE.first_open)}/record-payment"
    return _timed(f"{url}{path}", json.dumps(bodies.payment(f"pi_{next(wrk.TAGS)}")).encode())


def _timed(url: str, body: bytes | None = None) -> float:
    headers = {"content-type": "application/json", **VENUE.headers} if body else {}
    began = time.perf_counter()
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=30) as answer:
        answer.read()
    return time.perf_counter() - began


def _p99(seconds: list[float]) -> float:
    return quantiles(seconds, n=100)[98] * 1e3 if len(seconds) > 1 else seconds[0] * 1e3


def _milliseconds(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"
