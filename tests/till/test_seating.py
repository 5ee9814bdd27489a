"""Guests at the till: seated, moved, finished, by the rules that hold for Dojo's too."""

from typing import Any

import pytest

from tests.support.audit import trail
from tests.support.clock import LONG_AHEAD, freeze
from tests.support.floor import (
    NOON,
    ONE,
    TWO,
    Json,
    book,
    open_coffee,
    party,
    place_of,
    seat,
    seated,
)
from tests.support.links import Outbox, connect
from tests.support.venues import Venue

PATH = "/till/v1/parties"


async def sit(venue: Venue, *table_ids: str, **fields: Any) -> Json:
    """Walk-ins at these tables."""
    body = {"tableIds": list(table_ids), "covers": 2} | fields
    answer: Json = await venue.till.ok("POST", PATH, body)
    return answer


async def sit_booked(venue: Venue, reservation_id: str, **fields: Any) -> Json:
    body = {"reservationId": reservation_id} | fields
    answer: Json = await venue.till.ok("POST", PATH, body)
    return answer


async def edit(venue: Venue, seen: Json, **fields: Any) -> Json:
    body = {"version": seen["version"]} | fields
    answer: Json = await venue.till.ok("PUT", f"{PATH}/{seen['id']}", body)
    return answer


async def finish(venue: Venue, seen: Json) -> Json:
    body = {"version": seen["version"]}
    answer: Json = await venue.till.ok("POST", f"{PATH}/{seen['id']}/finish", body)
    return answer


async def refused(venue: Venue, status: int, method: str, path: str, body: Json) -> str:
    error = await venue.till.refused(status, method, f"{PATH}{path}", body)
    words: str = error["debugMessage"]
    return words


async def lock(venue: Venue, order_id: str) -> None:
    """A terminal takes the order."""
    body = {"lockId": f"lock-{order_id}", "expiry": LONG_AHEAD}
    await venue.ok("POST", f"/v1/orders/{order_id}/lock", body)


class TestWalkIns:
    async def test_they_sit_down_now(self, venue: Venue) -> None:
        await freeze(venue, ONE)
        fields = {"name": "Ada", "covers": 5, "hostNotes": "by the window", "expectedEndTime": TWO}
        answer = await sit(venue, "t3", "t1", "t3", **fields)
        assert answer == {
            "id": answer["id"],
            "version": 1,
            "tableIds": ["t3", "t1"],
            "status": "Seated",
            "startTime": ONE,
            "updatedAt": ONE,
            **fields,
        }
        assert await venue.till.ok("GET", f"{PATH}/{answer['id']}") == answer

    async def test_dojo_reads_them_as_its_own(self, venue: Venue) -> None:
        answer = await sit(venue, "t1", covers=3, name="Ada")
        read = await venue.ok("GET", f"/v1/parties/{answer['id']}")
        assert (read["covers"], read["name"], read["tableIds"]) == (3, "Ada", ["t1"])
        found = await venue.ok("POST", "/v1/parties/search", {"tableId": "t1"})
        assert found["data"] == [read]

    async def test_what_was_ordered_before_is_theirs(self, venue: Venue) -> None:
        order_id = await open_coffee(venue, tableId="t1")
        answer = await sit(venue, "t1")
        assert await place_of(venue, order_id) == ("t1", answer["id"])

    async def test_a_taken_table_is_refused_whoever_sits_there(self, venue: Venue) -> None:
        theirs = await seat(venue, "t1")
        words = await refused(venue, 409, "POST", "", {"tableIds": ["t2", "t1"], "covers": 2})
        assert "Table 1" in words
        assert theirs["id"] in words
        ours = await sit(venue, "t2")
        error = await venue.refused(409, "POST", "/v1/parties", party("t2"))
        assert ours["id"] in error["debugMessage"]

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"covers": 2}, "tableIds is required"),
            ({"tableIds": ["t1"]}, "covers is required"),
            ({"tableIds": [], "covers": 2}, "tableIds"),
            ({"tableIds": ["t1", "t99"], "covers": 2}, "tableIds[1]"),
            ({"tableIds": ["t1"], "covers": 2, "reservationId": "rsv_no"}, "reservationId"),
        ],
    )
    async def test_what_is_wrong_is_named(self, venue: Venue, body: Json, field: str) -> None:
        assert field in await refused(venue, 400, "POST", "", body)
        assert (await venue.till.ok("GET", PATH))["data"] == []

    async def test_a_request_sent_again_seats_nobody_twice(self, venue: Venue) -> None:
        body = {"key": "till-1/42", "tableIds": ["t1"], "covers": 2}
        first = await venue.till.ok("POST", PATH, body)
        assert await venue.till.ok("POST", PATH, body) == first
        await finish(venue, first)
        assert await venue.till.ok("POST", PATH, body) == first
        assert (await venue.till.ok("GET", PATH))["data"] == []
        assert "key" in await refused(venue, 409, "POST", "", body | {"covers": 3})


class TestFromAReservation:
    async def test_what_is_not_said_is_the_reservations(self, venue: Venue) -> None:
        booked = await book(
            venue, "t2", "t1", covers=4, hostNotes="regulars", guestRequests="a high chair"
        )
        answer = await sit_booked(venue, booked["id"])
        assert answer["reservationId"] == booked["id"]
        assert answer["expectedEndTime"] == booked["endTime"]
        same = ("name", "covers", "tableIds", "hostNotes", "guestRequests")
        assert [answer[name] for name in same] == [booked[name] for name in same]

    async def test_at_another_table_and_one_more_than_booked(self, venue: Venue) -> None:
        booked = await book(venue, "t1", covers=2)
        answer = await sit_booked(venue, booked["id"], tableIds=["t3"], covers=3)
        assert (answer["tableIds"], answer["covers"]) == (["t3"], 3)

    async def test_their_pre_order_waits_for_them(self, venue: Venue) -> None:
        booked = await book(venue, "t1")
        order_id = await open_coffee(venue, reservationId=booked["id"])
        answer = await sit_booked(venue, booked["id"], tableIds=["t2"])
        assert await place_of(venue, order_id) == ("t2", answer["id"])

    async def test_nobody_is_seated_twice(self, venue: Venue) -> None:
        booked = await book(venue, "t1")
        answer = await sit_booked(venue, booked["id"])
        again = {"reservationId": booked["id"], "tableIds": ["t2"]}
        assert answer["id"] in await refused(venue, 409, "POST", "", again)
        await finish(venue, answer)
        assert answer["id"] in await refused(venue, 409, "POST", "", again)

    async def test_nor_after_dojo_has_seated_them(self, venue: Venue) -> None:
        booked = await book(venue, "t1")
        theirs = await seat(venue, "t1", reservationId=booked["id"])
        again = {"reservationId": booked["id"], "tableIds": ["t2"]}
        assert theirs["id"] in await refused(venue, 409, "POST", "", again)


class TestChanges:
    async def test_what_is_not_said_stays(self, venue: Venue) -> None:
        seen = await sit(venue, "t1", name="Ada", hostNotes="by the window")
        answer = await edit(venue, seen, covers=1, status="Mains")
        assert answer["version"] == 2
        assert answer.items() >= {"covers": 1, "status": "Mains", "name": "Ada"}.items()
        cleared = await edit(venue, answer, name="", hostNotes="")
        assert {"name", "hostNotes"}.isdisjoint(cleared)

    async def test_what_dojo_and_the_guests_own_is_shown_and_stays(self, venue: Venue) -> None:
        deposit = {
            "totalAmount": {"value": 2000, "currencyCode": "GBP"},
            "description": "£5 a head",
            "paymentIntentIds": ["pi_1", "pi_2"],
        }
        theirs = await seat(venue, "t1", guestRequests="a high chair", deposit=deposit)
        seen = await venue.till.ok("GET", f"{PATH}/{theirs['id']}")
        assert seen["deposit"] == {
            "amount": 2000,
            "description": "£5 a head",
            "paymentIntentIds": ["pi_1", "pi_2"],
        }
        answer = await edit(venue, seen, covers=3)
        assert (answer["deposit"], answer["guestRequests"]) == (seen["deposit"], "a high chair")
        for field in ("guestRequests", "deposit", "startTime", "reservationId"):
            body = {"version": answer["version"], field: "no"}
            assert field in await refused(venue, 400, "PUT", f"/{seen['id']}", body)

    async def test_they_move_and_what_they_ordered_follows(self, venue: Venue) -> None:
        seen = await sit(venue, "t1")
        order_id = await open_coffee(venue, tableId="t1")
        moved = await edit(venue, seen, tableIds=["t2", "t3"])
        assert moved["tableIds"] == ["t2", "t3"]
        assert await place_of(venue, order_id) == ("t2", seen["id"])
        await sit(venue, "t1")

    async def test_tables_are_combined_and_parted(self, venue: Venue) -> None:
        seen = await sit(venue, "t1")
        order_id = await open_coffee(venue, tableId="t1")
        wide = await edit(venue, seen, tableIds=["t1", "t2"])
        await refused(venue, 409, "POST", "", {"tableIds": ["t2"], "covers": 2})
        narrow = await edit(venue, wide, tableIds=["t2"])
        assert narrow["tableIds"] == ["t2"]
        assert await place_of(venue, order_id) == ("t2", seen["id"])

    async def test_not_where_others_sit(self, venue: Venue) -> None:
        seen, others = await sit(venue, "t1"), await sit(venue, "t2")
        body = {"version": 1, "tableIds": ["t1", "t2"]}
        words = await refused(venue, 409, "PUT", f"/{seen['id']}", body)
        assert "Table 2" in words
        assert others["id"] in words
        assert await venue.till.ok("GET", f"{PATH}/{seen['id']}") == seen

    async def test_an_order_that_a_terminal_holds_stays_and_they_with_it(
        self, venue: Venue
    ) -> None:
        """Dojo may move it; staff wait until the guest has paid."""
        seen = await sit(venue, "t1")
        order_id = await open_coffee(venue, tableId="t1")
        await lock(venue, order_id)
        body = {"version": 1, "tableIds": ["t2"]}
        words = await refused(venue, 409, "PUT", f"/{seen['id']}", body)
        assert order_id in words
        assert LONG_AHEAD in words
        assert await venue.till.ok("GET", f"{PATH}/{seen['id']}") == seen
        assert await place_of(venue, order_id) == ("t1", seen["id"])
        wide = await edit(venue, seen, tableIds=["t2", "t1"], covers=6)  # it need not move
        assert await place_of(venue, order_id) == ("t1", seen["id"])
        by_dojo = seated(party("t3"))
        await venue.ok("PUT", f"/v1/parties/{seen['id']}", by_dojo)
        assert await place_of(venue, order_id) == ("t3", seen["id"])
        assert (await venue.till.ok("GET", f"{PATH}/{seen['id']}"))["version"] > wide["version"]

    async def test_a_pre_order_that_a_terminal_holds_is_not_brought_along(
        self, venue: Venue
    ) -> None:
        booked = await book(venue, "t1")
        order_id = await open_coffee(venue, tableId="t1", reservationId=booked["id"])
        await lock(venue, order_id)
        body = {"reservationId": booked["id"], "tableIds": ["t2"]}
        assert order_id in await refused(venue, 409, "POST", "", body)
        answer = await sit_booked(venue, booked["id"])
        assert await place_of(venue, order_id) == ("t1", answer["id"])


class TestTwoPeople:
    async def test_nobody_overwrites_what_they_did_not_see(self, venue: Venue) -> None:
        seen = await sit(venue, "t1")
        now = await edit(venue, seen, covers=4)
        for method, path, body in (
            ("PUT", "", {"tableIds": ["t2"]}),
            ("POST", "/finish", {}),
            ("POST", "/return", {}),
        ):
            words = await refused(venue, 409, method, f"/{seen['id']}{path}", {"version": 1} | body)
            assert "version 2" in words
            assert "version 1" in words
        assert await venue.till.ok("GET", f"{PATH}/{seen['id']}") == now

    async def test_dojos_changes_count(self, venue: Venue) -> None:
        created = party("t1")
        party_id = (await venue.ok("POST", "/v1/parties", created))["id"]
        seen = await venue.till.ok("GET", f"{PATH}/{party_id}")
        await venue.ok("PUT", f"/v1/parties/{party_id}", seated(created, status="Paying"))
        body = {"version": seen["version"], "status": "Mains"}
        await refused(venue, 409, "PUT", f"/{party_id}", body)

    async def test_a_write_needs_what_was_seen(self, venue: Venue) -> None:
        seen = await sit(venue, "t1")
        for version in ({}, {"version": None}, {"version": "1"}, {"version": 0}):
            body = {"covers": 3} | version
            assert "version" in await refused(venue, 400, "PUT", f"/{seen['id']}", body)


class TestLeaving:
    async def test_they_leave_now_and_the_tables_are_free(self, venue: Venue) -> None:
        await freeze(venue, NOON)
        seen = await sit(venue, "t1", "t2")
        await freeze(venue, ONE)
        gone = await finish(venue, seen)
        assert (gone["endTime"], gone["version"]) == (ONE, 2)
        assert await finish(venue, gone) == gone
        await sit(venue, "t1")
        await sit(venue, "t2")
        assert "endTime" in await venue.ok("GET", f"/v1/parties/{seen['id']}")

    async def test_nobody_leaves_before_they_came(self, venue: Venue) -> None:
        """Dojo's clock may be ahead of the venue's."""
        await freeze(venue, NOON)
        theirs = await seat(venue, "t1", startTime=ONE)
        gone = await finish(venue, await venue.till.ok("GET", f"{PATH}/{theirs['id']}"))
        assert gone["endTime"] == ONE

    async def test_finished_by_mistake_they_sit_again(self, venue: Venue) -> None:
        gone = await finish(venue, await sit(venue, "t1", "t2"))
        others = await sit(venue, "t2")
        path = f"/{gone['id']}/return"
        assert others["id"] in await refused(venue, 409, "POST", path, {"version": 2})
        body = {"version": 2, "tableIds": ["t1", "t3"]}
        back = await venue.till.ok("POST", f"{PATH}{path}", body)
        assert "endTime" not in back
        assert back["tableIds"] == ["t1", "t3"]
        assert "seated" in await refused(venue, 409, "POST", path, {"version": 3})

    async def test_a_party_that_left_can_be_corrected_and_stays_away(self, venue: Venue) -> None:
        gone = await finish(venue, await sit(venue, "t1"))
        others = await sit(venue, "t1")
        answer = await edit(venue, gone, covers=7)
        assert (answer["covers"], answer["endTime"]) == (7, gone["endTime"])
        assert [one["id"] for one in (await venue.till.ok("GET", PATH))["data"]] == [others["id"]]

    async def test_of_nobody_is_not_found(self, venue: Venue) -> None:
        for method, path in (("GET", ""), ("PUT", ""), ("POST", "/finish"), ("POST", "/return")):
            body = None if method == "GET" else {"version": 1}
            await venue.till.refused(404, method, f"{PATH}/pty_none{path}", body)


class TestTheList:
    async def test_who_sits_where_and_who_has_left(self, venue: Venue) -> None:
        await freeze(venue, NOON)
        ada, bob = await sit(venue, "t1", name="Ada"), await sit(venue, "t2", "t3", name="Bob")
        gone = await finish(venue, await sit(venue, "p1"))

        async def ids(query: str) -> list[str]:
            return [one["id"] for one in (await venue.till.ok("GET", f"{PATH}{query}"))["data"]]

        assert await ids("") == await ids("?completed=false") == sorted([ada["id"], bob["id"]])
        assert await ids("?tableId=t3") == [bob["id"]]
        assert (
            await ids("?completed=true") == await ids("?completed=true&tableId=p1") == [gone["id"]]
        )

    async def test_page_by_page(self, venue: Venue) -> None:
        seen = [(await sit(venue, table_id))["id"] for table_id in ("t1", "t2", "t3")]
        first = await venue.till.ok("GET", f"{PATH}?limit=2")
        second = await venue.till.ok("GET", f"{PATH}?limit=2&after={first['after']}")
        assert [one["id"] for one in first["data"] + second["data"]] == seen
        assert "after" not in second
        back = await venue.till.ok("GET", f"{PATH}?limit=2&before={second['before']}")
        assert back["data"] == first["data"]

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("limit=ten", "limit"),
            ("completed=yes", "completed"),
            ("after=x", "after"),
            ("after=x&before=x", "before must not be sent with after"),
        ],
    )
    async def test_what_is_wrong_is_named(self, venue: Venue, query: str, field: str) -> None:
        error = await venue.till.refused(400, "GET", f"{PATH}?{query}")
        assert field in error["debugMessage"]


class TestWhoMay:
    async def test_each_role_has_its_own_door(self, venue: Venue) -> None:
        for other in (venue, venue.admin):
            await other.refused(403, "GET", PATH)
        await venue.till.refused(403, "POST", "/v1/parties/search", {})

    async def test_another_venues_party_does_not_exist(
        self, venue: Venue, other_venue: Venue
    ) -> None:
        seen = await sit(other_venue, "t1")
        await venue.till.refused(404, "GET", f"{PATH}/{seen['id']}")
        await refused(venue, 404, "PUT", f"/{seen['id']}", {"version": 1, "covers": 9})

    async def test_a_waiter_sees_the_tables_that_are_theirs(self, assigned_venue: Venue) -> None:
        venue = assigned_venue
        seen = await sit(venue, "t3")
        till, path, anna = venue.till, f"{PATH}/{seen['id']}", {"waiter_id": "anna"}
        await till.refused(404, "GET", path, **anna)
        await till.refused(404, "POST", f"{path}/finish", {"version": 1}, **anna)
        body = {"tableIds": ["t3"], "covers": 1}
        error = await till.refused(400, "POST", PATH, body, **anna)
        assert "tableIds[0]" in error["debugMessage"]
        assert (await till.ok("GET", PATH, **anna))["data"] == []
        assert await till.ok("GET", path, waiter_id="ben") == seen

    async def test_who_did_it_is_in_the_trail_and_no_guest_is(self, venue: Venue) -> None:
        body = {"tableIds": ["t1"], "covers": 2, "name": "Ada", "hostNotes": "by the window"}
        seen = await venue.till.ok("POST", PATH, body, waiter_id="anna")
        await finish(venue, seen)
        entries = await trail(venue, seen["id"])
        assert [entry["action"] for entry in entries] == ["party.created", "party.completed"]
        assert (entries[0]["credential"], entries[0]["waiter_id"]) == ("till", "anna")
        assert "Ada" not in str(entries)
        assert "window" not in str(entries)

    async def test_dojo_is_told(self, venue: Venue) -> None:
        await connect(venue)
        seen = await sit(venue, "t1")
        await finish(venue, await edit(venue, seen, tableIds=["t2"]))
        assert await Outbox(venue).waiting() == [("party", seen["id"])] * 3
