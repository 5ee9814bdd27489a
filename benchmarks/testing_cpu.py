"""What a request costs where the control API is there, and where it is not."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from benchmarks import loads, postgres, servers, venues, wrk
from benchmarks.report import line
from benchmarks.samples import Sample, Subject
from benchmarks.venues import Venue

VENUE = Venue("bench-testing", 1_000, 400)
"""Nobody's test venue: the server with the control API looks whose it is, and lets it pass."""
_OFF, _ON = "EPOS_TESTING off", "EPOS_TESTING on"
_ROUNDS, _SECONDS, _WARM_UP_SECONDS = 5, 2, 1


def lines(folder: Path) -> Iterator[str]:
    """A table, with both servers on one PostgreSQL, measured one after the other in each round."""
    with ExitStack() as running:
        database = running.enter_context(postgres.opened(folder / "cpu"))
        settings = {_OFF: {}, _ON: {"TESTING": "true", "TESTING_PASSWORD": "a-password"}}
        started = {
            what: running.enter_context(
                servers.epos(database.url, folder / "cpu.log", more=settings[what])
            )
            for what in settings
        }
        venues.seed(database, VENUE)
        database.ask("VACUUM ANALYZE")
        subjects = {
            what: Subject(
                what,
                "GET order",
                partial(wrk.run, loads.get_order(server.url, VENUE)),
                server=server.pid,
                postgres=database.pid,
            )
            for what, server in started.items()
        }
        samples = _rounds(subjects)
    yield line(["GET order, 1,000 orders", "server µs", "PostgreSQL µs"])
    yield line(["---", "---:", "---:"])
    for what, sample in samples.items():
        yield line([what, f"{sample.server_cpu:,.0f}", f"{sample.postgres_cpu:,.0f}"])


def _rounds(subjects: dict[str, Subject]) -> dict[str, Sample]:
    measured: dict[str, list[Sample]] = {what: [] for what in subjects}
    for subject in subjects.values():
        subject.run(_WARM_UP_SECONDS)
    for _ in range(_ROUNDS):
        for what, subject in subjects.items():
            measured[what].append(subject.run(_SECONDS))
    return {what: Sample.median_of(rounds) for what, rounds in measured.items()}
