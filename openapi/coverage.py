"""Write docs/coverage.md: for each operation, status, field and rule, what shows that this server does it.

`make coverage` runs the tests of the API and notes which of them see which answer (evidence.json); then
`python -m openapi.coverage` writes the page. A test holds the page to the code and to the evidence.
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
from tests.api.known_deviations import DEVIATIONS
from tests.check.small_epos import FAULTS

Json = dict[str, Any]
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
    if len(sys.argv) > 1:
        _gather(Path(sys.argv[1]))
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
    yield "## Fields\n"
    yield "Form and presence of each are held by `tests/api/test_deviations.py` (against the published"
    yield "document) and by the checks `forms.…` of the operations that answer it. The columns name the"
    yield "first test and the first check that say its name beyond that.\n"
    yield "| schema | field | required | as published | test | check |"
    yield "|---|---|---|---|---|---|"
    for name, schema in sorted(_document()["components"]["schemas"].items()):
        for field in schema.get("properties", {}):
            required = "yes" if field in schema.get("required", []) else "no"
            alike = "[stricter or wider](wire.md)" if f"{name}.{field}" in deviating else "yes"
            tests, check = _field_test(field), _field_check(field)
            yield f"| {name} | {field} | {required} | {alike} | {tests} | {check} |"
    yield ""


def _rules() -> Iterator[str]:
    faults: dict[str, list[str]] = {}
    for fault, name in FAULTS.items():
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


def _gather(seen: Path) -> None:
    """Of all the tests that saw an answer, the first by name: few changes move a line of the page."""
    patterns = [
        (one.capability, one.http_method, re.compile(_path_pattern(one) + "$"))
        for one in OPERATIONS
    ]
    found: dict[str, str] = {}
    for line in seen.read_text(encoding="utf-8").splitlines():
        method, path, status, test = line.split(" ")
        for capability, wanted, pattern in patterns:
            if method == wanted and pattern.match(path):
                key = f"{capability} {status}"
                found[key] = min(test, found.get(key, test))
                break
    text = json.dumps(dict(sorted(found.items())), indent=2) + "\n"
    EVIDENCE.write_text(text, encoding="utf-8")


@cache
def evidence() -> dict[str, str]:
    """The test that has seen an answer, by operation and status."""
    found: dict[str, str] = json.loads(EVIDENCE.read_text(encoding="utf-8"))
    return found


def _seen(operation: Operation, status: str) -> str:
    test = evidence().get(f"{operation.capability} {status}")
    return f"`{test.removeprefix('tests/')}`" if test else _NONE


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


def _field_test(field: str) -> str:
    named = re.compile(rf'["\']{field}["\']')
    return _first(lambda text: bool(named.search(text)))


def _field_check(field: str) -> str:
    named = re.compile(rf'["\']{field}["\']')
    found = [name for name in CHECKS if named.search(_source(name)) and "forms." not in name]
    return f"`{found[0]}`" if found else "forms"


@cache
def _source(check: str) -> str:
    return inspect.getsource(CHECKS[check].work)


@cache
def _tests() -> list[tuple[str, str]]:
    """Those of the API first, in the order of their names: few changes move a line of the page."""
    folders = ("api", "websocket", "services", "journeys", "hostile", "properties", "unit")
    return [
        (str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
        for folder in folders
        for path in sorted((ROOT / "tests" / folder).rglob("test_*.py"))
    ]


def _first(holds: Any) -> str:
    return next((f"`{name}`" for name, text in _tests() if holds(text)), _NONE)


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
