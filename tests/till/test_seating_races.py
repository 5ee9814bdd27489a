"""Two hosts, or a host and Dojo, at one party, one table or one reservation in the same moment."""

import json
from collections.abc import Coroutine
from typing import Any

import asyncpg
import pytest

from epos.contract.codec import to_wire, validate
from epos.contract.orders import CreateOrderLockRequest, CreateOrderRequest, Order
from epos.contract.parties import CreatePartyRequest, UpdatePartyRequest
from epos.contract.reservations import UpdateReservationRequest
from epos.domain.errors import Conflict, InvalidRequest, NotFound
from epos.domain.requester import Requester
from epos.store.failures import Retry
from epos.till_contract.parties import (
    EditPartyRequest,
    FinishPartyRequest,
    Party,
    SeatPartyRequest,
)
from epos.till_contract.reservations import (
    BookRequest,
    CancelReservationRequest,
    EditReservationRequest,
    Reservation,
)
from tests.support.clock import long_ahead
from tests.support.floor import NOON, TWO, Json, coffee, party, reservation, seated
from tests.support.services import WiredServices
from tests.support.venues import Venue

FAR = long_ahead()


def place_of(answer: Order) -> Json:
    dine_in: Json = json.loads(to_wire(answer))["details"]["dineIn"]
    return dine_in


class House:
    """One venue, with hosts at two tills and Dojo."""

    def __init__(self, services: WiredServices, venue_id: str) -> None:
        self._services, self.database = services, services.database
        self.orders = services.dojo.orders
        self.host = Requester(venue_id, credential="till", trace_id="0" * 32)
        self.dojo = Requester(venue_id, credential="dojo", trace_id="1" * 32)
        self.seating = services.till.seating

    async def seat(self, *tables: str, **fields: Any) -> Party:
        body = {"tableIds": list(tables), "covers": 2} if tables else {}
        return await self.seating.seat(validate(SeatPartyRequest, body | fields), self.host)

    async def edit(self, seen: Party, **fields: Any) -> Party:
        request = validate(EditPartyRequest, {"version": seen.version} | fields)
        return await self.seating.edit_party(seen.id, request, self.host)

    async def finish(self, seen: Party) -> Party:
        request = FinishPartyRequest(version=seen.version)
        return await self.seating.finish_party(seen.id, request, self.host)

    async def book(self, *tables: str, **fields: Any) -> Reservation:
        body = {"name": "Ada", "covers": 2, "startTime": NOON, "endTime": TWO, "confirm": True}
        body |= {"tableIds": list(tables)} | fields
        return await self.seating.book(validate(BookRequest, body), self.host)

    async def rebook(self, seen: Reservation, **fields: Any) -> Reservation:
        request = validate(EditReservationRequest, {"version": seen.version} | fields)
        return await self.seating.edit_reservation(seen.id, request, self.host)

    async def cancel(self, seen: Reservation) -> None:
        request = CancelReservationRequest(version=seen.version)
        await self.seating.cancel_reservation(seen.id, request, self.host)

    async def dojo_seats(self, body: Json) -> Any:
        return await self._services.dojo.parties.create(
            validate(CreatePartyRequest, body), self.dojo
        )

    async def dojo_moves(self, party_id: str, *tables: str) -> Any:
        request = validate(UpdatePartyRequest, seated(party(*tables)))
        return await self._services.dojo.parties.update(party_id, request, self.dojo)

    async def dojo_rebooks(self, reservation_id: str, *tables: str) -> Any:
        request = validate(UpdateReservationRequest, reservation(*tables))
        return await self._services.dojo.reservations.update(reservation_id, request, self.dojo)

    async def order(self, **dine_in: Any) -> str:
        request = validate(CreateOrderRequest, coffee(**dine_in))
        return (await self.orders.create(request, self.dojo)).id

    async def terminal_locks(self, order_id: str) -> Any:
        request = CreateOrderLockRequest(lockId="terminal", expiry=FAR)
        return await self._services.dojo.locks.create(order_id, request, self.dojo)

    async def meet(
        self, first: Coroutine[Any, Any, Any], second: Coroutine[Any, Any, Any]
    ) -> list[Any]:
        results = await self._services.meet(first, second)
        # Refused by the rules, not by the indexes that stand behind them.
        assert self.database.ends[asyncpg.UniqueViolationError] == 0
        return results

    async def now(self, party_id: str) -> Party:
        return await self.seating.get_party(party_id, self.host)


@pytest.fixture
def house(services: WiredServices, venue: Venue) -> House:
    return House(services, venue.id)


class TestOneParty:
    async def test_two_hosts_change_it(self, house: House) -> None:
        seen = await house.seat("t1")
        won, lost = await house.meet(
            house.edit(seen, covers=4), house.edit(seen, tableIds=["t2"], covers=3)
        )
        assert isinstance(lost, Conflict)
        assert await house.now(seen.id) == won

    async def test_dojo_moves_it_while_a_host_does(self, house: House) -> None:
        seen = await house.seat("t1")
        _, lost = await house.meet(
            house.dojo_moves(seen.id, "t2"), house.edit(seen, tableIds=["t3"])
        )
        assert isinstance(lost, Conflict)
        assert (await house.now(seen.id)).tableIds == ["t2"]

    async def test_it_is_finished_while_it_is_moved(self, house: House) -> None:
        seen = await house.seat("t1")
        gone, lost = await house.meet(house.finish(seen), house.edit(seen, tableIds=["t2"]))
        assert isinstance(lost, Conflict)
        assert await house.now(seen.id) == gone
        assert (await house.seat("t1", "t2")).tableIds == ["t1", "t2"]


class TestOneTable:
    async def test_a_host_and_dojo_seat_guests_there(self, house: House) -> None:
        ours, theirs = await house.meet(house.seat("t1"), house.dojo_seats(party("t2", "t1")))
        assert isinstance(theirs, Conflict)
        assert ours.id in theirs.message

    async def test_it_is_taken_the_moment_it_is_left(self, house: House) -> None:
        seen = await house.seat("t1")
        _, next_guests = await house.meet(house.finish(seen), house.seat("t1"))
        assert next_guests.tableIds == ["t1"]

    async def test_an_order_comes_while_its_guests_move(self, house: House) -> None:
        seen = await house.seat("t1")
        order_id, _ = await house.meet(house.order(tableId="t1"), house.edit(seen, tableIds=["t2"]))
        found = place_of(await house.orders.get(order_id, house.dojo))
        assert found == {"tableId": "t2", "partyId": seen.id}


class TestATerminal:
    async def test_it_locks_the_order_while_the_guests_move(self, house: House) -> None:
        seen = await house.seat("t1")
        order_id = await house.order(tableId="t1")
        _, refusal = await house.meet(
            house.terminal_locks(order_id), house.edit(seen, tableIds=["t2"])
        )
        assert isinstance(refusal, Conflict)
        assert order_id in refusal.message
        assert await house.now(seen.id) == seen

    async def test_the_guests_move_while_it_locks_the_order(self, house: House) -> None:
        """It is told where the order is now."""
        seen = await house.seat("t1")
        order_id = await house.order(tableId="t1")
        _, locked = await house.meet(
            house.edit(seen, tableIds=["t2"]), house.terminal_locks(order_id)
        )
        assert place_of(locked)["tableId"] == "t2"


class TestOneReservation:
    async def test_two_hosts_seat_its_guests(self, house: House) -> None:
        booked = await house.book("t1")
        guests, refusal = await house.meet(
            house.seat("t1", reservationId=booked.id), house.seat("t2", reservationId=booked.id)
        )
        assert isinstance(refusal, Conflict)
        assert guests.id in refusal.message

    async def test_dojo_seats_them_while_a_host_does(self, house: House) -> None:
        booked = await house.book("t1")
        _, refusal = await house.meet(
            house.dojo_seats(party("t2", reservationId=booked.id)),
            house.seat("t1", reservationId=booked.id),
        )
        assert isinstance(refusal, Conflict)

    async def test_it_moves_while_its_guests_sit_down(self, house: House) -> None:
        booked = await house.book("t1")
        _, guests = await house.meet(
            house.rebook(booked, tableIds=["t2"], covers=5), house.seat(reservationId=booked.id)
        )
        assert (guests.tableIds, guests.covers) == (["t2"], 5)
        assert house.database.ends[Retry] == 1

    async def test_it_is_cancelled_while_its_guests_sit_down(self, house: House) -> None:
        booked = await house.book("t1")
        _, refusal = await house.meet(house.cancel(booked), house.seat(reservationId=booked.id))
        assert isinstance(refusal, InvalidRequest)

    async def test_two_hosts_change_it(self, house: House) -> None:
        booked = await house.book("t1")
        _, lost = await house.meet(
            house.rebook(booked, covers=4), house.rebook(booked, tableIds=["t2"])
        )
        assert isinstance(lost, Conflict)
        now = await house.seating.get_reservation(booked.id, house.host)
        assert (now.covers, now.tableIds) == (4, ["t1"])

    async def test_dojo_changes_it_while_a_host_cancels_it(self, house: House) -> None:
        booked = await house.book("t1")
        _, lost = await house.meet(house.dojo_rebooks(booked.id, "t2"), house.cancel(booked))
        assert isinstance(lost, Conflict)

    async def test_it_is_cancelled_twice(self, house: House) -> None:
        booked = await house.book("t1")
        _, lost = await house.meet(house.cancel(booked), house.cancel(booked))
        assert isinstance(lost, NotFound)
