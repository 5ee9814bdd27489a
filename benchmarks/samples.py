"""Measured figures, and their medians over all rounds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from math import nan
from statistics import median
from typing import Self

from benchmarks.processes import cpu_seconds


@dataclass(frozen=True, slots=True)
class Sample:
    """Completed requests (or transactions) a second, their milliseconds, and how many there were."""

    rate: float
    p50: float
    p99: float
    requests: float = 0
    errors: int = 0
    server_cpu: float = nan
    """CPU time per request in microseconds: user and system, all processes of the server."""
    postgres_cpu: float = nan

    @classmethod
    def median_of(cls, samples: Iterable[Self]) -> Self:
        rounds = list(samples)
        return cls(
            rate=median(sample.rate for sample in rounds),
            p50=median(sample.p50 for sample in rounds),
            p99=median(sample.p99 for sample in rounds),
            requests=median(sample.requests for sample in rounds),
            errors=sum(sample.errors for sample in rounds),
            server_cpu=median(sample.server_cpu for sample in rounds),
            postgres_cpu=median(sample.postgres_cpu for sample in rounds),
        )

    def of_steps(self, count: int) -> "Sample":
        """Count journeys of `count` requests each. wrk does not know journeys, so their 99th percentile
        is unknown.
        """
        if count == 1:
            return self
        return replace(
            self,
            rate=self.rate / count,
            p50=self.p50 * count,
            p99=nan,
            requests=self.requests / count,
        )


def _nothing() -> None:
    """For rows that only read."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A row, measured once in every round; `restore` removes what a run has written."""

    key: str
    what: str
    measure: Callable[[int], Sample]
    venue: str = ""
    restore: Callable[[], None] = _nothing
    server: int | None = None
    """The pid of the server, None where only PostgreSQL is measured."""
    postgres: int | None = None
    """The pid of the postmaster, None where there is no database."""

    def run(self, seconds: int) -> Sample:
        """Measure once; five times as long when nothing was answered, as happens on a busy machine."""
        for patience in (1, 5):
            try:
                sample = self._measured(seconds * patience)
            finally:
                self.restore()
            if sample.rate:
                break
        return sample

    def _measured(self, seconds: int) -> Sample:
        before = _cpu(self.server), _cpu(self.postgres)
        sample = self.measure(seconds)
        after = _cpu(self.server), _cpu(self.postgres)
        if not sample.requests:
            return sample
        server, postgres = (
            (now - then) * 1e6 / sample.requests for then, now in zip(before, after, strict=True)
        )
        return replace(sample, server_cpu=server, postgres_cpu=postgres)


def _cpu(pid: int | None) -> float:
    return nan if pid is None else cpu_seconds(pid)
