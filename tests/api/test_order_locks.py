"""Locks are leases by the venue's clock (docs/orders.md), which stands still here unless it is moved."""

import asyncio
import dataclasses
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from epos.store.database import Database
from tests.support.audit import trail
from tests.support.clock import LONG_AHEAD, MINUTE, NOW, TICK, freeze, wire
from tests.support.orders import order, payment
from tests.support.recording import everything, open_order
from tests.support.rows import execute, fetch, set_status
from tests.support.server import CERTIFICATES, RunningServer, running_server
from tests.support.venues import Venue, make_venue

Json = dict[str, Any]
SKEW = timedelta(seconds=30)
MANY = 40


@dataclasses.dataclass
class Locks:
    """The locks on one order of a venue."""

    venue: Venue
    order_id: str

    @property
    def path(self) -> str:
        return f"/v1/orders/{self.order_id}"

    async def take(self, lock_id: str, expiry: datetime = NOW + MINUTE, **headers: str) -> Json:
        return await self.send({"lockId": lock_id, "expiry": wire(expiry)}, **headers)

    async def send(self, body: Json, **headers: str) -> Json:
        answer: Json = await self.venue.ok("POST", f"{self.path}/lock", body, **headers)
        return answer

    async def refuse(
        self, status: int, lock_id: str, expiry: datetime = NOW + MINUTE, **headers: str
    ) -> str:
        """What is said to a lock that is not granted."""
        body = {"lockId": lock_id, "expiry": wire(expiry)}
        error = await self.venue.refused(status, "POST", f"{self.path}/lock", body, **headers)
        message: str = error["debugMessage"]
        return message

    async def extend(self, lock_id: str, expiry: datetime) -> None:
        body = {"expiry": wire(expiry)}
        assert await self.venue.ok("PUT", f"{self.path}/locks/{lock_id}", body) == {}

    async def refuse_to_extend(self, status: int, lock_id: str, expiry: datetime) -> None:
        body = {"expiry": wire(expiry)}
        await self.venue.refused(status, "PUT", f"{self.path}/locks/{lock_id}", body)

    async def release(self, lock_id: str) -> Json:
        answer: Json = await self.venue.ok("DELETE", f"{self.path}/locks/{lock_id}")
        return answer

    async def kept(self) -> dict[str, Json]:
        sql = "SELECT * FROM order_lock WHERE venue_id = $1 AND order_id = $2"
        return {row["lock_id"]: row for row in await fetch(self.venue, sql, self.order_id)}

    async def end(self, how: str, lock_id: str) -> None:
        """End a lock that lives until NOW + MINUTE; afterwards it is that late."""
        if how == "released":
            await self.release(lock_id)
        await freeze(self.venue, NOW + MINUTE)


@pytest.fixture
async def locks(venue: Venue) -> Locks:
    """The locks on an order for 100 pounds, in a venue where it is NOW."""
    await freeze(venue, NOW)
    return Locks(venue, await open_order(venue, dine_in={"tableId": "t1"}))


class TestTaking:
    async def test_the_answer_is_the_order_which_can_then_be_paid(self, locks: Locks) -> None:
        before = await locks.venue.ok("GET", locks.path)
        answer = await locks.take("one", waiter_id="anna", dojo_requesting_product="PayAtTable")
        assert answer == before
        assert answer["payable"] is True
        (row,) = (await locks.kept()).values()
        assert (row["holder"], row["waiter_id"], row["product"]) == ("dojo", "anna", "PayAtTable")
        assert (row["created_at"], row["expires_at"]) == (NOW, NOW + MINUTE)

    async def test_another_is_told_who_holds_it_and_until_when(self, locks: Locks) -> None:
        product = "PayAtTable"
        await locks.take(
            "one", waiter_id="anna", device_id="terminal 7", dojo_requesting_product=product
        )
        words = await locks.refuse(409, "two", waiter_id="ben")
        for word in (product, "anna", "terminal 7", wire(NOW + MINUTE)):
            assert word in words
        assert list(await locks.kept()) == ["one"]

    async def test_the_same_id_renews_it(self, locks: Locks) -> None:
        first = await locks.take("one")
        assert await locks.take("one", NOW + 5 * MINUTE) == first
        assert (await locks.kept())["one"]["expires_at"] == NOW + 5 * MINUTE

    async def test_a_late_copy_of_the_request_does_not_shorten_it(self, locks: Locks) -> None:
        await locks.take("one")
        await locks.extend("one", NOW + 5 * MINUTE)
        await locks.take("one")
        assert (await locks.kept())["one"]["expires_at"] == NOW + 5 * MINUTE
        await locks.extend("one", NOW + 2 * MINUTE)
        assert (await locks.kept())["one"]["expires_at"] == NOW + 2 * MINUTE

    async def test_nor_is_that_copy_refused_when_its_own_expiry_is_past(self, locks: Locks) -> None:
        await locks.take("one", NOW + MINUTE)
        await locks.extend("one", NOW + 10 * MINUTE)
        await freeze(locks.venue, NOW + 2 * MINUTE)
        await locks.take("one", NOW + MINUTE)
        assert (await locks.kept())["one"]["expires_at"] == NOW + 10 * MINUTE
        await locks.release("one")
        await locks.refuse(409, "one", NOW + MINUTE)

    @pytest.mark.parametrize("status", ["Finalized", "Canceled", "Failed"])
    async def test_a_closed_order_is_refused_but_a_live_lock_renewed(
        self, locks: Locks, status: str
    ) -> None:
        await locks.take("one")
        await set_status(locks.venue, locks.order_id, status)
        assert (await locks.take("one", NOW + 2 * MINUTE))["status"] == status
        assert status in await locks.refuse(409, "two")
        await locks.release("one")
        assert status in await locks.refuse(409, "two")

    @pytest.mark.parametrize("how", ["released", "expired"])
    async def test_an_id_that_has_ended_cannot_be_taken_again(self, locks: Locks, how: str) -> None:
        await locks.take("one")
        await locks.end(how, "one")
        for _ in range(2):
            await locks.refuse(409, "one", NOW + 60 * MINUTE)
        await locks.take("two", NOW + 60 * MINUTE)
        await locks.refuse(409, "one", NOW + 60 * MINUTE)

    async def test_one_that_has_expired_makes_room(self, locks: Locks) -> None:
        await locks.take("one")
        await freeze(locks.venue, NOW + MINUTE - TICK)
        await locks.refuse(409, "two", NOW + 2 * MINUTE)
        await freeze(locks.venue, NOW + MINUTE)
        await locks.take("two", NOW + 2 * MINUTE)
        kept = await locks.kept()
        assert (kept["one"]["release_reason"], kept["one"]["released_at"]) == (
            "expired",
            NOW + MINUTE,
        )
        assert kept["two"]["released_at"] is None

    async def test_a_clock_that_is_only_ahead_counts_too(self, locks: Locks) -> None:
        await freeze(locks.venue, None)
        soon = datetime.now(UTC) + MINUTE
        await locks.take("one", soon)
        sql = "UPDATE venue SET clock_offset = interval '1 hour' WHERE id = $1"
        await execute(locks.venue, sql)
        await locks.take("two", soon + 120 * MINUTE)

    async def test_of_two_orders_each_has_its_own(self, locks: Locks) -> None:
        other = Locks(locks.venue, await open_order(locks.venue))
        await locks.take("one")
        await other.take("one")
        await locks.release("one")
        await other.refuse(409, "two")


class TestAWaiterInTheBody:
    """Some terminals send it, although the published schema does not have it."""

    @pytest.mark.parametrize(
        ("sent", "waiter"),
        [(12, "12"), ("anna", "anna"), (0, None), ("0", None), ("", None), (None, None)],
        ids=["number", "text", "0", "0 as text", "empty", "null"],
    )
    async def test_is_the_waiter_of_the_lock(
        self, locks: Locks, sent: object, waiter: str | None
    ) -> None:
        body = {"lockId": "one", "expiry": wire(NOW + MINUTE), "waiterId": sent, "table": 7}
        await locks.send(body)
        assert (await locks.kept())["one"]["waiter_id"] == waiter
        (entry,) = await trail(locks.venue, action="lock.created")
        assert entry["waiter_id"] == waiter

    async def test_counts_only_where_the_header_names_none(self, locks: Locks) -> None:
        body = {"lockId": "one", "expiry": wire(NOW + MINUTE), "waiterId": 12}
        await locks.send(body, waiter_id="anna")
        assert (await locks.kept())["one"]["waiter_id"] == "anna"

    async def test_extends_it(self, locks: Locks) -> None:
        await locks.take("one")
        body = {"expiry": wire(NOW + 5 * MINUTE), "waiterId": 12, "table": 7}
        assert await locks.venue.ok("PUT", f"{locks.path}/locks/one", body) == {}
        (entry,) = await trail(locks.venue, action="lock.extended")
        assert entry["waiter_id"] == "12"

    async def test_sees_no_more_than_in_the_header(self, assigned_venue: Venue) -> None:
        order_id = await open_order(assigned_venue, dine_in={"tableId": "t1", "waiterId": "anna"})
        body = {"lockId": "one", "expiry": LONG_AHEAD, "waiterId": "cleo"}
        path = f"/v1/orders/{order_id}/lock"
        await assigned_venue.refused(404, "POST", path, body)
        await assigned_venue.ok("POST", path, body | {"waiterId": "anna"})

    @pytest.mark.parametrize("waiter", [True, 1.5, ["anna"], "x" * 201])
    async def test_must_be_a_number_or_text(self, locks: Locks, waiter: object) -> None:
        body = {"lockId": "one", "expiry": wire(NOW + MINUTE), "waiterId": waiter}
        error = await locks.venue.refused(400, "POST", f"{locks.path}/lock", body)
        assert error["debugMessage"].startswith("waiterId")


class TestAnExpiryInThePast:
    @pytest.mark.parametrize("past", [timedelta(0), TICK, SKEW])
    async def test_is_skew_and_lasts_thirty_seconds(self, locks: Locks, past: timedelta) -> None:
        await locks.take("one", NOW - past)
        assert (await locks.kept())["one"]["expires_at"] == NOW + SKEW
        await locks.extend("one", NOW - past)
        await locks.refuse(409, "two")

    async def test_an_older_one_is_invalid_and_leaves_nothing(self, locks: Locks) -> None:
        before = await everything(locks.venue)
        assert "expiry" in await locks.refuse(400, "one", NOW - SKEW - TICK)
        assert await everything(locks.venue) == before
        await locks.take("one")
        await locks.refuse_to_extend(400, "one", NOW - SKEW - TICK)
        assert (await locks.kept())["one"]["expires_at"] == NOW + MINUTE


class TestExtending:
    @pytest.mark.parametrize("until", [NOW + TICK, NOW + MINUTE, NOW + 60 * MINUTE])
    async def test_to_earlier_or_later(self, locks: Locks, until: datetime) -> None:
        await locks.take("one")
        await locks.extend("one", until)
        await freeze(locks.venue, until - TICK)
        await locks.refuse(409, "two", until + MINUTE)
        await freeze(locks.venue, until)
        await locks.take("two", until + MINUTE)

    @pytest.mark.parametrize("how", ["unknown", "released", "expired"])
    async def test_one_that_is_not_live_is_not_found(self, locks: Locks, how: str) -> None:
        if how != "unknown":
            await locks.take("one")
            await locks.end(how, "one")
        before = await everything(locks.venue)
        await locks.refuse_to_extend(404, "one", NOW + 60 * MINUTE)
        assert await everything(locks.venue) == before


class TestReleasing:
    @pytest.mark.parametrize("lock_id", ["a/b", "50%", "lk ?#&", "ü\ue001"])
    async def test_by_whatever_id_it_was_taken(self, locks: Locks, lock_id: str) -> None:
        """Both doors take every character but controls."""
        await locks.take(lock_id)
        await locks.extend(quote(lock_id, safe=""), NOW + 2 * MINUTE)
        await locks.release(quote(lock_id, safe=""))
        await locks.take("another")

    async def test_once_or_again(self, locks: Locks) -> None:
        locked = await locks.take("one")
        assert await locks.release("one") == locked
        before = await everything(locks.venue)
        assert await locks.release("one") == locked
        assert await everything(locks.venue) == before
        row = (await locks.kept())["one"]
        assert (row["release_reason"], row["released_at"]) == ("released", NOW)

    async def test_an_id_that_is_not_the_live_one_changes_nothing(self, locks: Locks) -> None:
        await locks.take("expired")
        await freeze(locks.venue, NOW + MINUTE)
        await locks.take("live", NOW + 2 * MINUTE)
        before = await everything(locks.venue)
        for lock_id in ("unknown", "expired"):
            assert (await locks.release(lock_id))["id"] == locks.order_id
        assert await everything(locks.venue) == before
        await locks.refuse(409, "another", NOW + 2 * MINUTE)

    async def test_one_that_has_expired_stays_expired(self, locks: Locks) -> None:
        await locks.take("one")
        await freeze(locks.venue, NOW + MINUTE)
        before = await everything(locks.venue)
        await locks.release("one")
        assert await everything(locks.venue) == before


async def test_no_order_no_lock(locks: Locks, other_venue: Venue) -> None:
    for nowhere in (Locks(locks.venue, "unknown"), Locks(other_venue, locks.order_id)):
        await nowhere.refuse(404, "one")
        await nowhere.refuse_to_extend(404, "one", NOW + MINUTE)
        await nowhere.venue.refused(404, "DELETE", f"{nowhere.path}/locks/one")


async def test_reading_never_waits_for_a_lock(locks: Locks) -> None:
    before = await locks.venue.ok("GET", locks.path)
    bill = await locks.venue.ok("GET", f"{locks.path}/bill")
    await locks.take("one", waiter_id="anna")
    for headers in ({}, {"waiter_id": "ben"}):
        assert await locks.venue.ok("GET", locks.path, **headers) == before
        assert await locks.venue.ok("GET", f"{locks.path}/bill", **headers) == bill
        payable = {"payableOnly": True, "dineIn": {"tableId": "t1"}}
        found = await locks.venue.ok("POST", "/v1/orders/search", payable, **headers)
        assert found["data"] == [before]


async def test_nothing_is_cancelled_under_a_live_lock(locks: Locks) -> None:
    await locks.take("one")
    error = await locks.venue.refused(409, "DELETE", locks.path)
    assert wire(NOW + MINUTE) in error["debugMessage"]
    await freeze(locks.venue, NOW + MINUTE)
    assert (await locks.venue.ok("DELETE", locks.path))["status"] == "Canceled"


async def test_of_many_at_once_one_gets_it(locks: Locks) -> None:
    bodies = [{"lockId": f"lock-{n}", "expiry": wire(NOW + MINUTE)} for n in range(MANY)]
    asked = (locks.venue.call("POST", f"{locks.path}/lock", body) for body in bodies)
    answers = [answer.status_code for answer in await asyncio.gather(*asked)]
    assert Counter(answers) == {200: 1, 409: MANY - 1}
    assert list(await locks.kept()) == [bodies[answers.index(200)]["lockId"]]


@pytest.mark.slow
async def test_it_outlives_the_server(
    database: Database, server: RunningServer, database_url: str, tmp_path: Path
) -> None:
    log = tmp_path / "server.log"
    async with running_server(database_url, log) as first, make_venue(database, first) as venue:
        await freeze(venue, NOW)
        order_id = (await venue.ok("POST", "/v1/orders", order()))["id"]
        await Locks(venue, order_id).take("one")
        await first.stop()
        async with running_server(database_url, log) as second, client_of(venue, second) as client:
            locks = Locks(dataclasses.replace(venue, client=client), order_id)
            assert wire(NOW + MINUTE) in await locks.refuse(409, "two")
            await locks.extend("one", NOW + 2 * MINUTE)
            paid = payment(1_000) | {"lockId": "two"}
            await locks.venue.refused(409, "POST", f"{locks.path}/record-payment", paid)
            await locks.release("one")
            await locks.take("two")


def client_of(venue: Venue, server: RunningServer) -> httpx.AsyncClient:
    """What speaks for the venue, to another server."""
    return httpx.AsyncClient(
        base_url=server.base_url,
        auth=venue.client.auth,
        event_hooks=venue.client.event_hooks,
        timeout=30,
        verify=CERTIFICATES,
    )
