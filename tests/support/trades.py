"""Trade that goes on while something happens to the database, and what must be there afterwards."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from tests.support.orders import gbp, order, payment
from tests.support.venues import Venue

_TOTAL = 1_000


class Trade:
    """Orders one after the other, each paid, until told to stop. A payment that is not acknowledged is sent
    again as it was.
    """

    def __init__(self, venue: Venue, *, pays: bool = True) -> None:
        self.venue = venue
        self.pays = pays
        self.ordered: list[str] = []
        """Orders that were acknowledged."""
        self.paid: set[str] = set()
        """Of those, the ones whose payment was."""
        self.statuses: Counter[int] = Counter()
        self.slowest = 0.0
        self.goes_on = True

    async def run(self) -> None:
        while self.goes_on:
            placed = await self._call("/v1/orders", order(_TOTAL))
            if placed is not None:
                self.ordered.append(placed["id"])
                if self.pays:
                    await self._pay(placed["id"])
            await asyncio.sleep(0.01)

    async def _pay(self, order_id: str) -> None:
        body = payment(_TOTAL)
        while self.goes_on:
            if await self._call(f"/v1/orders/{order_id}/record-payment", body) is not None:
                self.paid.add(order_id)
                return
            await asyncio.sleep(0.01)

    async def _call(self, path: str, body: Any) -> Any:
        """The answer; none where the request is to be sent again."""
        began = time.monotonic()
        answer = await self.venue.call("POST", path, body)
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.statuses[answer.status_code] += 1
        return answer.json() if answer.status_code == 200 else None

    async def check(self) -> None:
        """Everything that was acknowledged is there, and nothing was paid twice."""
        assert self.paid if self.pays else self.ordered
        assert self.statuses.keys() <= {200, 503}
        for order_id in self.ordered:
            found = await self.venue.ok("GET", f"/v1/orders/{order_id}")
            assert found["paidAmount"] == gbp(_TOTAL) or order_id not in self.paid
            assert found["paidAmount"] in (gbp(0), gbp(_TOTAL))
            assert len(found["payments"]) <= 1


@asynccontextmanager
async def trading(*trades: Trade) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(trade.run()) for trade in trades]
    try:
        yield
    finally:
        for trade in trades:
            trade.goes_on = False
        await asyncio.gather(*tasks)


async def until(holds: Callable[[], bool]) -> None:
    """As long as a busy machine may need; requests that all wait for a node would take longer."""
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0.05)
