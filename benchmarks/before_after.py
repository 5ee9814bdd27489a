"""`python -m benchmarks --before DIR`: another checkout beside this one, in the same run.

What is compared is CPU time, which other programs on the machine disturb little. Both servers run at the
same time, each on a database of its own on one PostgreSQL, and each row is measured on one and at once on
the other. Every round starts new processes: two of the same program differ by a few percent.
"""

import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks import loads, servers, venues, wrk
from benchmarks.postgres import Postgres
from benchmarks.processes import cpu_of_command, cpu_seconds, memory_megabytes
from benchmarks.report import line
from benchmarks.samples import Sample, Subject
from benchmarks.servers import Server
from benchmarks.venues import Venue

VENUE = Venue("bench-compared", 1_000, 400)
_WARM_UP_SECONDS = 1
Readings = dict[str, float]
"""Of one round: what was measured, with its unit, and the figure."""


class RequestsFailed(Exception):
    """What was measured is not what was to be measured."""


@dataclass(frozen=True, slots=True)
class Side:
    """A checkout with its own `.venv`, and its database."""

    name: str
    checkout: Path
    postgres: Postgres
    scratch: Path

    @property
    def commit(self) -> str:
        command = ["git", "-C", str(self.checkout), "describe", "--always", "--dirty"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()

    def prepare(self) -> None:
        """Its own server makes the schema; the second start is the first that compiles nothing."""
        for _ in range(2):
            with self.serving():
                pass
        venues.seed(self.postgres, VENUE)
        self.postgres.ask("VACUUM ANALYZE")

    @contextmanager
    def serving(self) -> Iterator[Server]:
        log = self.scratch / f"{self.name}.log"
        with servers.epos(self.postgres.url, log, checkout=self.checkout) as server:
            yield server

    def commands(self) -> Iterator[tuple[str, float]]:
        for arguments in ("--help", f"credential list {VENUE.id}"):
            command = [str(servers.program_of(self.checkout)), *arguments.split()]
            settings = {"DATABASE_URL": self.postgres.url}
            seconds = cpu_of_command(command, self.checkout, settings)
            yield f"`epos {arguments}`, CPU ms", seconds * 1e3

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
    """The other checkout, and the one in whose folder the command was given."""
    old, new = (postgres.make(f"bench_{name}") for name in ("before", "after"))
    return Side("before", before.resolve(), old, scratch), Side("after", Path.cwd(), new, scratch)


def compare(
    both: tuple[Side, Side], rounds: int, seconds: int, say: Callable[[str], None]
) -> Comparison:
    """Who is first takes turns."""
    for side in both:
        say(f"preparing {side.name}: {side.commit}")
        side.prepare()
    measured = []
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}")
        readings = _round(both if number % 2 == 0 else both[::-1], seconds)
        measured.append((readings["before"], readings["after"]))
    return Comparison(measured)


def _round(sides: Sequence[Side], seconds: int) -> Mapping[str, Readings]:
    readings: dict[str, Readings] = {side.name: {} for side in sides}
    with ExitStack() as running:
        subjects = []
        for side in sides:
            readings[side.name].update(side.commands())
            epos = running.enter_context(side.serving())
            readings[side.name]["`epos serve` to ready, CPU ms"] = cpu_seconds(epos.pid) * 1e3
            readings[side.name]["its memory then (PSS), MB"] = memory_megabytes(epos.pid)
            subjects.append(list(side.subjects(epos)))
        for one, other in zip(*subjects, strict=True):
            for subject in (one, other):
                subject.run(_WARM_UP_SECONDS)
            samples: dict[str, list[Sample]] = {one.key: [], other.key: []}
            for subject in (one, other, other, one):
                samples[subject.key].append(subject.run(seconds))
            for side, two in samples.items():
                readings[side].update(_figures(one.what, Sample.median_of(two)))
    return readings


def _figures(what: str, sample: Sample) -> Readings:
    if sample.errors or not sample.requests:
        raise RequestsFailed(what)
    return {f"{what}, server µs": sample.server_cpu, f"{what}, PostgreSQL µs": sample.postgres_cpu}
