"""What a request has, whatever happens to it while it waits for a row."""

import asyncio
from itertools import count

import pytest

from epos.domain.errors import Overloaded
from epos.services.admission import Admission, Lane
from epos.services.admitted import Admitted
from tests.support.leftovers import objects_left_by


async def test_refusals_leave_nothing_behind() -> None:
    ticks = count(0, 2.0)  # whoever waits has waited too long
    admission = Admission(8, clock=lambda: next(ticks))
    holders = [admitted(admission) for _ in range(2)]
    assert all(one.take("row") for one in holders)

    async def fail() -> None:
        one = admitted(admission)
        assert not one.take("row")
        with pytest.raises(Overloaded):
            await one.wait()
        one.leave()

    assert await objects_left_by(fail) < 100
    for holder in holders:
        holder.leave()
    assert not kept_by(admission)


async def test_who_leaves_while_it_waits_keeps_nothing() -> None:
    admission = Admission(8)
    first, second, third = [admitted(admission) for _ in range(3)]
    assert first.take("row")
    assert second.take("row")
    assert not third.take("row")
    waits = asyncio.create_task(third.wait())
    await asyncio.sleep(0)
    third.leave()
    first.leave()
    with pytest.raises(Overloaded):
        await waits
    second.leave()
    assert not kept_by(admission)


async def test_who_waits_gives_up_what_it_has_and_gets_it_back() -> None:
    admission = Admission(8)
    holders = [admitted(admission) for _ in range(2)]
    assert all(one.take("a") for one in holders)
    waiter = admitted(admission)
    assert waiter.take("b")
    assert not waiter.take("a")
    waits = asyncio.create_task(waiter.wait())
    await asyncio.sleep(0)
    others = [admitted(admission) for _ in range(2)]
    assert all(one.take("b") for one in others), "who waits for a row has none behind it"
    for one in (*others, *holders):
        one.leave()
    await waits
    assert waiter.take("b")
    assert waiter.take("a")
    waiter.leave()
    assert not kept_by(admission)


def kept_by(admission: Admission) -> bool:
    """Whether anybody still has anything."""
    return bool(admission._busy or admission._active or admission.waiting or admission._orders)


def admitted(admission: Admission) -> Admitted:
    assert admission.try_enter(Lane.USUAL, "venue", None)
    return Admitted(admission, Lane.USUAL, "venue", None)
