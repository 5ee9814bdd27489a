"""What tests have seen: written where EPOS_TEST_EVIDENCE names a file, for docs/coverage.md.

A line for each answer: the operation's path, the status, the properties that request and answer carried,
and the test, or the check of `epos check`, that saw it.
"""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from pydantic_core import from_json

from epos.check.results import Run
from epos.contract.operations import by_capability
from openapi.fields import Fields

_DOCUMENT = Path(__file__).resolve().parents[2] / "openapi" / "epos-data-api.json"


def note(response: httpx.Response) -> None:
    """Of a test of the EPOS Data API."""
    if "EPOS_TEST_EVIDENCE" not in os.environ:
        return
    test = os.environ.get("PYTEST_CURRENT_TEST", "").split(" ")[0].partition("[")[0]
    request = response.request
    path = request.url.raw_path.decode("ascii").partition("?")[0]
    try:
        sent = _json(request.content)
    except httpx.RequestNotRead:  # a test streams it
        sent = None
    answered = _json(response.content)
    _write({"test": test}, request.method, path, response.status_code, sent, answered)


def note_run(run: Run) -> None:
    """Of the checks of a run over REST."""
    if "EPOS_TEST_EVIDENCE" not in os.environ:
        return
    for one in run.exchanges:
        status, operation = one.received.status, by_capability(one.capability)
        if status is not None and operation is not None:
            sent, answered = one.sent.get("body"), one.received.body
            where = (operation.http_method, operation.path)
            _write({"check": one.check}, *where, status, sent, answered)


def _write(who: dict[str, str], method: str, path: str, status: int, sent: Any, got: Any) -> None:
    """What a refused request carried shows nothing."""
    fields = _fields()
    line = who | {
        "method": method,
        "path": path,
        "status": status,
        "sent": sorted(fields.sent(method, path, sent)) if status == 200 else [],
        "answered": sorted(fields.answered(method, path, status, got)),
    }
    _append(json.dumps(line))


@cache
def _append(line: str) -> None:
    """Each line once for each process."""
    with Path(os.environ["EPOS_TEST_EVIDENCE"]).open("a", encoding="utf-8") as file:
        file.write(line + "\n")


@cache
def _fields() -> Fields:
    return Fields(json.loads(_DOCUMENT.read_text(encoding="utf-8")))


def _json(content: bytes) -> Any:
    try:
        return from_json(content)
    except ValueError:
        return None
