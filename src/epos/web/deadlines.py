"""The time that a request has, watched by one timer for all requests.

`asyncio.timeout` would start and cancel a timer for each request, which takes a twentieth of a read's time.
"""

import asyncio


class Deadlines:
    """Cancels the task of each request that has not ended in time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._under_way: dict[asyncio.Task[object], float] = {}
        """When each has to end, in the loop's time."""
        self._expired: set[asyncio.Task[object]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def start(self, began: float) -> asyncio.Task[object]:
        """Watch the current task; its time began with the request's first byte, in the loop's time. Call
        `end` with the task when its request has ended.
        """
        loop = asyncio.get_running_loop()
        task: asyncio.Task[object] = asyncio.current_task(loop)  # type: ignore[assignment]  # there is one
        ends = began + self._seconds
        self._under_way[task] = ends
        if self._timer is None:
            self._timer = loop.call_at(ends, self._check)
        return task

    def end(self, task: asyncio.Task[object]) -> None:
        """Its request has ended."""
        self._under_way.pop(task, None)
        self._expired.discard(task)

    def has_expired(self, task: asyncio.Task[object]) -> bool:
        """Whether the task was cancelled because its time was over."""
        return task in self._expired

    def _check(self) -> None:
        loop = asyncio.get_running_loop()
        now, self._timer = loop.time(), None
        # They stand in the order in which they have to end, since each has the same time. Where a head came
        # slowly, it is only nearly so, and a request may have a little more time.
        while self._under_way:
            task, ends = next(iter(self._under_way.items()))
            if ends > now:
                self._timer = loop.call_at(ends, self._check)
                return
            del self._under_way[task]
            self._expired.add(task)
            task.cancel()
