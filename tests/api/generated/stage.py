"""What exists in a venue before its requests are generated: something for every operation to find."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.floor import NOON, TWO, book, party, seat, seated
from tests.support.orders import gbp, item, order, payment, unique
from tests.support.venues import Venue

Json = dict[str, Any]

LOCK = "lock-of-the-stage"
LARGE = 10**9
"""The total of an order that no number of generated payments pays in full."""
_OF_EACH = 4


@dataclass(frozen=True)
class Stage:
    """Ids that answer, by what may be done to them."""

    venue: Venue
    open_orders: list[str]
    locked_orders: list[str]
    cancellable_orders: list[str]
    payable_orders: list[str]
    party: str
    changing_party: str
    leaving_parties: list[str]
    reservation: str
    dropped_reservations: list[str]
    intents: list[str]
    cursors: dict[str, str]
    """An `after` of each search without filters, by the search's path."""
    soon: str
    """A time that a lock may last until."""

    @property
    def changing_table(self) -> str:
        """Where the party that changes sits."""
        return self.venue.tables[2]

    @property
    def free_tables(self) -> list[str]:
        return list(self.venue.tables[3:])


async def set_stage(venue: Venue) -> Stage:
    intents = [unique("pi") for _ in range(_OF_EACH)]
    guests, changing = await seat(venue, venue.tables[0]), await seat(venue, venue.tables[2])
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    return Stage(
        venue=venue,
        open_orders=[await _order(venue, intent, venue.tables[0]) for intent in intents],
        locked_orders=await _several(lambda: _locked(venue, soon)),
        cancellable_orders=await _several(lambda: _order(venue)),
        payable_orders=await _several(lambda: _order(venue)),
        party=guests["id"],
        changing_party=changing["id"],
        leaving_parties=await _several(lambda: _gone(venue, venue.tables[1])),
        reservation=(await book(venue, venue.tables[0]))["id"],
        dropped_reservations=await _several(lambda: _reservation(venue)),
        intents=intents,
        cursors=await _cursors(venue),
        soon=soon,
    )


async def _several(make: Callable[[], Awaitable[str]]) -> list[str]:
    return [await make() for _ in range(_OF_EACH)]


async def _order(venue: Venue, intent: str | None = None, table: str | None = None) -> str:
    """The richest order there is, so that an answer has every field to go wrong in."""
    body = order(
        LARGE,
        [payment(1, 1, intent)] if intent else [],
        dine_in={"waiterId": "anna"} | ({"tableId": table} if table else {}),
        items=[item() | {"subItems": [item()], "modifiers": [_modifier()], "house": {"a": [1]}}],
        discounts=[{"name": "Lunch", "amountTotal": gbp(5), "amountPercentage": 100}],
        taxLines=[{"name": "VAT", "amountTotal": gbp(20), "amountPercentage": 2000}],
        serviceChargeAmount=gbp(10),
        customer={"name": "Ada", "emailAddress": "ada@example.com", "phoneNumber": "0800 0000"},
        note="by the window",
        reference="A1",
        displayName="Window",
    )
    created: Json = await venue.ok("POST", "/v1/orders", body)
    order_id: str = created["id"]
    return order_id


def _modifier() -> Json:
    return {"name": "Cheese", "quantity": 1, "amountPerModifier": gbp(100), "plu": "m1"}


async def _locked(venue: Venue, soon: str) -> str:
    order_id = await _order(venue)
    await venue.ok("POST", f"/v1/orders/{order_id}/lock", {"lockId": LOCK, "expiry": soon})
    return order_id


async def _gone(venue: Venue, table: str) -> str:
    """A party that has left its table."""
    body = party(table)
    created = await venue.ok("POST", "/v1/parties", body)
    await venue.ok("PUT", f"/v1/parties/{created['id']}", seated(body, endTime=TWO))
    party_id: str = created["id"]
    return party_id


async def _reservation(venue: Venue) -> str:
    booked = await book(venue, *venue.tables, startTime=NOON, endTime=TWO, hostNotes="regulars")
    reservation_id: str = booked["id"]
    return reservation_id


async def _cursors(venue: Venue) -> dict[str, str]:
    paths = [f"/v1/{name}/search" for name in ("tables", "orders", "parties", "reservations")]
    return {path: await _cursor(venue, path) for path in paths}


async def _cursor(venue: Venue, path: str) -> str:
    answer = await venue.ok("POST", path, {"cursor": {"limit": 1}})
    page = answer[0] if isinstance(answer, list) else answer
    after: str = page["after"]
    return after
