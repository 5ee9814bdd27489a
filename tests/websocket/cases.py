"""Every operation as it succeeds and as it is refused: one table, asked at both doors.

What a case needs is arranged in each venue; what it asks is the same but for the venue's own ids.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from epos.contract.errors import EPOSErrorType
from tests.support.floor import NOON, ONE, TWO
from tests.support.orders import event, gbp, item, order, payment
from tests.support.venues import Venue

Json = dict[str, Any]
MISSING, CONFLICT, INVALID = (
    EPOSErrorType.NotFound,
    EPOSErrorType.Conflict,
    EPOSErrorType.InvalidRequest,
)
SOON, LATER, PAST = "2026-11-24T19:05:00Z", "2026-11-24T19:10:00Z", "2026-11-24T18:00:00Z"
CLOCK = "2026-11-24T19:00:00Z"
"""Where the clocks of both venues stand."""
TOO_LONG = "x" * 201


@dataclass(frozen=True)
class Ask:
    """One request, whatever the door."""

    ids: dict[str, str] = field(default_factory=dict)
    body: Json | None = None
    waiter_id: str | None = None


Arrange = Callable[[Venue], Awaitable[Ask]]


@dataclass(frozen=True)
class Case:
    capability: str
    says: str
    outcome: EPOSErrorType | None
    """None: it succeeds."""
    arrange: Arrange

    def __str__(self) -> str:
        return f"{self.capability} {self.says}"


# --- what is there already ------------------------------------------------------------------------


def an_order(**more: Any) -> Json:
    """Two lines, a tip, a note: enough to be told apart."""
    lines = [item("Soup", 700), item("Steak", 1_500, 2) | {"note": "rare", "extra": {"sauce": 1}}]
    known = {"items": lines, "reference": "A7", "note": "By the window"}
    return order(3_700, **{"dojo_order_id": "o-1", "dine_in": {"tableId": "t1"}, **known, **more})


async def ordered(venue: Venue, **more: Any) -> str:
    order_id: str = (await venue.ok("POST", "/v1/orders", an_order(**more)))["id"]
    return order_id


async def a_locked_order(venue: Venue) -> str:
    order_id = await ordered(venue)
    await venue.ok("POST", f"/v1/orders/{order_id}/lock", {"lockId": "first", "expiry": SOON})
    return order_id


def a_party(**more: Any) -> Json:
    body = {"dojoPartyId": "p-1", "tableIds": ["t1", "t2"], "startTime": NOON, "status": "Seated"}
    return body | {"name": "Ada", "covers": 3, "hostNotes": "Quiet"} | more


async def seated(venue: Venue, **more: Any) -> str:
    party_id: str = (await venue.ok("POST", "/v1/parties", a_party(**more)))["id"]
    return party_id


def a_booking(**more: Any) -> Json:
    body = {"dojoReservationId": "r-1", "name": "Ada", "covers": 2, "tableIds": ["t1"]}
    return body | {"startTime": NOON, "endTime": TWO, "guestRequests": "A high chair"} | more


async def booked(venue: Venue, **more: Any) -> str:
    booking: Json = await venue.ok("POST", "/v1/reservations", a_booking(**more))
    return str(booking["id"])


# --- the same for all -----------------------------------------------------------------------------


def asks(**ask: Any) -> Arrange:
    """Nothing needs to be there."""

    async def arrange(_: Venue) -> Ask:
        return Ask(**ask)

    return arrange


def no_order(body: Json | None = None) -> Arrange:
    return asks(ids={"orderId": "ord_nobody"}, body=body)


def no_lock(body: Json | None = None) -> Arrange:
    return asks(ids={"orderId": "ord_nobody", "lockId": "first"}, body=body)


def no_party(body: Json | None = None) -> Arrange:
    return asks(ids={"partyId": "pty_nobody"}, body=body)


def no_booking(body: Json | None = None) -> Arrange:
    return asks(ids={"reservationId": "rsv_nobody"}, body=body)


# --- orders ---------------------------------------------------------------------------------------


async def found_orders(venue: Venue) -> Ask:
    await ordered(venue)
    await ordered(venue, dojo_order_id="o-2", reference="B8")
    await ordered(venue, dojo_order_id="o-3", dine_in={"tableId": "p1"})
    return Ask(
        body={"dineIn": {"tableId": "t1"}, "payableOnly": True, "cursor": {"limit": 1}},
        waiter_id="anna",
    )


async def prepaid(venue: Venue) -> Ask:
    """Its table has guests, so it gets their party."""
    await seated(venue)
    return Ask(body=an_order(payments=[payment(3_000, 300, "pi-1")]))


async def created_before(venue: Venue) -> Ask:
    await ordered(venue)
    return Ask(body=an_order())


async def created_otherwise(venue: Venue) -> Ask:
    await ordered(venue)
    return Ask(body=an_order(note="Another note"))


async def prepaid_with_what_was_reversed(venue: Venue) -> Ask:
    await venue.ok("POST", "/v1/events", event("pi-1", "Reversed", "evt-1"))
    return Ask(body=an_order(payments=[payment(3_700, None, "pi-1")]))


async def the_order(venue: Venue) -> Ask:
    order_id = await ordered(venue, payments=[payment(1_000, 100, "pi-1")])
    return Ask(ids={"orderId": order_id})


async def the_locked_order(venue: Venue) -> Ask:
    return Ask(ids={"orderId": await a_locked_order(venue)})


def locking(lock_id: str, expiry: str, **more: Any) -> Arrange:
    async def arrange(venue: Venue) -> Ask:
        ids = {"orderId": await a_locked_order(venue)}
        return Ask(ids=ids, body={"lockId": lock_id, "expiry": expiry, **more})

    return arrange


async def free_to_lock(venue: Venue) -> Ask:
    return Ask(ids={"orderId": await ordered(venue)}, body={"lockId": "l", "expiry": SOON})


def the_lock(lock_id: str = "first", body: Json | None = None) -> Arrange:
    async def arrange(venue: Venue) -> Ask:
        return Ask(ids={"orderId": await a_locked_order(venue), "lockId": lock_id}, body=body)

    return arrange


def paying(body: Json) -> Arrange:
    async def arrange(venue: Venue) -> Ask:
        return Ask(ids={"orderId": await a_locked_order(venue)}, body=body)

    return arrange


async def paid_before(venue: Venue) -> Ask:
    order_id = await ordered(venue)
    body = payment(700, 70, "pi-1")
    await venue.ok("POST", f"/v1/orders/{order_id}/record-payment", body)
    return Ask(ids={"orderId": order_id}, body=body)


# --- parties and reservations ---------------------------------------------------------------------


async def found_parties(venue: Venue) -> Ask:
    await seated(venue)
    await seated(venue, dojoPartyId="p-2", tableIds=["p1"])
    return Ask(body={"cursor": {"limit": 1}})


async def taken_tables(venue: Venue) -> Ask:
    await seated(venue)
    return Ask(body=a_party(dojoPartyId="p-2"))


async def the_party(venue: Venue) -> Ask:
    return Ask(ids={"partyId": await seated(venue)})


def moving(**changes: Any) -> Arrange:
    """The guests of another party sit at p1."""

    async def arrange(venue: Venue) -> Ask:
        await seated(venue, dojoPartyId="p-2", tableIds=["p1"])
        return Ask(ids={"partyId": await seated(venue)}, body=a_party(**changes))

    return arrange


async def found_bookings(venue: Venue) -> Ask:
    await booked(venue)
    await booked(venue, dojoReservationId="r-2", tableIds=["p1"])
    return Ask(body={"tableId": "t1", "fromTime": NOON, "toTime": ONE})


async def booked_otherwise(venue: Venue) -> Ask:
    await booked(venue)
    return Ask(body=a_booking(covers=9))


async def the_booking(venue: Venue) -> Ask:
    return Ask(ids={"reservationId": await booked(venue)})


def rebooking(**changes: Any) -> Arrange:
    async def arrange(venue: Venue) -> Ask:
        await booked(venue, dojoReservationId="r-2")
        return Ask(ids={"reservationId": await booked(venue)}, body=a_booking(**changes))

    return arrange


CASES = [
    Case("ListAreas", "all of them", None, asks()),
    Case("ListAreas", "for a waiter who cannot be", INVALID, asks(waiter_id=TOO_LONG)),
    Case(
        "SearchTables", "a page", None, asks(body={"areaId": "area_main", "cursor": {"limit": 2}})
    ),
    Case("SearchTables", "no page at all", INVALID, asks(body={"cursor": {"limit": 0}})),
    Case("SearchOrders", "of a table", None, found_orders),
    Case("SearchOrders", "from nowhere", INVALID, asks(body={"cursor": {"after": "nowhere"}})),
    Case("CreateOrder", "prepaid", None, prepaid),
    Case("CreateOrder", "once more", None, created_before),
    Case("CreateOrder", "with other content", CONFLICT, created_otherwise),
    Case("CreateOrder", "paid by what is reversed", CONFLICT, prepaid_with_what_was_reversed),
    Case("CreateOrder", "nowhere", INVALID, asks(body=an_order(dine_in={"tableId": "t99"}))),
    Case(
        "CreateOrder",
        "with a float",
        INVALID,
        asks(body=an_order(totalAmount=gbp(1) | {"value": 1.5})),
    ),
    Case("GetOrderById", "with a payment", None, the_order),
    Case("GetOrderById", "unknown", MISSING, no_order()),
    Case("GetOrderById", "impossible", MISSING, asks(ids={"orderId": "a\x00b"})),
    Case("CancelOrderById", "with a payment", None, the_order),
    Case("CancelOrderById", "unknown", MISSING, no_order()),
    Case("CancelOrderById", "locked", CONFLICT, the_locked_order),
    Case("CreateOrderLock", "free", None, free_to_lock),
    Case("CreateOrderLock", "once more", None, locking("first", LATER)),
    Case("CreateOrderLock", "locked", CONFLICT, locking("second", LATER)),
    Case("CreateOrderLock", "a late copy", None, locking("first", PAST)),
    Case("CreateOrderLock", "long over", INVALID, locking("second", PAST)),
    Case("CreateOrderLock", "with more than it has", None, locking("first", SOON, why="?")),
    Case("CreateOrderLock", "with a waiter", None, locking("first", SOON, waiterId=12)),
    Case("CreateOrderLock", "with no waiter", INVALID, locking("first", SOON, waiterId=True)),
    Case("CreateOrderLock", "unknown", MISSING, no_order({"lockId": "l", "expiry": SOON})),
    Case("ExtendOrderLock", "held", None, the_lock(body={"expiry": LATER})),
    Case(
        "ExtendOrderLock",
        "with a waiter",
        None,
        the_lock(body={"expiry": LATER, "waiterId": "12", "why": "?"}),
    ),
    Case("ExtendOrderLock", "not held", MISSING, the_lock("second", {"expiry": LATER})),
    Case("ExtendOrderLock", "of no order", MISSING, no_lock({"expiry": LATER})),
    Case("ExtendOrderLock", "until whenever", INVALID, the_lock(body={"expiry": "whenever"})),
    Case("DeleteOrderLock", "held", None, the_lock()),
    Case("DeleteOrderLock", "not held", None, the_lock("second")),
    Case("DeleteOrderLock", "of no order", MISSING, no_lock()),
    Case("GetOrderBillById", "with a payment", None, the_order),
    Case("GetOrderBillById", "unknown", MISSING, no_order()),
    Case(
        "RecordOrderPaymentById",
        "a part",
        None,
        paying(payment(700, 70, "pi-1") | {"lockId": "first"}),
    ),
    Case("RecordOrderPaymentById", "once more", None, paid_before),
    Case("RecordOrderPaymentById", "too much", CONFLICT, paying(payment(3_701, None, "pi-1"))),
    Case(
        "RecordOrderPaymentById",
        "under another lock",
        CONFLICT,
        paying(payment(1, None, "pi-1") | {"lockId": "x"}),
    ),
    Case("RecordOrderPaymentById", "nothing", INVALID, paying(payment(0, None, "pi-1"))),
    Case("RecordOrderPaymentById", "unknown", MISSING, no_order(payment(1, None, "pi-1"))),
    Case("SearchParties", "a page", None, found_parties),
    Case(
        "SearchParties", "both ways", INVALID, asks(body={"cursor": {"after": "a", "before": "b"}})
    ),
    Case("CreateParty", "two tables", None, asks(body=a_party())),
    Case("CreateParty", "taken", CONFLICT, taken_tables),
    Case("CreateParty", "nowhere", INVALID, asks(body=a_party(tableIds=["t99"]))),
    Case("GetPartyById", "seated", None, the_party),
    Case("GetPartyById", "unknown", MISSING, no_party()),
    Case("UpdateParty", "moved", None, moving(tableIds=["t3"], covers=5)),
    Case("UpdateParty", "taken", CONFLICT, moving(tableIds=["p1"])),
    Case("UpdateParty", "gone before they came", INVALID, moving(endTime="2024-08-12T11:00:00Z")),
    Case("UpdateParty", "unknown", MISSING, no_party(a_party())),
    Case("DeletePartyById", "seated", None, the_party),
    Case("DeletePartyById", "unknown", MISSING, no_party()),
    Case("SearchReservations", "of a table", None, found_bookings),
    Case("SearchReservations", "of no day", INVALID, asks(body={"fromTime": "today"})),
    Case("CreateReservation", "a table", None, asks(body=a_booking())),
    Case("CreateReservation", "with other content", CONFLICT, booked_otherwise),
    Case("CreateReservation", "nowhere", INVALID, asks(body=a_booking(tableIds=["t99"]))),
    Case("GetReservationById", "booked", None, the_booking),
    Case("GetReservationById", "unknown", MISSING, no_booking()),
    Case("UpdateReservation", "more covers", None, rebooking(covers=5)),
    Case("UpdateReservation", "as another", CONFLICT, rebooking(dojoReservationId="r-2")),
    Case("UpdateReservation", "over before it begins", INVALID, rebooking(endTime=NOON)),
    Case("UpdateReservation", "unknown", MISSING, no_booking(a_booking())),
    Case("DeleteReservationById", "booked", None, the_booking),
    Case("DeleteReservationById", "unknown", MISSING, no_booking()),
    Case("HandleEvent", "of an unknown payment", None, asks(body=event("pi-1", "Captured", "e"))),
    Case("HandleEvent", "of no status", INVALID, asks(body=event("pi-1", "Lost", "e"))),
]
