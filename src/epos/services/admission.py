"""Admission: how many requests are worked on at a time, who is next, and what is refused at once.

Three known methods together. *Trunk reservation*: a lane may use the slots up to its limit, and the limits
of the lanes before it are higher, so searches never take the last slots from payments. *Fair queueing with
CoDel* (as FQ-CoDel, RFC 8290): each venue has a short queue of its own in each lane, the queues take turns,
and a queue that stays long lets nobody wait long. *Little's law*: who would wait too long, at the pace at
which the queue moves, is refused at once instead of later.

There are fewer slots than connections in each of the database's pools, so what has a slot finds a
connection. All of it runs in one thread: no locks, and with room for a request only a few comparisons.
"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from enum import IntEnum
from random import SystemRandom
from typing import Any, TypeVar

from epos.domain.errors import Overloaded
from epos.services.refused_counter import RefusedCounter

Order = tuple[str, str]
"""A venue and the order, or another row, that a request is about to change."""
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

MOST_WAIT_SECONDS = 1.0
_WAIT_SECONDS_WHEN_LONG = 0.4
"""The longest wait in a queue that stays long."""
_TARGET_SECONDS = 0.2
"""A queue stays long when nobody in it waited less than this for a whole interval."""
_INTERVAL_SECONDS = 1.0
_MOST_OF_ORDER = 2
_PACE_WEIGHT = 0.125
_random = SystemRandom()


class Lane(IntEnum):
    """What a request is for; the first lane goes first."""

    PAYMENTS = 0
    """A payment, the end of a lock, an event of Dojo's: a guest has paid or waits to leave."""
    USUAL = 1
    """Other reads of one thing, and writes."""
    SEARCHES = 2
    """Lists, reports, and pages for people: much work, and nobody loses money when they come later."""


_LANES: dict[Callable[..., Any], Lane] = {}


def lane(of: Lane) -> Callable[[Endpoint], Endpoint]:
    """Declare the lane of an endpoint; without this it is `Lane.USUAL`."""

    def declare(endpoint: Endpoint) -> Endpoint:
        _LANES[endpoint] = of
        return endpoint

    return declare


def lane_of(endpoint: Callable[..., Any]) -> Lane:
    return _LANES.get(endpoint, Lane.USUAL)


def stays() -> bool:
    """A client whose connection nobody watches: never gone."""
    return False


class _Waiting:
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


class _Venue:
    """What one venue has, for as long as it has anything."""

    __slots__ = ("busy", "is_stuck", "waiting")

    def __init__(self) -> None:
        self.busy = 0
        self.waiting = 0
        self.is_stuck = False
        """One has waited in vain, and none of its requests has ended since."""


class _Queue:
    """The requests of one venue in one lane, or those of one order, the first one first. It is CoDel as in
    folly and wangle: it looks at the least wait of each interval.
    """

    __slots__ = ("_interval_ends", "_last", "_least", "_pace", "is_long", "waiting")

    def __init__(self, now: float) -> None:
        self.waiting: deque[_Waiting] = deque()
        self.is_long = False
        self._interval_ends = now + _INTERVAL_SECONDS
        self._least = MOST_WAIT_SECONDS
        self._pace = 0.0
        self._last = now

    def expected_wait(self, now: float) -> float:
        """Seconds for one more, at the pace of those before it, or of a queue that stands still."""
        return max(len(self.waiting) * self._pace, now - self._last)

    def is_hopeless(self, now: float) -> bool:
        """Whether one more had better be refused now than later. In a queue that stays long, half of the
        longest wait is left for what comes slower than expected.
        """
        wait = self.most_wait / 2 if self.is_long else self.most_wait
        return len(self.waiting) * self._pace > wait or self.stands_still(now)

    def stands_still(self, now: float) -> bool:
        """Whether nobody's turn has come for as long as one may wait."""
        return now - self._last > self.most_wait

    @property
    def most_wait(self) -> float:
        return _WAIT_SECONDS_WHEN_LONG if self.is_long else MOST_WAIT_SECONDS

    def take(self, now: float) -> _Waiting | None:
        """The next one that has not waited too long and whose client is there. Refuse the others."""
        while self.waiting:
            first = self.waiting.popleft()
            self._look_at(now - first.since, now)
            if first.turn.done():
                continue
            if now - first.since <= self.most_wait and not first.is_gone():
                return first
            first.turn.set_result(self.expected_wait(now))
        return None

    def _look_at(self, waited: float, now: float) -> None:
        self._pace += _PACE_WEIGHT * (now - self._last - self._pace)
        self._last = now
        self._least = min(self._least, waited)
        if now >= self._interval_ends:
            self.is_long = self._least > _TARGET_SECONDS
            self._least, self._interval_ends = waited, now + _INTERVAL_SECONDS


class Admission:
    """Lets requests in. `slots`: how many are worked on at a time."""

    def __init__(
        self, slots: int, *, clock: Callable[[], float] = time.monotonic, longest: int | None = None
    ) -> None:
        """`longest`: most requests of a venue that may wait in a lane; else twelve for each slot."""
        self._spare = 1 if slots > 2 else 0
        """Slots that only a venue without any gets: its first request always finds room soon."""
        usual, searches = max(1, slots - slots // 4), max(1, slots // 2)
        self._limits_of_first = (slots, slots, searches)
        self._limits = tuple(max(1, most - self._spare) for most in (slots, usual, searches))
        self._most_of_venue = max(1, slots // 2)
        """While another venue has a slot or waits for one."""
        self._clock = clock
        self._longest = longest or 12 * slots
        self._busy = 0
        self._venues: dict[str, _Venue] = {}
        self._orders: dict[Order, int] = {}
        self._queues: tuple[OrderedDict[str, _Queue], ...] = tuple(OrderedDict() for _ in Lane)
        self._queues_of_orders: dict[Order, _Queue] = {}
        self.waiting = 0
        """How many requests wait for a slot. While nobody does, nobody is refused."""
        self.refused = RefusedCounter()

    def try_enter(self, lane: Lane, venue_id: str, order: Order | None) -> bool:
        """Take a slot, and the order's, if there is room. Whoever gets True must `leave`."""
        if order is not None:
            of_order = self._orders.get(order, 0)
            if of_order >= _MOST_OF_ORDER:
                return False
        venue = self._venues.get(venue_id)
        if venue is None:
            if self._busy >= self._limits_of_first[lane]:
                return False
            venue = self._venues[venue_id] = _Venue()
        elif venue.waiting or not self._has_room(lane, venue):
            return False
        if order is not None:
            self._orders[order] = of_order + 1
        self._busy += 1
        venue.busy += 1
        return True

    async def enter(
        self,
        lane: Lane,
        venue_id: str,
        order: Order | None,
        *,
        since: float | None = None,
        is_gone: Callable[[], bool] = stays,
    ) -> None:
        """The same, but wait for it, not long. `since`: when the request came, by `clock`. `is_gone`:
        whether nobody waits for the answer any more. Raises Overloaded.
        """
        since = self._clock() if since is None else since
        try:
            if order is not None:
                await self._enter_order(order, since, is_gone)
            try:
                await self._enter_lane(lane, venue_id, since, is_gone)
            except BaseException:
                self._leave_order(order)
                raise
        except Overloaded:
            self.refused.count(lane.name.lower(), venue_id)
            raise

    def try_row(self, row: Order) -> bool:
        """Take one more row for a request that has a slot, if there is room at it."""
        count = self._orders.get(row, 0)
        if count >= _MOST_OF_ORDER:
            return False
        self._orders[row] = count + 1
        return True

    async def enter_again(
        self, lane: Lane, venue_id: str, rows: Sequence[Order], is_gone: Callable[[], bool]
    ) -> None:
        """Take these rows, then a slot, for a request that gave all that it had back. `rows` in ascending
        order: then no two wait for each other. Raises Overloaded.
        """
        since = self._clock()
        taken: list[Order] = []
        try:
            for row in rows:
                await self._enter_order(row, since, is_gone)
                taken.append(row)
            await self._enter_lane(lane, venue_id, since, is_gone)
        except BaseException as error:
            for row in taken:
                self._leave_order(row)
            if isinstance(error, Overloaded):
                self.refused.count(lane.name.lower(), venue_id)
            raise

    def leave_rows(self, venue_id: str, rows: Sequence[Order]) -> None:
        """Give the rows and the slot back."""
        for row in rows:
            self._leave_order(row)
        self.leave(venue_id, None)

    def leave(self, venue_id: str, order: Order | None) -> None:
        """Give the slot back: to whoever is next."""
        self._leave_order(order)
        self._busy -= 1
        venue = self._venues[venue_id]
        venue.busy -= 1
        venue.is_stuck = False
        self._forget(venue_id, venue)
        if self.waiting:
            self._let_in()

    def hopeless_wait(self, lane: Lane, venue_id: str) -> float | None:
        """The seconds that one more request of the venue would wait, if that is too long, else None."""
        queue = self._queues[lane].get(venue_id)
        return None if queue is None else self._too_long(queue)

    def refuse_hopeless(self, lane: Lane, venue_id: str) -> None:
        """Raises Overloaded for a request that would wait too long."""
        if self.waiting:
            wait = self.hopeless_wait(lane, venue_id)
            if wait is not None:
                self.refused.count(lane.name.lower(), venue_id)
                raise overloaded(wait)

    def _too_long(self, queue: _Queue) -> float | None:
        now = self._clock()
        if len(queue.waiting) >= self._longest or queue.is_hopeless(now):
            return queue.expected_wait(now)
        return None

    def _has_room(self, lane: Lane, venue: _Venue) -> bool:
        if venue.busy == 0:
            return self._busy < self._limits_of_first[lane]
        if venue.busy >= self._most_of_venue and len(self._venues) > 1:
            return False
        return self._busy < self._limits[lane]

    def _forget(self, venue_id: str, venue: _Venue) -> None:
        if not (venue.busy or venue.waiting):
            del self._venues[venue_id]

    async def _enter_lane(
        self, lane: Lane, venue_id: str, since: float, is_gone: Callable[[], bool]
    ) -> None:
        queues = self._queues[lane]
        venue = self._venues.setdefault(venue_id, _Venue())
        queue = queues.get(venue_id)
        if queue is None:
            if self._has_room(lane, venue):
                self._take(venue)
                return
            if venue.is_stuck:
                raise overloaded(MOST_WAIT_SECONDS)
            queue = queues[venue_id] = _Queue(self._clock())
        one = self._queued(queue, since, is_gone)
        self.waiting += 1
        venue.waiting += 1
        try:
            await self._turn_of(one, queue)
        except Overloaded:
            venue.is_stuck = queue.stands_still(self._clock())
            raise
        except asyncio.CancelledError:
            if one.was_let_in:
                self.leave(venue_id, None)
            raise
        finally:
            self.waiting -= 1
            venue.waiting -= 1
            self._forget(venue_id, venue)
            if not queue.waiting and queues.get(venue_id) is queue:
                del queues[venue_id]

    def _take(self, venue: _Venue) -> None:
        self._busy += 1
        venue.busy += 1

    def _queued(self, queue: _Queue, since: float, is_gone: Callable[[], bool]) -> _Waiting:
        too_long = self._too_long(queue)
        if too_long is not None:
            raise overloaded(too_long)
        one = _Waiting(since, is_gone)
        queue.waiting.append(one)
        return one

    async def _turn_of(self, one: _Waiting, queue: _Queue) -> None:
        """Wait for the turn; nobody need give a slot back meanwhile, so look at the clock, too."""
        left = MOST_WAIT_SECONDS - (self._clock() - one.since)
        timer = asyncio.get_running_loop().call_later(left, self._give_up, one, queue)
        try:
            refused = await one.turn
        finally:
            timer.cancel()
            if one in queue.waiting:
                queue.waiting.remove(one)
        if refused is not None:
            raise overloaded(refused)

    def _give_up(self, one: _Waiting, queue: _Queue) -> None:
        if not one.turn.done():
            queue.is_long = True
            one.turn.set_result(queue.expected_wait(self._clock()))

    def _let_in(self) -> None:
        """Give free slots to those who wait: the lanes in their order, in each the venues in turn."""
        now = self._clock()
        for of_lane in Lane:
            queues = self._queues[of_lane]
            for venue_id in list(queues):
                if self._busy >= self._limits_of_first[of_lane]:
                    break
                self._let_in_next(of_lane, venue_id, now)

    def _let_in_next(self, of_lane: Lane, venue_id: str, now: float) -> None:
        queues = self._queues[of_lane]
        queue, venue = queues[venue_id], self._venues[venue_id]
        if not self._has_room(of_lane, venue):
            return
        one = queue.take(now)
        if one is not None:
            self._take(venue)
            one.turn.set_result(None)
        if queue.waiting:
            queues.move_to_end(venue_id)
        else:
            del queues[venue_id]

    async def _enter_order(self, order: Order, since: float, is_gone: Callable[[], bool]) -> None:
        if self.try_row(order):
            return
        queue = self._queues_of_orders.get(order)
        if queue is None:
            queue = self._queues_of_orders[order] = _Queue(self._clock())
        one = self._queued(queue, since, is_gone)
        try:
            await self._turn_of(one, queue)
        except asyncio.CancelledError:
            if one.was_let_in:
                self._leave_order(order)
            raise
        finally:
            if not queue.waiting and self._queues_of_orders.get(order) is queue:
                del self._queues_of_orders[order]

    def _leave_order(self, order: Order | None) -> None:
        """Hand the order's slot to the next who waits for it."""
        if order is None:
            return
        queue = self._queues_of_orders.get(order)
        one = None if queue is None else queue.take(self._clock())
        if one is not None:
            one.turn.set_result(None)
        elif self._orders[order] > 1:
            self._orders[order] -= 1
        else:
            del self._orders[order]


def overloaded(expected_wait: float) -> Overloaded:
    """The error for one who would have to wait so many seconds. With jitter, so that those who are refused
    together do not come again together.
    """
    return Overloaded(1 + int(expected_wait) + _random.randrange(3))
