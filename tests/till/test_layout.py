"""A venue's whole set-up as one document: taken out, and put in as a whole or not at all."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.floor import book, open_coffee, seat
from tests.support.layouts import large, small
from tests.support.orders import order
from tests.support.pins import WAITER_PIN
from tests.support.rows import execute, fetch
from tests.support.venues import Venue

LAYOUT, PROFILE = "/till/v1/layout", "/till/v1/profile"
Json = dict[str, Any]

# All rows of a venue's set-up, but for what changes with time.
EVERYTHING = """
    SELECT 'venue' AS kind, to_jsonb(v) - 'clock_offset' AS row FROM venue v WHERE v.id = $1
    UNION ALL SELECT 'waiter', to_jsonb(w) FROM waiter w WHERE w.venue_id = $1
    UNION ALL SELECT 'area', to_jsonb(a) FROM area a WHERE a.venue_id = $1
    UNION ALL SELECT 'table', to_jsonb(t) FROM dining_table t WHERE t.venue_id = $1
    UNION ALL SELECT 'area waiter', to_jsonb(x) FROM area_waiter x WHERE x.venue_id = $1
    UNION ALL SELECT 'table waiter', to_jsonb(x) FROM table_waiter x WHERE x.venue_id = $1
    UNION ALL SELECT 'category', to_jsonb(c) FROM menu_category c WHERE c.venue_id = $1
    UNION ALL SELECT 'item', to_jsonb(i) FROM menu_item i WHERE i.venue_id = $1
    UNION ALL SELECT 'modifier', to_jsonb(m) FROM menu_modifier m WHERE m.venue_id = $1
    UNION ALL SELECT 'audit', to_jsonb(e) FROM audit_entry e WHERE e.venue_id = $1
    ORDER BY 1, 2
"""


async def everything(venue: Venue) -> list[Json]:
    return await fetch(venue, EVERYTHING)


async def test_what_was_put_in_comes_out(venue: Venue) -> None:
    assert await venue.admin.ok("PUT", LAYOUT, small()) == small()
    assert await venue.admin.ok("GET", LAYOUT) == small()
    seen = await venue.ok("GET", "/v1/areas")
    assert [area["name"] for area in seen] == ["Terrace", "Bar"]
    menu = await venue.till.ok("GET", "/till/v1/menu")
    assert [category["name"] for category in menu["categories"]] == ["Wine", "Food"]
    assert (await venue.till.ok("GET", PROFILE))["taxNumber"] == "GB 123 4567 89"


async def test_one_venue_is_made_of_another(bistro: Venue, other_venue: Venue) -> None:
    exported = await bistro.admin.ok("GET", LAYOUT)
    await other_venue.admin.ok("PUT", LAYOUT, small())
    await other_venue.admin.ok("PUT", LAYOUT, exported)
    assert await other_venue.admin.ok("GET", LAYOUT) == exported


async def test_the_venues_own_document_changes_nothing(bistro: Venue) -> None:
    exported = await bistro.admin.ok("GET", LAYOUT)
    before = await everything(bistro)
    for area in exported["areas"]:
        area["tables"].reverse()
    exported["waiters"].reverse()
    await bistro.admin.ok("PUT", LAYOUT, exported)
    assert await everything(bistro) == before


async def test_nor_does_it_with_a_key(bistro: Venue) -> None:
    exported = await bistro.admin.ok("GET", LAYOUT)
    profile = await bistro.admin.ok("GET", "/till/v1/profile")
    await bistro.admin.ok("PUT", LAYOUT, {**exported, "key": "the-same-again"})
    assert await bistro.admin.ok("GET", "/till/v1/profile") == profile


async def test_a_large_one_goes_in_and_comes_out(venue: Venue) -> None:
    await venue.admin.ok("PUT", LAYOUT, large())
    tables = await venue.till.ok("GET", "/till/v1/tables")
    assert len(tables) == 500
    exported = await venue.admin.ok("GET", LAYOUT)
    assert [len(area["tables"]) for area in exported["areas"]] == [50] * 10
    assert sum(len(category["items"]) for category in exported["menu"]) == 200
    await venue.admin.ok("PUT", LAYOUT, small())
    assert await venue.admin.ok("GET", LAYOUT) == small()


async def test_names_change_places(venue: Venue) -> None:
    layout = await venue.admin.ok("GET", LAYOUT)
    main, terrace = layout["areas"]
    main["name"], terrace["name"] = terrace["name"], main["name"]
    first, second = main["tables"][:2]
    first["name"], second["name"] = second["name"], first["name"]
    layout["areas"].reverse()
    await venue.admin.ok("PUT", LAYOUT, layout)
    tables = {table["id"]: table for table in await venue.till.ok("GET", "/till/v1/tables")}
    assert (tables["t1"]["name"], tables["t2"]["name"]) == ("Table 2", "Table 1")
    seen = await venue.ok("GET", "/v1/areas")
    assert [(area["id"], area["name"]) for area in seen] == [
        ("area_terrace", "Main"),
        ("area_main", "Terrace"),
    ]


async def test_who_stays_keeps_the_pin(venue: Venue) -> None:
    layout = await venue.admin.ok("GET", LAYOUT)
    layout["waiters"] = [waiter for waiter in layout["waiters"] if waiter["id"] in {"anna", "ben"}]
    await venue.admin.ok("PUT", LAYOUT, layout)
    await venue.till.ok("POST", "/till/v1/sign-in", {"waiterId": "anna", "pin": WAITER_PIN})
    assert "pin" not in str(await venue.admin.ok("GET", LAYOUT))


async def test_guests_stay_where_they_are(venue: Venue) -> None:
    """A table with guests may change its name and its area; what holds nothing may go."""
    guests = await seat(venue, "t1")
    order_id = await open_coffee(venue, tableId="t1")
    layout = await venue.admin.ok("GET", LAYOUT)
    main, terrace = layout["areas"]
    table = next(table for table in main["tables"] if table["id"] == "t1")
    main["tables"] = []
    terrace["tables"] = [table | {"name": "Terrace 3"}]
    await venue.admin.ok("PUT", LAYOUT, layout)
    assert (await venue.ok("GET", f"/v1/parties/{guests['id']}"))["tableIds"] == ["t1"]
    assert (await venue.ok("GET", f"/v1/orders/{order_id}"))["displayName"].startswith("Terrace 3")


async def test_everything_that_the_venue_still_needs_is_named(venue: Venue) -> None:
    soon = datetime.now(UTC) + timedelta(hours=3)
    times = {"startTime": soon.isoformat(), "endTime": (soon + timedelta(hours=2)).isoformat()}
    party, booked = await seat(venue, "t1"), await book(venue, "t2", **times)
    order_id = await open_coffee(venue, tableId="t3")
    before = await everything(venue)
    layout = small()
    layout["venue"]["currency"] = "EUR"
    error = await venue.admin.refused(409, "PUT", LAYOUT, layout)
    left_out = "is left out and cannot be removed:"
    assert error["debugMessage"].split("; ") == [
        "venue: The currency stays GBP: the venue has orders in it",
        f"areas: table t1 {left_out} party {party['id']} sits there",
        f"areas: table t2 {left_out} it is kept for reservation {booked['id']}",
        f"areas: table t3 {left_out} order {order_id} on it is open",
    ]
    assert await everything(venue) == before


async def test_a_broken_one_is_refused_whole(bistro: Venue) -> None:
    before = await everything(bistro)
    layout = large()
    for area in layout["areas"]:
        for table in area["tables"]:
            table["maxCovers"] = 0
    error = await bistro.admin.refused(400, "PUT", LAYOUT, layout)
    message = error["debugMessage"]
    assert message.startswith("areas[0].tables[0].maxCovers must be a whole number between 1")
    assert message.endswith("; 500 faults in all")
    assert await everything(bistro) == before


async def test_a_zone_that_the_database_does_not_know_is_refused(venue: Venue) -> None:
    """Python knows this one, with leap seconds, where the machine has the file; PostgreSQL never does."""
    layout = small()
    layout["venue"]["timeZone"] = "right/Europe/London"
    answer = await venue.admin.call("PUT", LAYOUT, layout)
    assert answer.status_code in {400, 409}
    assert "must be a time zone such as Europe/London" in answer.json()["debugMessage"]


async def test_a_stale_version_is_told_so(venue: Venue) -> None:
    await venue.admin.ok("PUT", f"{LAYOUT}?version=1", small())
    error = await venue.admin.refused(409, "PUT", f"{LAYOUT}?version=1", large())
    assert error["debugMessage"] == (
        "The set-up is at version 2, and the change was made to version 1; read it again"
    )
    for wrong in ("x", "-1", "1.0", "9" * 30):
        await venue.admin.refused(400, "PUT", f"{LAYOUT}?version={wrong}", large())


async def test_what_was_removed_comes_back_by_its_id(venue: Venue) -> None:
    exported = await venue.admin.ok("GET", LAYOUT)
    await venue.admin.ok("PUT", LAYOUT, small())
    await venue.refused(400, "POST", "/v1/orders", order(500, dine_in={"tableId": "t1"}))
    await venue.admin.ok("PUT", LAYOUT, exported)
    assert await venue.admin.ok("GET", LAYOUT) == exported
    await open_coffee(venue, tableId="t1")


async def test_order_is_kept_whatever_positions_were_before(venue: Venue) -> None:
    await execute(venue, "UPDATE area SET position = position * 100 WHERE venue_id = $1")
    layout = await venue.admin.ok("GET", LAYOUT)
    layout["areas"].insert(1, {"id": "bar", "name": "Bar", "tables": []})
    await venue.admin.ok("PUT", LAYOUT, layout)
    seen = await venue.ok("GET", "/v1/areas")
    assert [area["id"] for area in seen] == ["area_main", "bar", "area_terrace"]


async def test_two_at_once_make_one_of_the_two(venue: Venue) -> None:
    one, other = small(), large()
    for _ in range(3):
        answers = await asyncio.gather(
            venue.admin.call("PUT", LAYOUT, one), venue.admin.call("PUT", LAYOUT, other)
        )
        assert [answer.status_code for answer in answers] == [200, 200]
        found = await venue.admin.ok("GET", LAYOUT)
        assert len(found["areas"]) in {2, 10}
        assert len(found["menu"]) == len(found["areas"])


@pytest.mark.parametrize("what", ["order", "party"])
async def test_nothing_begins_at_a_table_that_is_being_left_out(venue: Venue, what: str) -> None:
    requests: dict[str, tuple[str, Json]] = {
        "order": ("/till/v1/tabs", {"tableId": "t1"}),
        "party": ("/till/v1/parties", {"tableIds": ["t1"], "covers": 2}),
    }
    full = await venue.admin.ok("GET", LAYOUT)
    without = {**full, "areas": [{**area, "tables": []} for area in full["areas"]]}
    for _ in range(6):
        await venue.admin.ok("PUT", LAYOUT, full)
        begun, emptied = await asyncio.gather(
            venue.till.call("POST", *requests[what]), venue.admin.call("PUT", LAYOUT, without)
        )
        if begun.status_code == 200:
            assert emptied.status_code == 409, emptied.text
            break
        assert (begun.status_code, emptied.status_code) == (400, 200)


async def test_only_the_manager_of_this_venue_may(venue: Venue, other_venue: Venue) -> None:
    for who in (venue, venue.till):
        await who.refused(403, "GET", LAYOUT)
        await who.refused(403, "PUT", LAYOUT, small())
    await other_venue.admin.ok("PUT", LAYOUT, small())
    assert (await venue.admin.ok("GET", LAYOUT))["areas"][0]["id"] == "area_main"
