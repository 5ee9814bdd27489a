"""How many objects live on after an attempt, when the garbage collector does not look for cycles."""

import gc
from collections.abc import Awaitable, Callable


async def objects_left_by(attempt: Callable[[], Awaitable[None]], times: int = 1000) -> int:
    """How many more objects there are after so many attempts."""
    for _ in range(10):  # caches are filled
        await attempt()
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        for _ in range(times):
            await attempt()
        return len(gc.get_objects()) - before
    finally:
        gc.enable()
