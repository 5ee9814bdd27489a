"""Waiting until the simulated Dojo has done all that it has to."""

import asyncio
from typing import Any

from epos.simulator.calls import Reply
from epos.simulator.copies import Copies
from epos.simulator.options import Options


class BusyEpos:
    """While it is asked for one order, it says that the next has changed."""

    def __init__(self, orders: int) -> None:
        self.copies = Copies(self, Options())  # type: ignore[arg-type]  # all of it that is used
        self.to_come = [f"ord_{number}" for number in range(orders)]

    async def call(self, capability: str, ids: dict[str, str], **_: Any) -> Reply:
        await asyncio.sleep(0.01)
        if self.to_come:
            self.copies.fetch("OrderUpdated", self.to_come.pop(0))
        return Reply(answer={"capability": capability, **ids})


async def test_what_changes_meanwhile_is_waited_for() -> None:
    epos = BusyEpos(orders=5)
    epos.copies.fetch("OrderUpdated", "ord_first")
    assert await epos.copies.settle(30)
    assert len(epos.copies.json()) == 6


async def test_but_no_longer_than_it_may_last() -> None:
    epos = BusyEpos(orders=1_000)
    epos.copies.fetch("OrderUpdated", "ord_first")
    assert not await epos.copies.settle(0.05)
    epos.to_come.clear()
    assert await epos.copies.settle(30)
