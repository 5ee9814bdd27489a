"""Who gets a slot, who waits, and who is refused."""

import asyncio
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
    with pytest.raises(Overloaded):
        await busy.come(Lane.PAYMENTS, A)
    loop = asyncio.get_running_loop()
    began = loop.time()
    with pytest.raises(Overloaded):
        await busy.come(Lane.PAYMENTS, A)
    assert loop.time() - began < 0.5
    busy.admission.leave(A, None)
    await busy.come(Lane.PAYMENTS, A)


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
    kept = (admission._venues, admission._orders, admission._queues_of_orders, *admission._queues)
    return admission._busy == admission.waiting == 0 and not any(kept)
