"""Many requests want one row that somebody else has locked: two wait for it, and nobody else does."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest

from epos.services.admission import Admission
from epos.store.database import Database
from tests.support.clock import LONG_AHEAD
from tests.support.crowds import (
    CLIENTS,
    locked,
    made_order,
    pay,
    until_waiting,
    waiting,
    watched,
)
from tests.support.frames import Door
from tests.support.orders import event, order, payment, unique
from tests.support.patience import take_refusals
from tests.support.tabs import TABS, open_tab
from tests.support.venues import Venue

Json = dict[str, Any]
MOST = 2
"""How many requests a process lets wait for one row."""
Requests = list[tuple[str, str, Json]]


async def paid_orders(venue: Venue, order_id: str, count: int) -> list[str]:
    """The intents of so many payments of one order."""
    intents = [unique("pi") for _ in range(count)]
    for intent in intents:
        await venue.ok("POST", f"/v1/orders/{order_id}/record-payment", payment(10, None, intent))
    return intents


async def events_of_many_payments(venue: Venue, order_id: str) -> Requests:
    intents = await paid_orders(venue, order_id, CLIENTS)
    return [("POST", "/v1/events", event(intent, "Captured")) for intent in intents]


async def events_of_one_payment(venue: Venue, order_id: str) -> Requests:
    (intent,) = await paid_orders(venue, order_id, 1)
    return [("POST", "/v1/events", event(intent, "Captured")) for _ in range(CLIENTS)]


async def one_event_again_and_again(venue: Venue, order_id: str) -> Requests:
    (intent,) = await paid_orders(venue, order_id, 1)
    return [("POST", "/v1/events", event(intent, "Captured"))] * CLIENTS


async def one_payment_again_and_again(venue: Venue, order_id: str) -> Requests:
    body = payment(10)
    return [("POST", f"/v1/orders/{order_id}/record-payment", body)] * CLIENTS


async def locks_of_many_waiters(venue: Venue, order_id: str) -> Requests:
    path = f"/v1/orders/{order_id}/lock"
    locks = [
        {"lockId": unique("lock"), "expiry": LONG_AHEAD, "waiterId": number}
        for number in range(CLIENTS)
    ]
    return [("POST", path, lock) for lock in locks]


@pytest.mark.parametrize(
    "requests",
    [
        locks_of_many_waiters,
        events_of_many_payments,
        events_of_one_payment,
        one_event_again_and_again,
        one_payment_again_and_again,
    ],
)
async def test_the_row_of_an_order(
    venue: Venue, other_venue: Venue, requests: Callable[[Venue, str], Awaitable[Requests]]
) -> None:
    order_id, another = await made_order(venue), await made_order(venue)
    asked = await requests(venue, order_id)
    sent = [venue.call(method, path, body) for method, path, body in asked]
    await crowd(venue, other_venue, locked(venue, order_id), sent, another)


async def test_the_second_order_of_a_merge(venue: Venue, other_venue: Venue) -> None:
    another = await made_order(venue)
    first, *tabs = [await open_tab(venue) for _ in range(CLIENTS + 1)]
    other = {"otherTabId": first.id, "otherVersion": first.shown["version"]}
    merging = [tab.call("merge", other) for tab in tabs]
    await crowd(venue, other_venue, locked(venue, first.id), merging, another)


async def test_one_order_created_again_and_again(venue: Venue, other_venue: Venue) -> None:
    another = await made_order(venue)
    body = order(500, dine_in={"tableId": venue.tables[0]})
    creating = [venue.call("POST", "/v1/orders", body) for _ in range(CLIENTS)]
    await crowd(venue, other_venue, locked_table(venue, venue.tables[0]), creating, another)


async def test_one_write_of_a_till_again_and_again(venue: Venue, other_venue: Venue) -> None:
    another = await made_order(venue)
    body = {"tableId": venue.tables[0], "key": unique("key")}
    opening = [venue.till.call("POST", TABS, body) for _ in range(CLIENTS)]
    await crowd(venue, other_venue, locked_table(venue, venue.tables[0]), opening, another)


def locked_table(venue: Venue, table_id: str) -> AbstractAsyncContextManager[None]:
    return locked(venue, table_id, table="dining_table")


async def crowd(
    venue: Venue,
    other_venue: Venue,
    row: AbstractAsyncContextManager[None],
    sent: list[Coroutine[Any, Any, httpx.Response]],
    another: str,
) -> None:
    """While a row is locked, send requests that want it: two wait, all are refused in the end, and both an
    order of the same venue and the other venue are paid.
    """
    take_refusals()
    async with watched(other_venue):
        async with row:
            asking = [asyncio.create_task(one) for one in sent]
            await until_waiting(venue, 1)
            most = 0
            while not all(one.done() for one in asking):
                most = max(most, await waiting(venue))
                assert (await pay(venue, another)).status_code == 200
        answers = [await one for one in asking]
    assert {answer.status_code for answer in answers} == {503}
    assert 1 <= most <= MOST, f"{most} waited for the row"
    assert (await asking_again(venue, answers[0])).status_code < 500


async def asking_again(venue: Venue, refused: httpx.Response) -> httpx.Response:
    """The same request, now that the row is free."""
    return await venue.client.send(refused.request)


async def test_over_the_websocket_an_event_waits_for_its_order_without_a_connection(
    venue: Venue, database: Database
) -> None:
    order_id, admission = await made_order(venue), Admission(10)
    intents = await paid_orders(venue, order_id, CLIENTS)
    door = Door(database, venue.id, admission)
    async with locked(venue, order_id):
        sent = [
            asyncio.create_task(door.call("HandleEventV1", **event(intent, "Captured")))
            for intent in intents
        ]
        await until_waiting(venue, 1)
        most = 0
        while not all(one.done() for one in sent):
            most = max(most, await waiting(venue))
            await asyncio.sleep(0.01)
    answers = [await one for one in sent]
    assert all("error" in answer for answer in answers)
    assert 1 <= most <= MOST
    again = event(intents[0], "Captured")
    assert "result" in await door.call("HandleEventV1", **again)
