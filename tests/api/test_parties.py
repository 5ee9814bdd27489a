"""Guests sit down, move and leave."""

from typing import Any

import pytest

from tests.support.floor import NOON, ONE, TWO, book, party, seat, seated
from tests.support.venues import Venue

PATH = "/v1/parties"
ALL_FIELDS = {
    "name": "Ada Lovelace",
    "covers": 4,
    "status": "Starters",
    "expectedEndTime": TWO,
    "hostNotes": "by the window",
    "guestRequests": "a high chair",
    "deposit": {
        "totalAmount": {"value": 2000, "currencyCode": "GBP"},
        "description": "£5 a head",
        "paymentIntentIds": ["pi_1", "pi_2"],
    },
}


async def ids_found(venue: Venue, **filters: Any) -> list[str]:
    page = await venue.ok("POST", f"{PATH}/search", filters)
    return [found["id"] for found in page["data"]]


class TestSeating:
    async def test_a_walk_in_is_seated(self, venue: Venue) -> None:
        answer = await seat(venue, "t1", **ALL_FIELDS)
        assert answer.pop("id").startswith("pty_")
        assert answer == {"tableIds": ["t1"], "startTime": NOON} | ALL_FIELDS

    async def test_what_was_not_said_is_left_out(self, venue: Venue) -> None:
        answer = await seat(venue, "t1")
        assert answer.keys() == {"id", "tableIds", "status", "startTime"}

    @pytest.mark.parametrize("fields", [{}, {"status": ""}, {"status": None}])
    async def test_a_status_is_supplied(self, venue: Venue, fields: dict[str, Any]) -> None:
        assert (await seat(venue, "t1", **fields))["status"] == "Seated"

    async def test_it_can_be_read_again(self, venue: Venue) -> None:
        answer = await seat(venue, "t1", **ALL_FIELDS)
        assert await venue.ok("GET", f"{PATH}/{answer['id']}") == answer

    async def test_a_large_party_takes_several_tables_in_the_order_sent(self, venue: Venue) -> None:
        answer = await seat(venue, "t3", "t1", "t3", "p1", "t1")
        assert answer["tableIds"] == ["t3", "t1", "p1"]

    async def test_a_taken_table_is_refused_by_its_name(self, venue: Venue) -> None:
        first = await seat(venue, "t2", "t1")
        error = await venue.refused(409, "POST", PATH, party("t3", "t1"))
        assert error["errorType"] == "Conflict"
        assert "Table 1" in error["debugMessage"]
        assert first["id"] in error["debugMessage"]
        assert await ids_found(venue) == [first["id"]]

    async def test_an_unknown_table_is_named_by_its_place(self, venue: Venue) -> None:
        error = await venue.refused(400, "POST", PATH, party("t1", "t1", "t99"))
        assert error["errorType"] == "InvalidRequest"
        assert "tableIds[2]" in error["debugMessage"]
        assert await ids_found(venue) == []

    async def test_other_money_than_the_venues_is_refused(self, venue: Venue) -> None:
        deposit = {"totalAmount": {"value": 1, "currencyCode": "EUR"}, "paymentIntentIds": []}
        error = await venue.refused(400, "POST", PATH, party("t1", deposit=deposit))
        assert "deposit.totalAmount.currencyCode" in error["debugMessage"]

    async def test_another_venue_has_tables_and_keys_of_its_own(
        self, venue: Venue, other_venue: Venue
    ) -> None:
        body = party("t1")
        here, there = await venue.ok("POST", PATH, body), await other_venue.ok("POST", PATH, body)
        assert here["id"] != there["id"]
        await venue.refused(404, "GET", f"{PATH}/{there['id']}")


class TestFromAReservation:
    async def test_by_our_id(self, venue: Venue) -> None:
        booked = await book(venue, "t1")
        answer = await seat(venue, "t1", reservationId=booked["id"], dojoReservationId="other")
        assert answer["reservationId"] == booked["id"]

    async def test_by_dojos_id(self, venue: Venue) -> None:
        booked = await book(venue, "t1", dojoReservationId="res-7")
        answer = await seat(venue, "t2", dojoReservationId="res-7")
        assert answer["reservationId"] == booked["id"]
        assert await venue.ok("GET", f"/v1/reservations/{booked['id']}") == booked

    async def test_dojo_may_know_one_that_we_do_not(self, venue: Venue) -> None:
        assert "reservationId" not in await seat(venue, "t1", dojoReservationId="res-8")

    async def test_ours_must_be_there(self, venue: Venue) -> None:
        booked = await book(venue, "t1")
        await venue.ok("DELETE", f"/v1/reservations/{booked['id']}")
        for reservation_id in ("rsv_none", booked["id"]):
            body = party("t1", reservationId=reservation_id)
            error = await venue.refused(400, "POST", PATH, body)
            assert "reservationId" in error["debugMessage"]

    async def test_a_deleted_one_is_not_found_by_dojos_id(self, venue: Venue) -> None:
        booked = await book(venue, "t1", dojoReservationId="res-9")
        await venue.ok("DELETE", f"/v1/reservations/{booked['id']}")
        assert "reservationId" not in await seat(venue, "t1", dojoReservationId="res-9")

    async def test_deleting_it_later_leaves_the_party_as_it_is(self, venue: Venue) -> None:
        booked = await book(venue, "t1")
        answer = await seat(venue, "t1", reservationId=booked["id"])
        await venue.ok("DELETE", f"/v1/reservations/{booked['id']}")
        assert await venue.ok("GET", f"{PATH}/{answer['id']}") == answer
        body = seated(party("t1"), dojoPartyId="again")
        assert (await venue.ok("PUT", f"{PATH}/{answer['id']}", body))["reservationId"]


class TestSentAgain:
    async def test_after_a_lost_answer(self, venue: Venue) -> None:
        body = party("t1", **ALL_FIELDS)
        first = await venue.ok("POST", PATH, body)
        same_instant = body | {"startTime": "2024-08-12T13:00:00+01:00", "new": "field"}
        assert await venue.ok("POST", PATH, same_instant) == first
        assert await ids_found(venue) == [first["id"]]

    async def test_it_answers_the_party_as_it_is_now(self, venue: Venue) -> None:
        body = party("t1")
        party_id = (await venue.ok("POST", PATH, body))["id"]
        changed = seated(body, "t2", name="Ada", endTime=ONE)
        now = await venue.ok("PUT", f"{PATH}/{party_id}", changed)
        await seat(venue, "t1")
        assert await venue.ok("POST", PATH, body) == now

    async def test_other_content_under_the_same_key_is_a_conflict(self, venue: Venue) -> None:
        body = party("t1")
        await venue.ok("POST", PATH, body)
        error = await venue.refused(409, "POST", PATH, body | {"covers": 3, "tableIds": ["t99"]})
        assert "dojoPartyId" in error["debugMessage"]

    async def test_a_deleted_partys_key_is_free_again(self, venue: Venue) -> None:
        body = party("t1")
        first = await venue.ok("POST", PATH, body)
        await venue.ok("DELETE", f"{PATH}/{first['id']}")
        second = await venue.ok("POST", PATH, body)
        assert second["id"] != first["id"]


class TestChanges:
    async def test_what_is_sent_is_set_and_the_rest_is_cleared(self, venue: Venue) -> None:
        booked = await book(venue, "t1")
        body = party("t1", **ALL_FIELDS, reservationId=booked["id"])
        party_id = (await venue.ok("POST", PATH, body))["id"]
        bare = {"dojoPartyId": body["dojoPartyId"], "startTime": ONE}
        bare |= {"status": "Paying", "tableIds": ["t1"]}
        answer = await venue.ok("PUT", f"{PATH}/{party_id}", bare)
        assert answer == {
            "id": party_id,
            "reservationId": booked["id"],
            "startTime": ONE,
            "status": "Paying",
            "tableIds": ["t1"],
        }
        everything = seated(body, **ALL_FIELDS)
        again = await venue.ok("PUT", f"{PATH}/{party_id}", everything)
        assert again.items() >= ALL_FIELDS.items()

    async def test_a_party_of_two_tables_moves(self, venue: Venue) -> None:
        body = party("t1", "t2")
        party_id = (await venue.ok("POST", PATH, body))["id"]
        moved = await venue.ok("PUT", f"{PATH}/{party_id}", seated(body, "t3", "t2"))
        assert moved["tableIds"] == ["t3", "t2"]
        await seat(venue, "t1")
        for table_id in ("t2", "t3"):
            await venue.refused(409, "POST", PATH, party(table_id))

    async def test_the_same_tables_in_another_order(self, venue: Venue) -> None:
        body = party("t1", "t2")
        party_id = (await venue.ok("POST", PATH, body))["id"]
        moved = await venue.ok("PUT", f"{PATH}/{party_id}", seated(body, "t2", "t1", "t2"))
        assert moved["tableIds"] == ["t2", "t1"]

    async def test_onto_a_taken_table_is_refused(self, venue: Venue) -> None:
        body = party("t1")
        answer, other = await venue.ok("POST", PATH, body), await seat(venue, "t2")
        error = await venue.refused(409, "PUT", f"{PATH}/{answer['id']}", seated(body, "t1", "t2"))
        assert "Table 2" in error["debugMessage"]
        assert other["id"] in error["debugMessage"]
        assert await venue.ok("GET", f"{PATH}/{answer['id']}") == answer

    async def test_onto_an_unknown_table_is_refused(self, venue: Venue) -> None:
        body = party("t1")
        party_id = (await venue.ok("POST", PATH, body))["id"]
        sent = seated(body, "t1", "t99")
        error = await venue.refused(400, "PUT", f"{PATH}/{party_id}", sent)
        assert "tableIds[1]" in error["debugMessage"]

    async def test_another_key_replaces_the_stored_one(self, venue: Venue) -> None:
        body = party("t1")
        party_id = (await venue.ok("POST", PATH, body))["id"]
        await venue.ok("PUT", f"{PATH}/{party_id}", seated(body, dojoPartyId="renamed"))
        # The old key is free; the new one was never the key of a CreateParty.
        assert (await venue.ok("POST", PATH, body | {"tableIds": ["t2"]}))["id"] != party_id
        renamed = body | {"dojoPartyId": "renamed"}
        await venue.refused(409, "POST", PATH, renamed)

    async def test_another_partys_key_is_refused(self, venue: Venue) -> None:
        mine, others = party("t1"), party("t2")
        party_id = (await venue.ok("POST", PATH, mine))["id"]
        other_id = (await venue.ok("POST", PATH, others))["id"]
        body = seated(mine, dojoPartyId=others["dojoPartyId"])
        error = await venue.refused(409, "PUT", f"{PATH}/{party_id}", body)
        assert "dojoPartyId" in error["debugMessage"]
        await venue.ok("DELETE", f"{PATH}/{other_id}")
        await venue.ok("PUT", f"{PATH}/{party_id}", body)

    async def test_of_nobody_is_not_found(self, venue: Venue) -> None:
        for party_id in ("pty_none", "it is not ' an id"):
            await venue.refused(404, "GET", f"{PATH}/{party_id}")
            await venue.refused(404, "PUT", f"{PATH}/{party_id}", seated(party("t1")))
            await venue.refused(404, "DELETE", f"{PATH}/{party_id}")


class TestLeaving:
    @pytest.mark.parametrize("end_time", [ONE, NOON, "2999-01-01T00:00:00.000Z"])
    async def test_guests_leave_and_the_table_is_free(self, venue: Venue, end_time: str) -> None:
        body = party("t1", "t2")
        party_id = (await venue.ok("POST", PATH, body))["id"]
        gone = await venue.ok("PUT", f"{PATH}/{party_id}", seated(body, endTime=end_time))
        assert gone["endTime"] == end_time
        assert gone["tableIds"] == ["t1", "t2"]
        await seat(venue, "t1")
        await seat(venue, "t2")

    async def test_not_before_they_came(self, venue: Venue) -> None:
        body = party("t1", startTime=ONE)
        party_id = (await venue.ok("POST", PATH, body))["id"]
        sent = seated(body, endTime=NOON)
        error = await venue.refused(400, "PUT", f"{PATH}/{party_id}", sent)
        assert "endTime" in error["debugMessage"]
        assert await ids_found(venue) == [party_id]

    async def test_a_party_that_left_can_still_be_corrected(self, venue: Venue) -> None:
        body = party("t1")
        party_id = (await venue.ok("POST", PATH, body))["id"]
        await venue.ok("PUT", f"{PATH}/{party_id}", seated(body, endTime=ONE))
        next_guests = await seat(venue, "t1")
        corrected = seated(body, "t1", "t2", endTime=TWO, covers=5)
        assert (await venue.ok("PUT", f"{PATH}/{party_id}", corrected))["covers"] == 5
        assert await ids_found(venue) == [next_guests["id"]]

    async def test_guests_come_back(self, venue: Venue) -> None:
        body = party("t1", "t2")
        party_id = (await venue.ok("POST", PATH, body))["id"]
        await venue.ok("PUT", f"{PATH}/{party_id}", seated(body, endTime=ONE))
        back = await venue.ok("PUT", f"{PATH}/{party_id}", seated(body))
        assert "endTime" not in back
        await venue.refused(409, "POST", PATH, party("t2"))

    async def test_not_to_a_table_that_others_have_now(self, venue: Venue) -> None:
        body = party("t1", "t2")
        party_id = (await venue.ok("POST", PATH, body))["id"]
        await venue.ok("PUT", f"{PATH}/{party_id}", seated(body, endTime=ONE))
        await seat(venue, "t2")
        error = await venue.refused(409, "PUT", f"{PATH}/{party_id}", seated(body))
        assert "Table 2" in error["debugMessage"]
        back = await venue.ok("PUT", f"{PATH}/{party_id}", seated(body, "t3"))
        assert back["tableIds"] == ["t3"]
        await seat(venue, "t1")

    async def test_a_deleted_party_is_gone(self, venue: Venue) -> None:
        body = party("t1")
        path = f"{PATH}/{(await venue.ok('POST', PATH, body))['id']}"
        response = await venue.call("DELETE", path)
        assert (response.status_code, response.content) == (200, b"")
        await venue.refused(404, "GET", path)
        await venue.refused(404, "PUT", path, seated(body))
        await venue.refused(404, "DELETE", path)
        assert await ids_found(venue) == await ids_found(venue, completedOnly=True) == []
        await seat(venue, "t1")

    async def test_a_party_that_left_can_be_deleted(self, venue: Venue) -> None:
        body = party("t1")
        party_id = (await venue.ok("POST", PATH, body))["id"]
        await venue.ok("PUT", f"{PATH}/{party_id}", seated(body, endTime=ONE))
        others = await seat(venue, "t1")
        await venue.ok("DELETE", f"{PATH}/{party_id}")
        assert await ids_found(venue) == [others["id"]]
        assert await ids_found(venue, completedOnly=True) == []


class TestSearch:
    async def test_who_sits_now_and_who_has_left(self, venue: Venue) -> None:
        late = await seat(venue, "t1", startTime=TWO)
        early = await seat(venue, "t2", "t3", startTime=NOON)
        body = party("t10", startTime=ONE)
        left = (await venue.ok("POST", PATH, body))["id"]
        await venue.ok("PUT", f"{PATH}/{left}", seated(body, endTime=TWO))
        live = [early["id"], late["id"]]
        assert await ids_found(venue) == await ids_found(venue, completedOnly=False) == live
        assert await ids_found(venue, completedOnly=True) == [left]
        assert await ids_found(venue, tableId="t3") == [early["id"]]
        assert await ids_found(venue, tableId="t10") == []
        assert await ids_found(venue, tableId="t10", completedOnly=True) == [left]
        assert await ids_found(venue, tableId="t3", completedOnly=True) == []

    async def test_the_answer_is_the_party(self, venue: Venue) -> None:
        answer = await seat(venue, "t2", "t1", **ALL_FIELDS)
        assert (await venue.ok("POST", f"{PATH}/search", {}))["data"] == [answer]

    async def test_pages_while_guests_come_and_go(self, venue: Venue) -> None:
        for table_id in ("t1", "t2", "t3", "t10"):
            await seat(venue, table_id, startTime=ONE)
        everyone = await ids_found(venue)
        first = await venue.ok("POST", f"{PATH}/search", {"cursor": {"limit": 2}})
        assert "before" not in first
        await seat(venue, "p1", startTime=NOON)
        await venue.ok("DELETE", f"{PATH}/{everyone[0]}")
        cursor = {"limit": 2, "after": first["after"]}
        second = await venue.ok("POST", f"{PATH}/search", {"cursor": cursor})
        pages = [*first["data"], *second["data"]]
        assert [found["id"] for found in pages] == everyone
        assert "after" not in second
        cursor = {"limit": 2, "before": second["before"]}
        back = await venue.ok("POST", f"{PATH}/search", {"cursor": cursor})
        assert [found["startTime"] for found in back["data"]] == [NOON, ONE]

    async def test_a_cursor_belongs_to_its_search(self, venue: Venue) -> None:
        await seat(venue, "t1")
        await seat(venue, "t2")
        after = (await venue.ok("POST", f"{PATH}/search", {"cursor": {"limit": 1}}))["after"]
        body = {"cursor": {"after": after}, "completedOnly": True}
        await venue.refused(400, "POST", f"{PATH}/search", body)


class TestAccess:
    """Anna looks after the main area but for table 3, which is Ben's; the terrace is nobody's."""

    async def test_hidden_guests_are_not_found(self, assigned_venue: Venue) -> None:
        venue, body = assigned_venue, party("t3")
        path = f"{PATH}/{(await venue.ok('POST', PATH, body))['id']}"
        await venue.refused(404, "GET", path, waiter_id="anna")
        await venue.refused(404, "PUT", path, seated(body), waiter_id="anna")
        await venue.refused(404, "DELETE", path, waiter_id="anna")
        for waiter_id in ("ben", "max"):
            await venue.ok("GET", path, waiter_id=waiter_id)
        await venue.ok("DELETE", path, waiter_id="ben")

    async def test_a_search_finds_what_may_be_seen(self, assigned_venue: Venue) -> None:
        venue = assigned_venue
        hers, his = await seat(venue, "t1"), await seat(venue, "t3")
        for waiter_id, seen in (("anna", [hers]), ("ben", [his]), ("max", [hers, his])):
            page = await venue.ok("POST", f"{PATH}/search", {}, waiter_id=waiter_id)
            assert page["data"] == seen

    async def test_any_table_of_a_party_shows_it(self, assigned_venue: Venue) -> None:
        answer = await seat(assigned_venue, "t1", "t3")
        for waiter_id in ("anna", "ben"):
            path = f"{PATH}/{answer['id']}"
            assert await assigned_venue.ok("GET", path, waiter_id=waiter_id) == answer
        await assigned_venue.refused(404, "GET", path, waiter_id="cleo")

    async def test_nobodys_tables_are_everybodys(self, assigned_venue: Venue) -> None:
        body = party("p1")
        answer = await assigned_venue.ok("POST", PATH, body, waiter_id="a stranger")
        path = f"{PATH}/{answer['id']}"
        assert await assigned_venue.ok("GET", path, waiter_id="cleo") == answer

    async def test_a_hidden_table_is_an_unknown_one(self, assigned_venue: Venue) -> None:
        body = party("t1", "t3")
        error = await assigned_venue.refused(400, "POST", PATH, body, waiter_id="anna")
        assert "tableIds[1]" in error["debugMessage"]
        answer = await assigned_venue.ok("POST", PATH, body | {"tableIds": ["t1"]})
        path = f"{PATH}/{answer['id']}"
        await assigned_venue.refused(400, "PUT", path, seated(body), waiter_id="anna")

    async def test_but_not_where_the_party_sits_already(self, assigned_venue: Venue) -> None:
        body = party("t1", "t3")
        path = f"{PATH}/{(await assigned_venue.ok('POST', PATH, body))['id']}"
        sent = seated(body, covers=3)
        answer = await assigned_venue.ok("PUT", path, sent, waiter_id="anna")
        assert answer["covers"] == 3
