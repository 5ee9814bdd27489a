"""The one table: each row, what it is compared with, and whether the floors and goals are met."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan

from benchmarks.samples import Sample, Subject

_MEASURED = ("what", "venue", "per second", "p50 ms", "p99 ms", "server µs", "PostgreSQL µs")
_COMPARED = ("against", "ratio", "floor", "goal", "")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A ratio of two rows. With `in_time` it is a ratio of times, so less is better."""

    subject: str
    against: str
    label: str
    floor: float | None = None
    goal: float | None = None
    in_time: bool = False

    def ratio(self, medians: Mapping[str, Sample]) -> float:
        ours, theirs = medians[self.subject].rate, medians[self.against].rate
        top, bottom = (theirs, ours) if self.in_time else (ours, theirs)
        return top / bottom if bottom else float("inf")

    def reaches(self, limit: float | None, ratio: float) -> bool:
        if limit is None:
            return True
        return ratio <= limit if self.in_time else ratio >= limit

    def verdict(self, medians: Mapping[str, Sample]) -> str:
        ratio = self.ratio(medians)
        if self.floor is None:
            return ""
        if not self.reaches(self.floor, ratio):
            return "FLOOR MISSED"
        return "goal met" if self.reaches(self.goal, ratio) else "floor met"


@dataclass(frozen=True, slots=True)
class Report:
    subjects: Sequence[Subject]
    comparisons: Sequence[Comparison]
    medians: Mapping[str, Sample]

    def lines(self) -> Iterator[str]:
        yield line([*_MEASURED, *_COMPARED])
        yield line(["---"] * 2 + ["---:"] * 5 + ["---"] + ["---:"] * 3 + ["---"])
        for subject in self.subjects:
            yield from self._rows(subject)

    @property
    def missed(self) -> bool:
        return any(c.verdict(self.medians) == "FLOOR MISSED" for c in self.comparisons)

    @property
    def errors(self) -> list[str]:
        """Rows in which requests failed, so their figures mean nothing."""
        return [self._name(s) for s in self.subjects if self.medians[s.key].errors]

    @property
    def empty(self) -> list[str]:
        """Rows in which nothing was answered."""
        return [self._name(s) for s in self.subjects if not self.medians[s.key].rate]

    def _name(self, subject: Subject) -> str:
        return f"{subject.what} {subject.venue}".rstrip()

    def _rows(self, subject: Subject) -> Iterator[str]:
        sample = self.medians[subject.key]
        measured = [subject.what, subject.venue, f"{sample.rate:,.0f}"]
        measured += [_decimals(sample.p50), _decimals(sample.p99)]
        measured += [_whole(sample.server_cpu), _whole(sample.postgres_cpu)]
        mine = [c for c in self.comparisons if c.subject == subject.key]
        if not mine:
            yield line([*measured, *[""] * len(_COMPARED)])
        for comparison in mine:
            yield line([*measured, *self._compared(comparison)])
            measured = [""] * len(_MEASURED)

    def _compared(self, comparison: Comparison) -> list[str]:
        unit = "x" if comparison.in_time else ""
        limits = [
            "" if limit is None else f"{limit:g}{unit}"
            for limit in (comparison.floor, comparison.goal)
        ]
        ratio = f"{comparison.ratio(self.medians):.2f}{unit}"
        return [comparison.label, ratio, *limits, comparison.verdict(self.medians)]


def _decimals(value: float) -> str:
    return "" if isnan(value) else f"{value:.2f}"


def _whole(value: float) -> str:
    return "" if isnan(value) else f"{value:,.0f}"


def line(cells: Sequence[str]) -> str:
    """A line of a table in Markdown."""
    return f"| {' | '.join(cells)} |"
