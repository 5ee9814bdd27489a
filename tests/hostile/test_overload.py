"""One venue asks for more than the server can do; another on the same server is served as ever."""

import asyncio
import time
from contextlib import AsyncExitStack

import httpx

from epos.domain.errors import Overloaded
from epos.services.admission import Admission, Lane
from epos.store.database import Database
from epos.websocket.connection import MOST_CONCURRENT
from tests.support.crowds import (
    CLIENTS,
    MOST_SECONDS,
    SLOTS,
    locked,
    made_order,
    pay,
    until_nobody_waits,
    until_waiting,
    watched,
)
from tests.support.frames import Door
from tests.support.orders import payment
from tests.support.patience import stood_still_since, take_refusals
from tests.support.raw_http import credential_of, head, raw_connection
from tests.support.rows import fetch
from tests.support.server import RunningServer
from tests.support.venues import SECRET, Venue, client_at

FLOOD = 48


async def test_a_flood_of_searches(venue: Venue, other_venue: Venue) -> None:
    for _ in range(60):
        await made_order(venue)
    statuses: set[int] = set()

    async def flood() -> None:
        take_refusals()
        while True:
            page = {"cursor": {"limit": 100}}
            answer = await venue.call("POST", "/v1/orders/search", page)
            statuses.add(answer.status_code)

    async with watched(other_venue):
        flooding = [asyncio.create_task(flood()) for _ in range(FLOOD)]
        await asyncio.sleep(3)
        for one in flooding:
            one.cancel()
        await asyncio.gather(*flooding, return_exceptions=True)
    assert statuses <= {200, 503}
    assert (await venue.client.get("/healthz")).status_code == 200


async def test_twelve_clients_pay_one_locked_order(venue: Venue, other_venue: Venue) -> None:
    order_id, another = await made_order(venue), await made_order(venue)
    async with watched(other_venue):
        async with locked(venue, order_id):
            paying = [asyncio.create_task(pay(venue, order_id)) for _ in range(CLIENTS)]
            await until_waiting(venue, 1)
            assert (await pay(venue, another)).status_code == 200
            answers = await asyncio.gather(*paying)
        assert {answer.status_code for answer in answers} == {503}
    assert (await pay(venue, order_id)).status_code == 200


async def test_who_cannot_be_served_in_time_is_told_so_at_once(
    venue: Venue, other_venue: Venue
) -> None:
    *stuck, free = [await made_order(venue) for _ in range(SLOTS // 2 + 1)]
    async with watched(other_venue), locked(venue, *stuck):
        paying = [asyncio.create_task(pay(venue, one)) for one in stuck for _ in range(2)]
        await until_waiting(venue, len(stuck))
        waited = await pay(venue, free)
        began = time.monotonic()
        at_once = await pay(venue, free)
        seconds = time.monotonic() - began
        await asyncio.gather(*paying)
    for answer in (waited, at_once):
        assert answer.status_code == 503
        assert answer.json()["debugMessage"] == Overloaded(1).message
        assert 1 <= int(answer.headers["retry-after"]) <= 10
    assert seconds < MOST_SECONDS / 2 or stood_still_since(began)
    assert (await pay(venue, free)).status_code == 200


async def answers_in_time(client: httpx.AsyncClient, path: str, status: int) -> None:
    began = time.monotonic()
    assert (await client.get(path)).status_code == status
    assert time.monotonic() - began < MOST_SECONDS or stood_still_since(began)


async def test_while_payments_stand_still_who_asks_is_known_and_the_server_is_ready(
    venue: Venue, other_venue: Venue
) -> None:
    """Health, readiness and credentials that were never checked before have connections of their own."""
    orders = [await made_order(venue) for _ in range(SLOTS)]
    async with watched(other_venue), locked(venue, *orders):
        paying = [asyncio.create_task(pay(venue, one)) for one in orders]
        await until_waiting(venue, 5)
        await answers_in_time(venue.client, "/healthz", 200)
        await answers_in_time(venue.client, "/readyz", 200)
        # Not the venues' own clients, which first make a validator of the whole document.
        other = (f"{other_venue.id}.till", SECRET)
        async with client_at(venue.target, auth=other) as client:
            await answers_in_time(client, "/till/v1/profile", 200)
        # An address of its own: where others have guessed for a minute, a wrong answer takes a second.
        stranger = httpx.AsyncHTTPTransport(local_address="127.0.0.9")
        wrong = (f"{venue.id}.dojo", "wrong")
        async with httpx.AsyncClient(
            base_url=venue.target.base_url, auth=wrong, transport=stranger, timeout=30
        ) as client:
            await answers_in_time(client, "/v1/areas", 401)
        await asyncio.gather(*paying)


async def test_payments_of_clients_that_have_gone_are_not_begun(
    venue: Venue, server: RunningServer
) -> None:
    order_id = await made_order(venue)
    body = b'{"paymentIntentId":"pi-%d","paidAmount":{"value":10,"currencyCode":"GBP"}}'
    lines = ("host: 127.0.0.1", "content-type: application/json")
    async with locked(venue, order_id):
        async with AsyncExitStack() as clients:
            for number in range(CLIENTS):
                client = await clients.enter_async_context(raw_connection(server))
                sent = body % number
                about = (*lines, f"content-length: {len(sent)}")
                first = f"POST /v1/orders/{order_id}/record-payment HTTP/1.1"
                await client.send(head(first, *about, credential=credential_of(venue)) + sent)
        await asyncio.sleep(0.1)
    async with asyncio.timeout(10):
        while (await pay(venue, order_id)).status_code != 200:
            await asyncio.sleep(0.1)
    paid = await fetch(venue, "SELECT FROM payment WHERE venue_id = $1")
    assert len(paid) <= 3, "two had begun before their clients left, and ours"


async def test_a_read_whose_client_has_gone_ends_in_postgresql_too(
    venue: Venue, server: RunningServer
) -> None:
    order_id = await made_order(venue)
    async with venue.database.connection() as connection, connection.transaction():
        await connection.execute("LOCK TABLE customer_order IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        async with raw_connection(server) as client:
            first = f"GET /v1/orders/{order_id} HTTP/1.1"
            await client.send(head(first, "host: 127.0.0.1", credential=credential_of(venue)))
            await until_waiting(venue, 1)
        await until_nobody_waits(venue)
        # PostgreSQL itself gives up after two seconds.
        assert time.monotonic() - began < 1.8 or stood_still_since(began)


async def test_over_the_websocket_a_venue_leaves_the_others_their_slots(
    venue: Venue, other_venue: Venue, database: Database
) -> None:
    orders, another = [await made_order(venue) for _ in range(20)], await made_order(other_venue)
    admission = Admission(10)
    door, other_door = (Door(database, one.id, admission) for one in (venue, other_venue))
    async with locked(venue, *orders):
        flood = [
            asyncio.create_task(
                door.call("RecordOrderPaymentByIdV1", orderId=orders[number % 20], **payment(10))
            )
            for number in range(MOST_CONCURRENT)
        ]
        await until_waiting(venue, 5)
        for _ in range(20):
            paid = await other_door.call("RecordOrderPaymentByIdV1", orderId=another, **payment(10))
            assert "result" in paid
        assert any(not one.done() for one in flood)
        answers = await asyncio.gather(*flood)
    assert all(answer["error"]["errorType"] == "UnexpectedError" for answer in answers)


async def test_over_the_websocket_dojo_hears_an_error(venue: Venue, database: Database) -> None:
    order_id, admission = await made_order(venue), Admission(1)
    door = Door(database, venue.id, admission)
    paying = {"orderId": order_id, **payment(10)}
    assert admission.try_enter(Lane.SEARCHES, "another venue", None)
    refused = await door.call("RecordOrderPaymentByIdV1", **paying)
    assert refused["error"]["errorType"] == "UnexpectedError"
    assert refused["error"]["debugMessage"] == Overloaded(1).message
    admission.leave("another venue", None)
    assert "result" in await door.call("RecordOrderPaymentByIdV1", **paying)
