"""A run as people see it: its progress, and its summary."""

import json
from collections.abc import Callable, Sequence

from epos.check.registry import CHECKS, Check, Verdict
from epos.check.results import ABOUT_A_MOCK, ORDER, Result, Run
from epos.contract.operation import BOOKINGS, ORDER_AND_PAY, PAY_AT_TABLE, QR_PAY

Say = Callable[[str], None]
_PRODUCTS = (PAY_AT_TABLE, ORDER_AND_PAY, QR_PAY, BOOKINGS)
_COLOURS = {Verdict.FAIL: "31", Verdict.LOOSE: "33", Verdict.PASS: "32"}
_SHORT = {
    Verdict.PASS: "pass",
    Verdict.LOOSE: "LOOSE",
    Verdict.FAIL: "FAIL",
    Verdict.NOT_CLAIMED: "n/c",
    Verdict.NOT_TRIED: "n/t",
}


class ProgressLine:
    """One line that moves on a terminal; elsewhere a line for each check."""

    def __init__(self, write: Callable[[str], None], *, live: bool) -> None:
        self._write = write
        self._live = live

    def __call__(self, number: int, count: int, check: Check, result: Result | None) -> None:
        if result is None:
            if self._live:
                self._write(f"\r\x1b[K[{number}/{count}] {check.name}")
            return
        if self._live:
            self._write("\r\x1b[K")
            if result.verdict in {Verdict.PASS, Verdict.NOT_CLAIMED, Verdict.NOT_TRIED}:
                return
        self._write(self._line(result) + "\n")

    def _line(self, result: Result) -> str:
        word = f"{result.verdict.value:<11}"
        colour = _COLOURS.get(result.verdict)
        if self._live and colour:
            word = f"\x1b[{colour}m{word}\x1b[0m"
        line = f"{word} {result.check.name}"
        if result.verdict is Verdict.PASS:
            return line
        return f"{line}: {_words(result)}"


def _words(result: Result) -> str:
    if result.verdict is Verdict.FAIL or (result.verdict is Verdict.LOOSE and result.expected):
        return f"expected {result.expected}; got {result.got}"
    return result.got


def summary(run: Run, say: Say) -> None:
    """What people want to know at the end."""
    say("")
    for result in run.results:
        if result.verdict is Verdict.FAIL:
            _failure(result, say)
    say(f"{run.label} over {run.transport}: {_counts(run)}")
    if run.is_mock:
        for line in ABOUT_A_MOCK:
            say(f"  {line}")
    for product in _PRODUCTS:
        if product in run.products:
            say(f"  {product:<13} {_counts(run, product)}")
    known = [result for result in run.results if result.expected_to_fail]
    for result in known:
        gone = result.verdict in {Verdict.PASS, Verdict.LOOSE}
        say(f"  {'no longer fails' if gone else 'expected'}: {result.check.name}")
    if run.left_behind:
        say("Left behind, because it could not be taken away:")
        for one in run.left_behind:
            say(f"  {one}")


def matrix(runs: Sequence[Run], say: Say) -> None:
    """Several EPOSes side by side: the checks that do not pass everywhere."""
    found = [{result.check.name: result.verdict for result in run.results} for run in runs]
    say("")
    for number, run in enumerate(runs, 1):
        say(f"({number}) {run.label}")
    say(f"{'':<44}" + "".join(f"{f'({number})':>8}" for number in range(1, len(runs) + 1)))
    for name in CHECKS:
        verdicts = [one.get(name) for one in found]
        if any(verdict not in {Verdict.PASS, None} for verdict in verdicts):
            cells = "".join(f"{_SHORT[one] if one else '':>8}" for one in verdicts)
            say(f"{name:<44}{cells}")


def _counts(run: Run, product: str | None = None) -> str:
    counts = run.count(product)
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in ORDER if counts[verdict])


def _failure(result: Result, say: Say) -> None:
    said = result.json()
    say(f"{result.check.name} ({result.check.obligation}){_known(result)}")
    say(f"  why       {result.check.reason}")
    say(f"  source    {result.check.source}")
    say(f"  sent      {_short(said['sent'])}")
    say(f"  received  {_short(said['received'])}")
    say(f"  expected  {result.expected}")
    say(f"  got       {result.got}")
    say(f"  a pass would not prove: {result.check.not_proved}")
    say("")


def _known(result: Result) -> str:
    return f", expected: {result.expected_to_fail}" if result.expected_to_fail else ""


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 400 else f"{text[:400]}…"
