"""Another venue on the same server, which goes on reading and selling while somebody is hostile."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from tests.support.orders import order
from tests.support.patience import stood_still_since, take_refusals
from tests.support.venues import SECRET, Venue, client_at

MOST_SECONDS = 1.0
"""What the slowest request of a neighbour may take."""
_ROUNDS = 3
Asked = tuple[str, str, Any, str]
"""Method, path, body and role of a request that the neighbour makes in turn with others."""


async def undisturbed(
    neighbour: Venue, attack: Callable[[], Awaitable[object]], *more: Asked
) -> None:
    """Attack, while the neighbour reads and sells: each of its requests succeeds at the first attempt,
    within a second. `more`: what else it asks for.

    What an attack holds up it holds up each time. So where a request took too long, the attack is made
    again, twice at most: once may be the doing of whatever else the machine works on.
    """
    asked = (("GET", "/v1/areas", None, "dojo"), *more)
    found: list[float] = []
    while len(found) < _ROUNDS:
        ended = asyncio.Event()
        watch = asyncio.create_task(_slowest(neighbour, asked, ended))
        try:
            await attack()
        finally:
            ended.set()
            found.append(await watch)
        if found[-1] < MOST_SECONDS:
            return
    raise AssertionError(f"the slowest request of the neighbour took {found} s")


async def _slowest(venue: Venue, asked: tuple[Asked, ...], until: asyncio.Event) -> float:
    """The seconds of a venue's slowest request, without those while the whole machine stood still. Its
    client does not hold the answers against the contract: for the first one that takes most of a second.
    """
    take_refusals()
    slowest = 0.0
    stood_still_since(0.0)
    async with client_at(venue.target) as client:
        while not until.is_set():
            for method, path, body, role in (*asked, ("POST", "/v1/orders", order(900), "dojo")):
                auth = (f"{venue.id}.{role}", SECRET)
                started = time.monotonic()
                answer = await client.request(method, path, json=body, auth=auth)
                took = time.monotonic() - started
                assert answer.status_code == 200, answer.text
                if not stood_still_since(started):
                    slowest = max(slowest, took)
            await asyncio.sleep(0.02)
    return slowest
