"""Areas and tables, set up by the venue's manager and seen by everyone else."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.audit import trail
from tests.support.floor import book, coffee, open_coffee, party, reservation, seat, seated
from tests.support.paging import ids, page
from tests.support.venues import Venue

AREAS, TABLES = "/till/v1/areas", "/till/v1/tables"
Json = dict[str, Any]


async def add_table(venue: Venue, **fields: Any) -> Json:
    body = {"id": "bar-1", "name": "Bar 1", "areaId": "area_main"} | fields
    table: Json = await venue.admin.ok("POST", TABLES, body)
    return table


async def tables(venue: Venue, **who: str) -> list[str]:
    """As a terminal finds them."""
    found = await venue.ok("POST", "/v1/tables/search", {}, **who)
    return ids(found[0])


# --- areas ----------------------------------------------------------------------------------------


async def test_a_new_area_stands_behind_the_others(venue: Venue) -> None:
    made = await venue.admin.ok("POST", AREAS, {"name": "Bar", "waiterIds": ["cleo", "cleo"]})
    assert made == {"id": made["id"], "name": "Bar", "waiterIds": ["cleo"], "position": 3}
    assert await venue.till.ok("GET", AREAS) == await venue.admin.ok("GET", AREAS)
    seen = await venue.ok("GET", "/v1/areas")
    assert [area["name"] for area in seen] == ["Main", "Terrace", "Bar"]
    assert seen[2]["waiterIds"] == ["cleo"]


async def test_an_area_is_renamed_moved_and_given_to_others(venue: Venue) -> None:
    change = {"name": "Dining Room", "waiterIds": ["ben", "cleo"], "position": 7}
    changed = await venue.admin.ok("PUT", f"{AREAS}/area_main", change)
    assert changed == {"id": "area_main"} | change
    seen = await venue.ok("GET", "/v1/areas")
    assert [area["name"] for area in seen] == ["Terrace", "Dining Room"]


async def test_an_area_with_tables_stays(venue: Venue) -> None:
    error = await venue.admin.refused(409, "DELETE", f"{AREAS}/area_terrace")
    assert error["debugMessage"] == "The area cannot be removed: table p1 is in it"
    for table in ("p1", "p2"):
        await venue.admin.ok("DELETE", f"{TABLES}/{table}")
    await venue.admin.ok("DELETE", f"{AREAS}/area_terrace")
    assert [area["id"] for area in await venue.ok("GET", "/v1/areas")] == ["area_main"]
    await venue.admin.refused(404, "DELETE", f"{AREAS}/area_terrace")
    await venue.admin.refused(404, "PUT", f"{AREAS}/area_terrace", {"name": "Terrace"})
    body = {"name": "Table 1", "areaId": "area_terrace"}
    error = await venue.admin.refused(400, "POST", TABLES, body)
    assert error["debugMessage"] == "areaId is not an area of the venue"


async def test_a_name_is_free_again_once_its_area_is_gone(venue: Venue) -> None:
    made = await venue.admin.ok("POST", AREAS, {"id": "bar", "name": "Bar"})
    error = await venue.admin.refused(409, "POST", AREAS, {"name": "Bar"})
    assert error["debugMessage"] == "Area bar is called Bar already"
    await venue.admin.ok("DELETE", f"{AREAS}/bar")
    await venue.admin.ok("POST", AREAS, {"id": "other", "name": "Bar"})
    error = await venue.admin.refused(409, "POST", AREAS, {"id": "bar", "name": "Bar"})
    assert error["debugMessage"] == "Area other is called Bar already"
    assert made["id"] == "bar"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"name": "Bar", "id": "a/b"}, "id must be text of 1 to 200 characters that begins"),
        ({"name": "Bar", "waiterIds": ["ben", "zoe"]}, "waiterIds[1] is not a waiter of the venue"),
    ],
)
async def test_what_is_wrong_with_an_area_is_named(venue: Venue, body: Json, words: str) -> None:
    error = await venue.admin.refused(400, "POST", AREAS, body)
    assert error["debugMessage"].startswith(words)
    assert len(await venue.ok("GET", "/v1/areas")) == 2


# --- tables ---------------------------------------------------------------------------------------


async def test_a_new_table_is_found_in_its_place(venue: Venue) -> None:
    made = await add_table(venue, name="Table 4", maxCovers=6, waiterIds=["ben"])
    assert made == {
        "id": "bar-1",
        "name": "Table 4",
        "areaId": "area_main",
        "maxCovers": 6,
        "waiterIds": ["ben"],
    }
    assert await tables(venue) == ["t1", "t2", "t3", "bar-1", "t10", "p1", "p2"]
    assert [table["id"] for table in await venue.till.ok("GET", TABLES)] == await tables(venue)
    await open_coffee(venue, tableId="bar-1")


async def test_a_table_moves_to_another_area(venue: Venue) -> None:
    change = {"name": "Terrace 3", "areaId": "area_terrace"}
    changed = await venue.admin.ok("PUT", f"{TABLES}/t3", change)
    assert changed == {"id": "t3", "waiterIds": []} | change, "covers and waiters are cleared"
    assert await tables(venue) == ["t1", "t2", "t10", "p1", "p2", "t3"]


async def test_two_tables_of_an_area_have_two_names(venue: Venue) -> None:
    error = await venue.admin.refused(
        409, "POST", TABLES, {"name": "Table 1", "areaId": "area_main"}
    )
    assert error["debugMessage"] == "Table t1 of the area is called Table 1 already"
    error = await venue.admin.refused(409, "POST", TABLES, {"id": "t1"} | main_room("Table 9"))
    assert error["debugMessage"] == "There is a table t1 already"
    await venue.admin.ok("POST", TABLES, {"name": "Table 1", "areaId": "area_terrace"})


def main_room(name: str) -> Json:
    return {"name": name, "areaId": "area_main"}


async def test_a_removed_table_is_nowhere(venue: Venue) -> None:
    await venue.admin.ok("DELETE", f"{TABLES}/t1")
    assert "t1" not in await tables(venue)
    assert "t1" not in [table["id"] for table in await venue.till.ok("GET", TABLES)]
    waiters: list[dict[str, str]] = [{}, {"waiter_id": "anna"}]
    for waiter in waiters:
        await venue.till.refused(400, "POST", "/till/v1/tabs", {"tableId": "t1"}, **waiter)
        await venue.refused(400, "POST", "/v1/orders", coffee(tableId="t1"), **waiter)
        await venue.refused(400, "POST", "/v1/parties", party("t1"), **waiter)
        await venue.refused(400, "POST", "/v1/reservations", reservation("t1"), **waiter)
    await venue.admin.refused(404, "PUT", f"{TABLES}/t1", main_room("Table 1"))
    await venue.admin.refused(404, "DELETE", f"{TABLES}/t1")


async def test_it_comes_back_by_its_id(venue: Venue) -> None:
    await venue.admin.ok("DELETE", f"{TABLES}/t3")
    back = await venue.admin.ok("POST", TABLES, {"id": "t3"} | main_room("Table 3"))
    assert back["waiterIds"] == [], "who looked after it before is forgotten"
    await open_coffee(venue, tableId="t3")


async def test_a_table_with_an_open_order_stays(venue: Venue) -> None:
    order_id = await open_coffee(venue, tableId="t1")
    error = await venue.admin.refused(409, "DELETE", f"{TABLES}/t1")
    assert error["debugMessage"] == f"The table cannot be removed: order {order_id} on it is open"
    await venue.ok("DELETE", f"/v1/orders/{order_id}")
    await venue.admin.ok("DELETE", f"{TABLES}/t1")
    past = await venue.ok("GET", f"/v1/orders/{order_id}")
    assert past["displayName"].startswith("Table 1"), "what happened there keeps its table"


async def test_a_table_with_guests_stays(venue: Venue) -> None:
    guests = await seat(venue, "t1", "t2")
    error = await venue.admin.refused(409, "DELETE", f"{TABLES}/t2")
    why = f"The table cannot be removed: party {guests['id']} sits there"
    assert error["debugMessage"] == why


async def test_guests_of_the_past_do_not_come_back_to_a_table_that_is_gone(venue: Venue) -> None:
    request = party("t1")
    guests = await venue.ok("POST", "/v1/parties", request)
    path, left = f"/v1/parties/{guests['id']}", "2024-08-12T13:30:00.000Z"
    await venue.ok("PUT", path, seated(request, endTime=left))
    await venue.admin.ok("DELETE", f"{TABLES}/t1")
    renamed = await venue.ok("PUT", path, seated(request, endTime=left, name="Ada"))
    assert renamed["tableIds"] == ["t1"]
    error = await venue.refused(400, "PUT", path, seated(request))
    assert error["debugMessage"] == "tableIds[0] is not a table of the venue"
    await venue.ok("PUT", path, seated(request, "t2"))


async def test_a_table_that_is_kept_for_guests_to_come_stays(venue: Venue) -> None:
    await book(venue, "t1")  # long ago
    await venue.admin.ok("DELETE", f"{TABLES}/t1")
    soon = datetime.now(UTC) + timedelta(hours=3)
    times = {"startTime": soon.isoformat(), "endTime": (soon + timedelta(hours=2)).isoformat()}
    booked = await book(venue, "t2", **times)
    error = await venue.admin.refused(409, "DELETE", f"{TABLES}/t2")
    why = f"The table cannot be removed: it is kept for reservation {booked['id']}"
    assert error["debugMessage"] == why
    await venue.ok("DELETE", f"/v1/reservations/{booked['id']}")
    await venue.admin.ok("DELETE", f"{TABLES}/t2")


async def test_who_looks_after_what_counts_at_once(assigned_venue: Venue) -> None:
    venue = assigned_venue
    assert "t3" not in await tables(venue, waiter_id="cleo")
    change = main_room("Table 3") | {"waiterIds": ["cleo"]}
    await venue.admin.ok("PUT", f"{TABLES}/t3", change)
    assert "t3" in await tables(venue, waiter_id="cleo")
    assert "t3" not in await tables(venue, waiter_id="ben")


async def test_another_venues_floor_does_not_exist(venue: Venue, other_venue: Venue) -> None:
    await add_table(other_venue)
    await other_venue.admin.ok("POST", AREAS, {"id": "bar", "name": "Bar"})
    await venue.admin.refused(404, "PUT", f"{TABLES}/bar-1", main_room("Bar 1"))
    await venue.admin.refused(404, "DELETE", f"{TABLES}/bar-1")
    await venue.admin.refused(404, "DELETE", f"{AREAS}/bar")
    await venue.admin.refused(400, "POST", TABLES, {"name": "Bar 2", "areaId": "bar"})
    await add_table(venue)


# --- at the same moment ---------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["order", "tab", "party", "reservation"])
async def test_nothing_begins_at_a_table_while_it_is_removed(venue: Venue, what: str) -> None:
    soon = datetime.now(UTC) + timedelta(hours=3)
    times = {"startTime": soon.isoformat(), "endTime": (soon + timedelta(hours=2)).isoformat()}

    async def begin(table: str) -> int:
        if what == "tab":
            answer = await venue.till.call("POST", "/till/v1/tabs", {"tableId": table})
        elif what == "party":
            answer = await venue.call("POST", "/v1/parties", party(table))
        elif what == "reservation":
            answer = await venue.call("POST", "/v1/reservations", reservation(table, **times))
        else:
            answer = await venue.call("POST", "/v1/orders", coffee(tableId=table))
        return answer.status_code

    names = [f"race-{number}" for number in range(12)]
    for name in names:
        await add_table(venue, id=name, name=name)

    async def remove(table: str) -> int:
        return (await venue.admin.call("DELETE", f"{TABLES}/{table}")).status_code

    for name in names:
        outcome = tuple(await asyncio.gather(begin(name), remove(name)))
        assert outcome in {(200, 409), (400, 200)}, outcome


async def test_of_many_with_one_name_one_is_made(venue: Venue) -> None:
    body = {"name": "Bar 1", "areaId": "area_main"}
    answers = await asyncio.gather(*(venue.admin.call("POST", TABLES, body) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5


async def test_every_change_is_in_the_audit_trail(venue: Venue) -> None:
    await add_table(venue)
    await venue.admin.ok("PUT", f"{TABLES}/bar-1", main_room("Bar 2"))
    await venue.admin.ok("DELETE", f"{TABLES}/bar-1")
    entries = await trail(venue)
    actions = [entry["action"] for entry in entries]
    assert actions == ["table.created", "table.changed", "table.removed"]
    assert {entry["subject_id"] for entry in entries} == {"bar-1"}
    assert (await venue.admin.ok("GET", "/till/v1/profile"))["version"] == 4
    assert ids(await page(venue, "/v1/tables/search"))
