"""The audit trail: one row for each change, in its transaction, and nothing can undo it."""

from typing import Any

import asyncpg
import pytest

from tests.support.audit import trail
from tests.support.clock import LONG_AHEAD
from tests.support.floor import book, party, reservation, seat, seated
from tests.support.orders import event, order, payment
from tests.support.rows import execute, fetch
from tests.support.venues import Venue

Json = dict[str, Any]
WHO = {
    "waiter_id": "anna",
    "dojo_requesting_product": "PayAtTable",
    "device_id": "terminal 7",
    "device_type": "PAX",
    "x_trace_id": "trace-of-this-request",
}


async def actions(venue: Venue, subject_id: str | None = None) -> list[str]:
    return [entry["action"] for entry in await trail(venue, subject_id)]


async def test_an_entry_says_who_what_and_when(venue: Venue) -> None:
    paid = payment(400)
    created = await venue.ok("POST", "/v1/orders", order(1_000, [paid]), **WHO)
    (entry,) = await trail(venue)
    kept = await fetch(venue, "SELECT created_at FROM customer_order WHERE venue_id = $1")
    assert (entry["action"], entry["subject_id"]) == ("order.created", created["id"])
    assert entry["at"] == kept[0]["created_at"]
    assert entry["waiter_id"] == "anna"
    assert entry["product"] == "PayAtTable"
    assert (entry["device_id"], entry["device_type"]) == ("terminal 7", "PAX")
    assert entry["credential"] == "dojo"
    assert entry["trace_id"] == "trace-of-this-request"
    assert entry["details"]["total"] == 1_000
    assert entry["details"]["intents"] == [paid["paymentIntentId"]]


async def test_whoever_sends_nothing_is_known_by_credential_and_trace(venue: Venue) -> None:
    response = await venue.call("POST", "/v1/orders", order())
    (entry,) = await trail(venue)
    assert entry["trace_id"] == response.headers["x-trace-id"]
    assert entry["credential"] == "dojo"
    assert {entry[name] for name in ("waiter_id", "product", "device_id", "device_type")} == {None}


async def test_the_life_of_an_order(venue: Venue) -> None:
    first, second = payment(400, 40), payment(600)
    order_id = (await venue.ok("POST", "/v1/orders", order(1_000, [first])))["id"]
    path = f"/v1/orders/{order_id}"
    await venue.ok("POST", f"{path}/lock", {"lockId": "l1", "expiry": LONG_AHEAD})
    await venue.ok("PUT", f"{path}/locks/l1", {"expiry": LONG_AHEAD})
    await venue.refused(409, "POST", f"{path}/record-payment", payment(601))
    await venue.ok("POST", f"{path}/record-payment", second)
    await venue.ok("DELETE", f"{path}/locks/l1")
    await venue.ok("POST", "/v1/events", event(first["paymentIntentId"], "Captured"))
    await venue.ok("POST", "/v1/events", event(first["paymentIntentId"], "Refunded"))
    await venue.ok("DELETE", path)
    assert await actions(venue, order_id) == [
        "order.created",
        "lock.created",
        "lock.extended",
        "payment.refused",
        "payment.recorded",
        "lock.released",
        "payment.captured",
        "payment.refunded",
        "order.canceled",
    ]
    assert (await actions(venue)).count("event.received") == 2


async def test_the_life_of_guests(venue: Venue) -> None:
    booked, guests = reservation("t2"), party("t1")
    booking_id = (await venue.ok("POST", "/v1/reservations", booked))["id"]
    party_id = (await venue.ok("POST", "/v1/parties", guests))["id"]
    await venue.ok("PUT", f"/v1/reservations/{booking_id}", booked | {"covers": 4})
    await venue.ok("PUT", f"/v1/parties/{party_id}", seated(guests, "t3"))
    await venue.ok("DELETE", f"/v1/reservations/{booking_id}")
    await venue.ok("DELETE", f"/v1/parties/{party_id}")
    for kind, subject_id in (("reservation", booking_id), ("party", party_id)):
        expected = [f"{kind}.created", f"{kind}.updated", f"{kind}.deleted"]
        assert await actions(venue, subject_id) == expected


class TestNothingChangedNothingSaid:
    async def test_reading_leaves_no_entry(self, venue: Venue) -> None:
        order_id = (await venue.ok("POST", "/v1/orders", order()))["id"]
        party_id = (await seat(venue, "t1"))["id"]
        booking_id = (await book(venue, "t2"))["id"]
        before = await trail(venue)
        for path in ("areas", f"orders/{order_id}", f"orders/{order_id}/bill"):
            await venue.ok("GET", f"/v1/{path}")
        for path in (f"parties/{party_id}", f"reservations/{booking_id}"):
            await venue.ok("GET", f"/v1/{path}")
        for things in ("tables", "orders", "parties", "reservations"):
            await venue.ok("POST", f"/v1/{things}/search", {})
        assert await trail(venue) == before

    async def test_nor_does_a_retry(self, venue: Venue) -> None:
        body, guests, booked = order(1_000), party("t1"), reservation("t2")
        order_id = (await venue.ok("POST", "/v1/orders", body))["id"]
        paid, heard = payment(500), event("pi_heard", "Captured")
        retried = [
            ("POST", "/v1/orders", body),
            ("POST", "/v1/parties", guests),
            ("POST", "/v1/reservations", booked),
            ("POST", f"/v1/orders/{order_id}/record-payment", paid),
            ("POST", "/v1/events", heard),
            ("DELETE", f"/v1/orders/{order_id}", None),
        ]
        for request in retried:
            await venue.ok(*request)
        before = await trail(venue)
        for request in retried:
            await venue.ok(*request)
        assert await trail(venue) == before

    async def test_nor_does_what_was_refused(self, venue: Venue) -> None:
        body = order(1_000)
        await venue.ok("POST", "/v1/orders", body)
        await seat(venue, "t1")
        before = await trail(venue)
        await venue.refused(409, "POST", "/v1/orders", body | {"note": "other"})
        await venue.refused(400, "POST", "/v1/orders", order(dine_in={"tableId": "unknown"}))
        await venue.refused(409, "POST", "/v1/parties", party("t1"))
        await venue.refused(404, "DELETE", "/v1/orders/unknown")
        await venue.refused(404, "POST", "/v1/orders/unknown/record-payment", payment(1))
        assert await trail(venue) == before


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_entry SET action = 'nothing' WHERE venue_id = $1",
        "DELETE FROM audit_entry WHERE venue_id = $1",
    ],
)
async def test_nothing_can_be_taken_back(venue: Venue, change: str) -> None:
    await venue.ok("POST", "/v1/orders", order())
    before = await trail(venue)
    with pytest.raises(asyncpg.RestrictViolationError):
        await execute(venue, change)
    assert await trail(venue) == before
