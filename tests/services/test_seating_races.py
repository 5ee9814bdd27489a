"""Guests sit down, move and leave while others do the same, and orders are opened meanwhile."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import pytest

from epos.contract.codec import to_wire, validate
from epos.contract.orders import CreateOrderRequest, Order
from epos.contract.parties import CreatePartyRequest, Party, UpdatePartyRequest
from epos.contract.reservations import (
    CreateReservationRequest,
    Reservation,
    UpdateReservationRequest,
)
from epos.domain.errors import Conflict, EposError, InvalidRequest, NotFound, Unavailable
from epos.domain.requester import Requester
from epos.store.failures import Retry
from tests.support.floor import ONE, Json, coffee, party, reservation, seated
from tests.support.services import WiredServices
from tests.support.venues import Venue

_ACTIONS = "SELECT action FROM audit_entry WHERE venue_id = $1 AND subject_id = $2 ORDER BY id"


class Floor:
    """What a host, a waiter and Dojo do in one venue."""

    def __init__(self, services: WiredServices, venue_id: str) -> None:
        self.database, self.meet, self._services = services.database, services.meet, services.dojo
        self.requester = Requester(venue_id, credential="dojo", trace_id="0" * 32)

    async def seat(self, body: Json) -> Party:
        return await self._services.parties.create(
            validate(CreatePartyRequest, body), self.requester
        )

    async def move(self, party_id: str, body: Json, *tables: str, **fields: Any) -> Party:
        request = validate(UpdatePartyRequest, seated(body, *tables, **fields))
        return await self._services.parties.update(party_id, request, self.requester)

    async def delete(self, party_id: str) -> None:
        await self._services.parties.delete(party_id, self.requester)

    async def book(self, *tables: str, **fields: Any) -> str:
        request = validate(CreateReservationRequest, reservation(*tables, **fields))
        return (await self._services.reservations.create(request, self.requester)).id

    async def rebook(self, reservation_id: str, *tables: str) -> Reservation:
        request = validate(UpdateReservationRequest, reservation(*tables))
        return await self._services.reservations.update(reservation_id, request, self.requester)

    async def unbook(self, reservation_id: str) -> None:
        await self._services.reservations.delete(reservation_id, self.requester)

    async def booking(self, reservation_id: str) -> Reservation:
        return await self._services.reservations.get(reservation_id, self.requester)

    async def order(self, **dine_in: Any) -> str:
        request = validate(CreateOrderRequest, coffee(**dine_in))
        return (await self._services.orders.create(request, self.requester)).id

    async def cancel(self, order_id: str) -> Order:
        return await self._services.orders.cancel(order_id, self.requester)

    async def place_of(self, order_id: str) -> tuple[str | None, str | None]:
        answer = json.loads(to_wire(await self._services.orders.get(order_id, self.requester)))
        dine_in = answer["details"]["dineIn"]
        return dine_in.get("tableId"), dine_in.get("partyId")

    async def actions(self, subject_id: str) -> list[str]:
        """What the audit trail says was done to one thing."""
        async with self.database.connection() as connection:
            rows = await connection.fetch(_ACTIONS, self.requester.venue_id, subject_id)
        return [row["action"] for row in rows]


@pytest.fixture
def floor(services: WiredServices, venue: Venue) -> Floor:
    return Floor(services, venue.id)


class TestSeatingAndOrdering:
    async def test_a_dessert_is_ordered_while_they_are_seated(self, floor: Floor) -> None:
        guests, order_id = await floor.meet(floor.seat(party("t1")), floor.order(tableId="t1"))
        assert await floor.place_of(order_id) == ("t1", guests.id)

    async def test_they_are_seated_while_a_dessert_is_ordered(self, floor: Floor) -> None:
        order_id, guests = await floor.meet(floor.order(tableId="t1"), floor.seat(party("t1")))
        assert await floor.place_of(order_id) == ("t1", guests.id)

    async def test_a_pre_order_comes_while_its_reservation_is_seated(self, floor: Floor) -> None:
        booked = await floor.book("t1")
        body = party("t2", reservationId=booked)
        guests, order_id = await floor.meet(floor.seat(body), floor.order(reservationId=booked))
        assert await floor.place_of(order_id) == ("t2", guests.id)

    async def test_its_reservation_is_seated_while_a_pre_order_comes(self, floor: Floor) -> None:
        booked = await floor.book("t1")
        body = party("t2", reservationId=booked)
        order_id, guests = await floor.meet(floor.order(reservationId=booked), floor.seat(body))
        assert await floor.place_of(order_id) == ("t2", guests.id)

    async def test_an_order_is_cancelled_while_they_are_seated(self, floor: Floor) -> None:
        order_id = await floor.order(tableId="t1")
        await floor.meet(floor.cancel(order_id), floor.seat(party("t1")))
        assert await floor.place_of(order_id) == ("t1", None)
        assert await floor.actions(order_id) == ["order.created", "order.canceled"]


class TestMovingAndOrdering:
    async def test_an_order_comes_to_a_table_that_is_being_left(self, floor: Floor) -> None:
        body = party("t1")
        guests = await floor.seat(body)
        _, order_id = await floor.meet(floor.move(guests.id, body, "t2"), floor.order(tableId="t1"))
        assert await floor.place_of(order_id) == ("t1", None)

    async def test_they_move_while_an_order_comes(self, floor: Floor) -> None:
        body = party("t1")
        guests = await floor.seat(body)
        order_id, _ = await floor.meet(floor.order(tableId="t1"), floor.move(guests.id, body, "t2"))
        assert await floor.place_of(order_id) == ("t2", guests.id)

    async def test_they_come_to_a_table_while_an_order_comes_there(self, floor: Floor) -> None:
        body = party("t1")
        guests = await floor.seat(body)
        order_id, _ = await floor.meet(floor.order(tableId="t2"), floor.move(guests.id, body, "t2"))
        assert await floor.place_of(order_id) == ("t2", guests.id)

    async def test_an_order_comes_for_guests_who_are_being_deleted(self, floor: Floor) -> None:
        guests = await floor.seat(party("t1"))
        _, refusal = await floor.meet(floor.delete(guests.id), floor.order(partyId=guests.id))
        assert isinstance(refusal, InvalidRequest)

    async def test_guests_are_deleted_while_an_order_comes_for_them(self, floor: Floor) -> None:
        guests = await floor.seat(party("t1"))
        order_id, _ = await floor.meet(floor.order(partyId=guests.id), floor.delete(guests.id))
        assert await floor.place_of(order_id) == (None, None)

    async def test_guests_leave_while_an_order_comes(self, floor: Floor) -> None:
        body = party("t1")
        guests = await floor.seat(body)
        order_id, _ = await floor.meet(
            floor.order(tableId="t1"), floor.move(guests.id, body, endTime=ONE)
        )
        await floor.seat(party("t1"))
        assert await floor.place_of(order_id) == ("t1", guests.id)


class TestGuestsAndGuests:
    @pytest.mark.parametrize("leave", ["move", "complete", "delete"])
    async def test_a_table_is_taken_the_moment_it_is_left(self, floor: Floor, leave: str) -> None:
        body = party("t1")
        guests = await floor.seat(body)
        leaving: dict[str, Callable[[], Coroutine[Any, Any, Any]]] = {
            "move": lambda: floor.move(guests.id, body, "t2"),
            "complete": lambda: floor.move(guests.id, body, endTime=ONE),
            "delete": lambda: floor.delete(guests.id),
        }
        _, next_guests = await floor.meet(leaving[leave](), floor.seat(party("t1")))
        assert isinstance(next_guests, Party)

    async def test_two_come_to_one_table(self, floor: Floor) -> None:
        first, second = await floor.meet(floor.seat(party("t1")), floor.seat(party("t2", "t1")))
        assert isinstance(second, Conflict)
        assert first.id in second.message
        # Refused by the rule, not by the index that stands behind it.
        assert floor.database.ends[asyncpg.UniqueViolationError] == 0

    async def test_two_trade_places(self, floor: Floor) -> None:
        ours, theirs = party("t1"), party("t2")
        we, they = await floor.seat(ours), await floor.seat(theirs)
        away, arrived = await floor.meet(
            floor.move(we.id, ours, "t3"), floor.move(they.id, theirs, "t1")
        )
        assert (away.tableIds, arrived.tableIds) == (["t3"], ["t1"])
        assert (await floor.move(we.id, ours, "t2")).tableIds == ["t2"]

    async def test_two_hosts_move_the_same_guests(self, floor: Floor) -> None:
        body = party("t1")
        guests = await floor.seat(body)
        order_id = await floor.order(tableId="t1")
        await floor.meet(floor.move(guests.id, body, "t2"), floor.move(guests.id, body, "t3"))
        assert await floor.place_of(order_id) == ("t3", guests.id)
        for table_id in ("t1", "t2"):
            assert (await floor.seat(party(table_id))).tableIds == [table_id]

    async def test_guests_are_deleted_while_they_move(self, floor: Floor) -> None:
        body = party("t1")
        guests = await floor.seat(body)
        order_id = await floor.order(tableId="t1")
        await floor.meet(floor.move(guests.id, body, "t2"), floor.delete(guests.id))
        # It had locked table 1, and found them at table 2.
        assert floor.database.ends[Retry] == 1
        next_guests = await floor.seat(party("t2"))
        assert await floor.place_of(order_id) == ("t2", None)
        assert next_guests.tableIds == ["t2"]

    async def test_guests_are_changed_while_they_are_deleted(self, floor: Floor) -> None:
        body = party("t1")
        guests = await floor.seat(body)
        _, refusal = await floor.meet(floor.delete(guests.id), floor.move(guests.id, body, "t2"))
        assert isinstance(refusal, NotFound)

    async def test_the_same_request_twice_at_once(self, floor: Floor) -> None:
        body = party("t1")
        first, again = await floor.meet(floor.seat(body), floor.seat(body))
        assert again == first

    async def test_a_key_is_given_away_while_it_is_used(self, floor: Floor) -> None:
        body, late = party("t1"), party("t2")
        guests = await floor.seat(body)
        renamed = floor.move(guests.id, body, dojoPartyId=late["dojoPartyId"])
        _, refusal = await floor.meet(renamed, floor.seat(late))
        assert isinstance(refusal, Conflict)
        assert floor.database.ends[asyncpg.UniqueViolationError] == 0


class TestBookings:
    async def test_the_same_booking_twice_at_once(self, floor: Floor) -> None:
        key = {"dojoReservationId": "at-once"}
        first, again = await floor.meet(floor.book("t1", **key), floor.book("t1", **key))
        assert again == first
        assert floor.database.ends[asyncpg.UniqueViolationError] == 0

    async def test_two_change_its_tables(self, floor: Floor) -> None:
        booked = await floor.book("t1")
        await floor.meet(floor.rebook(booked, "t2"), floor.rebook(booked, "t3"))
        assert (await floor.booking(booked)).tableIds == ["t3"]

    async def test_it_is_cancelled_twice(self, floor: Floor) -> None:
        booked = await floor.book("t1")
        _, refusal = await floor.meet(floor.unbook(booked), floor.unbook(booked))
        assert isinstance(refusal, NotFound)

    async def test_it_is_cancelled_while_its_guests_are_seated(self, floor: Floor) -> None:
        booked = await floor.book("t1")
        body = party("t1", reservationId=booked)
        _, refusal = await floor.meet(floor.unbook(booked), floor.seat(body))
        assert isinstance(refusal, InvalidRequest)


async def test_a_hundred_parties_for_one_table(venue: Venue) -> None:
    bodies = [party("t1") for _ in range(100)]
    answers = await asyncio.gather(*(venue.call("POST", "/v1/parties", body) for body in bodies))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 99}


async def test_a_hundred_times_the_same_party(venue: Venue) -> None:
    body = party("t1", "t2")
    answers = await asyncio.gather(*(venue.call("POST", "/v1/parties", body) for _ in range(100)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1


_ORPHANS = """
    SELECT count(*) FROM customer_order o
    JOIN dining_table t ON (t.venue_id, t.id) = (o.venue_id, o.table_id)
    JOIN party_table s ON (s.venue_id, s.table_id) = (t.venue_id, t.id) AND s.is_live
    WHERE o.venue_id = $1 AND o.party_id IS NULL AND o.created_at >= coalesce(t.freed_at, '-infinity')
"""
_STRAYED = """
    SELECT count(*) FROM customer_order o
    JOIN party p ON (p.venue_id, p.id) = (o.venue_id, o.party_id) AND p.is_live
    WHERE o.venue_id = $1 AND NOT EXISTS (
        SELECT FROM party_table s
        WHERE (s.venue_id, s.party_id, s.table_id) = (o.venue_id, o.party_id, o.table_id))
"""


@contextmanager
def collected(refusals: list[BaseException]) -> Iterator[None]:
    try:
        yield
    except EposError as refusal:
        refusals.append(refusal)


async def test_a_busy_evening(floor: Floor, venue: Venue) -> None:
    """Hosts seat, move and delete, guests order; afterwards every order is where its guests are."""
    refusals: list[BaseException] = []
    late: list[BaseException] = []

    async def host(seed: int) -> None:
        luck = random.Random(seed)
        for _ in range(15):
            body = party(*luck.sample(venue.tables, k=luck.choice((1, 2))))
            with collected(refusals):
                guests = await floor.seat(body)
                for tables in (2, 1):
                    with collected(refusals):
                        await floor.move(guests.id, body, *luck.sample(venue.tables, k=tables))
                if luck.random() < 0.5:
                    await floor.delete(guests.id)
                else:
                    await floor.move(guests.id, body, endTime=ONE)

    async def waiter(seed: int) -> None:
        luck = random.Random(seed)
        for _ in range(30):
            with collected(late):
                await floor.order(tableId=luck.choice(venue.tables))

    await asyncio.gather(*(host(seed) for seed in range(4)), *(waiter(seed) for seed in (7, 8)))
    assert {type(refusal) for refusal in refusals} <= {Conflict}
    # An order whose table changes hands three times while it is being written is told to try again.
    assert {type(refusal) for refusal in late} <= {Unavailable}
    ends = floor.database.ends
    assert ends[asyncpg.DeadlockDetectedError] == ends[asyncpg.UniqueViolationError] == 0
    async with floor.database.connection() as connection:
        assert await connection.fetchval(_ORPHANS, venue.id) == 0
        assert await connection.fetchval(_STRAYED, venue.id) == 0
