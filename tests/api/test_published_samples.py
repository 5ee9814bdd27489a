"""The request samples of Dojo's reference page, sent as they stand."""

from typing import Any

import pytest

from tests.support.reference_page import request_samples
from tests.support.rows import execute
from tests.support.venues import Venue

Json = dict[str, Any]
pytestmark = pytest.mark.published

NEW_PARTY = {"dojoPartyId": "dojo-party-1"}
NEW_RESERVATION = {"dojoReservationId": "dojo-res-210345"}


@pytest.fixture(scope="module")
def samples() -> dict[str, Json]:
    return request_samples()


@pytest.fixture
async def floor(venue: Venue, samples: dict[str, Json]) -> Venue:
    """A venue that has the tables and the reservation of which the samples speak."""
    for table_id in {table for body in samples.values() for table in body.get("tableIds", ())}:
        await execute(
            venue,
            "INSERT INTO dining_table (venue_id, id, area_id, name, name_key, max_covers) "
            "VALUES ($1, $2, 'area_main', $2, $2, 4)",
            table_id,
        )
    await execute(
        venue,
        "INSERT INTO reservation (venue_id, id, name, covers, start_time, end_time, created_at, "
        "updated_at) VALUES ($1, $2, 'Martin B.', 4, now(), now() + interval '2 h', now(), now())",
        samples["CreateParty"]["reservationId"],
    )
    return venue


def test_the_page_has_a_sample_for_every_body(samples: dict[str, Json]) -> None:
    assert samples.keys() == {
        "CreateOrder",
        "SearchOrders",
        "CreateParty",
        "UpdatePartyById",
        "SearchParties",
        "CreateReservation",
        "UpdateReservationById",
        "SearchReservations",
        "SearchTables",
        "HandleEvent",
    }


async def test_create_order_as_it_stands(venue: Venue, samples: dict[str, Json]) -> None:
    sample = samples["CreateOrder"]
    answer = await venue.ok("POST", "/v1/orders", sample)
    assert answer["items"] == sample["items"]
    assert answer["totalAmount"] == answer["paidAmount"] == sample["totalAmount"]
    assert answer["details"] == {"orderType": "DineIn", "dineIn": {}}
    assert answer["payments"][0]["paymentIntentId"].startswith("pay_")
    assert await venue.ok("POST", "/v1/orders", sample) == answer


async def test_handle_event_as_it_stands(venue: Venue, samples: dict[str, Json]) -> None:
    assert await venue.ok("POST", "/v1/events", samples["HandleEvent"]) is None
    assert await venue.ok("POST", "/v1/events", samples["HandleEvent"]) is None


async def test_create_reservation_where_the_tables_are(
    floor: Venue, samples: dict[str, Json]
) -> None:
    sample = samples["CreateReservation"]
    answer = await floor.ok("POST", "/v1/reservations", sample)
    shown = {name: value for name, value in sample.items() if name != "dojoReservationId"}
    assert answer == shown | {"id": answer["id"]}


async def test_create_reservation_where_they_are_not(
    venue: Venue, samples: dict[str, Json]
) -> None:
    error = await venue.refused(400, "POST", "/v1/reservations", samples["CreateReservation"])
    assert error["debugMessage"].startswith("tableIds[0] ")


async def test_create_party_lacks_the_id_of_dojo(floor: Venue, samples: dict[str, Json]) -> None:
    sample = samples["CreateParty"]
    error = await floor.refused(400, "POST", "/v1/parties", sample)
    assert (error["errorType"], error["debugMessage"]) == (
        "InvalidRequest",
        "dojoPartyId is required",
    )
    answer = await floor.ok("POST", "/v1/parties", sample | NEW_PARTY)
    assert {"id": answer["id"], "status": "Seated"} | sample | {
        "deposit": sample["deposit"] | {"paymentIntentIds": []}
    } == answer


async def test_update_party_lacks_it_too(floor: Venue, samples: dict[str, Json]) -> None:
    created = await floor.ok("POST", "/v1/parties", samples["CreateParty"] | NEW_PARTY)
    path, sample = f"/v1/parties/{created['id']}", samples["UpdatePartyById"]
    error = await floor.refused(400, "PUT", path, sample)
    assert error["debugMessage"] == "dojoPartyId is required"
    answer = await floor.ok("PUT", path, sample | NEW_PARTY)
    assert answer == sample | {"id": created["id"], "reservationId": created["reservationId"]}


async def test_update_reservation_lacks_it_too(floor: Venue, samples: dict[str, Json]) -> None:
    created = await floor.ok(
        "POST", "/v1/reservations", samples["CreateReservation"] | NEW_RESERVATION
    )
    path, sample = f"/v1/reservations/{created['id']}", samples["UpdateReservationById"]
    error = await floor.refused(400, "PUT", path, sample)
    assert error["debugMessage"] == "dojoReservationId is required"
    answer = await floor.ok("PUT", path, sample | NEW_RESERVATION)
    assert answer == sample | {"id": created["id"]}


@pytest.mark.parametrize("noun", ["Tables", "Orders", "Parties", "Reservations"])
async def test_searches_as_they_stand(venue: Venue, samples: dict[str, Json], noun: str) -> None:
    assert samples[f"Search{noun}"] == {}
    await venue.ok("POST", f"/v1/{noun.lower()}/search", {})
