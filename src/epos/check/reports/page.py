"""The report as one HTML page, which needs nothing else."""

import json
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from epos.check.registry import CHECKS, Verdict
from epos.check.results import ABOUT_A_MOCK, ORDER, Result, Run

_LONGEST = 4_000
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem;
  color: #222 }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
td, th { border-bottom: 1px solid #ddd; padding: .3rem .5rem; text-align: left; vertical-align: top }
pre { background: #f4f4f4; padding: .5rem; overflow: auto; white-space: pre-wrap; font-size: 13px }
summary { cursor: pointer } .v { font-weight: 600; white-space: nowrap }
.pass { color: #176b2c } .loose { color: #8a5a00 } .fail { color: #b00020 }
.not-claimed, .not-tried { color: #666 }
@media (prefers-color-scheme: dark) { body { background: #181818; color: #ddd } pre { background: #262626 }
td, th { border-color: #444 } .pass { color: #7ddc93 } .loose { color: #f0c060 } .fail { color: #ff8a8a } }
"""


def html_page(runs: Sequence[Run]) -> str:
    title = "epos check: " + ", ".join(run.label for run in runs)
    parts = [
        '<!doctype html><html lang="en"><meta charset="utf-8">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style><h1>{escape(title)}</h1>",
        *_matrix(runs),
    ]
    for run in runs:
        parts += _run(run)
    return "\n".join([*parts, "</html>", ""])


def _matrix(runs: Sequence[Run]) -> Iterator[str]:
    """Several EPOSes side by side: the checks that do not pass everywhere."""
    if len(runs) < 2:
        return
    found = [{result.check.name: result.verdict for result in run.results} for run in runs]
    heads = "".join(f"<th>{escape(run.label)}</th>" for run in runs)
    yield f"<h2>Side by side</h2><table><tr><th>Check</th>{heads}</tr>"
    for name in CHECKS:
        verdicts = [one.get(name) for one in found]
        if any(verdict not in {Verdict.PASS, None} for verdict in verdicts):
            cells = "".join(f"<td>{_verdict(one)}</td>" for one in verdicts)
            yield f"<tr><td>{name}</td>{cells}</tr>"
    yield "</table>"


def _run(run: Run) -> Iterator[str]:
    counts = ", ".join(f"{run.count()[verdict]} {verdict}" for verdict in ORDER)
    yield f"<h2>{escape(run.label)}</h2><p>{run.transport}, {run.started_at}: {counts}.</p>"
    if run.is_mock:
        yield f"<p>{escape(' '.join(ABOUT_A_MOCK))}</p>"
    if run.left_behind:
        items = "".join(f"<li>{escape(one)}</li>" for one in run.left_behind)
        yield f"<p>Left behind:</p><ul>{items}</ul>"
    yield "<table><tr><th>Verdict</th><th>Check</th></tr>"
    for verdict in ORDER:
        yield from (_row(result) for result in run.results if result.verdict is verdict)
    yield "</table>"


def _row(result: Result) -> str:
    check, said = result.check, result.json()
    known = result.expected_to_fail
    details = [
        _line("Why", check.reason),
        _line("Source", f"{check.obligation}: {check.source}"),
        _line("Expected", result.expected),
        _line("Got", result.got),
        _block("Sent", said["sent"]),
        _block("Received", said["received"]),
        _line("Does not prove", check.not_proved),
        _line("Expected to fail", known or ""),
    ]
    opened = " open" if result.is_bad else ""
    return (
        f"<tr><td>{_verdict(result.verdict)}</td><td><details{opened}><summary>{check.name}"
        f"</summary>{''.join(details)}</details></td></tr>"
    )


def _verdict(verdict: Verdict | None) -> str:
    if verdict is None:
        return ""
    return f'<span class="v {verdict.replace(" ", "-")}">{verdict}</span>'


def _line(name: str, text: str) -> str:
    return f"<p><b>{name}:</b> {escape(text)}</p>" if text else ""


def _block(name: str, value: Any) -> str:
    if value is None:
        return ""
    text = json.dumps(value, indent=2, ensure_ascii=False)[:_LONGEST]
    return f"<p><b>{name}:</b></p><pre>{escape(text)}</pre>"
