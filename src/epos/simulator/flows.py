"""A flow: what somebody does step by step, and how the control API answers it."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from starlette.responses import JSONResponse, Response, StreamingResponse

from epos.simulator.caller import NotRegistered
from epos.simulator.calls import Reply
from epos.simulator.formats import now_text
from epos.simulator.problems import Problem

Json = dict[str, Any]
_DONE = object()


@dataclass(frozen=True, slots=True)
class FlowStep:
    """One thing that was done."""

    name: str
    ok: bool
    says: str
    at: str


class FlowEnded(Exception):
    """The flow cannot go on; the outcome is one word or two."""

    def __init__(self, outcome: str, *, ok: bool = False) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.ok = ok


@dataclass
class FlowRun:
    """One flow. `listener` hears of every step as it happens."""

    name: str
    listener: Callable[[FlowStep], None] | None = None
    steps: list[FlowStep] = field(default_factory=list)
    outcome: str = "success"
    data: Json = field(default_factory=dict)
    """What came of it: ids, for those who look further."""

    @property
    def ok(self) -> bool:
        return all(step.ok for step in self.steps)

    def step(self, name: str, says: str = "", *, ok: bool = True) -> None:
        step = FlowStep(name, ok, says, now_text())
        self.steps.append(step)
        if self.listener is not None:
            self.listener(step)

    def expect(self, name: str, actual: object, expected: object) -> None:
        """A step that is fine when the EPOS says what it must."""
        same = actual == expected
        self.step(name, "" if same else f"{actual!r}, not {expected!r}", ok=same)

    def replied(self, name: str, reply: Reply, says: str = "") -> Any:
        """The answer. Raises FlowEnded where there is none."""
        wrong = "; ".join(reply.violations)
        self.step(name, wrong or (says if reply.ok else reply.words), ok=reply.ok and not wrong)
        if reply.ok:
            return reply.answer
        raise FlowEnded("refused" if reply.is_refusal else "unanswered")

    def json(self) -> Json:
        steps = [asdict(step) for step in self.steps]
        return {
            "flow": self.name,
            "ok": self.ok,
            "outcome": self.outcome,
            "steps": steps,
            **self.data,
        }


Work = Callable[[FlowRun], Awaitable[Any]]


async def run_flow(name: str, work: Work, *, stream: bool = False) -> Response:
    """200 whatever the outcome, which the body tells; a line for each step when streamed."""
    run = FlowRun(name)
    if stream:
        return StreamingResponse(_lines(run, work), media_type="application/x-ndjson")
    await carry_out(run, work)
    return JSONResponse(run.json())


async def carry_out(run: FlowRun, work: Work) -> None:
    """To its end, whatever that is."""
    try:
        await work(run)
    except FlowEnded as end:
        run.outcome = end.outcome
    except NotRegistered as missing:
        run.step("stopped", str(missing), ok=False)
        run.outcome = "not registered"
    except Problem as problem:
        run.step("stopped", problem.detail, ok=False)
        run.outcome = "failed"
    except (KeyError, TypeError, AttributeError):
        # The answer has been called a violation; nobody could go on with it.
        run.step("stopped", "the answer cannot be understood", ok=False)
        run.outcome = "failed"
    if run.outcome == "success" and not run.ok:
        run.outcome = "failed"


async def _lines(run: FlowRun, work: Work) -> AsyncIterator[str]:
    queue: asyncio.Queue[Any] = asyncio.Queue()
    run.listener = queue.put_nowait

    async def to_the_end() -> None:
        try:
            await carry_out(run, work)
        finally:
            queue.put_nowait(_DONE)

    # A listener who leaves does not stop what is going on: money may be on its way.
    task = asyncio.create_task(to_the_end())
    while (step := await queue.get()) is not _DONE:
        yield json.dumps({"step": step.name, "ok": step.ok, "says": step.says}) + "\n"
    await task
    yield json.dumps(run.json()) + "\n"
