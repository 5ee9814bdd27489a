"""`python -m benchmarks --before DIR`: compare this checkout with another one, in the same run.

It compares CPU time. Other programs on the machine change that too: a core does less in a second while its
neighbour is busy. So both checkouts run the same row at the same time, each with its own PostgreSQL, and a
disturbance reaches both. Every round starts new processes, because two processes of one program differ too.
"""

import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import TypeVar

from benchmarks import loads, servers, starts, venues, wrk
from benchmarks.postgres import Postgres
from benchmarks.report import line
from benchmarks.samples import Sample, Subject
from benchmarks.servers import Server
from benchmarks.starts import Readings
from benchmarks.venues import Venue

VENUE = Venue("bench-compared", 1_000, 400)
_WARM_UP_SECONDS = 1
_CORES = sorted(os.sched_getaffinity(0))
"""Both servers run on the first core and both PostgreSQL on the last, so that all is equal for both."""
S = TypeVar("S")
T = TypeVar("T")


class RequestsFailed(Exception):
    """The figures of this row mean nothing."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two checkouts, and its database."""

    name: str
    program: Path
    """The command line in the `.venv` of the checkout."""
    postgres: Postgres
    log: Path

    @property
    def commit(self) -> str:
        command = ["git", "-C", str(self.program.parent), "describe", "--always", "--dirty"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()

    def prepare(self) -> None:
        """Make the schema with its own server. Start twice: the first start compiles the modules."""
        os.sched_setaffinity(self.postgres.pid, _CORES[-1:])  # every later backend inherits it
        for _ in range(2):
            with servers.epos(self.postgres.url, self.log, program=self.program):
                pass
        venues.seed(self.postgres, VENUE)
        self.postgres.ask("VACUUM ANALYZE")

    def commands(self) -> Readings:
        return starts.of_commands(self.postgres, self.program)

    def started(self, running: ExitStack) -> tuple[Server, Readings]:
        """Its server, which runs until `running` ends, and what its start has cost."""
        epos = running.enter_context(
            servers.epos(self.postgres.url, self.log, program=self.program)
        )
        os.sched_setaffinity(epos.pid, _CORES[:1])
        return epos, starts.of_server(epos)

    def subjects(self, epos: Server) -> Iterator[Subject]:
        for what, load in (
            ("GET order", loads.get_order(epos.url, VENUE)),
            ("record-payment, many orders", loads.pay(epos.url, VENUE)),
            ("search, 100 a page", loads.search(epos.url, VENUE)),
            ("add an item to a tab", loads.add_item(epos.url, VENUE)),
        ):
            measure = partial(wrk.run, load)
            postgres = self.postgres.pid
            subject = Subject(self.name, what, measure, server=epos.pid, postgres=postgres)
            restore = partial(venues.restore, self.postgres, VENUE)
            yield replace(subject, restore=restore) if load.writes else subject


@dataclass(frozen=True, slots=True)
class Comparison:
    """The figures of all rounds, before and after."""

    rounds: Sequence[tuple[Readings, Readings]]

    def lines(self) -> Iterator[str]:
        yield line(["what", "before", "after", "ratio", "of the rounds"])
        yield line(["---", "---:", "---:", "---:", "---"])
        for what in self.rounds[0][0]:
            before, after = ([one[side][what] for one in self.rounds] for side in (0, 1))
            ratios = [new / old for old, new in zip(before, after, strict=True)]
            figures = [f"{median(before):,.0f}", f"{median(after):,.0f}", f"{median(ratios):.2f}"]
            yield line([what, *figures, f"{min(ratios):.2f} to {max(ratios):.2f}"])


def compare(
    both: Sequence[Side], rounds: int, seconds: int, say: Callable[[str], None]
) -> Comparison:
    say("preparing both")
    _at_once(Side.prepare, both)
    measured = []
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}")
        before, after = _round(both, seconds)
        measured.append((before, after))
    return Comparison(measured)


def _round(both: Sequence[Side], seconds: int) -> list[Readings]:
    readings = _at_once(Side.commands, both)
    with ExitStack() as running:
        subjects = []
        for side, reading, (epos, more) in zip(
            both, readings, _at_once(lambda side: side.started(running), both), strict=True
        ):
            reading.update(more)
            subjects.append(side.subjects(epos))
        for row in zip(*subjects, strict=True):
            _at_once(lambda subject: subject.run(_WARM_UP_SECONDS), row)
            samples = _at_once(lambda subject: subject.run(seconds), row)
            for reading, sample in zip(readings, samples, strict=True):
                reading.update(_figures(row[0].what, sample))
    return readings


def _at_once(work: Callable[[S], T], both: Sequence[S]) -> list[T]:
    with ThreadPoolExecutor(len(both)) as pool:
        return list(pool.map(work, both))


def _figures(what: str, sample: Sample) -> Readings:
    if sample.errors or not sample.requests:
        raise RequestsFailed(what)
    return {f"{what}, server µs": sample.server_cpu, f"{what}, PostgreSQL µs": sample.postgres_cpu}
