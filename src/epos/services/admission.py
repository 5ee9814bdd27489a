"""Admission: how many requests are worked on at a time, who is next, and what is refused at once.

Three known methods together. *Trunk reservation*: a lane may use the slots up to its limit, and the limits
of the lanes before it are higher, so searches never take the last slots from payments. *Fair queueing*:
each venue has a short queue of its own in each lane, and the queues take turns. *Little's law*: who would
wait more than a second, at the pace at which the queue moves, is refused at once instead of later
(`services/queues.py`).

There are fewer slots than connections in each of the database's pools, so what has a slot finds a
connection. All of it runs in one thread: no locks, and with room for a request only a few comparisons.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from enum import IntEnum
from random import Random
from typing import Any, TypeVar

from epos.domain.errors import Overloaded
from epos.services.queues import MOST_BEFORE_SECONDS, MOST_WAIT_SECONDS, Queue, Waiting
from epos.services.refused_counter import RefusedCounter

Order = tuple[str, str]
"""A venue and the order, or another row, that a request is about to change."""
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

_SWEEP_SECONDS = 0.05
_MOST_OF_ORDER = 2
_VENUES_KEPT = 1_000
"""Of those that have nothing just now: to make one for each request would cost more than the rest."""
_random = Random()  # noqa: S311 - only so that not all come again at the same moment


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


class _Venue:
    """What one venue has."""

    __slots__ = ("busy", "id", "queues", "stuck", "waiting")

    def __init__(self, venue_id: str) -> None:
        self.id = venue_id
        self.busy = 0
        self.waiting = 0
        self.queues: dict[Lane, Queue] = {}
        self.stuck: set[Lane] = set()
        """Where one has waited in vain, and none of the venue's requests has ended since."""


_Turns = OrderedDict[str, _Venue]
"""The venues of which somebody waits in a lane; the next one first."""


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
        self._active = 0
        """How many venues have a slot or wait for one."""
        self._venues: dict[str, _Venue] = {}
        self._orders: dict[Order, int] = {}
        self._turns: tuple[_Turns, ...] = tuple(OrderedDict() for _ in Lane)
        self._lanes = tuple(zip(Lane, self._turns, self._limits_of_first, strict=True))
        self._queues_of_orders: dict[Order, Queue] = {}
        self._sweep: asyncio.TimerHandle | None = None
        self._coming: list[Queue] = []
        self.waiting = 0
        """How many requests wait for a slot. While nobody does, nobody is refused."""
        self.refused = RefusedCounter()

    def try_enter(self, lane: Lane, venue_id: str, order: Order | None) -> bool:
        """Take a slot, and the order's, if there is room. Whoever gets True must `leave`."""
        if self.waiting and venue_id in self._turns[lane]:
            return False
        venue = self._venues.get(venue_id)
        if venue is None:
            venue = self._venues[venue_id] = _Venue(venue_id)
        if not self._has_room(lane, venue):
            return False
        if order is not None:
            of_order = self._orders.get(order, 0)
            if of_order >= _MOST_OF_ORDER:
                return False
            self._orders[order] = of_order + 1
        if not (venue.busy or venue.waiting):
            self._active += 1
        venue.busy += 1
        self._busy += 1
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
        now = self._clock()
        # Who sent the request slowly has not waited for us.
        since = now if since is None else max(since, now - MOST_BEFORE_SECONDS)
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
        if order is not None:
            self._leave_order(order)
        self._busy -= 1
        venue = self._venues[venue_id]
        venue.busy -= 1
        if venue.stuck:
            venue.stuck.clear()
        if not (venue.busy or venue.waiting):
            self._rest(venue)
        if self.waiting:
            self._let_in()

    def hopeless_wait(self, lane: Lane, venue_id: str) -> float | None:
        """The seconds that one more request of the venue would wait, if that is too long, else None. The
        caller refuses it then.
        """
        venue = self._turns[lane].get(venue_id)
        if venue is None:
            return None
        queue = venue.queues[lane]
        wait = self._too_long(queue, self._clock(), queue.coming)
        if wait is None:
            self._comes(queue)
        return wait

    def _comes(self, queue: Queue) -> None:
        """Count the request until the end of this turn of the event loop: those that are read in one turn
        line up after all of them were read.
        """
        if not self._coming:
            asyncio.get_running_loop().call_soon(self._have_come)
        queue.coming += 1
        self._coming.append(queue)

    def _have_come(self) -> None:
        for queue in self._coming:
            queue.coming = 0
        self._coming.clear()

    def _too_long(self, queue: Queue, now: float, coming: int = 0) -> float | None:
        if len(queue.waiting) + coming >= self._longest or queue.is_hopeless(now, coming):
            return queue.refuse(now)
        return None

    def _has_room(self, lane: Lane, venue: _Venue) -> bool:
        if not venue.busy:
            return self._busy < self._limits_of_first[lane]
        if self._active > 1 and venue.busy >= self._most_of_venue:
            return False
        return self._busy < self._limits[lane]

    def _rest(self, venue: _Venue) -> None:
        """The venue has nothing any more."""
        self._active -= 1
        venue.stuck.clear()
        if len(self._venues) > _VENUES_KEPT:
            del self._venues[venue.id]

    async def _enter_lane(
        self, lane: Lane, venue_id: str, since: float, is_gone: Callable[[], bool]
    ) -> None:
        one = self._line_up(lane, venue_id, since, is_gone)
        if one is None:
            return
        try:
            refused = await one.turn
        except asyncio.CancelledError:
            self._withdraw(lane, venue_id, one)
            raise
        if refused is not None:
            raise overloaded(refused)

    def _line_up(
        self, lane: Lane, venue_id: str, since: float, is_gone: Callable[[], bool]
    ) -> Waiting | None:
        """Stand in the queue; None: there was room meanwhile. Raises Overloaded."""
        turns = self._turns[lane]
        if venue_id not in turns and self.try_enter(lane, venue_id, None):
            return None
        venue = self._venues[venue_id]
        queue = venue.queues.get(lane)
        if queue is None:
            queue = venue.queues[lane] = Queue(gives_way=lane is Lane.SEARCHES)
        if lane in venue.stuck and not queue.waiting:
            raise overloaded(MOST_WAIT_SECONDS)
        one = self._queued(queue, since, is_gone)
        if not (venue.busy or venue.waiting):
            self._active += 1
        turns[venue_id] = venue
        venue.waiting += 1
        self.waiting += 1
        return one

    def _withdraw(self, lane: Lane, venue_id: str, one: Waiting) -> None:
        """It waits no more: it was cancelled."""
        if one.was_let_in:
            self.leave(venue_id, None)
            return
        venue = self._venues[venue_id]
        if one in venue.queues[lane].waiting:
            venue.queues[lane].waiting.remove(one)
            self._left(lane, venue, 1)

    def _left(self, lane: Lane, venue: _Venue, count: int) -> None:
        """So many have left the venue's queue in the lane."""
        self.waiting -= count
        venue.waiting -= count
        if not venue.queues[lane].waiting:
            self._turns[lane].pop(venue.id, None)
        if not (venue.busy or venue.waiting):
            self._rest(venue)

    def _queued(self, queue: Queue, since: float, is_gone: Callable[[], bool]) -> Waiting:
        now = self._clock()
        too_long = self._too_long(queue, now) if queue.waiting else None
        if too_long is not None:
            raise overloaded(too_long)
        one = Waiting(since, is_gone)
        queue.add(one, now)
        if self._sweep is None:
            self._sweep_later()
        return one

    def _sweep_later(self) -> None:
        self._sweep = asyncio.get_running_loop().call_later(_SWEEP_SECONDS, self._refuse_old)

    def _refuse_old(self) -> None:
        """Nobody need give a slot back meanwhile, so look at the clock, too. One timer for all: one for
        each that waits would cost more than the waiting.
        """
        self._sweep, now = None, self._clock()
        for lane, turns, _ in self._lanes:
            for venue in list(turns.values()):
                refused = venue.queues[lane].refuse_old(now)
                if refused:
                    if venue.queues[lane].stands_still(now):
                        venue.stuck.add(lane)
                    self._left(lane, venue, refused)
        for queue in self._queues_of_orders.values():
            queue.refuse_old(now)
        if self.waiting or self._queues_of_orders:
            self._sweep_later()

    def _let_in(self) -> None:
        """Give free slots to those who wait: the lanes in their order, in each the venues in turn."""
        now = self._clock()
        for lane, turns, most in self._lanes:
            while turns and self._busy < most:
                for venue in turns.values():
                    if self._has_room(lane, venue):
                        break
                else:
                    break
                self._let_in_next(lane, turns, venue, now)

    def _let_in_next(self, lane: Lane, turns: _Turns, venue: _Venue, now: float) -> None:
        queue = venue.queues[lane]
        before = len(queue.waiting)
        one = queue.take(now)
        if one is not None:
            venue.busy += 1
            self._busy += 1
            one.turn.set_result(None)
        self._left(lane, venue, before - len(queue.waiting))
        if queue.waiting and len(turns) > 1:
            turns.move_to_end(venue.id)

    async def _enter_order(self, order: Order, since: float, is_gone: Callable[[], bool]) -> None:
        if self.try_row(order):
            return
        queue = self._queues_of_orders.get(order)
        if queue is None:
            queue = self._queues_of_orders[order] = Queue()
        one = self._queued(queue, since, is_gone)
        try:
            refused = await one.turn
        except asyncio.CancelledError:
            if one.was_let_in:
                self._leave_order(order)
            elif one in queue.waiting:
                queue.waiting.remove(one)
            raise
        finally:
            if not queue.waiting and self._queues_of_orders.get(order) is queue:
                del self._queues_of_orders[order]
        if refused is not None:
            raise overloaded(refused)

    def _leave_order(self, order: Order | None) -> None:
        """Hand the order's slot to the next who waits for it."""
        if order is None:
            return
        queue = self._queues_of_orders.get(order) if self._queues_of_orders else None
        one = None if queue is None else queue.take(self._clock())
        if one is not None:
            one.turn.set_result(None)
        elif self._orders[order] > 1:
            self._orders[order] -= 1
        else:
            del self._orders[order]


def overloaded(expected_wait: float) -> Overloaded:
    """The error for one who would have to wait so many seconds."""
    return Overloaded(retry_after_seconds(expected_wait))


def retry_after_seconds(expected_wait: float) -> int:
    """With jitter, so that those who are refused together do not come again together."""
    return 1 + int(expected_wait + 3 * _random.random())
