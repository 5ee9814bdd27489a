"""Frames in, frames out: the same services as over HTTP, in the envelope of the AsyncAPI document."""

from typing import Any

import pytest

from epos.store.database import Database
from tests.support.clock import LONG_AHEAD
from tests.support.frames import Door
from tests.support.orders import order, payment, unique
from tests.support.venues import Venue


@pytest.fixture
async def door(venue: Venue, database: Database) -> Door:
    return Door(database, venue.id)


async def test_both_doors_answer_the_same_order(door: Door, venue: Venue) -> None:
    created = (await door.call("CreateOrderV1", **order(2_500)))["result"]
    over_http = await venue.ok("GET", f"/v1/orders/{created['id']}")
    again = (await door.call("GetOrderByIdV1", orderId=created["id"]))["result"]
    assert created == over_http == again


async def test_a_payment_recorded_at_one_door_is_a_replay_at_the_other(
    door: Door, venue: Venue
) -> None:
    created = await venue.ok("POST", "/v1/orders", order(2_500))
    paid = payment(2_500, 250)
    first = await door.call("RecordOrderPaymentByIdV1", orderId=created["id"], **paid)
    again = await venue.ok("POST", f"/v1/orders/{created['id']}/record-payment", paid)
    assert first["result"] == again
    assert again["paidAmount"]["value"] == 2_500


async def test_tables_are_a_page_here_and_not_an_array(door: Door) -> None:
    result = (await door.call("SearchTablesV1"))["result"]
    assert [table["id"] for table in result["data"]] == ["t1", "t2", "t3", "t10", "p1", "p2"]


async def test_the_waiter_in_the_headers_is_subject_to_the_access_rules(
    assigned_venue: Venue, database: Database
) -> None:
    door = Door(database, assigned_venue.id)
    body = order(900, dine_in={"tableId": "t1", "waiterId": "anna"})
    created = (await door.call("CreateOrderV1", **body))["result"]
    hidden = await door.call("GetOrderByIdV1", {"waiterId": "ben"}, orderId=created["id"])
    assert hidden["error"]["errorType"] == "NotFound"
    shown = await door.call("GetOrderByIdV1", {"waiterId": "anna"}, orderId=created["id"])
    assert shown["result"]["id"] == created["id"]


async def test_a_frame_of_too_many_values_is_refused_and_not_read(door: Door) -> None:
    """To read so many lists takes a tenth of a second, in which nobody else is answered."""
    answer = await door.call("CreateOrderV1", **order(2_500), unknown=[[]] * 100_000)
    assert "at most 40000 lists and objects" in answer["error"]["debugMessage"]


async def test_updates_take_their_id_as_id(door: Door) -> None:
    answer = await door.call("UpdatePartyV1", id="pty_unknown", **_party())
    assert answer["error"]["errorType"] == "NotFound"
    answer = await door.call("UpdatePartyV1", partyId="pty_unknown", **_party())
    assert "id is required" in answer["error"]["debugMessage"]


def _party() -> dict[str, Any]:
    return {
        "dojoPartyId": unique("dojo-party"),
        "startTime": "2026-11-23T19:00:00Z",
        "status": "Seated",
        "tableIds": ["t1"],
    }


async def test_a_lock_body_has_headers_and_may_have_unknown_properties(door: Door) -> None:
    created = (await door.call("CreateOrderV1", **order(900)))["result"]
    lock = {"lockId": unique("lock"), "expiry": LONG_AHEAD}
    locked = await door.call("CreateOrderLockV1", orderId=created["id"], **lock, colour="red")
    assert locked["result"]["id"] == created["id"]
    extended = await door.call(
        "ExtendOrderLockV1",
        orderId=created["id"],
        lockId=lock["lockId"],
        expiry=LONG_AHEAD,
    )
    assert extended["result"] == {}


@pytest.mark.parametrize(
    ("frame", "request_id"),
    [
        ("", ""),
        ("{", ""),
        ("[]", ""),
        ("null", ""),
        ('{"id": 7, "method": "ListAreasV1"}', ""),
        ('{"method": "ListAreasV1"}', ""),
        ('{"id": "a"}', "a"),
        ('{"id": "a", "method": 1}', "a"),
        ('{"id": "a", "method": "NoSuchV1"}', "a"),
        ('{"id": "a", "method": "GetOrderByIdV1"}', "a"),
        ('{"id": "a", "method": "GetOrderByIdV1", "params": []}', "a"),
        ('{"id": "a", "method": "GetOrderByIdV1", "params": {"orderId": 5}}', "a"),
        ('{"id": "a", "method": "ListAreasV1", "params": {"headers": {"waiterId": 5}}}', "a"),
        ('{"id": "a", "method": "ListAreasV1", "params": {"headers": {"waiterId": 0}}}', "a"),
        ('{"id": "a", "method": "ListAreasV1", "params": {"headers": {"waiterId": false}}}', "a"),
        ('{"id": "a", "method": "ListAreasV1", "params": {"headers": {"waiterId": []}}}', "a"),
        ('{"id": "a", "method": "ListAreasV1", "params": {"headers": {"waiterId": {}}}}', "a"),
        ('{"id": "a", "method": "ListAreasV1", "params": {"headers": []}}', "a"),
    ],
)
async def test_a_frame_that_is_no_request_gets_an_error(
    door: Door, frame: str, request_id: str
) -> None:
    answer = await door.send(frame)
    assert answer["id"] == request_id
    assert answer["error"]["errorType"] == "InvalidRequest"
    assert answer["error"]["traceId"]
    assert "result" not in answer


async def test_areas_need_no_params(door: Door) -> None:
    answer = await door.send('{"jsonrpc": "2.0", "id": "a", "method": "ListAreasV1"}')
    assert [area["id"] for area in answer["result"]] == ["area_main", "area_terrace"]


async def test_an_id_that_cannot_exist_is_not_found(door: Door) -> None:
    answer = await door.call("GetOrderByIdV1", orderId="a\x00b")
    assert answer["error"]["errorType"] == "NotFound"
