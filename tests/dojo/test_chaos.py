"""An evening on which everything goes wrong: connections, Dojo, and a server. The books must agree."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support.dojo import DojoAccount, DojoProcess, dojo_account, running_dojo
from tests.support.links import is_reached, nothing_waits
from tests.support.rows import fetch, make_tab
from tests.support.server import RunningServer, running_server
from tests.support.venues import Venue
from tests.support.waiting import until

Json = dict[str, Any]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

_CUTS = 100
_STOPPED_AT, _STOPPED_SECONDS = 25, 3.0
_KILLED_AT = 60
_PATIENCE = 90
_GUESTS = 6


@pytest.fixture
async def curious_dojo(tmp_path: Path) -> AsyncIterator[DojoProcess]:
    """It fetches what it is told has changed, and is not very patient."""
    async with running_dojo(tmp_path / "dojo.log", "--fetch", "--timeout", "4") as dojo:
        yield dojo


WAYS: dict[str, tuple[str, Json]] = {
    "in full": ("terminal/pay", {"bill": True}),
    "split": ("terminal/pay", {"equal": 3, "tips": [700, 0, 1]}),
    "tip": ("terminal/pay", {"tipPercent": 12}),
    "reversal": ("terminal/reversal", {}),
    "phone pays": ("phone/pay", {}),
    "phone orders": ("phone/order", {"tableId": "t1", "tip": 333}),
}


class Evening:
    """People who pay, order and come and go until it is over; whether that works is another matter."""

    def __init__(self, venue: Venue, account: DojoAccount) -> None:
        self._venue = venue
        self._account = account
        self._random = random.Random(7)
        self.is_over = False
        self.went_well = Counter[str]()

    async def guests(self) -> None:
        """One table after the other, each paid in some way or other."""
        while not self.is_over:
            kind = self._random.choice(list(WAYS))
            path, wish = WAYS[kind]
            if path != "phone/order":
                tab = await make_tab(self._venue, self._random.randint(500, 9_000))
                wish = wish | {"orderId": tab}
            await self._do(kind, path, wish)

    async def desk(self) -> None:
        while not self.is_over:
            await self._do("evening", "desk/evening", {"reservations": 3})
            await self._leave()

    async def has_seen_it_all(self) -> bool:
        return all(self.went_well[kind] for kind in WAYS)

    async def _do(self, kind: str, path: str, wish: Json) -> None:
        run = await self._account.sim("POST", path, wish)
        self.went_well[kind] += run["ok"]

    async def _leave(self) -> None:
        """Guests whose desk lost sight of them get up in the end."""
        page = await self._venue.ok("POST", "/v1/parties/search", {})
        for party in page["data"]:
            await self._venue.call("DELETE", f"/v1/parties/{party['id']}")


class Trouble:
    """Cuts the connection again and again, stops Dojo for a while, kills a server."""

    def __init__(
        self, venue: Venue, account: DojoAccount, servers: tuple[RunningServer, ...]
    ) -> None:
        self._venue = venue
        self._account = account
        self._servers = servers
        self._random = random.Random(11)
        self._handshakes = 0
        self.cuts = 0

    async def make(self) -> None:
        for number in range(_CUTS):
            if number == _STOPPED_AT:
                await self._stop_dojo()
            if number == _KILLED_AT:
                await self._kill_who_is_connected()
            if number % 5 == 0:
                await self._misbehave()
            await until(self._is_connected_again, _PATIENCE)
            await asyncio.sleep(self._random.uniform(0, 0.15))
            if number % 3:
                way = self._random.choice(("disconnect", "going-away", "close"))
                await self._account.sim("POST", f"socket/{way}")
            else:  # in the middle of the next call
                await self._account.fault("call", "disconnect")
                await until(self._is_cut, _PATIENCE)
        await until(self._is_connected_again, _PATIENCE)

    async def _is_connected_again(self) -> bool:
        known = await self._account.sim("GET", "account")
        if not known["connected"] or known["handshakes"] == self._handshakes:
            return False
        self.cuts += self._handshakes > 0  # the one before it is gone
        self._handshakes = known["handshakes"]
        return True

    async def _is_cut(self) -> bool:
        armed = await self._account.sim("GET", "faults")
        return "disconnect" not in {fault["action"] for fault in armed}

    async def _misbehave(self) -> None:
        """Money is spoken of twice, in the wrong order, or without an answer."""
        await self._account.fault("call", "duplicate", match="RecordOrderPaymentById")
        await self._account.fault("call", "lose-answer", match="CreateOrder")
        await self._account.fault("event", self._random.choice(("duplicate", "reorder", "delay")))

    async def _stop_dojo(self) -> None:
        process = self._account.dojo.process
        process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(_STOPPED_SECONDS)
        process.send_signal(signal.SIGCONT)

    async def _kill_who_is_connected(self) -> None:
        """Its name in the lease has its process id in it."""
        (lease,) = await fetch(self._venue, "SELECT holder FROM lease WHERE venue_id = $1")
        (victim,) = (
            server for server in self._servers if f"-{server.process.pid}-" in lease["holder"]
        )
        victim.kill()
        await victim.process.wait()


async def test_the_books_agree_after_an_evening_of_trouble(
    curious_dojo: DojoProcess, venue: Venue, database_url: str, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        account = await stack.enter_async_context(dojo_account(curious_dojo))
        settings: dict[str, Any] = {
            "dojo_transport": "websocket",
            "dojo_venue": venue.id,
            "dojo_api_key": account.key,
            "dojo_software_house_id": "test-house",
            "dojo_reseller_id": "test-reseller",
            "dojo_api_url": curious_dojo.url,
            "dojo_ws_url": curious_dojo.socket_url,
            "dojo_verify_payments": "true",
        }
        servers = [
            await stack.enter_async_context(
                running_server(database_url, tmp_path / f"{name}.log", **settings)
            )
            for name in ("first", "second")
        ]
        await until(lambda: is_reached(account), _PATIENCE)
        evening, trouble = Evening(venue, account), Trouble(venue, account, tuple(servers))
        await spent(evening, trouble.make)
        await until(lambda: all_is_told(account, venue), _PATIENCE)
        await agree(account, venue)
        assert trouble.cuts == _CUTS
        assert await account.violations() == []


async def spent(evening: Evening, trouble: Callable[[], Awaitable[None]]) -> None:
    """Whoever is in the middle of something at the end finishes it."""
    async with asyncio.TaskGroup() as group:
        for _ in range(_GUESTS):
            group.create_task(evening.guests())
        group.create_task(evening.desk())
        await trouble()
        await until(evening.has_seen_it_all, _PATIENCE)
        evening.is_over = True


async def all_is_told(account: DojoAccount, venue: Venue) -> bool:
    await account.sim("DELETE", "faults")
    settled = (await account.sim("POST", "settle"))["settled"]
    checked = not await fetch(
        venue, "SELECT 1 FROM payment WHERE venue_id = $1 AND check_due_at IS NOT NULL"
    )
    return settled and checked and await nothing_waits(venue)


async def agree(account: DojoAccount, venue: Venue) -> None:
    """Dojo and the venue, to the penny, and about everything else that Dojo has been told of."""
    await account.settle()
    theirs, copies = await account.sim("GET", "books"), await account.sim("GET", "copies")
    sums, paid = {}, 0
    for order_id in await ids(venue, "customer_order"):
        ours = await venue.ok("GET", f"/v1/orders/{order_id}")
        assert copies[order_id] == ours
        known = theirs["orders"].get(order_id, {"paid": 0, "tips": 0})
        sums[order_id] = {name: ours[f"{name}Amount"]["value"] for name in ("paid", "tips")}
        assert sums[order_id] == known
        paid += sum(known.values())
    assert paid == theirs["net"] > 0
    assert theirs["orders"].keys() <= sums.keys()
    for kind, table in (("parties", "party"), ("reservations", "reservation")):
        entities = await ids(venue, table)
        assert entities
        for entity_id in entities:
            response = await venue.call("GET", f"/v1/{kind}/{entity_id}")
            assert copies[entity_id] == (response.json() if response.is_success else None)
    states = await fetch(venue, "SELECT DISTINCT check_state FROM payment WHERE venue_id = $1")
    assert "disputed" not in {row["check_state"] for row in states}


async def ids(venue: Venue, table: str) -> list[str]:
    return [row["id"] for row in await fetch(venue, f"SELECT id FROM {table} WHERE venue_id = $1")]
