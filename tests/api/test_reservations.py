"""Bookings: made, changed, cancelled and found."""

from typing import Any

import pytest

from tests.support.floor import NOON, ONE, TWO, book, party, reservation
from tests.support.venues import Venue

PATH = "/v1/reservations"
NOTES = {"hostNotes": "regulars", "guestRequests": "a birthday"}


async def found(venue: Venue, **filters: Any) -> list[Any]:
    data: list[Any] = (await venue.ok("POST", f"{PATH}/search", filters))["data"]
    return data


class TestBooking:
    async def test_a_table_is_booked(self, venue: Venue) -> None:
        body = reservation("t2", "t1", "t2", **NOTES)
        answer = await venue.ok("POST", PATH, body)
        assert answer["id"].startswith("rsv_")
        expected = {key: value for key, value in body.items() if key != "dojoReservationId"}
        assert answer == expected | {"id": answer["id"], "tableIds": ["t2", "t1"]}
        assert await venue.ok("GET", f"{PATH}/{answer['id']}") == answer

    async def test_bookings_may_overlap_and_guests_may_sit_there(self, venue: Venue) -> None:
        await venue.ok("POST", "/v1/parties", party("t1"))
        first, second = await book(venue, "t1"), await book(venue, "t1")
        assert first["id"] != second["id"]

    @pytest.mark.parametrize("end_time", [NOON, "2024-08-12T11:59:59Z"])
    async def test_it_ends_after_it_starts(self, venue: Venue, end_time: str) -> None:
        body = reservation("t1", endTime=end_time)
        error = await venue.refused(400, "POST", PATH, body)
        assert "endTime" in error["debugMessage"]

    async def test_an_unknown_table_is_named_by_its_place(self, venue: Venue) -> None:
        error = await venue.refused(400, "POST", PATH, reservation("t1", "t1", "t99"))
        assert "tableIds[2]" in error["debugMessage"]

    async def test_no_table_is_no_booking(self, venue: Venue) -> None:
        await venue.refused(400, "POST", PATH, reservation())

    async def test_another_venue_does_not_know_it(self, venue: Venue, other_venue: Venue) -> None:
        body = reservation("t1")
        here, there = await venue.ok("POST", PATH, body), await other_venue.ok("POST", PATH, body)
        assert here["id"] != there["id"]
        await venue.refused(404, "GET", f"{PATH}/{there['id']}")
        await venue.refused(404, "PUT", f"{PATH}/{there['id']}", body)
        await venue.refused(404, "DELETE", f"{PATH}/{there['id']}")


class TestSentAgain:
    async def test_after_a_lost_answer(self, venue: Venue) -> None:
        body = reservation("t1")
        first = await venue.ok("POST", PATH, body)
        same_instant = body | {"startTime": "2024-08-12T13:00:00+01:00", "hostNotes": None}
        assert await venue.ok("POST", PATH, same_instant) == first
        assert await found(venue) == [first]

    async def test_it_answers_the_booking_as_it_is_now(self, venue: Venue) -> None:
        body = reservation("t1")
        path = f"{PATH}/{(await venue.ok('POST', PATH, body))['id']}"
        now = await venue.ok("PUT", path, body | {"tableIds": ["t2"], "covers": 7})
        assert await venue.ok("POST", PATH, body) == now

    async def test_other_content_under_the_same_key_is_a_conflict(self, venue: Venue) -> None:
        body = reservation("t1")
        await venue.ok("POST", PATH, body)
        error = await venue.refused(409, "POST", PATH, body | {"covers": 3, "endTime": NOON})
        assert "dojoReservationId" in error["debugMessage"]

    async def test_a_deleted_bookings_key_is_free_again(self, venue: Venue) -> None:
        body = reservation("t1")
        first = await venue.ok("POST", PATH, body)
        await venue.ok("DELETE", f"{PATH}/{first['id']}")
        assert (await venue.ok("POST", PATH, body))["id"] != first["id"]


class TestChanges:
    async def test_what_is_sent_is_set_and_the_rest_is_cleared(self, venue: Venue) -> None:
        body = reservation("t1", "t2", **NOTES)
        answer = await venue.ok("POST", PATH, body)
        bare = reservation("t3", "t1", dojoReservationId=body["dojoReservationId"], covers=5)
        changed = await venue.ok("PUT", f"{PATH}/{answer['id']}", bare)
        assert changed.keys() == answer.keys() - NOTES.keys()
        assert (changed["tableIds"], changed["covers"]) == (["t3", "t1"], 5)
        assert await venue.ok("GET", f"{PATH}/{answer['id']}") == changed
        assert await found(venue, tableId="t2") == []

    async def test_rules_are_those_of_a_new_one(self, venue: Venue) -> None:
        body = reservation("t1")
        path = f"{PATH}/{(await venue.ok('POST', PATH, body))['id']}"
        await venue.refused(400, "PUT", path, body | {"endTime": NOON})
        await venue.refused(400, "PUT", path, body | {"tableIds": ["t99"]})

    async def test_another_key_replaces_the_stored_one(self, venue: Venue) -> None:
        body, renamed = reservation("t1"), {"dojoReservationId": "renamed"}
        answer = await venue.ok("POST", PATH, body)
        await venue.ok("PUT", f"{PATH}/{answer['id']}", body | renamed)
        await venue.refused(409, "POST", PATH, body | renamed)
        other = await venue.ok("POST", PATH, body)
        assert other["id"] != answer["id"]
        await venue.refused(409, "PUT", f"{PATH}/{answer['id']}", body)
        await venue.ok("DELETE", f"{PATH}/{other['id']}")
        await venue.ok("PUT", f"{PATH}/{answer['id']}", body)

    async def test_a_cancelled_booking_is_gone(self, venue: Venue) -> None:
        body = reservation("t1")
        path = f"{PATH}/{(await venue.ok('POST', PATH, body))['id']}"
        response = await venue.call("DELETE", path)
        assert (response.status_code, response.content) == (200, b"")
        for method, sent in (("GET", None), ("PUT", body), ("DELETE", None)):
            await venue.refused(404, method, path, sent)
        assert await found(venue) == []


class TestSearch:
    async def test_by_window_and_table(self, venue: Venue) -> None:
        lunch = await book(venue, "t1", startTime=NOON, endTime=TWO)
        coffee = await book(venue, "t2", "t1", startTime=ONE, endTime=TWO)
        brunch = await book(venue, "t2", startTime="2024-08-12T10:00:00.000Z", endTime=NOON)
        assert await found(venue) == [brunch, lunch, coffee]
        assert await found(venue, tableId="t1") == [lunch, coffee]
        assert await found(venue, fromTime=NOON, toTime=ONE) == [lunch]
        assert await found(venue, fromTime=NOON) == [lunch, coffee]
        assert await found(venue, toTime=NOON) == [brunch]
        assert await found(venue, fromTime=TWO) == []
        assert await found(venue, tableId="t2", fromTime=ONE) == [coffee]

    async def test_pages_while_bookings_come_in(self, venue: Venue) -> None:
        booked = [await book(venue, "t1") for _ in range(5)]
        pages, cursor = [], {"limit": 2}
        while True:
            page = await venue.ok("POST", f"{PATH}/search", {"cursor": cursor})
            pages += page["data"]
            await book(venue, "t1", startTime="2024-08-01T12:00:00.000Z")
            if "after" not in page:
                break
            cursor = {"limit": 2, "after": page["after"]}
        assert pages == booked

    async def test_a_cursor_belongs_to_its_search(self, venue: Venue) -> None:
        await book(venue, "t1")
        await book(venue, "t1")
        after = (await venue.ok("POST", f"{PATH}/search", {"cursor": {"limit": 1}}))["after"]
        body = {"cursor": {"after": after}, "fromTime": NOON}
        await venue.refused(400, "POST", f"{PATH}/search", body)


class TestAccess:
    async def test_bookings_are_hidden_from_nobody(self, assigned_venue: Venue) -> None:
        venue = assigned_venue
        body = reservation("t3", "t1")
        answer = await venue.ok("POST", PATH, body)
        path = f"{PATH}/{answer['id']}"
        assert await venue.ok("GET", path, waiter_id="cleo") == answer
        assert (await venue.ok("PUT", path, body, waiter_id="cleo")) == answer
        page = await venue.ok("POST", f"{PATH}/search", {}, waiter_id="cleo")
        assert page["data"] == [answer]
        await venue.ok("DELETE", path, waiter_id="cleo")

    async def test_but_tables_are(self, assigned_venue: Venue) -> None:
        body = reservation("t1", "t3")
        error = await assigned_venue.refused(400, "POST", PATH, body, waiter_id="anna")
        assert "tableIds[1]" in error["debugMessage"]
