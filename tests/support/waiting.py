"""Waiting for what happens in another process or task."""

import asyncio
from collections.abc import Awaitable, Callable

PATIENCE_SECONDS = 30


async def until(
    condition: Callable[[], Awaitable[bool]], patience: float = PATIENCE_SECONDS
) -> None:
    """Return once the condition holds; fail after `patience` seconds."""
    async with asyncio.timeout(patience):
        while not await condition():
            await asyncio.sleep(0.05)
