"""The accreditation loop in the shape of Dojo's EPOS Tester, on the checks of `epos check`.

`GET /flows` says what can be run, `POST /flows` starts it, `GET /flows/{flowId}` says how far it is. The
names of Dojo's own flows are not published: these are ours.
"""

import asyncio
import uuid
from dataclasses import dataclass, field
from typing import Any, Literal

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from epos.check.registry import Check, Verdict
from epos.check.results import Result, Run
from epos.check.runner import CannotReach
from epos.check.session import address, check_epos
from epos.check.world import CheckOptions
from epos.contract.operation import BOOKINGS, ORDER_AND_PAY, PAY_AT_TABLE, QR_PAY
from epos.simulator.formats import now_text

Json = dict[str, Any]
Status = Literal["SUCCESS", "FAILURE", "TIMED_OUT", "IN_PROGRESS"]
FLOWS = (PAY_AT_TABLE, ORDER_AND_PAY, QR_PAY, BOOKINGS)
_MOST_SECONDS = 600.0
_MOST_RUNS = 100


class FlowParam(BaseModel):
    """What a flow has to be told."""

    name: str
    type: str
    required: bool
    description: str
    default: str | None = None


class FlowDescription(BaseModel):
    """A flow that can be run."""

    name: str
    params: list[FlowParam]


class FlowStart(BaseModel):
    """POST /flows."""

    flow: str
    params: dict[str, str]


class FlowStepResult(BaseModel):
    """One check of a flow."""

    name: str
    status: Status
    additionalInformation: list[str]
    startedAt: str
    finishedAt: str | None = None


class FlowResult(BaseModel):
    """How far a flow is, and what came of it."""

    flowID: str
    flowName: str
    status: Status
    startedAt: str
    finishedAt: str | None = None
    steps: list[FlowStepResult]


_PARAMS = [
    FlowParam(name="url", type="string", required=True, description="URL of the EPOS."),
    FlowParam(name="username", type="string", required=False, description="For Basic.", default=""),
    FlowParam(name="password", type="string", required=False, description="For Basic.", default=""),
    FlowParam(
        name="only",
        type="string",
        required=False,
        description="Only checks whose names begin so.",
        default="",
    ),
]


@dataclass
class _Running:
    result: FlowResult
    task: asyncio.Task[None] | None = field(default=None, repr=False)

    def hear(self, _: int, __: int, check: Check, result: Result | None) -> None:
        steps = self.result.steps
        if result is None:
            steps.append(
                FlowStepResult(
                    name=check.name,
                    status="IN_PROGRESS",
                    additionalInformation=[],
                    startedAt=now_text(),
                )
            )
            return
        steps[-1].status = "FAILURE" if result.verdict is Verdict.FAIL else "SUCCESS"
        steps[-1].additionalInformation = _information(result)
        steps[-1].finishedAt = now_text()


def _information(result: Result) -> list[str]:
    said = [f"verdict: {result.verdict}"]
    if result.verdict is not Verdict.PASS:
        said += [f"expected: {result.expected}"] if result.expected else []
        said += [f"got: {result.got}", f"source: {result.check.source}"]
    return [*said, f"does not prove: {result.check.not_proved}"]


def build_tester() -> FastAPI:
    """The three operations. Flows write: they are for test venues."""
    app = FastAPI(title="EPOS Tester", version="1.0.0")
    runs: dict[str, _Running] = {}

    @app.get("/flows")
    async def list_flows() -> list[FlowDescription]:
        """List the flows: one for each product of Dojo's."""
        return [FlowDescription(name=name, params=_PARAMS) for name in FLOWS]

    @app.post("/flows")
    async def start_flow(start: FlowStart) -> str:
        """Start a flow: its id."""
        missing = "url" not in start.params
        if start.flow not in FLOWS or missing:
            raise HTTPException(400, "params.url is missing" if missing else "no such flow")
        flow_id = str(uuid.uuid4())
        begun = FlowResult(
            flowID=flow_id,
            flowName=start.flow,
            status="IN_PROGRESS",
            startedAt=now_text(),
            steps=[],
        )
        running = runs[flow_id] = _Running(begun)
        running.task = asyncio.create_task(_run(running, start))
        while len(runs) > _MOST_RUNS:
            runs.pop(next(iter(runs)))
        return flow_id

    @app.get("/flows/{flow_id}")
    async def show_flow(flow_id: str) -> FlowResult:
        """Show a flow, also while it runs."""
        if flow_id not in runs:
            raise HTTPException(404, "no such flow")
        return runs[flow_id].result

    return app


async def _run(running: _Running, start: FlowStart) -> None:
    params = start.params
    options = CheckOptions(
        write=True, products=frozenset({start.flow}), only=params.get("only", "")
    )
    status: Status = "FAILURE"
    try:
        async with asyncio.timeout(_MOST_SECONDS):
            at = address(params["url"], params.get("username", ""), params.get("password", ""))
            run: Run = await check_epos(at, options, listener=running.hear)
        status = "SUCCESS" if run.is_good else "FAILURE"
    except TimeoutError:
        status = "TIMED_OUT"
    except CannotReach as error:
        step = FlowStepResult(
            name="reach the EPOS",
            status="FAILURE",
            additionalInformation=[str(error)],
            startedAt=running.result.startedAt,
            finishedAt=now_text(),
        )
        running.result.steps.append(step)
    finally:
        running.result.status, running.result.finishedAt = status, now_text()
