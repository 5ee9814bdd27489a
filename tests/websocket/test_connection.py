"""One outgoing connection: answers by id in any order, and comes back whatever happens to it."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import ServerConnection

from epos.domain.backoff import Backoff
from epos.domain.errors import Overloaded
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.services.admission import Admission
from epos.services.api import Result
from epos.websocket.connection import _DRAIN_SECONDS, DojoConnection, Endpoint
from epos.websocket.dispatch import Dispatcher
from tests.support.fake_dojo import FakeDojo

_PATIENCE = 20


class Kitchen:
    """Stands for the services: ListAreas answers when it is told to."""

    def __init__(self) -> None:
        self.is_open = True
        self.waiting: dict[str, asyncio.Event] = {}
        self.started: asyncio.Queue[str] = asyncio.Queue()

    async def list_areas(self, ids: object, body: object, requester: Requester) -> Result:
        name = requester.waiter_id or ""
        await self.started.put(name)
        if name in self.waiting:
            await self.waiting[name].wait()
        return []


@asynccontextmanager
async def connected(
    dojo: FakeDojo,
    kitchen: Kitchen,
    most_concurrent: int = 32,
    admission: Admission | None = None,
) -> AsyncIterator[asyncio.Task[None]]:
    handlers = {"ListAreas": kitchen.list_areas}
    dispatcher = Dispatcher(handlers, Identifiers(), "venue", "ws", admission)
    endpoint = Endpoint(dojo.url, "sk_sandbox_key", "softwareHouse1", "reseller1")
    connection = DojoConnection(
        endpoint,
        dispatcher,
        may_answer=lambda: kitchen.is_open,
        most_concurrent=most_concurrent,
        backoff=Backoff(0.01, 0.01),
    )
    task = asyncio.create_task(connection.run())
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def call(request_id: str, waiter: str = "") -> str:
    params = {"headers": {"waiterId": waiter} if waiter else {}}
    return json.dumps(
        {"jsonrpc": "2.0", "id": request_id, "method": "ListAreasV1", "params": params}
    )


async def receive(connection: ServerConnection) -> Any:
    async with asyncio.timeout(_PATIENCE):
        return json.loads(await connection.recv())


async def test_the_handshake_carries_the_raw_key_and_the_ids(dojo: FakeDojo) -> None:
    async with connected(dojo, Kitchen()):
        await dojo.next()
    assert dojo.handshakes[0]["authorization"] == "Basic sk_sandbox_key"
    assert dojo.handshakes[0]["software-house-id"] == "softwareHouse1"
    assert dojo.handshakes[0]["reseller-id"] == "reseller1"


async def test_a_slow_call_does_not_hold_up_a_quick_one(dojo: FakeDojo) -> None:
    kitchen = Kitchen()
    kitchen.waiting["slow"] = asyncio.Event()
    async with connected(dojo, kitchen):
        socket = await dojo.next()
        await socket.send(call("first", "slow"))
        await socket.send(call("second"))
        assert (await receive(socket))["id"] == "second"
        kitchen.waiting["slow"].set()
        assert (await receive(socket))["id"] == "first"


async def test_calls_beyond_the_limit_wait_for_a_place(dojo: FakeDojo) -> None:
    kitchen = Kitchen()
    kitchen.waiting["slow"] = asyncio.Event()
    async with connected(dojo, kitchen, most_concurrent=1):
        socket = await dojo.next()
        await socket.send(call("first", "slow"))
        await socket.send(call("second"))
        assert await kitchen.started.get() == "slow"
        assert kitchen.started.empty()
        kitchen.waiting["slow"].set()
        assert [(await receive(socket))["id"] for _ in range(2)] == ["first", "second"]


async def test_a_call_for_which_there_is_no_time_hears_an_error_while_others_wait(
    dojo: FakeDojo,
) -> None:
    kitchen, admission = Kitchen(), Admission(1, longest=1)
    kitchen.waiting["slow"] = asyncio.Event()
    async with connected(dojo, kitchen, most_concurrent=2, admission=admission):
        socket = await dojo.next()
        await socket.send(call("first", "slow"))
        await socket.send(call("second"))
        async with asyncio.timeout(_PATIENCE):
            while not admission.waiting:
                await asyncio.sleep(0.01)
        await socket.send(call("third"))
        refused = await receive(socket)
        kitchen.waiting["slow"].set()
        assert [(await receive(socket))["id"] for _ in range(2)] == ["first", "second"]
    assert (refused["id"], refused["method"]) == ("third", "ListAreasV1")
    assert refused["error"]["errorType"] == "UnexpectedError"
    assert refused["error"]["debugMessage"] == Overloaded(1).message
    assert len(refused["error"]["traceId"]) == 32


async def test_a_broken_frame_gets_an_error_and_the_connection_lives(dojo: FakeDojo) -> None:
    async with connected(dojo, Kitchen()):
        socket = await dojo.next()
        await socket.send("{")
        assert (await receive(socket))["error"]["errorType"] == "InvalidRequest"
        await socket.send(b"\xff\xfe")
        assert (await receive(socket))["error"]["errorType"] == "InvalidRequest"
        await socket.send(call("after"))
        assert (await receive(socket))["result"] == []


async def test_an_oversized_frame_is_refused_and_the_connection_lives(dojo: FakeDojo) -> None:
    async with connected(dojo, Kitchen()):
        socket = await dojo.next()
        large = json.loads(call("large", "x" * 1024 * 1024))
        await socket.send(json.dumps(large))
        refused = await receive(socket)
        assert (refused["id"], refused["method"]) == ("large", "ListAreasV1")
        assert refused["error"]["errorType"] == "InvalidRequest"
        assert "must not be larger than 1048576 bytes" in refused["error"]["debugMessage"]
        await socket.send(call("after"))
        assert (await receive(socket))["id"] == "after"


async def test_a_monstrous_frame_ends_the_connection_and_the_epos_comes_back(
    dojo: FakeDojo,
) -> None:
    async with connected(dojo, Kitchen()):
        socket = await dojo.next()
        await socket.send(" " * (16 * 1024 * 1024 + 1))
        async with asyncio.timeout(_PATIENCE):
            await socket.wait_closed()
        assert socket.close_code == 1009
        again = await dojo.next()
        await again.send(call("after"))
        assert (await receive(again))["id"] == "after"


async def test_it_connects_again_whenever_the_connection_ends(dojo: FakeDojo) -> None:
    async with connected(dojo, Kitchen()):
        for ending in (1000, 1001, 1011):
            socket = await dojo.next()
            await socket.close(ending)
        abrupt = await dojo.next()
        abrupt.transport.abort()
        last = await dojo.next()
        await last.send(call("still here"))
        assert (await receive(last))["id"] == "still here"


async def test_what_is_under_way_is_answered_before_it_stops(dojo: FakeDojo) -> None:
    kitchen = Kitchen()
    kitchen.waiting["slow"] = asyncio.Event()
    async with connected(dojo, kitchen) as task:
        socket = await dojo.next()
        await socket.send(call("last", "slow"))
        assert await kitchen.started.get() == "slow"
        task.cancel()
        asyncio.get_running_loop().call_later(0.05, kitchen.waiting["slow"].set)
        assert (await receive(socket))["id"] == "last"


async def test_a_call_under_way_does_not_keep_a_lost_connection_from_coming_back(
    dojo: FakeDojo,
) -> None:
    kitchen = Kitchen()
    kitchen.waiting["slow"] = asyncio.Event()
    async with connected(dojo, kitchen):
        lost = await dojo.next()
        await lost.send(call("lost", "slow"))
        assert await kitchen.started.get() == "slow"
        lost.transport.abort()
        async with asyncio.timeout(_DRAIN_SECONDS / 2):
            again = await dojo.arrivals.get()
        await again.send(call("next"))
        assert (await receive(again))["id"] == "next"
        kitchen.waiting["slow"].set()
        await again.send(call("last"))
        assert (await receive(again))["id"] == "last", "the lost call is answered nowhere"


async def test_when_it_may_answer_no_more_it_carries_out_nothing_and_ends(dojo: FakeDojo) -> None:
    kitchen = Kitchen()
    async with connected(dojo, kitchen) as task:
        socket = await dojo.next()
        await socket.send(call("first"))
        assert (await receive(socket))["id"] == "first"
        kitchen.is_open = False
        await socket.send(call("too late", "late"))
        async with asyncio.timeout(_PATIENCE):
            await socket.wait_closed()
            await task
    assert [kitchen.started.get_nowait() for _ in range(kitchen.started.qsize())] == [""]
