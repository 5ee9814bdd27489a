"""How many objects live on after an attempt, when the garbage collector does not look for cycles."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from contextvars import Context

# The loop keeps a timer that was cancelled, with its context, until half of all its timers are cancelled:
# how many there are depends on what else runs in the loop.
_KEPT_BY_THE_LOOP = (asyncio.TimerHandle, Context)


async def objects_left_by(attempt: Callable[[], Awaitable[None]], times: int = 1000) -> int:
    """How many more objects there are after so many attempts."""
    for _ in range(10):  # caches are filled
        await attempt()
    gc.collect()
    gc.disable()
    try:
        before = _count()
        for _ in range(times):
            await attempt()
        return _count() - before
    finally:
        gc.enable()


def _count() -> int:
    return sum(type(it) not in _KEPT_BY_THE_LOOP for it in gc.get_objects())
