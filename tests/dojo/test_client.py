"""How Dojo's API may misbehave without holding anything up here."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from epos.dojo.client import DojoAway, DojoClient
from epos.dojo.outbox_sender import OutboxSender
from epos.domain.dojo import Access, Entity
from epos.store import leases
from tests.support.links import LEASE, Outbox, connect, link
from tests.support.recording import open_order
from tests.support.venues import Venue
from tests.support.waiting import until


class Trickler:
    """Answers 200, and sends its content to whatever is about `slow` a byte at a time, for ever."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.slow: set[str] = set()
        self.size = 2
        self.connections: set[asyncio.Task[None]] = set()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection; whatever ends it closes it."""
        task = asyncio.current_task()
        assert task is not None
        self.connections.add(task)
        try:
            while True:
                await self._reply(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.transport.abort()

    async def _reply(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].split()[0])
        order_id = json.loads(await reader.readexactly(length))["event"]["orderId"]
        self.heard.append(order_id)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % self.size)
        while order_id in self.slow:
            writer.write(b" ")
            await asyncio.sleep(0.05)
        writer.write(b" " * self.size)


@pytest.fixture
async def trickler() -> AsyncIterator[Trickler]:
    trickler = Trickler()
    yield trickler
    for connection in trickler.connections:
        connection.cancel()
    await asyncio.gather(*trickler.connections, return_exceptions=True)


@pytest.fixture
async def url(trickler: Trickler) -> AsyncIterator[str]:
    server = await asyncio.start_server(trickler.answer, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


def client_of(venue: Venue, url: str, seconds: float) -> DojoClient:
    return DojoClient(Access(link(venue.id, api_url=url), "key"), seconds=seconds)


async def test_an_answer_that_never_ends_holds_up_nothing_else(
    venue: Venue, trickler: Trickler, url: str
) -> None:
    """A limit on each read would not do: something always comes."""
    await connect(venue)
    trickler.size = 1_000
    slow = await open_order(venue)
    trickler.slow.add(slow)
    async with venue.database.connection() as connection:
        fence = await leases.take(connection, venue.id, LEASE, "me", 60)
    assert fence is not None
    async with client_of(venue, url, seconds=0.5) as client:
        sending = asyncio.create_task(
            OutboxSender(venue.database, client, venue.id, LEASE, fence, poll=0.02).run()
        )
        await until(lambda: is_heard(trickler, slow))
        other = await open_order(venue)
        await until(lambda: is_heard(trickler, other))
        sending.cancel()
        await asyncio.wait([sending])
    assert slow in [entity_id for _, entity_id in await Outbox(venue).waiting()], "to be sent again"


async def is_heard(trickler: Trickler, order_id: str) -> bool:
    return order_id in trickler.heard


async def test_an_answer_that_is_too_large_is_none(
    venue: Venue, trickler: Trickler, url: str
) -> None:
    async with client_of(venue, url, seconds=30) as client:
        await client.announce(Entity.ORDER, "ord_1")
        trickler.size = 2 * 1024 * 1024
        with pytest.raises(DojoAway, match="too large"):
            await client.announce(Entity.ORDER, "ord_2")
