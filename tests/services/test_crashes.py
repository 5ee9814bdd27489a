"""kill -9, in the middle of a storm of payments: of the server, and of PostgreSQL."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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

_ORDERS, _PAYMENTS_EACH, _AMOUNT = 6, 40, 25
_ENOUGH = 40
_PATIENCE = 60

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@dataclass
class Storm:
    """Payments on several orders at once, and which of them were acknowledged."""

    venue: Venue
    waiting: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    acknowledged: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    lost: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    async def prepare(self) -> None:
        for _ in range(_ORDERS):
            created = await self.venue.ok("POST", "/v1/orders", order(_PAYMENTS_EACH * _AMOUNT))
            path = f"/v1/orders/{created['id']}/record-payment"
            self.waiting += [(path, payment(_AMOUNT, 5)) for _ in range(_PAYMENTS_EACH)]

    async def blow(self) -> None:
        await asyncio.gather(*(self._terminal() for _ in range(16)))

    async def _terminal(self) -> None:
        while self.waiting:
            path, body = self.waiting.pop()
            if await self._acknowledges(path, body):
                self.acknowledged.append((path, body))
            else:
                self.lost.append((path, body))
            if len(self.acknowledged) >= _ENOUGH:
                self.enough.set()

    async def _acknowledges(self, path: str, body: Any) -> bool:
        try:
            response = await self.venue.call("POST", path, body)
        except httpx.TransportError:
            return False
        assert response.status_code in (200, 503), response.text
        return response.status_code == 200

    async def send_again(self) -> None:
        """Everything, acknowledged or not, until each is acknowledged."""
        async with asyncio.timeout(_PATIENCE):
            for path, body in [*self.acknowledged, *self.lost]:
                while not await self._acknowledges(path, body):
                    await asyncio.sleep(0.05)

    async def intents(self) -> list[str]:
        """What the ledger holds, straight from the database."""
        async with self.venue.database.read(self.venue.id) as store:
            rows = await store.payments._connection.fetch(
                "SELECT payment_intent_id FROM payment WHERE venue_id = $1", self.venue.id
            )
        return [row["payment_intent_id"] for row in rows]

    async def check_acknowledged(self) -> None:
        kept = await self.intents()
        assert len(kept) == len(set(kept))
        missing = {body["paymentIntentId"] for _, body in self.acknowledged} - set(kept)
        assert not missing

    async def check_all_paid(self) -> None:
        found = await self.venue.ok("POST", "/v1/orders/search", {})
        assert len(found["data"]) == _ORDERS
        for shown in found["data"]:
            assert shown["paidAmount"]["value"] == _PAYMENTS_EACH * _AMOUNT
            assert shown["tipsAmount"]["value"] == _PAYMENTS_EACH * 5
            assert len(shown["payments"]) == _PAYMENTS_EACH
            assert shown["payable"] is False


@asynccontextmanager
async def storm_on(database: Database, server: RunningServer) -> AsyncIterator[Storm]:
    async with make_venue(database, server) as venue:
        storm = Storm(venue)
        await storm.prepare()
        yield storm


async def test_the_server_is_killed(database: Database, database_url: str, tmp_path: Path) -> None:
    port = free_port()
    server = await start_server(database_url, tmp_path / "log", port=port)
    await wait_until_ready(server)
    async with storm_on(database, server) as storm:
        blowing = asyncio.create_task(storm.blow())
        await storm.enough.wait()
        server.kill()
        await blowing
        await server.process.wait()
        assert storm.lost, "the kill came in the middle"
        async with running_server(database_url, tmp_path / "log", port=port):
            await storm.check_acknowledged()
            await storm.send_again()
            await storm.check_acknowledged()
            await storm.check_all_paid()


async def test_postgresql_is_killed_and_the_server_goes_on(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with running_server(None, tmp_path / "log", data_dir=str(data)) as server:
        url = attach(data)
        assert url is not None
        database = Database(url)
        async with storm_on(database, server) as storm:
            blowing = asyncio.create_task(storm.blow())
            await storm.enough.wait()
            os.kill(_postmaster(data), signal.SIGKILL)
            await blowing
            await wait_until_ready(server)
            await storm.send_again()
            await storm.check_acknowledged()
            await storm.check_all_paid()
        await database.close()


def _postmaster(data: Path) -> int:
    (pid_file,) = data.glob("pgdata-*/postmaster.pid")
    return int(pid_file.read_text().splitlines()[0])
