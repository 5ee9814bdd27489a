"""`python -m benchmarks --before DIR`: compare this checkout with another one, in the same run.

It compares CPU time, which other programs on the machine disturb little. Both servers run at the same
time, each with its own database on one PostgreSQL. Each row is measured on one server and directly after
that on the other. Every round starts new processes, because two processes of one program differ too.
"""

import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks import loads, servers, starts, venues, wrk
from benchmarks.postgres import Postgres
from benchmarks.report import line
from benchmarks.samples import Sample, Subject
from benchmarks.servers import Server
from benchmarks.starts import Readings
from benchmarks.venues import Venue

VENUE = Venue("bench-compared", 1_000, 400)
_WARM_UP_SECONDS = 1


class RequestsFailed(Exception):
    """The figures of this row mean nothing."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two checkouts, and its database."""

    name: str
    program: Path
    """The command line in the `.venv` of the checkout."""
    postgres: Postgres
    scratch: Path

    @property
    def commit(self) -> str:
        command = ["git", "-C", str(self.program.parent), "describe", "--always", "--dirty"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()

    def prepare(self) -> None:
        """Make the schema with its own server. Start twice: the first start compiles the modules."""
        for _ in range(2):
            with self.serving():
                pass
        venues.seed(self.postgres, VENUE)
        self.postgres.ask("VACUUM ANALYZE")

    @contextmanager
    def serving(self) -> Iterator[Server]:
        log = self.scratch / f"{self.name}.log"
        with servers.epos(self.postgres.url, log, program=self.program) as server:
            yield server

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
    """Every figure of every round, before and after."""

    rounds: Sequence[tuple[Readings, Readings]]

    def lines(self) -> Iterator[str]:
        yield line(["what", "before", "after", "ratio", "of the rounds"])
        yield line(["---", "---:", "---:", "---:", "---"])
        for what in self.rounds[0][0]:
            before, after = ([one[side][what] for one in self.rounds] for side in (0, 1))
            ratios = [new / old for old, new in zip(before, after, strict=True)]
            figures = [f"{median(before):,.0f}", f"{median(after):,.0f}", f"{median(ratios):.3f}"]
            yield line([what, *figures, f"{min(ratios):.3f} to {max(ratios):.3f}"])


def sides(postgres: Postgres, before: Path, scratch: Path) -> tuple[Side, Side]:
    """The other checkout and this one, each with a new database."""
    old, new = (postgres.make(f"bench_{name}") for name in ("before", "after"))
    return Side("before", before, old, scratch), Side("after", servers.EPOS, new, scratch)


def compare(
    both: tuple[Side, Side], rounds: int, seconds: int, say: Callable[[str], None]
) -> Comparison:
    """Measure all rounds. In every second round the other side is first."""
    for side in both:
        say(f"preparing {side.name}: {side.commit}")
        side.prepare()
    measured = []
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}")
        readings = _round(both if number % 2 == 0 else both[::-1], seconds)
        measured.append((readings["before"], readings["after"]))
    return Comparison(measured)


def _round(in_turn: Sequence[Side], seconds: int) -> Mapping[str, Readings]:
    readings: dict[str, Readings] = {}
    with ExitStack() as running:
        subjects = []
        for side in in_turn:
            readings[side.name] = starts.of_commands(side.postgres, side.program)
            epos = running.enter_context(side.serving())
            readings[side.name] |= starts.of_server(epos)
            subjects.append(side.subjects(epos))
        for one, other in zip(*subjects, strict=True):
            for side_name, sample in _measured(one, other, seconds).items():
                readings[side_name] |= _figures(one.what, sample)
    return readings


def _measured(one: Subject, other: Subject, seconds: int) -> dict[str, Sample]:
    """Measure one, other, other, one: a slow change of the machine reaches both alike."""
    for subject in (one, other):
        subject.run(_WARM_UP_SECONDS)
    samples: dict[str, list[Sample]] = {one.key: [], other.key: []}
    for subject in (one, other, other, one):
        samples[subject.key].append(subject.run(seconds))
    return {side_name: Sample.median_of(both) for side_name, both in samples.items()}


def _figures(what: str, sample: Sample) -> Readings:
    if sample.errors or not sample.requests:
        raise RequestsFailed(what)
    return {f"{what}, server µs": sample.server_cpu, f"{what}, PostgreSQL µs": sample.postgres_cpu}
