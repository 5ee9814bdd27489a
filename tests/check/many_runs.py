"""`python -m tests.check.many_runs 100`: a right EPOS is judged so often, over both transports."""

import asyncio
import sys
from collections.abc import Awaitable, Callable

from epos.check.registry import Verdict
from epos.check.results import Run
from tests.check import test_planted_faults, test_websocket
from tests.check.small_epos import SmallEpos

AT_ONCE = 8
JUDGES: dict[str, Callable[[SmallEpos], Awaitable[Run]]] = {
    "REST": test_planted_faults.judged,
    "WebSocket": test_websocket.judged,
}


async def alarms(judge: Callable[[SmallEpos], Awaitable[Run]], runs: int) -> list[str]:
    """What was announced although nothing was wrong."""
    found: list[str] = []
    while runs > 0:
        count = min(runs, AT_ONCE)
        runs -= count
        for run in await asyncio.gather(*(judge(SmallEpos()) for _ in range(count))):
            found += [
                f"{one.check.name}: {one.verdict}, expected {one.expected}, got {one.got}"
                for one in run.results
                if one.verdict is not Verdict.PASS
            ]
            found += [f"left behind: {one}" for one in run.left_behind]
    return found


async def main(runs: int) -> int:
    """The exit code: 1 after a false alarm."""
    code = 0
    for transport, judge in JUDGES.items():
        found = await alarms(judge, runs)
        print(f"{transport}: {runs} runs, {len(found)} false alarms", *found, sep="\n", flush=True)  # noqa: T201
        code = code or bool(found)
    return code


if __name__ == "__main__":
    sys.exit(asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)))
