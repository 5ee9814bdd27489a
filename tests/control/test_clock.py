"""The time of one test venue: what falls due when it moves, and that no other moves with it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.control import Controller, MadeVenue
from tests.support.orders import event

Json = dict[str, Any]
DAY = 86_400


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def time_of(venue: MadeVenue) -> datetime:
    return instant((await venue.control("GET", "clock"))["now"])


async def move(venue: MadeVenue, **form: Any) -> datetime:
    return instant((await venue.control("PUT", "clock", form))["now"])


async def test_it_stands_still_and_runs_on_from_there(demo: MadeVenue) -> None:
    at = "2027-03-01T12:00:00.000Z"
    assert await move(demo, freezeAt=at) == instant(at)
    await asyncio.sleep(0.05)
    assert await time_of(demo) == instant(at)
    assert await move(demo, advanceSeconds=90) == instant(at) + timedelta(seconds=90)
    assert (await move(demo, unfreeze=True)) >= instant(at) + timedelta(seconds=90)
    first = await time_of(demo)
    await asyncio.sleep(0.05)
    assert await time_of(demo) > first


async def test_it_is_set_and_runs_in_one_call(demo: MadeVenue) -> None:
    at = "2027-03-01T12:00:00.000Z"
    told = await demo.control("PUT", "clock", {"freezeAt": at, "unfreeze": True})
    assert not told["frozen"]
    assert timedelta(0) <= instant(told["now"]) - instant(at) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"advanceSeconds": -1}, "advanceSeconds must be a number from 0"),
        ({"freezeAt": "tomorrow"}, "freezeAt must be"),
        ({"freezeAt": "1970-01-01T00:00:00Z"}, "must lead to a time from 2000 to 2199"),
        ({"advanceSeconds": 100 * 365 * DAY}, ""),
        ({"speed": 2}, "speed is not a property"),
    ],
)
async def test_what_is_no_time_is_refused(demo: MadeVenue, form: Json, words: str) -> None:
    if words:
        error = await demo.controller.refused(400, "PUT", f"/venues/{demo.id}/clock", form)
        assert words in error["debugMessage"]
    else:
        assert await move(demo, **form) > datetime(2120, 1, 1, tzinfo=UTC)


async def test_a_lock_expires(demo: MadeVenue) -> None:
    order = (await demo.orders())[0]
    path = f"/v1/orders/{order['id']}/lock"
    expiry = (await time_of(demo)) + timedelta(seconds=60)
    first = {"lockId": "lock_1", "expiry": expiry.isoformat()}
    assert (await demo.dojo.post(path, json=first)).status_code == 200
    later = (expiry + timedelta(minutes=5)).isoformat()
    second = {"lockId": "lock_2", "expiry": later}
    assert (await demo.dojo.post(path, json=second)).status_code == 409
    await move(demo, advanceSeconds=61)
    assert (await demo.dojo.post(path, json=second)).status_code == 200


async def test_a_day_ends(demo: MadeVenue) -> None:
    before = (await demo.till.get("/till/v1/days")).json()
    await move(demo, advanceSeconds=DAY)
    after = (await demo.till.get("/till/v1/days")).json()
    assert next(day for day in after if day["isCurrent"])["day"] > before[0]["day"]


async def test_a_refund_that_waits_is_settled_when_the_call_returns(demo: MadeVenue) -> None:
    """Nobody answers for Dojo; after a week it is decided without the answer."""
    dead = {"apiKey": "sk_sandbox_nobody", "apiUrl": "http://127.0.0.1:9", "transport": "websocket"}
    await demo.control("PUT", "dojo", dead)
    order = (await demo.orders())[0]
    assert (await demo.pay(order)).status_code == 200
    refund = event("pi_1", "Refunded")
    assert (await demo.dojo.post("/v1/events", json=refund)).status_code == 200
    assert "pi_1" in await paying(demo, order)
    await move(demo, advanceSeconds=6 * DAY)
    assert "pi_1" in await paying(demo, order)
    await move(demo, advanceSeconds=2 * DAY)
    assert "pi_1" not in await paying(demo, order)


async def paying(venue: MadeVenue, order: Json) -> set[str]:
    """The intents that count for an order."""
    now = await venue.order(order["id"])
    counted = now["paidAmount"]["value"] > order["paidAmount"]["value"]
    return {"pi_1"} if counted else set()


@asynccontextmanager
async def load(venue: MadeVenue) -> AsyncIterator[list[int]]:
    """Requests of a venue, without a pause, until the block ends; their statuses."""
    order = (await venue.orders())[0]
    statuses: list[int] = []

    async def client(number: int) -> None:
        while True:
            read = await venue.dojo.get(f"/v1/orders/{order['id']}")
            opened = await venue.till.post("/till/v1/tabs", json={"displayName": f"Bar {number}"})
            statuses.extend((read.status_code, opened.status_code))

    clients = [asyncio.create_task(client(number)) for number in range(4)]
    try:
        yield statuses
    finally:
        for task in clients:
            task.cancel()
        await asyncio.gather(*clients, return_exceptions=True)


async def test_moving_one_venue_changes_nothing_in_another_under_load(
    controller: Controller,
) -> None:
    async with controller.venue() as moved, controller.venue() as other:
        locked = (await other.orders())[-1]
        lock = f"/v1/orders/{locked['id']}/lock"
        expiry = (datetime.now(UTC) + timedelta(minutes=30)).isoformat()
        body = {"lockId": "lock_1", "expiry": expiry}
        assert (await other.dojo.post(lock, json=body)).status_code == 200
        async with load(moved) as of_moved, load(other) as of_other:
            stands = await move(moved, freezeAt="2030-01-01T00:00:00Z")
            for step in range(1, 21):
                now = await move(moved, advanceSeconds=3600)
                assert now == stands + step * timedelta(hours=1)
                there = await time_of(other)
                assert abs(there - datetime.now(UTC)) < timedelta(seconds=5)
        assert len(of_moved) > 20
        assert set(of_moved) == {200}
        assert len(of_other) > 20
        assert set(of_other) == {200}
        opened = await other.till.post("/till/v1/tabs", json={"displayName": "Last"})
        order = await other.order(opened.json()["id"])
        assert abs(instant(order["createdAt"]) - datetime.now(UTC)) < timedelta(seconds=5)
        still = await other.dojo.post(lock, json=body | {"lockId": "lock_2"})
        assert still.status_code == 409, (
            "a lock of half an hour has ended, of 20 hours in the other"
        )
        day = (await other.till.get("/till/v1/days")).json()[0]["day"]
        assert not day.startswith("2030")
