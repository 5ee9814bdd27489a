"""Work of the processor that would hold the event loop too long: in a thread, where there is much of it.

For little, a thread costs more than the work. In a write, rows are locked meanwhile: those of this one tab.
"""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_MOST_PIECES = 250
"""Of lines, sub-items and modifiers: so many take about 5 ms."""


async def worked_out(pieces: int, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """What `work` returns. `pieces`: of how many lines, sub-items and modifiers it is made."""
    if pieces <= _MOST_PIECES:
        return work(*arguments, **named)
    return await asyncio.to_thread(work, *arguments, **named)
