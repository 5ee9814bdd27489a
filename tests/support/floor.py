"""Guests, bookings and orders for tests, as Dojo would send them."""

import itertools
from typing import Any

from tests.support.venues import Venue

Json = dict[str, Any]
_numbers = itertools.count(1)

NOON = "2024-08-12T12:00:00.000Z"
ONE = "2024-08-12T13:00:00.000Z"
TWO = "2024-08-12T14:00:00.000Z"


def party(*table_ids: str, **fields: Any) -> Json:
    """CreateParty for guests at these tables, with a `dojoPartyId` of their own."""
    key = f"dojo-party-{next(_numbers)}"
    return {"dojoPartyId": key, "tableIds": list(table_ids), "startTime": NOON} | fields


def seated(created: Json, *table_ids: str, **fields: Any) -> Json:
    """UpdateParty: what CreateParty sent, at other tables or with other fields."""
    known = {key: value for key, value in created.items() if not key.endswith("eservationId")}
    tables = {"tableIds": list(table_ids)} if table_ids else {}
    return {"status": "Seated"} | known | tables | fields


def reservation(*table_ids: str, **fields: Any) -> Json:
    key = f"dojo-reservation-{next(_numbers)}"
    times = {"startTime": NOON, "endTime": TWO}
    body = {"dojoReservationId": key, "name": "Ada", "covers": 2, "tableIds": list(table_ids)}
    return body | times | fields


def coffee(**dine_in: Any) -> Json:
    """CreateOrder for one coffee, unpaid, wherever `dine_in` says."""
    three_pounds = {"value": 300, "currencyCode": "GBP"}
    return {
        "dojoOrderId": f"dojo-order-{next(_numbers)}",
        "items": [{"amountPerItem": three_pounds, "quantity": 1, "name": "Coffee", "plu": "1"}],
        "payments": [],
        "totalAmount": three_pounds,
        "details": {"orderType": "DineIn", "dineIn": dine_in},
    }


async def seat(venue: Venue, *table_ids: str, **fields: Any) -> Json:
    answer: Json = await venue.ok("POST", "/v1/parties", party(*table_ids, **fields))
    return answer


async def book(venue: Venue, *table_ids: str, **fields: Any) -> Json:
    answer: Json = await venue.ok("POST", "/v1/reservations", reservation(*table_ids, **fields))
    return answer


async def open_coffee(venue: Venue, **dine_in: Any) -> str:
    """The id of a new order."""
    order_id: str = (await venue.ok("POST", "/v1/orders", coffee(**dine_in)))["id"]
    return order_id


async def place_of(venue: Venue, order_id: str) -> tuple[str | None, str | None]:
    """The table and the party of an order."""
    dine_in = (await venue.ok("GET", f"/v1/orders/{order_id}"))["details"]["dineIn"]
    return dine_in.get("tableId"), dine_in.get("partyId")
