"""The time that a request has."""

import asyncio

from epos.web.deadlines import Deadlines


async def _request(deadlines: Deadlines, seconds: float) -> str:
    task = deadlines.start(asyncio.get_running_loop().time())
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        return "too late" if deadlines.has_expired(task) else "cancelled by somebody else"
    finally:
        deadlines.end(task)
    return "in time"


async def test_only_what_takes_too_long_is_cancelled() -> None:
    deadlines = Deadlines(0.2)
    answers = await asyncio.gather(*(_request(deadlines, seconds) for seconds in (0, 0.01, 30, 30)))
    assert answers == ["in time", "in time", "too late", "too late"]


async def test_one_that_begins_later_has_the_same_time() -> None:
    deadlines = Deadlines(0.2)
    loop = asyncio.get_running_loop()
    first = asyncio.create_task(_request(deadlines, 30))
    await asyncio.sleep(0.15)
    began = loop.time()
    second = await _request(deadlines, 30)
    assert (await first, second) == ("too late", "too late")
    assert loop.time() - began >= 0.2


async def test_after_a_pause_the_time_is_watched_again() -> None:
    deadlines = Deadlines(0.05)
    assert await _request(deadlines, 0) == "in time"
    await asyncio.sleep(0.1)
    assert await _request(deadlines, 30) == "too late"


async def test_who_is_cancelled_by_somebody_else_was_not_too_late() -> None:
    deadlines = Deadlines(30)
    task = asyncio.create_task(_request(deadlines, 30))
    await asyncio.sleep(0)
    task.cancel()
    assert await task == "cancelled by somebody else"
