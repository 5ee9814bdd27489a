"""Reservations at the till: the day's list, overlaps, and changes that nobody overwrites unseen."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.clock import freeze
from tests.support.floor import NOON, ONE, TWO, Json, book, reservation
from tests.support.links import Outbox, connect
from tests.support.rows import execute
from tests.support.venues import Venue

PATH = "/till/v1/reservations"


@pytest.fixture(autouse=True)
async def in_the_morning(venue: Venue) -> None:
    """The guests are expected today."""
    await freeze(venue, "2024-08-12T09:00+00:00")


async def make(venue: Venue, *table_ids: str, **fields: Any) -> Json:
    body = {"name": "Ada", "covers": 2, "startTime": NOON, "endTime": TWO}
    body |= {"tableIds": list(table_ids)} | fields
    answer: Json = await venue.till.ok("POST", PATH, body)
    return answer


async def edit(venue: Venue, seen: Json, **fields: Any) -> Json:
    body = {"version": seen["version"]} | fields
    answer: Json = await venue.till.ok("PUT", f"{PATH}/{seen['id']}", body)
    return answer


async def listed(venue: Venue, query: str = "?day=2024-08-12") -> list[Json]:
    page = await venue.till.ok("GET", f"{PATH}{query}")
    found: list[Json] = page["data"]
    return found


class TestMaking:
    async def test_dojo_reads_it_as_its_own(self, venue: Venue) -> None:
        answer = await make(venue, "t2", "t1", "t2", hostNotes="regulars")
        assert answer == {
            "id": answer["id"],
            "version": 1,
            "name": "Ada",
            "covers": 2,
            "startTime": NOON,
            "endTime": TWO,
            "tableIds": ["t2", "t1"],
            "hostNotes": "regulars",
            "overlaps": [],
            "updatedAt": answer["updatedAt"],
        }
        read = await venue.ok("GET", f"/v1/reservations/{answer['id']}")
        assert read == {name: answer[name] for name in read}
        found = await venue.ok("POST", "/v1/reservations/search", {"tableId": "t1"})
        assert found["data"] == [read]

    async def test_a_request_sent_again_books_once(self, venue: Venue) -> None:
        first = await make(venue, "t1", key="till-1/7")
        assert await make(venue, "t1", key="till-1/7") == first
        body = {"key": "till-1/7", "name": "Bob", "covers": 1}
        body |= {"startTime": NOON, "endTime": TWO, "tableIds": ["t1"]}
        error = await venue.till.refused(409, "POST", PATH, body)
        assert "key" in error["debugMessage"]

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"endTime": NOON}, "endTime"),
            ({"tableIds": ["t1", "t99"]}, "tableIds[1]"),
            ({"tableIds": []}, "tableIds"),
        ],
    )
    async def test_what_is_wrong_is_named(self, venue: Venue, fields: Json, field: str) -> None:
        body = {"name": "Ada", "covers": 2, "startTime": NOON, "endTime": TWO, "tableIds": ["t1"]}
        error = await venue.till.refused(400, "POST", PATH, body | fields)
        assert field in error["debugMessage"]
        assert await listed(venue) == []


class TestOverlaps:
    async def test_they_are_allowed_and_shown_to_both(self, venue: Venue) -> None:
        early = await make(venue, "t1", "t2", endTime=ONE)
        late = await make(venue, "t1", startTime=ONE)
        clash = await make(venue, "t2", "t3")
        elsewhere = await make(venue, "p1")
        assert early["overlaps"] == late["overlaps"] == []
        assert clash["overlaps"] == [early["id"]]
        found = {one["id"]: one["overlaps"] for one in await listed(venue)}
        assert found == {
            early["id"]: [clash["id"]],
            clash["id"]: [early["id"]],
            late["id"]: [],
            elsewhere["id"]: [],
        }
        moved = await edit(venue, clash, tableIds=["t1"])
        assert moved["overlaps"] == [early["id"], late["id"]]

    async def test_also_with_what_is_on_another_page_or_day(self, venue: Venue) -> None:
        """A late table of yesterday's runs into the small hours of today."""
        yesterday = await make(
            venue, "t1", startTime="2024-08-12T02:00:00Z", endTime="2024-08-12T03:30:00Z"
        )
        today = await make(
            venue, "t1", startTime="2024-08-12T03:15:00Z", endTime="2024-08-12T10:00:00Z"
        )
        (shown,) = await listed(venue, "?limit=1&day=2024-08-12")
        assert shown["id"] == yesterday["id"]
        assert shown["overlaps"] == [today["id"]]

    async def test_a_cancelled_one_is_in_nobodys_way(self, venue: Venue) -> None:
        first, second = await make(venue, "t1"), await make(venue, "t1")
        await venue.till.ok("POST", f"{PATH}/{first['id']}/cancel", {"version": 1})
        (left,) = await listed(venue)
        assert (left["id"], left["overlaps"]) == (second["id"], [])


class TestChanges:
    async def test_what_is_not_said_stays(self, venue: Venue) -> None:
        booked = await book(venue, "t1", hostNotes="regulars", guestRequests="a high chair")
        seen = await venue.till.ok("GET", f"{PATH}/{booked['id']}")
        answer = await edit(venue, seen, covers=5, tableIds=["t2"])
        kept = {"name": "Ada", "hostNotes": "regulars", "guestRequests": "a high chair"}
        assert answer.items() >= {"covers": 5, "tableIds": ["t2"], "version": 2, **kept}.items()
        assert "hostNotes" not in await edit(venue, answer, hostNotes="")

    async def test_the_end_stays_after_the_start(self, venue: Venue) -> None:
        seen = await make(venue, "t1")
        body = {"version": 1, "startTime": TWO}
        error = await venue.till.refused(400, "PUT", f"{PATH}/{seen['id']}", body)
        assert "endTime" in error["debugMessage"]

    async def test_nobody_overwrites_what_they_did_not_see(self, venue: Venue) -> None:
        created = reservation("t1")
        booked = await venue.ok("POST", "/v1/reservations", created)
        path = f"{PATH}/{booked['id']}"
        await venue.ok("PUT", f"/v1/reservations/{booked['id']}", created | {"covers": 8})
        for method, where, more in (("PUT", path, {"covers": 3}), ("POST", f"{path}/cancel", {})):
            error = await venue.till.refused(409, method, where, {"version": 1} | more)
            assert "version 2" in error["debugMessage"]
        assert (await venue.till.ok("GET", path))["covers"] == 8

    async def test_a_cancelled_one_is_gone(self, venue: Venue) -> None:
        seen = await make(venue, "t1")
        path = f"{PATH}/{seen['id']}"
        assert await venue.till.ok("POST", f"{path}/cancel", {"version": 1}) is None
        await venue.till.refused(404, "POST", f"{path}/cancel", {"version": 1})
        await venue.till.refused(404, "PUT", path, {"version": 1})
        assert (await venue.till.ok("GET", path))["status"] == "canceled"
        await venue.refused(404, "GET", f"/v1/reservations/{seen['id']}")
        body = {"reservationId": seen["id"]}
        await venue.till.refused(400, "POST", "/till/v1/parties", body)

    async def test_it_stays_with_its_status(self, venue: Venue) -> None:
        """Who cancelled and who did not come is known for the next time; their tables are free."""
        gone, missed, kept = [await make(venue, "t1") for _ in range(3)]
        await venue.till.ok("POST", f"{PATH}/{gone['id']}/cancel", {"version": 1})
        answer = await venue.till.ok("POST", f"{PATH}/{missed['id']}/no-show", {"version": 1})
        assert (answer["id"], answer["status"]) == (missed["id"], "no-show")
        day = f"?day={kept['startTime'][:10]}"
        for query, expected, status in (
            (day, kept, None),
            (f"{day}&status=canceled", gone, "canceled"),
            (f"{day}&status=no-show", missed, "no-show"),
        ):
            (found,) = await listed(venue, query)
            assert (found["id"], found.get("status")) == (expected["id"], status)
            assert await venue.till.ok("GET", f"{PATH}/{found['id']}") == found

    async def test_guests_who_came_are_no_no_show(self, venue: Venue) -> None:
        seen = await make(venue, "t1")
        await venue.till.ok("POST", "/till/v1/parties", {"reservationId": seen["id"]})
        await venue.till.refused(409, "POST", f"{PATH}/{seen['id']}/no-show", {"version": 1})

    async def test_its_party_is_named_also_when_it_has_left(self, venue: Venue) -> None:
        seen = await make(venue, "t1")
        guests = await venue.till.ok("POST", "/till/v1/parties", {"reservationId": seen["id"]})
        path = f"{PATH}/{seen['id']}"
        assert (await venue.till.ok("GET", path))["partyId"] == guests["id"]
        await venue.till.ok("POST", f"/till/v1/parties/{guests['id']}/finish", {"version": 1})
        assert (await venue.till.ok("GET", path))["partyId"] == guests["id"]
        await venue.till.ok("POST", f"{path}/cancel", {"version": 1})
        assert (await venue.till.ok("GET", f"/till/v1/parties/{guests['id']}"))["reservationId"]

    async def test_dojo_is_told(self, venue: Venue) -> None:
        await connect(venue)
        seen = await edit(venue, await make(venue, "t1"), covers=3)
        await venue.till.ok("POST", f"{PATH}/{seen['id']}/cancel", {"version": 2})
        assert await Outbox(venue).waiting() == [("reservation", seen["id"])] * 3


class TestTheDay:
    async def test_it_ends_when_the_venue_closes(self, venue: Venue) -> None:
        """Closing time is 04:00, in London, in summer: 03:00 UTC."""
        last = await make(
            venue, "t1", startTime="2024-08-13T00:30:00Z", endTime="2024-08-13T02:00:00Z"
        )
        first = await make(
            venue, "t1", startTime="2024-08-13T03:00:00Z", endTime="2024-08-13T04:00:00Z"
        )
        assert [one["id"] for one in await listed(venue, "?day=2024-08-12")] == [last["id"]]
        assert [one["id"] for one in await listed(venue, "?day=2024-08-13")] == [first["id"]]
        await freeze(venue, "2024-08-13T02:59:59Z")
        assert [one["id"] for one in await listed(venue, "")] == [last["id"]]
        await freeze(venue, "2024-08-13T03:00:00Z")
        assert [one["id"] for one in await listed(venue, "")] == [first["id"]]

    @pytest.mark.parametrize(
        ("closing", "day", "begins", "ends"),
        [
            ("04:00", "2024-03-30", "2024-03-30T04:00:00Z", "2024-03-31T03:00:00Z"),  # 23 hours
            ("04:00", "2024-10-26", "2024-10-26T03:00:00Z", "2024-10-27T04:00:00Z"),  # 25 hours
            ("23:00", "2024-08-12", "2024-08-11T22:00:00Z", "2024-08-12T22:00:00Z"),
        ],
    )
    async def test_it_is_the_day_that_the_books_have(
        self, venue: Venue, closing: str, day: str, begins: str, ends: str
    ) -> None:
        sql = "UPDATE venue SET closing_time = $2::text::time WHERE id = $1"
        await execute(venue, sql, closing)
        seen = await make(venue, "t1", startTime=begins, endTime=ends, confirm=True)
        dates = [datetime.fromisoformat(day) + timedelta(days=days) for days in (-1, 0, 1)]
        found = [await listed(venue, f"?day={date:%Y-%m-%d}") for date in dates]
        assert [[one["id"] for one in page] for page in found] == [[], [seen["id"]], []]

    async def test_in_order_by_table_and_page_by_page(self, venue: Venue) -> None:
        late, early = await make(venue, "t1", startTime=ONE), await make(venue, "t2", "t1")
        other = await make(venue, "t3", startTime=ONE)
        day = "?day=2024-08-12"
        in_order = [early["id"], late["id"], other["id"]]
        assert [one["id"] for one in await listed(venue, day)] == in_order
        of_table = await listed(venue, f"{day}&tableId=t1")
        assert [one["id"] for one in of_table] == [early["id"], late["id"]]
        first = await venue.till.ok("GET", f"{PATH}{day}&limit=2")
        rest = await listed(venue, f"{day}&after={first['after']}")
        assert [one["id"] for one in first["data"] + rest] == in_order

    @pytest.mark.parametrize("day", ["yesterday", "20240812", "2024-02-30", "0001-01-01"])
    async def test_what_is_no_day_is_named(self, venue: Venue, day: str) -> None:
        error = await venue.till.refused(400, "GET", f"{PATH}?day={day}")
        assert "day" in error["debugMessage"]

    async def test_another_venues_do_not_exist(self, venue: Venue, other_venue: Venue) -> None:
        seen = await make(other_venue, "t1", confirm=True)
        assert await listed(venue) == []
        await venue.till.refused(404, "GET", f"{PATH}/{seen['id']}")
        await venue.till.refused(404, "POST", f"{PATH}/{seen['id']}/cancel", {"version": 1})
