"""Write docs/coverage.md: for each operation, status, field and rule, what shows that this server does it.

`make coverage` runs the tests of the API and `epos check`, and notes which of them see which answer and
which properties (evidence.json); then `python -m openapi.coverage` writes the page. A test holds the page
to the code and to the evidence; CI holds the evidence to what its own run of the tests has seen
(`python -m openapi.coverage --check`).
"""

import inspect
import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import epos.check.checks  # noqa: F401 - registers the checks
from epos.check.registry import CHECKS
from epos.contract.operations import OPERATIONS, Operation
from openapi.fields import ANSWERED, SENT, Fields
from tests.api.known_deviations import DEVIATIONS
from tests.check.small_epos import FAULTS, SOCKET_FAULTS

Json = dict[str, Any]
Evidence = dict[str, dict[str, str]]
"""What was seen, by kind (`answers`, `sent`, `answered`, `checked`), and who saw it."""
ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "coverage.md"
_INTRODUCTION = """# Coverage

What the published documents ask for, whether this server does it, and what shows it: a test of this
project, and a check of [`epos check`](check.md), which this server passes over both transports
(`tests/check/test_own_server.py`). Made by `make coverage`; a test holds it to the code.

A test of an operation or a status has seen that answer, over HTTP; there may be more such tests. Every
answer that any test sees is held to the document (`tests/support/schemas.py`). "none" means that nothing
shows it by itself.
"""
EVIDENCE = ROOT / "openapi" / "evidence.json"
_NONE = "none"


def main() -> None:
    if sys.argv[1:2] == ["--check"]:
        missing = unseen(Path(sys.argv[2]))
        sys.exit("\n".join(["not seen in this run: make coverage", *missing]) if missing else 0)
    if len(sys.argv) > 1:
        text = json.dumps(_gather(Path(sys.argv[1])), indent=2) + "\n"
        EVIDENCE.write_text(text, encoding="utf-8")
        evidence.cache_clear()
    TARGET.write_text(coverage(), encoding="utf-8")


def coverage() -> str:
    """The page."""
    parts = [_INTRODUCTION, *_operations(), *_statuses(), *_fields(), *_rules()]
    return "\n".join(parts) + "\n"


def _operations() -> Iterator[str]:
    served = _document()["paths"]
    yield "## Operations\n"
    yield "| operation | products | REST | WebSocket | test | checks |"
    yield "|---|---|---|---|---|---|"
    for one in OPERATIONS:
        place = f"`{one.http_method} {one.path}`"
        is_served = one.http_method.lower() in served.get(one.path, {})
        rest = place if is_served else "no"
        products = ", ".join(sorted(one.products))
        count = sum(one.capability in check.needs for check in CHECKS.values())
        yield (
            f"| {one.capability} | {products} | {rest} | `{one.websocket_method}` "
            f"| {_seen(one, '200')} | {count}, first `forms.{one.capability}` |"
        )
    yield ""


def _statuses() -> Iterator[str]:
    """The statuses that the document of this server declares by themselves."""
    yield "## Statuses\n"
    yield "401, 403, 413, 415 and 503 are the same for all: `tests/api/test_authentication.py`,"
    yield "`tests/api/test_errors.py`, `tests/api/test_database_away.py`; the checks"
    yield "`http.without-credentials`, `http.wrong-password`, `http.wrong-content-type`.\n"
    yield "| operation | status | test | check |"
    yield "|---|---|---|---|"
    for one in OPERATIONS:
        responses = _document()["paths"][one.path][one.http_method.lower()]["responses"]
        for status in ("200", "400", "404", "409"):
            if status in responses:
                check = _check_of_status(one, status)
                yield f"| {one.capability} | {status} | {_seen(one, status)} | {check} |"
    yield ""


def _fields() -> Iterator[str]:
    deviating = {line.split()[0] for line in DEVIATIONS if "." in line.split()[0]}
    fields = Fields(_document())
    reachable = {direction: fields.reachable(direction) for direction in (SENT, ANSWERED)}
    yield "## Fields\n"
    yield "Taken from what requests and answers carried while the tests ran: the first test whose accepted"
    yield "request had the property, the first whose answer had it, and the first check that compares it by"
    yield "its name, or else holds the form of an answer or a request with it. Form and presence of each"
    yield "are held by `tests/api/test_deviations.py` (against the published document). `-`: no request, or"
    yield "no answer, can have it.\n"
    yield "| schema | field | required | as published | request | answer | check |"
    yield "|---|---|---|---|---|---|---|"
    for name, schema in sorted(_document()["components"]["schemas"].items()):
        for field in schema.get("properties", {}):
            required = "yes" if field in schema.get("required", []) else "no"
            alike = "[stricter or wider](wire.md)" if f"{name}.{field}" in deviating else "yes"
            carried = " | ".join(
                _test(evidence()[direction].get(f"{name}.{field}"))
                if f"{name}.{field}" in reachable[direction]
                else "-"
                for direction in (SENT, ANSWERED)
            )
            check = evidence()["checked"].get(f"{name}.{field}")
            shown = f"`{check}`" if check else _NONE
            yield f"| {name} | {field} | {required} | {alike} | {carried} | {shown} |"
    yield ""


def _rules() -> Iterator[str]:
    faults: dict[str, list[str]] = {}
    for fault, name in (FAULTS | SOCKET_FAULTS).items():
        faults.setdefault(name, []).append(fault)
    yield "## Rules\n"
    yield "This server keeps each. The last column names a fault of a broken EPOS that it announces, and"
    yield "no other check does (`tests/check/test_planted_faults.py`, `tests/check/test_websocket.py`).\n"
    yield "| check | obligation | rule | source | fault that it finds |"
    yield "|---|---|---|---|---|"
    for check in CHECKS.values():
        if check.group != "forms":
            found = ", ".join(faults.get(check.name, [])) or _NONE
            yield (
                f"| `{check.name}` | {check.obligation} | {_cell(check.reason)} "
                f"| {_cell(check.source)} | {found} |"
            )


# --- what shows it --------------------------------------------------------------------------------


def _gather(seen: Path) -> Evidence:
    """Of all the tests that saw something, the first by name: few changes move a line of the page."""
    found: Evidence = {"answers": {}, SENT: {}, ANSWERED: {}, "checked": {}}
    checked: dict[str, set[str]] = {}
    for kind, what, who in _lines(seen):
        if kind == "checked":
            checked.setdefault(what, set()).add(who)
        else:
            found[kind][what] = min(who, found[kind].get(what, who))
    found["checked"] = {
        what: check for what, checks in checked.items() if (check := _field_check(what, checks))
    }
    return {kind: dict(sorted(ones.items())) for kind, ones in found.items()}


def unseen(seen: Path) -> list[str]:
    """What the page says was seen, and this run has not seen."""
    lines = set(_lines(seen))
    claims = [(kind, what, who) for kind, ones in evidence().items() for what, who in ones.items()]
    return [f"{who}: {kind} {what}" for kind, what, who in claims if (kind, what, who) not in lines]


def _lines(seen: Path) -> Iterator[tuple[str, str, str]]:
    """The kind of evidence, what was seen, and who saw it."""
    patterns = [
        (one.capability, one.http_method, re.compile(_path_pattern(one) + "$"))
        for one in OPERATIONS
    ]
    for text in seen.read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        if "check" in line:
            for what in {*line[SENT], *line[ANSWERED]}:
                yield "checked", what, line["check"]
            continue
        for capability, wanted, pattern in patterns:
            if line["method"] == wanted and pattern.match(line["path"]):
                yield "answers", f"{capability} {line['status']}", line["test"]
                break
        for kind in (SENT, ANSWERED):
            for what in line[kind]:
                yield kind, what, line["test"]


@cache
def evidence() -> Evidence:
    """What tests and checks have seen when `make coverage` ran."""
    found: Evidence = json.loads(EVIDENCE.read_text(encoding="utf-8"))
    return found


def _seen(operation: Operation, status: str) -> str:
    return _test(evidence()["answers"].get(f"{operation.capability} {status}"))


def _test(name: str | None) -> str:
    return f"`{name.removeprefix('tests/')}`" if name else _NONE


def _check_of_status(operation: Operation, status: str) -> str:
    if status == "200":
        return f"`forms.{operation.capability}`"
    for check in CHECKS.values():
        if check.needs[:1] == (operation.capability,) and _refuses(check.name, status):
            return f"`{check.name}`"
    return _NONE


def _refuses(check: str, status: str) -> bool:
    """Whether a check expects this refusal."""
    if status == "400":
        return (
            check.startswith("inputs.") and check in FAULTS.values() and "unknown-prop" not in check
        )
    kind = {"404": "NotFound", "409": "Conflict"}[status]
    refused = rf'refused\((?:[^"]|\n)*"{kind}"'
    return not check.startswith("inputs.") and bool(re.search(refused, _source(check)))


def _field_check(what: str, checks: set[str]) -> str | None:
    """Of those whose requests or answers carried it: the first that names it, or one of forms or inputs."""
    named = re.compile(rf'["\']{what.partition(".")[2]}["\']')
    known = [name for name in CHECKS if name in checks]
    forms = [name for name in known if name.startswith(("forms.", "inputs."))]
    telling = [name for name in known if name not in forms and named.search(_source(name))]
    return next(iter(telling + forms), None)


@cache
def _source(check: str) -> str:
    return inspect.getsource(CHECKS[check].work)


def _path_pattern(operation: Operation) -> str:
    return re.sub(r"\\{\w+\\}", "[^/]+", re.escape(operation.path))


@cache
def _document() -> Json:
    place = ROOT / "openapi" / "epos-data-api.json"
    document: Json = json.loads(place.read_text(encoding="utf-8"))
    return document


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    main()
