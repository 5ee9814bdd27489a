"""How the control API runs a flow: all at once, or step by step as it happens."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from starlette.responses import JSONResponse, Response, StreamingResponse

from epos.simulator.caller import NotRegistered
from epos.simulator.problems import Problem
from epos.simulator.runs import Ended, Run

Work = Callable[[Run], Awaitable[Any]]
_DONE = object()


async def run_flow(name: str, work: Work, *, stream: bool = False) -> Response:
    """200 whatever the outcome, which the body tells; a line for each step when streamed."""
    run = Run(name)
    if stream:
        return StreamingResponse(_lines(run, work), media_type="application/x-ndjson")
    await carry_out(run, work)
    return JSONResponse(run.json())


async def carry_out(run: Run, work: Work) -> None:
    """To its end, whatever that is."""
    try:
        await work(run)
    except Ended as end:
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


async def _lines(run: Run, work: Work) -> AsyncIterator[str]:
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
