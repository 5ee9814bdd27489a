"""Who waits for an answer, as far as the connection to them knows."""

import asyncio
from typing import Any

GRACE_SECONDS = 0.25
"""For a read whose caller has gone: to stop one costs more than to end a short one."""


class Caller:
    """The other end of one connection, with many calls under way."""

    def __init__(self) -> None:
        self._has_gone = False
        self._reads: set[asyncio.Task[Any]] = set()

    def is_gone(self) -> bool:
        """Whether nobody waits for an answer any more."""
        return self._has_gone

    def reads(self) -> None:
        """The current task only reads: it is stopped when nobody waits for it."""
        task = asyncio.current_task()
        if task is not None:
            self._reads.add(task)
            task.add_done_callback(self._reads.discard)

    def leave(self) -> None:
        """The connection has ended. Reads are stopped soon, in PostgreSQL too; writes go on."""
        self._has_gone = True
        if self._reads:
            asyncio.get_running_loop().call_later(GRACE_SECONDS, self._stop)

    def _stop(self) -> None:
        for task in self._reads:
            task.cancel()
