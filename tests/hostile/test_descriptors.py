"""Connections that say nothing do not take the descriptors that others need."""

import asyncio
import json
import resource
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, suppress
from pathlib import Path

import asyncpg
import httpx
import pytest

from epos.store.database import Database
from tests.support.databases import fresh_database
from tests.support.neighbours import MOST_SECONDS
from tests.support.orders import order
from tests.support.patience import stood_still_since
from tests.support.raw_http import credential_of, head, raw_connection
from tests.support.server import RunningServer, running_server
from tests.support.venues import SECRET, Venue, client_at, make_venue

LIMIT = 256
SILENT = 400
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="prlimit is Linux's"),
]


@pytest.fixture
async def small_server(database_url: str, tmp_path: Path) -> AsyncIterator[RunningServer]:
    """It may not have more than 256 descriptors, and starts with fewer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    async with running_server(
        database_url, tmp_path / "server.log", prefix=("prlimit", f"--nofile=200:{LIMIT}")
    ) as server:
        yield server
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (soft, hard)


@pytest.fixture
def empty_url(postgresql_url: str) -> Iterator[str]:
    """A database that nobody else uses."""
    with fresh_database(postgresql_url) as url:
        yield url


async def test_the_database_has_connections_before_the_first_request(
    empty_url: str, tmp_path: Path
) -> None:
    async with running_server(empty_url, tmp_path / "server.log"):
        connection = await asyncpg.connect(empty_url)
        opened = await connection.fetchval(
            """SELECT count(*) FROM pg_stat_activity
               WHERE datname = current_database() AND application_name = 'epos'"""
        )
        await connection.close()
    assert opened >= 8


async def test_silent_connections_reset_nobody_who_is_known(
    small_server: RunningServer, venue: Venue
) -> None:
    assert resource.prlimit(small_server.process.pid, resource.RLIMIT_NOFILE) == (LIMIT, LIMIT)
    auth = (f"{venue.id}.dojo", SECRET)
    with ExitStack() as opened:
        async with httpx.AsyncClient(
            base_url=small_server.base_url, auth=auth, timeout=60
        ) as known:
            await ask(known)
            for _ in range(SILENT):
                silent = opened.enter_context(socket.socket())
                silent.setblocking(False)
                await asyncio.get_running_loop().sock_connect(
                    silent, ("127.0.0.1", small_server.port)
                )
            # On the connection of before, which is known; enough at once to want the whole pool.
            await asyncio.gather(*(ask(known) for _ in range(20)))
            made = await known.post("/v1/orders", json=order(500))
            assert made.status_code == 200, made.text
        async with httpx.AsyncClient(base_url=small_server.base_url, auth=auth, timeout=60) as new:
            await ask(new)
    refusals = [
        entry
        for line in small_server.log.read_text().splitlines()
        if (entry := json.loads(line) if line.startswith("{") else {}).get("event")
        == "connections are closed: there is no room for more"
    ]
    assert refusals[0]["address"] == "127.0.0.1"


async def test_a_venue_that_opens_all_there_are(
    small_server: RunningServer, database: Database
) -> None:
    """All of them are known. The neighbour has a new connection for each request."""
    async with AsyncExitStack() as opened:
        venue, neighbour = [
            await opened.enter_async_context(make_venue(database, small_server)) for _ in range(2)
        ]
        asking = head("GET /v1/areas HTTP/1.1", "host: 127.0.0.1", credential=credential_of(venue))

        async def attack() -> None:
            for _ in range(SILENT):
                connection = await opened.enter_async_context(raw_connection(small_server))
                with suppress(OSError, asyncio.IncompleteReadError):  # it may have had to make way
                    await connection.send(asking)
                    assert (await connection.answer()).status == 200

        async def ask_anew() -> float:
            async with client_at(small_server, (f"{neighbour.id}.dojo", SECRET)) as client:
                began = time.monotonic()
                await ask(client)
                return 0.0 if stood_still_since(began) else time.monotonic() - began

        attacking = asyncio.create_task(attack())
        slowest = 0.0
        while not attacking.done():
            slowest = max(slowest, await ask_anew())
        await attacking
        assert max(slowest, await ask_anew()) < MOST_SECONDS


async def ask(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/areas")
    assert answer.status_code == 200, answer.text
