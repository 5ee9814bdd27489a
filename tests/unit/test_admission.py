"""Who gets a slot, who waits, and who is refused."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from itertools import count

import pytest

from epos.domain.errors import Overloaded
from epos.services.admission import Admission, Lane, Order, stays
from tests.support.leftovers import objects_left_by

A, B, C = "venue a", "venue b", "venue c"


class Busy:
    """Requests that have been let in, and stay until they are told to go."""

    def __init__(self, slots: int = 8, longest: int | None = None) -> None:
        self.admission = Admission(slots, longest=longest)
        self.entered: list[str] = []
        self._names = count(1)

    def fill(self, lane: Lane, venue: str, order: Order | None = None) -> int:
        """How many more of these are let in at once."""
        entered = 0
        while self.admission.try_enter(lane, venue, order):
            entered += 1
        return entered

    def come(
        self,
        lane: Lane,
        venue: str,
        order: Order | None = None,
        is_gone: Callable[[], bool] = stays,
    ) -> "asyncio.Task[None]":
        """One more that waits."""
        return asyncio.create_task(self._enter(lane, venue, order, is_gone))

    async def _enter(
        self, lane: Lane, venue: str, order: Order | None, is_gone: Callable[[], bool]
    ) -> None:
        await self.admission.enter(lane, venue, order, is_gone=is_gone)
        self.entered.append(f"{venue} {lane.name.lower()}")

    async def leave(self, venue: str, order: Order | None = None) -> None:
        self.admission.leave(venue, order)
        await settle()


async def settle() -> None:
    """Let everybody who can go on go on."""
    for _ in range(5):
        await asyncio.sleep(0)


class Store:
    """One venue's searches in time that the test moves: the store works on one after the other."""

    def __init__(self, slots: int = 8) -> None:
        self.now = 0.0
        self.admission = Admission(slots, clock=lambda: self.now)
        self.waits: list[float] = []
        """Of those who were let in, in seconds."""
        self.refused_after: list[float] = []
        self._working: deque[asyncio.Event] = deque()

    async def ask(self) -> None:
        """One request, to its answer."""
        began = self.now
        try:
            if not self.admission.try_enter(Lane.SEARCHES, A, None):
                await self.admission.enter(Lane.SEARCHES, A, None, since=began)
        except Overloaded:
            self.refused_after.append(self.now - began)
            return
        self.waits.append(self.now - began)
        answered = asyncio.Event()
        self._working.append(answered)
        await answered.wait()
        self.admission.leave(A, None)

    async def ask_again_and_again(self) -> None:
        while not self.refused_after:
            await self.ask()

    async def work(self, seconds: float) -> None:
        """The first of those under way is answered, and took so long."""
        self.now += seconds
        if self._working:
            self._working.popleft().set()
        await settle()


@pytest.mark.parametrize(
    ("clients", "seconds_each", "stall"),
    [(16, 0.05, 0.0), (64, 0.014, 0.0), (64, 0.005, 0.6), (16, 0.005, 0.9)],
)
async def test_clients_that_wait_for_their_answers_are_not_refused_by_a_slow_store(
    clients: int, seconds_each: float, stall: float
) -> None:
    store = Store()
    asking = [asyncio.create_task(store.ask_again_and_again()) for _ in range(clients)]
    await settle()
    for _ in range(10):
        await store.work(stall)
        for _ in range(2 * clients):
            await store.work(seconds_each)
    assert len(store.waits) > 20 * clients
    assert store.refused_after == []
    for one in asking:
        one.cancel()


async def test_a_flood_is_refused_at_once_and_whoever_is_let_in_has_not_waited_long() -> None:
    store = Store()
    asking = []
    for number in range(2_000):
        asking += [asyncio.create_task(store.ask()) for _ in range(5)]
        await settle()
        await store.work(0.01)
        if number == 200:  # from here on its pace is known
            store.waits.clear()
            store.refused_after.clear()
    assert len(store.waits) > 1_700
    assert max(store.waits) < 0.8
    assert len(store.refused_after) > 7_000
    assert max(store.refused_after) == 0
    for one in asking:
        one.cancel()


async def test_whoever_sent_a_request_slowly_has_not_waited_for_the_server() -> None:
    busy = Busy(1)
    busy.fill(Lane.USUAL, A)
    began_long_ago = time.monotonic() - 5
    entering = busy.admission.enter(Lane.USUAL, A, None, since=began_long_ago)
    slow = asyncio.create_task(entering)
    await settle()
    await busy.leave(A)
    assert slow.done()
    await slow


async def test_searches_leave_slots_to_the_rest_and_the_rest_to_payments() -> None:
    busy = Busy(8)
    assert busy.fill(Lane.SEARCHES, A) == 3
    assert busy.fill(Lane.USUAL, A) == 2
    assert busy.fill(Lane.PAYMENTS, A) == 2


async def test_the_first_request_of_another_venue_finds_a_slot_at_once() -> None:
    busy = Busy(8)
    assert busy.fill(Lane.PAYMENTS, A) == 7
    assert busy.admission.try_enter(Lane.USUAL, B, None)
    assert not busy.admission.try_enter(Lane.PAYMENTS, B, None)


async def test_two_venues_have_half_each() -> None:
    busy = Busy(8)
    busy.admission.try_enter(Lane.PAYMENTS, B, None)
    assert busy.fill(Lane.PAYMENTS, A) == 4


async def test_an_order_has_two_at_most_and_takes_no_slot_for_those_who_wait() -> None:
    busy, order = Busy(8), (A, "order")
    assert busy.fill(Lane.PAYMENTS, A, order) == 2
    waiting = [busy.come(Lane.PAYMENTS, A, order) for _ in range(10)]
    await settle()
    assert busy.fill(Lane.PAYMENTS, A, (A, "another order")) == 2
    await busy.leave(A, order)
    assert busy.entered == ["venue a payments"]
    for one in waiting:
        one.cancel()


async def test_the_lanes_go_first_and_then_the_venues_take_turns() -> None:
    busy = Busy(3)
    while busy.fill(Lane.PAYMENTS, A) + busy.fill(Lane.PAYMENTS, B):
        pass
    waiting = [
        busy.come(lane, venue) for venue in (A, A, B, B) for lane in (Lane.SEARCHES, Lane.PAYMENTS)
    ]
    await settle()
    for venue in (A, B, A, B):
        await busy.leave(venue)
    assert all(one.endswith("payments") for one in busy.entered)
    assert {one.partition(" payments")[0] for one in busy.entered[:2]} == {A, B}
    for one in waiting:
        one.cancel()


async def test_who_waits_a_second_is_refused_and_the_next_at_once() -> None:
    busy = Busy(1)
    busy.fill(Lane.PAYMENTS, A)
    loop = asyncio.get_running_loop()
    began = loop.time()
    first = busy.come(Lane.PAYMENTS, A)
    await asyncio.sleep(0.8)
    second = busy.come(Lane.PAYMENTS, A)
    with pytest.raises(Overloaded):
        await first
    assert loop.time() - began >= 0.9
    assert busy.admission.hopeless_wait(Lane.PAYMENTS, A) is not None
    with pytest.raises(Overloaded) as refused:
        await busy.come(Lane.PAYMENTS, A)
    assert 1 <= refused.value.retry_after_seconds <= 5
    second.cancel()


async def test_while_nothing_of_a_venue_ends_nobody_waits_again() -> None:
    busy = Busy(1)
    busy.fill(Lane.PAYMENTS, A)
    began_before = time.monotonic() - 0.2
    with pytest.raises(Overloaded):
        await busy.admission.enter(Lane.PAYMENTS, A, None, since=began_before)
    loop = asyncio.get_running_loop()
    began = loop.time()
    with pytest.raises(Overloaded):
        await busy.come(Lane.PAYMENTS, A)
    assert loop.time() - began < 0.5
    busy.admission.leave(A, None)
    await busy.come(Lane.PAYMENTS, A)


async def test_a_venue_that_waited_in_vain_for_another_may_wait_again() -> None:
    busy = Busy(1)
    busy.fill(Lane.PAYMENTS, A)
    with pytest.raises(Overloaded):
        await busy.come(Lane.PAYMENTS, B)
    again = busy.come(Lane.PAYMENTS, B)
    await settle()
    assert not again.done()
    await busy.leave(A)
    await again


async def test_a_queue_has_a_length() -> None:
    busy = Busy(1, longest=3)
    busy.fill(Lane.PAYMENTS, A)
    waiting = [busy.come(Lane.PAYMENTS, A) for _ in range(3)]
    await settle()
    with pytest.raises(Overloaded):
        await busy.come(Lane.PAYMENTS, A)
    assert busy.admission.hopeless_wait(Lane.PAYMENTS, A) is not None
    assert busy.admission.hopeless_wait(Lane.PAYMENTS, B) is None
    for one in waiting:
        one.cancel()


async def test_whoever_has_gone_is_not_worked_on() -> None:
    busy = Busy(1)
    busy.fill(Lane.PAYMENTS, A)
    gone = busy.come(Lane.PAYMENTS, A, is_gone=lambda: True)
    there = busy.come(Lane.PAYMENTS, A)
    await settle()
    await busy.leave(A)
    assert gone.done()
    assert there.done()
    assert busy.entered == ["venue a payments"]
    with pytest.raises(Overloaded):
        await gone


async def test_who_is_cancelled_takes_nobodys_slot() -> None:
    busy, order = Busy(2), (A, "order")
    busy.fill(Lane.PAYMENTS, A, order)
    waiting = [busy.come(Lane.PAYMENTS, A, order) for _ in range(20)]
    waiting += [busy.come(Lane.SEARCHES, B) for _ in range(20)]
    await settle()
    busy.admission.leave(A, order)  # the next is let in, and cancelled before it hears of it
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    busy.admission.leave(A, order)
    assert is_empty(busy.admission)


async def test_refusals_leave_nothing_behind() -> None:
    busy, order = Busy(1, longest=1), (A, "order")
    busy.fill(Lane.PAYMENTS, A, order)
    waiting = busy.come(Lane.PAYMENTS, A, order)
    await settle()

    async def fail() -> None:
        with pytest.raises(Overloaded):
            await busy.admission.enter(Lane.PAYMENTS, A, None)

    assert await objects_left_by(fail) < 100
    waiting.cancel()


def is_empty(admission: Admission) -> bool:
    """Whether nobody has or waits for anything."""
    kept = (admission._orders, admission._queues_of_orders, *admission._turns)
    return admission._busy == admission.waiting == admission._active == 0 and not any(kept)


async def test_those_who_are_read_in_one_turn_of_the_loop_count_before_they_stand_in_the_queue() -> (
    None
):
    busy = Busy(1, longest=3)
    busy.fill(Lane.PAYMENTS, A)
    first = busy.come(Lane.PAYMENTS, A)
    await settle()
    told = [busy.admission.hopeless_wait(Lane.PAYMENTS, A) for _ in range(5)]
    assert [wait is None for wait in told] == [True, True, False, False, False]
    await settle()  # none of them came after all
    assert busy.admission.hopeless_wait(Lane.PAYMENTS, A) is None
    first.cancel()


async def test_where_one_waited_in_vain_one_waits_for_the_others() -> None:
    """Payments leave searches no slot: each search would wait to the end, and be refused then."""
    busy = Busy()
    busy.fill(Lane.PAYMENTS, A)
    with pytest.raises(Overloaded):
        await busy.come(Lane.SEARCHES, A)
    await busy.leave(A)
    assert busy.fill(Lane.PAYMENTS, A) == 1
    waiting = busy.come(Lane.SEARCHES, A)
    await settle()
    began = time.monotonic()
    with pytest.raises(Overloaded):
        await busy.come(Lane.SEARCHES, A)
    assert time.monotonic() - began < 0.3
    assert not waiting.done()
    waiting.cancel()


async def test_a_second_after_one_waited_in_vain_the_queue_is_used_again() -> None:
    store = Store(slots=2)  # one of them for searches
    asking = [asyncio.create_task(store.ask()) for _ in range(3)]
    await settle()
    store.now = 1.0
    await asyncio.sleep(0.1)  # the queue is looked at by the clock on the wall
    assert len(store.refused_after) == 2
    await store.work(0)
    asking += [asyncio.create_task(store.ask()) for _ in range(4)]
    await settle()
    assert len(store.refused_after) == 4
    await store.work(0)
    store.now = 2.1
    asking += [asyncio.create_task(store.ask()) for _ in range(3)]
    await settle()
    assert len(store.refused_after) == 4
    for one in asking:
        one.cancel()


async def test_a_search_that_waited_in_vain_refuses_no_payment() -> None:
    busy = Busy()
    busy.fill(Lane.PAYMENTS, A)
    with pytest.raises(Overloaded):
        await busy.come(Lane.SEARCHES, A)
    payment = busy.come(Lane.PAYMENTS, A)
    await settle()
    assert not payment.done()
    await busy.leave(A)
    await payment


async def test_payments_use_their_queue_as_soon_as_it_moves_again() -> None:
    """That one waited in vain says nothing of those who come later: nobody goes before them."""
    busy = Busy(2)
    busy.fill(Lane.PAYMENTS, A)
    with pytest.raises(Overloaded):
        await busy.come(Lane.PAYMENTS, A)
    await busy.leave(A)
    busy.fill(Lane.PAYMENTS, A)
    waiting = [busy.come(Lane.PAYMENTS, A) for _ in range(3)]
    await settle()
    assert not any(one.done() for one in waiting)
    for one in waiting:
        one.cancel()
