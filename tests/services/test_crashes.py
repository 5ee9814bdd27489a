"""kill -9, in the middle of a storm of payments and orders: of the server, and of PostgreSQL."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from epos.store.database import Database
from epos.store.embedded import attach
from tests.support.orders import order, payment
from tests.support.server import (
    RunningServer,
    free_port,
    running_server,
    start_server,
    wait_until_ready,
)
from tests.support.venues import Venue, make_venue

_ORDERS, _PAYMENTS_EACH, _AMOUNT, _TIP = 6, 40, 25, 5
_CREATED, _PREPAID = 60, 100
_ENOUGH = 60
_TERMINALS = 16
_PATIENCE = 60

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@dataclass(eq=False)
class Sent:
    """A request, and the id of the order that acknowledged it."""

    path: str
    body: dict[str, Any]
    answer: str | None = None


@dataclass
class Storm:
    """Payments on several orders, and new orders that are paid in part, all at once."""

    venue: Venue
    requests: list[Sent] = field(default_factory=list)
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def acknowledged(self) -> list[Sent]:
        return [sent for sent in self.requests if sent.answer is not None]

    async def prepare(self) -> None:
        for _ in range(_ORDERS):
            created = await self.venue.ok("POST", "/v1/orders", order(_PAYMENTS_EACH * _AMOUNT))
            path = f"/v1/orders/{created['id']}/record-payment"
            self.requests += [Sent(path, payment(_AMOUNT, _TIP)) for _ in range(_PAYMENTS_EACH)]
        for _ in range(_CREATED):
            self.requests.append(Sent("/v1/orders", order(300, [payment(_PREPAID)])))
        random.Random(9).shuffle(self.requests)

    async def strike(self, pid: int) -> None:
        """Send everything once; in the middle of it the process is killed."""
        async with asyncio.TaskGroup() as all_at_once:
            waiting = list(self.requests)
            for _ in range(_TERMINALS):
                all_at_once.create_task(self._terminal(waiting))
            await self.enough.wait()
            os.kill(pid, signal.SIGKILL)
        assert len(self.acknowledged) < len(self.requests), "the kill came in the middle"

    async def _terminal(self, waiting: list[Sent]) -> None:
        while waiting:
            await self._send(waiting.pop())

    async def _send(self, sent: Sent) -> bool:
        """Whether it was acknowledged, always by the same order."""
        try:
            response = await self.venue.call("POST", sent.path, sent.body)
        except httpx.TransportError:
            return False
        assert response.status_code in (200, 503), response.text
        if response.status_code == 503:
            return False
        answer = response.json()["id"]
        assert sent.answer in (None, answer), "one request made two orders"
        sent.answer = answer
        if len(self.acknowledged) >= _ENOUGH:
            self.enough.set()
        return True

    async def send_again(self) -> None:
        """Everything, acknowledged or not, until each is acknowledged."""
        async with asyncio.timeout(_PATIENCE):
            for sent in self.requests:
                while not await self._send(sent):
                    await asyncio.sleep(0.05)

    async def settle(self, url: str) -> None:
        await self.check_kept(url)
        await self.send_again()
        await self.check_all(url)

    async def check_kept(self, url: str) -> None:
        """What was acknowledged is there, once; straight from the database, with nothing sent again."""
        orders, intents = await self._books(url)
        assert len(intents) == len(set(intents))
        for sent in self.acknowledged:
            if sent.path == "/v1/orders":
                assert orders[sent.body["dojoOrderId"]] == sent.answer
            assert _intent(sent) in intents

    async def _books(self, url: str) -> tuple[dict[str, str], list[str]]:
        """Orders by Dojo's id, and the intents of the ledger."""
        connection = await asyncpg.connect(url)
        orders = await connection.fetch(
            "SELECT dojo_order_id, id FROM customer_order WHERE venue_id = $1", self.venue.id
        )
        payments = await connection.fetch(
            "SELECT payment_intent_id FROM payment WHERE venue_id = $1", self.venue.id
        )
        await connection.close()
        made = {row["dojo_order_id"]: row["id"] for row in orders}
        return made, [row["payment_intent_id"] for row in payments]

    async def check_all(self, url: str) -> None:
        """Every request has had its effect, once."""
        orders, intents = await self._books(url)
        assert len(orders) == _ORDERS + _CREATED
        assert sorted(intents) == sorted(_intent(sent) for sent in self.requests)
        for order_id in orders.values():
            shown = await self.venue.ok("GET", f"/v1/orders/{order_id}")
            paid = (shown["paidAmount"]["value"], shown["tipsAmount"]["value"], shown["payable"])
            assert paid in {
                (_PAYMENTS_EACH * _AMOUNT, _PAYMENTS_EACH * _TIP, False),
                (_PREPAID, 0, True),
            }


def _intent(sent: Sent) -> str:
    body = sent.body["payments"][0] if "payments" in sent.body else sent.body
    intent: str = body["paymentIntentId"]
    return intent


@asynccontextmanager
async def storm_on(url: str, server: RunningServer) -> AsyncIterator[Storm]:
    database = Database(url)
    async with make_venue(database, server) as venue:
        storm = Storm(venue)
        await storm.prepare()
        await database.close()
        yield storm


@pytest.mark.parametrize("embedded", [False, True], ids=["external", "embedded"])
async def test_the_server_is_killed(embedded: bool, database_url: str, tmp_path: Path) -> None:
    """An embedded PostgreSQL ends with its server, and recovers with the next."""
    port, log, data = free_port(), tmp_path / "log", tmp_path / "data"
    external = None if embedded else database_url
    server = await start_server(external, log, port=port, data_dir=str(data))
    await wait_until_ready(server)
    async with storm_on(external or attached(data), server) as storm:
        await storm.strike(server.process.pid)
        await server.process.wait()
        async with running_server(external, log, port=port, data_dir=str(data)):
            await storm.settle(external or attached(data))


async def test_postgresql_is_killed_and_the_server_goes_on(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with (
        running_server(None, tmp_path / "log", data_dir=str(data)) as server,
        storm_on(attached(data), server) as storm,
    ):
        await storm.strike(_postmaster(data))
        url = await _started_again(data)
        await wait_until_ready(server)
        await storm.settle(url)


async def _started_again(data: Path) -> str:
    """By a session whose postmaster was killed the server may still be ready for a moment."""
    async with asyncio.timeout(60):
        while (url := attach(data)) is None:
            await asyncio.sleep(0.05)
    return url


def attached(data: Path) -> str:
    """Where the PostgreSQL of a running server is."""
    url = attach(data)
    assert url is not None
    return url


def _postmaster(data: Path) -> int:
    (pid_file,) = data.glob("pgdata-*/postmaster.pid")
    return int(pid_file.read_text().splitlines()[0])
