"""Which guests an order belongs to, and how it follows them; and what the audit trail says."""

from typing import Any

import pytest

from tests.support.audit import trail
from tests.support.floor import (
    ONE,
    Json,
    book,
    coffee,
    open_coffee,
    party,
    place_of,
    reservation,
    seat,
    seated,
)
from tests.support.venues import Venue

PATH = "/v1/parties"


async def move(venue: Venue, body: Json, party_id: str, *tables: str, **fields: Any) -> None:
    await venue.ok("PUT", f"{PATH}/{party_id}", seated(body, *tables, **fields))


class TestSeating:
    async def test_a_dessert_ordered_before_the_host_seated_them(self, venue: Venue) -> None:
        dessert, elsewhere = await open_coffee(venue, tableId="t1"), await open_coffee(venue)
        party_id = (await seat(venue, "t2", "t1"))["id"]
        assert await place_of(venue, dessert) == ("t1", party_id)
        assert await place_of(venue, elsewhere) == (None, None)
        found = await venue.ok("POST", "/v1/orders/search", {"dineIn": {"partyId": party_id}})
        assert [one["id"] for one in found["data"]] == [dessert]

    async def test_an_order_is_changed_by_it(self, venue: Venue) -> None:
        order_id = await open_coffee(venue, tableId="t1")
        before = await venue.ok("GET", f"/v1/orders/{order_id}")
        party_id = (await seat(venue, "t1"))["id"]
        after = await venue.ok("GET", f"/v1/orders/{order_id}")
        assert after["updatedAt"] > before["updatedAt"]
        assert after["createdAt"] == before["createdAt"]
        entries = await trail(venue, order_id)
        assert [entry["action"] for entry in entries] == ["order.created", "order.placed"]
        assert party_id in str(entries[-1]["details"])

    async def test_what_earlier_guests_left_open_is_not_theirs(self, venue: Venue) -> None:
        body = party("t1")
        earlier = (await venue.ok("POST", PATH, body))["id"]
        theirs = await open_coffee(venue, tableId="t1")
        await venue.ok("DELETE", f"{PATH}/{earlier}")
        later = (await seat(venue, "t1"))["id"]
        assert await place_of(venue, theirs) == ("t1", None)
        fresh = await open_coffee(venue, tableId="t1")
        assert await place_of(venue, fresh) == ("t1", later)

    async def test_nor_what_was_ordered_at_a_table_they_had_left_by_then(
        self, venue: Venue
    ) -> None:
        body = party("t1")
        party_id = (await venue.ok("POST", PATH, body))["id"]
        await move(venue, body, party_id, "t2")
        between = await open_coffee(venue, tableId="t1")
        assert await place_of(venue, between) == ("t1", None)
        guests = (await seat(venue, "t1"))["id"]
        assert await place_of(venue, between) == ("t1", guests)

    async def test_what_is_cancelled_stays_nobodys(self, venue: Venue) -> None:
        order_id = await open_coffee(venue, tableId="t1")
        await venue.ok("DELETE", f"/v1/orders/{order_id}")
        await seat(venue, "t1")
        assert await place_of(venue, order_id) == ("t1", None)
        assert await trail(venue, order_id, "order.placed") == []


class TestPreOrders:
    async def test_a_pre_order_waits_for_its_reservation(self, venue: Venue) -> None:
        booked = await book(venue, "t1")
        lunch = (await seat(venue, "t1"))["id"]
        pre_order = await open_coffee(venue, tableId="t1", reservationId=booked["id"])
        assert await place_of(venue, pre_order) == ("t1", None)
        await venue.ok("DELETE", f"{PATH}/{lunch}")
        walk_in = (await seat(venue, "t1"))["id"]
        assert await place_of(venue, pre_order) == ("t1", None)
        await venue.ok("DELETE", f"{PATH}/{walk_in}")
        dinner = (await seat(venue, "t1", reservationId=booked["id"]))["id"]
        assert await place_of(venue, pre_order) == ("t1", dinner)

    async def test_it_comes_to_the_first_table_of_its_guests(self, venue: Venue) -> None:
        booked = await book(venue, "t1", dojoReservationId="res-1")
        orders = [
            await open_coffee(venue, reservationId=booked["id"], **table)
            for table in ({}, {"tableId": "t3"}, {"tableId": "t10"})
        ]
        party_id = (await seat(venue, "t2", "t10", dojoReservationId="res-1"))["id"]
        places = [await place_of(venue, order_id) for order_id in orders]
        assert places == [("t2", party_id), ("t2", party_id), ("t10", party_id)]

    async def test_or_at_once_when_they_sit_already(self, venue: Venue) -> None:
        booked = await book(venue, "t1")
        party_id = (await seat(venue, "t2", "t1", reservationId=booked["id"]))["id"]
        late = await open_coffee(venue, reservationId=booked["id"])
        assert await place_of(venue, late) == ("t2", party_id)


class TestMoving:
    async def test_orders_follow_to_the_first_new_table(self, venue: Venue) -> None:
        body = party("t1", "t2")
        party_id = (await venue.ok("POST", PATH, body))["id"]
        on_left = await open_coffee(venue, tableId="t1")
        on_kept = await open_coffee(venue, tableId="t2")
        closed = await open_coffee(venue, tableId="t1")
        await venue.ok("DELETE", f"/v1/orders/{closed}")
        await move(venue, body, party_id, "t3", "t2")
        assert await place_of(venue, on_left) == ("t3", party_id)
        assert await place_of(venue, on_kept) == ("t2", party_id)
        assert await place_of(venue, closed) == ("t1", party_id)

    async def test_what_was_ordered_where_they_arrive_is_theirs(self, venue: Venue) -> None:
        body = party("t1")
        party_id = (await venue.ok("POST", PATH, body))["id"]
        waiting = await open_coffee(venue, tableId="t2")
        await move(venue, body, party_id, "t2")
        assert await place_of(venue, waiting) == ("t2", party_id)


class TestLeaving:
    async def test_the_bill_stays_with_the_guests_who_left(self, venue: Venue) -> None:
        body = party("t1")
        party_id = (await venue.ok("POST", PATH, body))["id"]
        unpaid = await open_coffee(venue, tableId="t1")
        await move(venue, body, party_id, "t1", endTime=ONE)
        await seat(venue, "t1")
        assert await place_of(venue, unpaid) == ("t1", party_id)

    async def test_also_when_the_move_is_heard_of_only_then(self, venue: Venue) -> None:
        body = party("t1")
        party_id = (await venue.ok("POST", PATH, body))["id"]
        unpaid = await open_coffee(venue, tableId="t1")
        where_they_went = await open_coffee(venue, tableId="t2")
        others = (await seat(venue, "t3"))["id"]
        await move(venue, body, party_id, "t2", "t3", endTime=ONE)
        assert await place_of(venue, unpaid) == ("t1", party_id)
        await seat(venue, "t2")
        assert await place_of(venue, where_they_went) == ("t2", None)
        assert await place_of(venue, await open_coffee(venue, tableId="t3")) == ("t3", others)

    @pytest.mark.parametrize("completed", [False, True])
    async def test_deleting_a_party_lets_its_orders_go(self, venue: Venue, completed: bool) -> None:
        body = party("t1")
        party_id = (await venue.ok("POST", PATH, body))["id"]
        order_id = await open_coffee(venue, tableId="t1")
        closed = await open_coffee(venue, tableId="t1")
        await venue.ok("DELETE", f"/v1/orders/{closed}")
        if completed:
            await move(venue, body, party_id, "t1", endTime=ONE)
        await venue.ok("DELETE", f"{PATH}/{party_id}")
        assert await place_of(venue, order_id) == ("t1", None)
        assert await place_of(venue, closed) == ("t1", party_id)

    async def test_correcting_a_party_that_left_frees_nobodys_table(self, venue: Venue) -> None:
        body = party("t1")
        party_id = (await venue.ok("POST", PATH, body))["id"]
        await move(venue, body, party_id, "t1", endTime=ONE)
        waiting = await open_coffee(venue, tableId="t1")
        await move(venue, body, party_id, "t1", endTime=ONE, covers=3)
        await venue.ok("DELETE", f"{PATH}/{party_id}")
        guests = (await seat(venue, "t1"))["id"]
        assert await place_of(venue, waiting) == ("t1", guests)

    async def test_guests_come_back_to_another_table(self, venue: Venue) -> None:
        body = party("t1")
        party_id = (await venue.ok("POST", PATH, body))["id"]
        theirs = await open_coffee(venue, tableId="t1")
        await move(venue, body, party_id, "t1", endTime=ONE)
        waiting = await open_coffee(venue, tableId="t2")
        await move(venue, body, party_id, "t2")
        assert await place_of(venue, theirs) == ("t2", party_id)
        assert await place_of(venue, waiting) == ("t2", party_id)


class TestAudit:
    async def test_each_change_leaves_a_line_without_the_guests_words(self, venue: Venue) -> None:
        private = {"name": "Ada Lovelace", "hostNotes": "notes", "guestRequests": "requests"}
        booked = await book(venue, "t1", **private)
        path = f"/v1/reservations/{booked['id']}"
        await venue.ok("PUT", path, reservation("t2", **private))
        body = party("t1", **private, reservationId=booked["id"])
        party_id = (await venue.ok("POST", PATH, body))["id"]
        await venue.ok("POST", PATH, body)
        await move(venue, body, party_id, "t2")
        await move(venue, body, party_id, "t2", endTime=ONE)
        await move(venue, body, party_id, "t2", endTime=ONE)
        await venue.ok("DELETE", f"{PATH}/{party_id}")
        await venue.ok("DELETE", path)
        told = await trail(venue, party_id)
        assert [entry["action"] for entry in told] == [
            "party.created",
            "party.updated",
            "party.completed",
            "party.updated",
            "party.deleted",
        ]
        bookings = await trail(venue, booked["id"])
        verbs = [entry["action"] for entry in bookings]
        assert verbs == ["reservation.created", "reservation.updated", "reservation.deleted"]
        text = " ".join(str(entry["details"]) for entry in told + bookings)
        assert not [words for words in private.values() if words in text]

    async def test_what_is_refused_leaves_none(self, venue: Venue) -> None:
        guests = await seat(venue, "t1")
        await venue.refused(409, "POST", PATH, party("t1"))
        waiting = await venue.ok("POST", "/v1/orders", coffee(tableId="t2"))
        await venue.refused(409, "POST", PATH, party("t2", "t1"))
        assert len(await trail(venue, guests["id"])) == 1
        assert len(await trail(venue, waiting["id"])) == 1
