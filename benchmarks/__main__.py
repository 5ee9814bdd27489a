"""`python -m benchmarks [--quick] [--check]`, from the root of the project. BENCH_LARGE=1 adds a
venue with a million orders; `--before DIR` compares CPU time with another checkout instead.
"""

import argparse
import json
import os
import re
import shutil
import signal
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import (
    before_after,
    bodies,
    connected,
    evening,
    holds,
    machine,
    overload,
    postgres,
    ratios,
    servers,
    starts,
    testing,
    venues,
    wrk,
)
from benchmarks.before_after import Side
from benchmarks.plan import Plan, depth
from benchmarks.postgres import Postgres
from benchmarks.report import Report
from benchmarks.samples import Sample
from benchmarks.servers import Server
from benchmarks.venues import Venue
from epos.rest.app import operations
from tests.support.contract import REST, contract_dir

_SCRATCH = Path("var/bench")


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure, and the sizes of the venues: a small one, the main one, larger ones."""

    rounds: int
    seconds: int
    sizes: tuple[int, ...]
    open: int
    writes: int
    """Number of writes in the evening."""

    def venues(self) -> list[Venue]:
        return [Venue(f"bench-{size}", size, self.open) for size in self.sizes]

    @property
    def assigned(self) -> Venue:
        """Access policy "assigned"; the waiter is the manager, who may see every order."""
        return Venue("bench-assigned", self.sizes[0], self.open, "assigned", "w7")

    @property
    def connected(self) -> Venue:
        """The venue that is connected to Dojo; as large as the small one."""
        return Venue("bench-connected", self.sizes[0], self.open)


_QUICK = Effort(rounds=1, seconds=1, sizes=(400, 800), open=160, writes=300)
_USUAL = Effort(rounds=3, seconds=3, sizes=(1_000, 101_000), open=400, writes=30_000)
_LARGE = Effort(rounds=3, seconds=3, sizes=(1_000, 101_000, 1_000_000), open=400, writes=30_000)


def main() -> int:
    """Return 1 when requests failed or a row is empty, or with --check when a floor was missed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options = _options()
    if options.testing:
        testing.main()
        return 0
    if wrk.PROGRAM is None:
        print("bench: wrk was not found: apt-get install wrk; nothing can be measured without it")
        return 0
    _empty_scratch()
    with ExitStack() as running:
        running.callback(shutil.rmtree, _SCRATCH / "data", ignore_errors=True)
        database = _postgres(running, "after")
        print("\n".join([*machine.facts(database, sys.argv[1:]), ""]), flush=True)
        if options.overload:
            seconds = 2 if options.quick else 8
            print("\n".join(overload.measure(database, _SCRATCH, seconds, _say)))
            return 0
        if options.holds:
            print("\n".join(holds.measure(database, _SCRATCH, options.only, _say)))
            return 0
        if options.before is not None:
            return _compared(_postgres(running, "before"), database, options)
        return _measured(running, database, options)


def _postgres(running: ExitStack, name: str) -> Postgres:
    return running.enter_context(postgres.opened(_SCRATCH / "data" / name))


def _compared(old: Postgres, new: Postgres, options: argparse.Namespace) -> int:
    before = Side("before", _program_of(options.before), old, _SCRATCH / "before.log")
    after = Side("after", servers.EPOS, new, _SCRATCH / "epos.log")
    print(f"- Before: commit {before.commit}; after: commit {after.commit}")
    rounds, seconds = (1, 1) if options.quick else (5, 5)
    compared = before_after.compare((before, after), options.rounds or rounds, seconds, _say)
    print("\n".join(["", *compared.lines()]))
    return 0


def _measured(running: ExitStack, database: Postgres, options: argparse.Namespace) -> int:
    effort = _effort(options)
    plan = _started(running, database, effort)
    report = _report(plan, effort, options.only)
    _say("what a start costs")
    started = starts.lines(database, _SCRATCH / "epos.log", effort.rounds)
    _say(f"an evening: {effort.writes:,} writes")
    played = evening.play(plan.epos.url, effort.writes)
    print("\n".join([*report.lines(), "", *started, "", *played.lines()]))
    for name in report.errors:
        print(f"bench: requests failed in: {name}; see {_SCRATCH / 'epos.log'}", file=sys.stderr)
    for name in report.empty:
        print(f"bench: nothing was answered in: {name}", file=sys.stderr)
    for words in played.refused:
        print(f"bench: a till was refused: {words}", file=sys.stderr)
    failed = report.errors or report.empty or played.refused
    return int(bool(failed) or (options.check and (report.missed or played.missed)))


def _effort(options: argparse.Namespace) -> Effort:
    large = bool(os.environ.get("BENCH_LARGE"))
    effort = _QUICK if options.quick else _LARGE if large else _USUAL
    return replace(
        effort,
        writes=options.writes or effort.writes,
        rounds=options.rounds or effort.rounds,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    quick = "a second a row, to see that it works; its figures mean nothing"
    parser.add_argument("--quick", action="store_true", help=quick)
    writes = "how many writes the evening has; a few hundred with --quick, else 30,000"
    parser.add_argument("--writes", type=int, help=writes)
    only = "a regular expression: the rows whose name has it, to look at a few more closely"
    parser.add_argument("--only", default="", help=only)
    parser.add_argument("--rounds", type=int, help="how often each row is measured, else 3 or 5")
    before = "another checkout with a .venv of its own: compare CPU time with it, and nothing else"
    parser.add_argument("--before", type=Path, metavar="DIR", help=before)
    much = "more requests than the server can answer, in an open loop, and nothing else"
    parser.add_argument("--overload", action="store_true", help=much)
    held = "how long the costliest requests hold the event loop, and nothing else"
    parser.add_argument("--holds", action="store_true", help=held)
    kit = "what a test suite waits for, beside moto's server mode"
    parser.add_argument("--testing", action="store_true", help=kit)
    parser.add_argument("--check", action="store_true", help="fail when a floor is missed")
    options = parser.parse_args()
    if options.before is not None and not _program_of(options.before).exists():
        parser.error(f"--before: there is no {_program_of(options.before)}; make install makes it")
    if options.writes is not None and options.writes < evening.FEWEST:
        parser.error(f"--writes: at least {evening.FEWEST}")
    return options


def _program_of(checkout: Path) -> Path:
    return checkout / ".venv" / "bin" / "epos"


def _empty_scratch() -> None:
    """Keep Prism alone, which is slow to download."""
    _SCRATCH.mkdir(parents=True, exist_ok=True)
    for path in _SCRATCH.glob("*.log"):
        path.unlink()
    shutil.rmtree(_SCRATCH / "data", ignore_errors=True)
    for name, body in (("create", bodies.create_order()), ("refused", bodies.refused_order())):
        (_SCRATCH / f"{name}.json").write_text(json.dumps(body), encoding="utf-8")


def _started(running: ExitStack, database: Postgres, effort: Effort) -> Plan:
    log = _SCRATCH / "epos.log"
    epos = running.enter_context(servers.epos(database.url, log))
    _seed(database, [*effort.venues(), effort.assigned, effort.connected, evening.VENUE])
    return Plan(
        postgres=database,
        served=_served(),
        venues=effort.venues(),
        assigned=effort.assigned,
        epos=epos,
        epos_of_two=running.enter_context(servers.epos(database.url, log, workers=2)),
        hello=running.enter_context(servers.hello(_SCRATCH / "hello.log")),
        prism=_prism(running),
        cursors={
            venue.id: venues.cursor_at(epos.url, venue, depth(venue)) for venue in effort.venues()
        },
        scratch=_SCRATCH,
        connected=running.enter_context(connected.opened(database, effort.connected, _SCRATCH)),
    )


def _seed(database: Postgres, wanted: list[Venue]) -> None:
    venues.prepare(database)
    for venue in wanted:
        _say(f"seeding {venue.size:,} orders")
        venues.seed(database, venue)
    database.ask("VACUUM ANALYZE")
    database.ask("CHECKPOINT")


def _served() -> frozenset[str]:
    """The capabilities that the server has; rows of other capabilities are left out."""
    return frozenset(operations())


def _prism(running: ExitStack) -> Server | None:
    folder = contract_dir()
    if folder is None:
        print("bench: the published contract was not found (EPOS_CONTRACT_DIR): no Prism row")
        return None
    program = servers.prism_program(_SCRATCH)
    if program is None:
        print("bench: Prism is not installed (it needs node, npm and a registry): no Prism row")
        return None
    return running.enter_context(servers.prism(program, folder / REST, _SCRATCH / "prism.log"))


def _report(plan: Plan, effort: Effort, only: str) -> Report:
    """Measure each row once in each round, so that a disturbance reaches all rows alike."""
    subjects = [subject for subject in plan.subjects() if re.search(only, subject.what)]
    samples: dict[str, list[Sample]] = {subject.key: [] for subject in subjects}
    for round_number in range(effort.rounds):
        for subject in subjects:
            _say(f"round {round_number + 1} of {effort.rounds}: {subject.what} {subject.venue}")
            samples[subject.key].append(subject.run(effort.seconds))
    medians = {key: Sample.median_of(rounds) for key, rounds in samples.items()}
    return Report(subjects, ratios.comparisons(plan.venues, medians), medians)


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
