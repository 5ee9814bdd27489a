"""What was measured, and what a figure is: the median of its rounds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import nan
from statistics import median
from typing import Self


@dataclass(frozen=True, slots=True)
class Sample:
    """Completed requests (or transactions) a second, and their milliseconds."""

    rate: float
    p50: float
    p99: float
    errors: int = 0

    @classmethod
    def median_of(cls, samples: Iterable[Self]) -> Self:
        rounds = list(samples)
        return cls(
            rate=median(sample.rate for sample in rounds),
            p50=median(sample.p50 for sample in rounds),
            p99=median(sample.p99 for sample in rounds),
            errors=sum(sample.errors for sample in rounds),
        )

    def of_steps(self, count: int) -> "Sample":
        """The same load, counted in journeys of `count` requests each. wrk knows nothing of journeys,
        so that their 99th percentile is unknown.
        """
        if count == 1:
            return self
        return Sample(self.rate / count, self.p50 * count, nan, self.errors)


def _nothing() -> None:
    """Most rows leave nothing behind."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that is measured once in every round; `restore` undoes what a run has written."""

    key: str
    what: str
    measure: Callable[[int], Sample]
    venue: str = ""
    restore: Callable[[], None] = _nothing
