"""Schemathesis over one document, against the running server.

EPOS_TEST_EXAMPLES asks for more random examples, EPOS_TEST_SEED for others: without it every run
makes the same ones.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.engine import Status, StopReason, events, from_schema
from schemathesis.engine.recorder import CheckNode, ScenarioRecorder

from tests.api.generated.excuses import ENABLED_CHECKS, OFF, Finding

Json = dict[str, Any]
Excuse = Callable[[Finding], str | None]
_EXAMPLES = "EPOS_TEST_EXAMPLES"
_SEED = "EPOS_TEST_SEED"
# Two threads that make requests meet a race of CPython 3.11: "AST constructor recursion depth mismatch".
_WORKERS = 1
_PHASES = ("examples", "coverage", "fuzzing", "stateful")


@dataclass
class Run:
    """What one run saw."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    """(operation, status) of everything that was sent; an operation is "GET /v1/areas"."""
    findings: list[str] = field(default_factory=list)
    """What was found and not excused."""
    excused: Counter[str] = field(default_factory=Counter)
    """Reasons, and how often each of them was needed."""

    def answered(self, status: int) -> set[str]:
        return {operation for operation, seen in self.statuses if seen == status}


@dataclass(frozen=True)
class Plan:
    """How requests are made. `mode`: "positive" for what the document allows, or "all"."""

    mode: str
    phases: tuple[str, ...]
    most: int
    """Random examples for each operation."""


def generated_requests(
    document: Json, base_url: str, user: tuple[str, str], plan: Plan, excuse: Excuse
) -> Run:
    """Sends what is planned and checks every answer."""
    config = schemathesis.Config.from_dict(_settings(base_url, user, plan))
    schema = schemathesis.openapi.from_dict(with_basic_authentication(document), config=config)
    run = Run()
    for event in from_schema(schema).execute():
        _note(run, event, excuse)
    return run


def _settings(base_url: str, user: tuple[str, str], plan: Plan) -> Json:
    seed = os.environ.get(_SEED)
    return {
        "seed": int(seed or 1),
        "base-url": base_url,
        "workers": _WORKERS,
        "continue-on-failure": True,
        "request-timeout": 30,
        "cache": {"enabled": False},
        "suppress-health-check": ["all"],
        "auth": {"basic": {"username": user[0], "password": user[1]}},
        "checks": {
            **{name: {"enabled": True} for name in ENABLED_CHECKS},
            **{name: {"enabled": False} for name in OFF},
        },
        "generation": {
            "mode": plan.mode,
            "max-examples": int(os.environ.get(_EXAMPLES, plan.most)),
            "deterministic": seed is None,
            "database": "none",
            "no-shrink": True,
        },
        "phases": {name: {"enabled": name in plan.phases} for name in _PHASES},
    }


def with_basic_authentication(document: Json) -> Json:
    """The published document does not say how requests are authenticated; the registration does."""
    schemes = {"basic": {"type": "http", "scheme": "basic"}}
    components = document["components"] | {"securitySchemes": schemes}
    return document | {"security": [{"basic": []}], "components": components}


def _note(run: Run, event: events.EngineEvent, excuse: Excuse) -> None:
    if isinstance(event, events.ScenarioFinished):
        _note_scenario(run, event.recorder, excuse)
    elif isinstance(event, events.NonFatalError):
        run.findings.append(f"error at {event.label}: {event.value!r}")
    elif isinstance(event, events.FatalError):
        raise event.exception
    elif isinstance(event, events.EngineFinished) and event.stop_reason != StopReason.COMPLETED:
        run.findings.append(f"the run stopped: {event.stop_reason}")


def _note_scenario(run: Run, recorder: ScenarioRecorder, excuse: Excuse) -> None:
    for case_id, interaction in recorder.interactions.items():
        if interaction.response is not None and case_id in recorder.cases:
            operation = recorder.cases[case_id].value.operation.label
            run.statuses[operation, interaction.response.status_code] += 1
    for finding in _findings(recorder):
        reason = excuse(finding)
        if reason is None:
            run.findings.append(str(finding))
        else:
            run.excused[reason] += 1


def _findings(recorder: ScenarioRecorder) -> Iterable[Finding]:
    for case_id, checks in recorder.checks.items():
        for check in checks:
            failure = _failure(check)
            if failure is not None:
                case = recorder.cases[case_id].value
                response = recorder.find_response(case_id=failure.case_id or case_id)
                yield Finding(check.name, failure, case, response)


def _failure(check: CheckNode) -> Failure | None:
    if check.failure_info is not None:
        return check.failure_info.failure
    crashed = check.status is Status.ERROR
    return Failure(operation=None, message="the check itself crashed") if crashed else None
