"""Failures that are known: a file with one check a line, and why."""

from pathlib import Path

from epos.check.registry import CHECKS
from epos.check.results import Run


class WrongFile(Exception):
    """The file cannot be used; the message says why."""


def read_expected(path: Path) -> dict[str, str]:
    """Check to reason: `payments.sent-again-counts-once  # EPOS-12`. Raises WrongFile."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise WrongFile(f"{path}: {error}") from None
    known: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        name, _, reason = line.partition("#")
        if not name.strip():
            continue
        if name.strip() not in CHECKS:
            raise WrongFile(f"{path}, line {number}: there is no check {name.strip()}")
        known[name.strip()] = reason.strip() or "expected"
    return known


def apply_expected(run: Run, expected: dict[str, str]) -> None:
    """Mark the results. One that passes although it was expected to fail makes the run fail."""
    for result in run.results:
        result.expected_to_fail = expected.get(result.check.name)
