"""A connection to Dojo that is lost with calls under way: nobody waits for their answers any more."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from epos.domain.backoff import Backoff
from epos.domain.identifiers import Identifiers
from epos.main import build_services, websocket_handlers, websocket_lanes
from epos.services.admission import Admission, Lane
from epos.store.database import Database
from epos.websocket.connection import DojoConnection, Endpoint
from epos.websocket.dispatch import Dispatcher
from tests.support.crowds import locked, made_order, until_nobody_waits, until_waiting
from tests.support.fake_dojo import FakeDojo
from tests.support.orders import payment
from tests.support.rows import fetch
from tests.support.venues import Venue
from tests.support.waiting import until

Json = dict[str, Any]


@pytest.fixture
async def patient(database_url: str) -> AsyncIterator[Database]:
    """PostgreSQL gives nothing up by itself."""
    database = Database(database_url, lock_timeout="120s", statement_timeout="120s")
    yield database
    await database.close()


@asynccontextmanager
async def connected(
    dojo: FakeDojo, database: Database, venue: Venue, admission: Admission
) -> AsyncIterator[None]:
    handlers = websocket_handlers(build_services(database, Identifiers()))
    dispatcher = Dispatcher(
        handlers, Identifiers(), venue.id, "websocket", admission, websocket_lanes()
    )
    endpoint = Endpoint(dojo.url, "sk_sandbox_key", "softwareHouse1", "reseller1")
    connection = DojoConnection(
        endpoint, dispatcher, may_answer=lambda: True, backoff=Backoff(0.01, 0.01)
    )
    task = asyncio.create_task(connection.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def frame(method: str, **params: Any) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": "1", "method": method, "params": params})


@pytest.mark.parametrize("method", ["GetOrderByIdV1", "SearchOrdersV1", "GetOrderBillByIdV1"])
async def test_a_read_is_ended_in_postgresql_too(
    fake_dojo: FakeDojo, patient: Database, venue: Venue, method: str
) -> None:
    order_id, admission = await made_order(venue), Admission(4)
    params = {} if method.startswith("Search") else {"orderId": order_id}
    async with connected(fake_dojo, patient, venue, admission):
        socket = await fake_dojo.next()
        async with venue.database.connection() as other, other.transaction():
            await other.execute("LOCK TABLE customer_order IN ACCESS EXCLUSIVE MODE")
            await socket.send(frame(method, **params))
            await until_waiting(venue, 1)
            socket.transport.abort()
            await until_nobody_waits(venue)
        assert not admission._busy


async def test_a_write_goes_on_to_its_end(
    fake_dojo: FakeDojo, patient: Database, venue: Venue
) -> None:
    order_id, admission = await made_order(venue), Admission(4)
    async with connected(fake_dojo, patient, venue, admission):
        socket = await fake_dojo.next()
        async with locked(venue, order_id):
            await socket.send(frame("RecordOrderPaymentByIdV1", orderId=order_id, **payment(10)))
            await until_waiting(venue, 1)
            socket.transport.abort()
            await fake_dojo.next()

        async def is_paid() -> bool:
            return len(await paid(venue)) == 1

        await until(is_paid)


async def test_a_write_that_waits_for_its_turn_is_not_begun(
    fake_dojo: FakeDojo, patient: Database, venue: Venue
) -> None:
    order_id, admission = await made_order(venue), Admission(1)
    assert admission.try_enter(Lane.PAYMENTS, "another venue", None)
    async with connected(fake_dojo, patient, venue, admission):
        socket = await fake_dojo.next()
        await socket.send(frame("RecordOrderPaymentByIdV1", orderId=order_id, **payment(10)))

        async def waits() -> bool:
            return admission.waiting == 1

        await until(waits)
        socket.transport.abort()
        again = await fake_dojo.next()
        admission.leave("another venue", None)
        await again.send(frame("GetOrderByIdV1", orderId=order_id))
        answer: Json = json.loads(await again.recv())
        assert answer["result"]["paidAmount"]["value"] == 0
    assert await paid(venue) == []


async def paid(venue: Venue) -> list[Json]:
    return await fetch(venue, "SELECT id FROM payment WHERE venue_id = $1")
