"""A queue of requests that wait to be let in: how long one more would wait, and who waits no longer.

A queue that moves may be used: as many clients as are answered within a second, each asking again when it
has its answer, are never refused. Where somebody had to be refused more is asked for than can be done, and
to wait long helps nobody: until a second passes without a refusal, the queue is kept shorter.
"""

import asyncio
from collections import deque
from collections.abc import Callable

MOST_WAIT_SECONDS = 1.0
"""The longest wait, and the longest that may be expected."""
_EXPECTED_SECONDS_AFTER_REFUSALS = 0.3
"""The longest that may be expected where somebody was refused lately."""
_MOST_SECONDS_AFTER_REFUSALS = 0.8
"""The longest wait there: with the work itself the answer comes within a second."""
_LATELY_SECONDS = 1.0
_WINDOW_SECONDS = 0.5
"""How long the pace of a queue is measured at least."""
MOST_BEFORE_SECONDS = 0.5
"""Most of the wait that counts from the first byte until the request asked to be let in."""


class Waiting:
    """A request in a queue."""

    __slots__ = ("is_gone", "since", "turn")

    def __init__(self, since: float, is_gone: Callable[[], bool]) -> None:
        self.since = since
        self.is_gone = is_gone
        self.turn: asyncio.Future[float | None] = asyncio.get_running_loop().create_future()
        """None: it is let in. Seconds: it is refused; so long would one more have to wait."""

    @property
    def was_let_in(self) -> bool:
        return self.turn.done() and not self.turn.cancelled() and self.turn.result() is None


class Queue:
    """The requests of one venue in one lane, or those of one order, the first one first."""

    __slots__ = (
        "_gives_way",
        "_last",
        "_moved",
        "_pace",
        "_pace_before",
        "_refused",
        "_vain",
        "_window",
        "coming",
        "waiting",
    )

    def __init__(self, *, gives_way: bool = False) -> None:
        """`gives_way`: others go first, so that all who wait here may wait in vain."""
        self.waiting: deque[Waiting] = deque()
        self.coming = 0
        """Those that were told in this turn of the event loop that there is time for them."""
        self._gives_way = gives_way
        self._vain = -_LATELY_SECONDS
        """When one waited in vain last, or was let in only after a long wait, soon after one had."""
        self._pace = self._pace_before = 0.0
        """Seconds from one turn to the next, in the last two windows. 0: not known yet."""
        self._last = self._window = 0.0
        self._moved = 0
        self._refused = -_LATELY_SECONDS
        """When somebody was refused last."""

    def add(self, one: Waiting, now: float) -> None:
        if not self.waiting:  # what was known of its pace says nothing any more
            self._pace = self._pace_before = 0.0
            self._last = self._window = now
            self._moved = 0
        self.waiting.append(one)

    def expected_wait(self, now: float, coming: int = 0) -> float:
        """Seconds for one more, behind those who are coming: at the pace of those before it, or as long as
        the queue has stood still.

        It is the faster pace of two windows: a moment in which nothing moved says little of those to come.
        """
        pace = min(self._pace, self._pace_before)
        return max(pace * (len(self.waiting) + coming), now - self._last)

    def is_hopeless(self, now: float, coming: int = 0) -> bool:
        """Whether one more had better be refused now than later."""
        if self.waiting and self._is_in_vain(now):  # one finds out for all when it moves again
            return True
        wait = self.expected_wait(now, coming)
        if wait > MOST_WAIT_SECONDS:
            return True
        return wait > _EXPECTED_SECONDS_AFTER_REFUSALS and self._has_refused_lately(now)

    def _is_in_vain(self, now: float) -> bool:
        return self._gives_way and now - self._vain < _LATELY_SECONDS

    def _has_refused_lately(self, now: float) -> bool:
        return now - self._refused < _LATELY_SECONDS

    def _most_wait(self, now: float) -> float:
        return _MOST_SECONDS_AFTER_REFUSALS if self._has_refused_lately(now) else MOST_WAIT_SECONDS

    def stands_still(self, now: float) -> bool:
        """Whether nobody's turn came in what one who has waited in vain has surely seen of the queue."""
        return now - self._last >= MOST_WAIT_SECONDS - MOST_BEFORE_SECONDS

    def refuse(self, now: float) -> float:
        """Note that somebody is refused. The seconds that one more would have to wait."""
        self._refused = now
        return self.expected_wait(now)

    def take(self, now: float) -> Waiting | None:
        """The next one that has not waited too long and whose client is there. Refuse the others."""
        while self.waiting:
            first = self.waiting.popleft()
            self._last = now
            self._moved += 1
            if now - self._window >= _WINDOW_SECONDS:
                self._begin_window(now)
            if first.turn.done():
                continue
            if now - first.since <= self._most_wait(now) and not first.is_gone():
                if self._is_in_vain(now) and now - first.since > _EXPECTED_SECONDS_AFTER_REFUSALS:
                    self._vain = now
                return first
            first.turn.set_result(self.expected_wait(now))
        return None

    def refuse_old(self, now: float) -> int:
        """Refuse those who have waited as long as one may. Returns how many."""
        refused, most = 0, self._most_wait(now)
        while self.waiting and now - self.waiting[0].since >= most:
            old = self.waiting.popleft()
            refused += 1
            if not old.turn.done():
                old.turn.set_result(self.refuse(now))
        if refused and self.stands_still(now):
            self._vain = now
        return refused

    def _begin_window(self, now: float) -> None:
        self._pace_before, self._pace = self._pace, (now - self._window) / self._moved
        self._window, self._moved = now, 0
