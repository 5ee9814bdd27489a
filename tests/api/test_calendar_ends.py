"""The calendar's first and last moment are somebody's "never", and stay times like all others.

They are what .NET sends for `default(DateTimeOffset)` and `DateTimeOffset.MaxValue`.
"""

from typing import Any

import asyncpg
import pytest

from tests.support.clock import LONG_AHEAD
from tests.support.orders import event, order, payment, unique
from tests.support.recording import record
from tests.support.rows import execute
from tests.support.venues import Venue

FIRST, LAST = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z"
SHOWN = {FIRST: "0001-01-01T00:00:00.000Z", LAST: "9999-12-31T23:59:59.999Z"}
NOON = "2024-08-12T12:00:00Z"


async def test_a_lock_without_end_is_refused(venue: Venue) -> None:
    order_id = (await venue.ok("POST", "/v1/orders", order(900)))["id"]
    path = f"/v1/orders/{order_id}"
    lock = {"lockId": "L", "expiry": LONG_AHEAD}
    refused = [await venue.refused(400, "POST", f"{path}/lock", lock | {"expiry": LAST})]
    await venue.ok("POST", f"{path}/lock", lock)
    refused += [
        await venue.refused(400, "POST", f"{path}/lock", lock | {"expiry": LAST}),
        await venue.refused(400, "PUT", f"{path}/locks/L", {"expiry": LAST}),
    ]
    words = {error["debugMessage"] for error in refused}
    assert words == {"expiry must be at most 24 hours ahead"}
    await record(venue, order_id, payment(900) | {"lockId": "L"})
    await venue.ok("DELETE", f"{path}/locks/L")
    assert (await venue.ok("GET", path))["paidAmount"]["value"] == 900


@pytest.mark.parametrize("time", [FIRST, LAST])
async def test_a_prepaid_order_for_then_is_made_and_its_ticket_printed(
    venue: Venue, time: str
) -> None:
    body = order(900, [payment(900)])
    body["details"] = {"orderType": "Collection", "collection": {"collectAt": time}}
    made = await venue.ok("POST", "/v1/orders", body)
    assert made["details"]["collection"]["collectAt"] == SHOWN[time]
    assert (await venue.ok("POST", "/v1/orders", body))["id"] == made["id"]
    for zone in ("Europe/London", "Asia/Tokyo", "America/New_York"):
        await execute(venue, f"UPDATE venue SET time_zone = '{zone}' WHERE id = $1")
        ticket = await venue.till.call("GET", f"/till/v1/tabs/{made['id']}/kitchen-ticket")
        assert ticket.status_code == 200, ticket.text


@pytest.mark.parametrize(
    "times",
    [
        {"startTime": FIRST, "expectedEndTime": FIRST},
        {"startTime": FIRST, "expectedEndTime": LAST},
        {"startTime": LAST, "expectedEndTime": LAST},
    ],
)
async def test_a_party_is_seated_and_found(venue: Venue, times: dict[str, str]) -> None:
    body = {"dojoPartyId": unique("party"), "tableIds": ["t1"], **times}
    made = await venue.ok("POST", "/v1/parties", body)
    assert await venue.ok("POST", "/v1/parties", body) == made
    assert {name: made[name] for name in times} == {
        name: SHOWN[time] for name, time in times.items()
    }
    (found,) = (await venue.ok("POST", "/v1/parties/search", {}))["data"]
    assert found == made


@pytest.mark.parametrize(("start", "end"), [(FIRST, LAST), (FIRST, NOON), (NOON, LAST)])
async def test_a_reservation_is_made_and_found(venue: Venue, start: str, end: str) -> None:
    body: dict[str, Any] = {
        "dojoReservationId": unique("reservation"),
        "tableIds": ["t1"],
        "name": "Ada",
        "covers": 2,
        "startTime": start,
        "endTime": end,
    }
    made = await venue.ok("POST", "/v1/reservations", body)
    assert await venue.ok("POST", "/v1/reservations", body) == made
    search = {"fromTime": FIRST, "toTime": LAST}
    (found,) = (await venue.ok("POST", "/v1/reservations/search", search))["data"]
    assert found == made


@pytest.mark.parametrize("time", [FIRST, LAST])
async def test_an_event_of_then_is_kept(venue: Venue, time: str) -> None:
    body = event(unique("pi"), "Captured") | {"createdAt": time}
    assert (await venue.call("POST", "/v1/events", body)).status_code == 200


async def test_the_database_has_no_time_without_end(venue: Venue) -> None:
    order_id = (await venue.ok("POST", "/v1/orders", order(900)))["id"]
    await venue.ok("POST", f"/v1/orders/{order_id}/lock", {"lockId": "L", "expiry": LONG_AHEAD})
    for endless in ("infinity", "-infinity"):
        with pytest.raises(asyncpg.CheckViolationError, match="ck_order_lock_finite"):
            await execute(
                venue, f"UPDATE order_lock SET expires_at = '{endless}' WHERE venue_id = $1"
            )
