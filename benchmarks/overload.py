"""`python -m benchmarks --overload`: more requests than the server can answer.

First the capacity is measured, with payments alone. Then payments come at one, two and five times that
rate, alone and mixed with a flood of searches, in an open loop, over REST and over the WebSocket. Each row
is a run of its own against one server.

The pace of a shared machine changes by a third from one quarter of a minute to the next. So each run is
compared with the best that the server did right before and right after it, payments alone at a little more
than its capacity, and all is done in several rounds: the table shows their medians.
"""

import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from pathlib import Path
from statistics import mean, median, quantiles
from typing import Any, Self

from benchmarks import bodies, connected, loads, servers, venues, wrk
from benchmarks.connected import Connected
from benchmarks.postgres import Postgres
from benchmarks.processes import memory_megabytes, pin
from benchmarks.report import line
from benchmarks.venues import Venue

VENUE = Venue("bench-overload", 5_000, 4_000)
DOORS = ("REST", "WebSocket")
TIMES = (1, 2, 5)
SEARCHES = 440
"""A second, in the rows with searches: about twice what one process can answer alone."""
_CORES = sorted(os.sched_getaffinity(0))
"""The server and its PostgreSQL run on the first, all that asks on the last."""
_ROUNDS = 3
_BEST_TIMES = 1.2
"""Of the capacity: where the best is measured."""
_REST_SECONDS = 2.0
_PROBES = 50
_HEADINGS = (
    "payments come over",
    "offered a second",
    "with searches",
    "answered a second",
    "of the best",
    "its rounds",
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
class Run:
    """What came of one run."""

    door: str
    rate: float
    searches: int
    payments: Json
    best: float
    """Payments a second, right before and after it."""
    health: float
    memory: tuple[float, float]
    later: float

    @property
    def of_best(self) -> float:
        """Of what was offered, where that is less."""
        goodput: float = self.payments["goodput"]
        return goodput / min(self.rate, self.best)


def _cells(runs: Sequence[Run]) -> list[str]:
    """The row of one load: the medians of its rounds."""

    def of(name: str) -> float | None:
        values = [run.payments[name] for run in runs if run.payments[name] is not None]
        return median(values) if values else None

    shares = sorted(run.of_best for run in runs)
    refused = of("refused_p50"), of("refused_p99")
    return [
        runs[0].door,
        f"{runs[0].rate:,.0f}",
        f"{runs[0].searches:,}" if runs[0].searches else "",
        f"{of('goodput'):,.0f}",
        f"{median(shares):.2f}",
        f"{shares[0]:.2f} to {shares[-1]:.2f}",
        _milliseconds(of("p50")),
        _milliseconds(of("p99")),
        f"{max(run.payments['refused'] for run in runs):,}",
        " and ".join(_milliseconds(one) for one in refused if one is not None),
        f"{sum(run.payments['failed'] for run in runs):,}",
        _milliseconds(median(run.health for run in runs)),
        f"{runs[0].memory[0]:,.0f} and {runs[-1].memory[1]:,.0f}",
        _milliseconds(median(run.later for run in runs)),
    ]


@dataclass
class Health:
    """Asks for the health check in a thread, a tenth of a second after each answer."""

    url: str
    seconds: list[float] = field(default_factory=list)
    failed: int = 0
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
            try:
                self.seconds.append(_timed(f"{self.url}/healthz"))
            except OSError:
                self.failed += 1

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
        seconds = max(1, seconds // 2)  # short: what the machine does in between counts less
        runs: dict[tuple[str, int, int], list[Run]] = {}
        for number in range(1, _ROUNDS + 1):
            for door in DOORS:
                best = _best(dojo, door, capacity, seconds)
                for searches, times in product((0, SEARCHES), TIMES):
                    say(f"round {number}, {door}: payments x{times}, {searches} searches a second")
                    run = partial(_run, dojo, door, times * capacity, searches, seconds)
                    before, flood, best = best, run(), _best(dojo, door, capacity, seconds)
                    done = replace(flood, best=mean((before, best)))
                    runs.setdefault((door, searches, times), []).append(done)
    closed = f"a closed loop of {wrk.CONNECTIONS} connections over REST"
    yield f"Capacity, in {closed}: {capacity:,.0f} payments a second."
    yield ""
    yield line(list(_HEADINGS))
    yield line(["---"] + ["---:"] * (len(_HEADINGS) - 1))
    for of_one_load in runs.values():
        yield line(_cells(of_one_load))


def _best(dojo: Connected, door: str, capacity: float, seconds: int) -> float:
    """Payments a second at a little more than the capacity."""
    streams = _flood(dojo, door, _BEST_TIMES * capacity, 0, seconds)
    goodput: float = streams["payments"]["goodput"]
    return goodput


def _run(dojo: Connected, door: str, rate: float, searches: int, seconds: int) -> Run:
    """One flood; its `best` is not known yet."""
    epos = dojo.epos
    before = memory_megabytes(epos.pid)
    with Health(epos.url) as health:
        payments = _flood(dojo, door, rate, searches, seconds)["payments"]
    time.sleep(_REST_SECONDS)
    later = [_pay(epos.url) for _ in range(_PROBES)]
    memory = before, memory_megabytes(epos.pid)
    if health.failed:
        raise RuntimeError(f"{health.failed} health checks failed; see epos.log")
    return Run(door, rate, searches, payments, 0.0, health.p99, memory, _p99(later))


def _flood(dojo: Connected, door: str, rate: float, searches: int, seconds: int) -> Json:
    """The figures of each stream."""
    venues.restore(dojo.postgres, VENUE)
    dojo.postgres.ask("DELETE FROM outbox")
    plan: Json = {"seconds": seconds, "tag": next(wrk.TAGS)}
    if door == "REST":
        streams = [_payments(rate)] + ([_searches(searches)] if searches else [])
        port = int(dojo.epos.url.rpartition(":")[2])
        result = play({**plan, "port": port, "streams": streams})
    else:
        result = dojo.flood({**plan, "streams": _calls(rate, searches)})
    streams_figures: Json = result["streams"]
    return streams_figures


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
    return (
        quantiles(seconds, n=100, method="inclusive")[98] * 1e3
        if len(seconds) > 1
        else seconds[0] * 1e3
    )


def _milliseconds(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"
