"""Venues for tests: made, copied, put back and removed through the control API."""

import asyncio
import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from epos.demo.layout import layout as demo_layout
from epos.domain.venue import NewVenue
from epos.settings import Settings, SettingsError, load
from epos.store import copies
from epos.store.database import Database
from epos.store.tables import metadata
from tests.support.control import Controller, MadeVenue, running_controller
from tests.support.databases import plain_database
from tests.support.orders import gbp, item
from tests.support.server import CERTIFICATES
from tests.support.venues import Venue
from tests.support.waiting import until

CREATE_ORDER = {
    "dojoOrderId": "do_1",
    "details": {"orderType": "DineIn", "dineIn": {"tableId": "tbl_3"}},
    "items": [item(price=450)],
    "totalAmount": gbp(450),
    "payments": [],
}
LAYOUT = demo_layout(NewVenue("cafe", "The Corner Cafe")).model_dump(exclude_none=True)
Json = dict[str, Any]


async def everything(venue: MadeVenue) -> Json:
    """What the doors show of a venue."""
    return {
        "orders": await venue.orders(payableOnly=False),
        "parties": (
            await venue.dojo.post("/v1/parties/search", json={"cursor": {"limit": 100}})
        ).json(),
        "layout": (await venue.admin.get("/till/v1/layout")).json(),
        "day": (await venue.admin.get("/till/v1/days")).json(),
    }


async def test_a_demo_venue_is_made_with_credentials_for_each_role(demo: MadeVenue) -> None:
    assert demo.logins.keys() == {"dojo", "till", "admin"}
    assert demo.logins["dojo"]["username"] == f"{demo.id}.dojo"
    assert len(await demo.orders()) > 10
    assert (await demo.till.get("/till/v1/tabs")).status_code == 200
    layout = (await demo.admin.get("/till/v1/layout")).json()
    assert len(layout["areas"]) == 4


async def test_an_empty_venue_has_nothing(controller: Controller) -> None:
    async with controller.venue(kind="empty") as venue:
        assert (await venue.dojo.get("/v1/areas")).json() == []
        assert await venue.orders(payableOnly=False) == []


async def test_a_venue_is_made_from_a_layout(controller: Controller) -> None:
    async with controller.venue(kind="empty", layout=LAYOUT) as venue:
        layout = (await venue.admin.get("/till/v1/layout")).json()
        assert layout["venue"]["name"] == "The Corner Cafe"
        assert len(layout["areas"]) == 4
        opened = await venue.till.post("/till/v1/tabs", json={"tableId": "tbl_1", "covers": 2})
        assert opened.status_code == 200, opened.text


async def test_settings_are_those_of_the_profile(controller: Controller) -> None:
    async with controller.venue(
        kind="empty", settings={"acceptsOrders": False, "name": "Late"}
    ) as venue:
        profile = (await venue.admin.get("/till/v1/profile")).json()
        assert (profile["acceptsOrders"], profile["name"]) == (False, "Late")


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        ({"kind": "huge"}, 400, "kind must be empty or demo"),
        ({"kind": "demo", "layout": LAYOUT}, 400, "layout is the set-up of an empty venue"),
        ({"kind": "empty", "layout": {"areas": []}}, 400, "layout is broken: menu is required"),
        (
            {"kind": "empty", "settings": {"colour": "red"}},
            400,
            "settings colour is not a property",
        ),
        ({"kind": "empty", "seed": -1}, 400, "seed must be"),
        ({"kind": "demo", "settings": {"currency": "EUR"}}, 409, "The currency stays GBP"),
    ],
)
async def test_what_no_venue_can_be_is_refused(
    controller: Controller, form: Json, status: int, words: str
) -> None:
    error = await controller.refused(status, "POST", "/venues", form)
    assert words in error["debugMessage"]


async def ids_of(venue: MadeVenue) -> list[str]:
    return sorted(order["id"] for order in await venue.orders())


async def test_the_same_seed_gives_the_same_ids_also_to_what_is_made_later(
    controller: Controller,
) -> None:
    seen = []
    for _ in range(2):
        async with controller.venue(seed=7) as venue:
            opened = await venue.till.post("/till/v1/tabs", json={"tableId": "tbl_1", "covers": 2})
            seen.append((await ids_of(venue), opened.json()["id"]))
    assert seen[0] == seen[1]


async def test_a_seed_names_all_that_is_made_at_the_venue_and_again_after_a_reset(
    controller: Controller,
) -> None:
    """Orders, tabs, lines, payments, parties and reservations, made by Dojo and at the till."""
    async with controller.venue(seed=9) as first, controller.venue(seed=9) as second:
        made = await everything_made(first)
        assert len(made) >= 8
        assert await everything_made(second) == made
        kept = await second.control("POST", "snapshots")
        later = (await second.till.post("/till/v1/tabs", json={})).json()["id"]
        assert later not in made
        for back, body in (("restore", kept), ("reset", None)):
            await second.control("POST", back, body)
            again = (await second.till.post("/till/v1/tabs", json={})).json()["id"]
            assert again == (later if back == "restore" else made[0])


async def everything_made(venue: MadeVenue) -> list[str]:
    """The ids of what a client makes, in the order in which it is made."""
    at_noon = {"startTime": "2030-01-01T12:00:00Z", "endTime": "2030-01-01T14:00:00Z"}
    guests = {"name": "Ada", "covers": 2, "tableIds": ["tbl_1"]}
    tab = (await venue.till.post("/till/v1/tabs", json={})).json()
    body = {"version": tab["version"], "items": [{"plu": "1001"}, {"plu": "2003"}]}
    tab = (await venue.till.post(f"/till/v1/tabs/{tab['id']}/items", json=body)).json()
    cash = {"version": tab["version"], "type": "cash", "amount": 100}
    paid = (await venue.till.post(f"/till/v1/tabs/{tab['id']}/payments", json=cash)).json()
    party = await venue.dojo.post(
        "/v1/parties",
        json=guests | {"dojoPartyId": "dp_1", "startTime": at_noon["startTime"]},
    )
    booked = await venue.dojo.post(
        "/v1/reservations", json=guests | at_noon | {"dojoReservationId": "dr_1"}
    )
    far_off = guests | at_noon | {"confirm": True}
    at_till = await venue.till.post("/till/v1/reservations", json=far_off)
    created = await venue.dojo.post("/v1/orders", json=CREATE_ORDER)
    tabs = [tab["id"], *(line["id"] for line in tab["lines"]), paid["payments"][0]["id"]]
    return [*tabs, *(one.json()["id"] for one in (party, booked, at_till, created))]


async def test_without_a_seed_no_two_venues_share_an_id(controller: Controller) -> None:
    async with (
        controller.venue() as first,
        controller.venue() as second,
        controller.venue(seed=8) as third,
    ):
        ids = [*await ids_of(first), *await ids_of(second), *await ids_of(third)]
        assert len(set(ids)) == len(ids)


async def test_venues_do_not_see_one_another(controller: Controller) -> None:
    async with controller.venue() as first, controller.venue() as second:
        before = await everything(second)
        for order in await first.orders():
            assert (await first.pay(order, f"pi_{order['id']}")).status_code == 200
            assert (await second.pay(order)).status_code == 404
        assert await everything(second) == before


async def test_a_snapshot_is_restored_whatever_was_done(demo: MadeVenue) -> None:
    order = (await demo.orders())[0]
    assert (await demo.pay(order)).status_code == 200
    before = await everything(demo)
    kept = await demo.control("POST", "snapshots")

    for other in await demo.orders():
        assert (await demo.pay(other, f"pi_{other['id']}")).status_code == 200
    opened = await demo.till.post("/till/v1/tabs", json={"tableId": "tbl_1", "covers": 2})
    assert opened.status_code == 200
    assert await everything(demo) != before

    await demo.control("POST", "restore", kept)
    assert await everything(demo) == before
    # It goes on as if nothing had been: the same payment again is a replay, another one is not.
    assert (await demo.pay(order)).status_code == 200
    again = (await demo.orders())[0]
    assert (await demo.pay(again, "pi_2")).status_code == 200


async def test_what_was_deleted_or_added_anywhere_is_put_back(
    demo: MadeVenue, database: Database
) -> None:
    """Only the tables that differ are written; one that became empty, and one that was empty, do."""
    before = await rows_of(demo, database)
    kept = await demo.control("POST", "snapshots")
    profile = (await demo.admin.get("/till/v1/profile")).json()
    changed = await demo.admin.put("/till/v1/profile", json=profile | {"name": "The Crown"})
    assert changed.status_code == 200, changed.text
    voucher = {"code": "GIFT-1", "amount": 500, "type": "cash"}
    assert (await demo.till.post("/till/v1/vouchers", json=voucher)).status_code == 200
    async with database.connection() as connection:
        await connection.execute("DELETE FROM area_waiter WHERE venue_id = $1", demo.id)
    assert len(differing(before, await rows_of(demo, database))) > 3

    await demo.control("POST", "restore", kept)
    assert differing(before, await rows_of(demo, database)) == []


async def rows_of(venue: MadeVenue, database: Database) -> list[list[str]]:
    """Of each table, in an order of their own."""
    async with database.connection() as connection:
        copy = await copies.read(connection, venue.id)
    return [sorted(json.dumps(row) for row in json.loads(rows)) for rows in copy.rows]


def differing(one: list[list[str]], other: list[list[str]]) -> list[int]:
    return [n for n, (was, now) in enumerate(zip(one, other, strict=True)) if was != now]


async def test_reset_gives_the_venue_as_it_was_made(demo: MadeVenue) -> None:
    before = await everything(demo)
    for order in await demo.orders():
        assert (await demo.pay(order, f"pi_{order['id']}")).status_code == 200
    await demo.control("POST", "reset")
    assert await everything(demo) == before


async def test_a_closed_day_is_put_back_too(controller: Controller) -> None:
    """A closed day never changes, and its journal is append-only; the control API writes past both."""
    async with controller.venue() as venue:
        day = (await venue.till.get("/till/v1/days")).json()[0]["day"]
        kept = await venue.control("POST", "snapshots")
        before = await everything(venue)
        await venue.control("PUT", "clock", {"advanceSeconds": 2 * 86_400})
        await close(venue, day)
        closed = await venue.control("POST", "snapshots")
        await venue.control("POST", "restore", kept)
        assert await everything(venue) == before
        await venue.control("POST", "restore", closed)
        days = (await venue.admin.get("/till/v1/days")).json()
        assert "closedAt" in next(one for one in days if one["day"] == day)


async def close(venue: MadeVenue, day: str) -> None:
    body = {"countedCash": 5000, "approval": {"waiterId": "100", "pin": "2468"}}
    response = await venue.till.post(f"/till/v1/days/{day}/close", json=body)
    assert response.status_code == 200, response.text


async def test_a_removed_venue_is_gone(controller: Controller, database: Database) -> None:
    async with controller.venue() as venue:
        await venue.dojo.get("/v1/areas")
        await controller.ok("DELETE", f"/venues/{venue.id}")
        await controller.refused(404, "POST", f"/venues/{venue.id}/reset")
    async with database.connection() as connection:
        for table in metadata.sorted_tables:
            key = "id" if table.name == "venue" else "venue_id"
            left = await connection.fetchval(
                f"SELECT count(*) FROM {table.name} WHERE {key} = $1", venue.id
            )
            assert left == 0, table.name


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", "", None),
        ("POST", "/reset", None),
        ("POST", "/snapshots", None),
        ("POST", "/restore", {"snapshotId": "snap_1"}),
        ("PUT", "/clock", {"advanceSeconds": 60}),
        ("GET", "/clock", None),
    ],
)
async def test_a_venue_of_somebody_is_never_touched(
    controller: Controller, venue: Venue, database: Database, method: str, path: str, body: Any
) -> None:
    """The fixture's venue is in the same database, and was not made through the control API."""
    async with database.connection() as connection:
        before = await copies.read(connection, venue.id)
        await controller.refused(404, method, f"/venues/{venue.id}{path}", body)
        assert await copies.read(connection, venue.id) == before


async def test_every_statement_of_a_copy_names_its_venue() -> None:
    everywhere = tuple(range(len(copies._TABLES)))
    for sql in (copies._clear_sql(everywhere), copies._CLEAR_ALL):
        deletes = re.findall(r"DELETE FROM \w+[^)]*", sql)
        assert len(deletes) > len(everywhere)
        assert all(delete.endswith("WHERE venue_id = $1") for delete in deletes)
    inserts = r"INSERT INTO \w+ \((\w+)[^)]*\)[^(]*?SELECT (\S+),"
    for sql, venue in (
        (copies._make_sql(everywhere), "fresh_id"),
        (" ".join(map(copies._make_one_sql, everywhere)), "fresh_id"),
        (copies._write_sql(everywhere), "$1"),
        (" ".join(copies._write_part(number, 2) for number in everywhere), "$1"),
    ):
        found = re.findall(inserts, sql)
        assert len(found) >= len(everywhere)
        assert {named for _, named in found} == {venue}
        assert {name for name, _ in found} <= {"venue_id", "id"}
    assert copies._UPDATE.endswith("WHERE venue.id = $1")
    reads = re.findall(r"FROM \w+ \w WHERE \w\.\w+ = (\$1)", copies._READ)
    assert len(reads) == len(copies._TABLES) + 1


async def test_many_are_made_at_once(controller: Controller) -> None:
    made = await asyncio.gather(
        *(controller.ok("POST", "/venues", {"kind": "demo"}) for _ in range(40))
    )
    assert len({one["venueId"] for one in made}) == 40
    await asyncio.gather(*(controller.ok("DELETE", f"/venues/{one['venueId']}") for one in made))


async def test_the_next_ones_are_ready_and_nobody_gets_one_twice(
    controller: Controller, database: Database
) -> None:
    """What is ready is in the database, with its own credentials, before anybody asks for it."""

    async def waiting() -> bool:
        sql = "SELECT count(*) FROM test_venue WHERE seed = 77"
        async with database.connection() as connection:
            return bool(await connection.fetchval(sql) > len(made))

    made: list[Json] = []
    for _ in range(6):
        form = {"kind": "demo", "seed": 77}
        made += await asyncio.gather(*(controller.ok("POST", "/venues", form) for _ in range(2)))
        await until(waiting)
    assert len({one["venueId"] for one in made}) == len(made)
    passwords = {login["password"] for one in made for login in one["credentials"].values()}
    assert len(passwords) == 3 * len(made)
    for one in made:
        await controller.ok("DELETE", f"/venues/{one['venueId']}")


@pytest.fixture
def own_database(postgresql_url: str) -> Iterator[str]:
    """One that no other server of the run uses."""
    with plain_database(postgresql_url) as url:
        yield url


async def test_what_nobody_asked_for_is_removed_when_the_server_stops(
    own_database: str, tmp_path: Path
) -> None:
    async with running_controller(own_database, tmp_path / "log") as controller:
        mine = await controller.ok("POST", "/venues", {"kind": "demo"})
        await until(partial(has_venues, own_database, 4))
    assert await venues_in(own_database) == [mine["venueId"]]


async def venues_in(url: str) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("SELECT id FROM venue WHERE id LIKE 't-%'")
    finally:
        await connection.close()
    return [row["id"] for row in rows]


async def has_venues(url: str, count: int) -> bool:
    return len(await venues_in(url)) >= count


@pytest.mark.parametrize(
    "auth", [None, ("testing", "wrong"), ("controller", "a-password-for-testing")]
)
async def test_control_needs_its_own_credential(controller: Controller, auth: Any) -> None:
    place = f"{controller.server.base_url}/test/v1/venues"
    async with httpx.AsyncClient(verify=CERTIFICATES) as client:
        response = await client.post(place, json={"kind": "empty"}, auth=auth)
    assert response.status_code == 401
    assert response.json()["errorType"] == "InvalidRequest"


async def test_a_venues_own_credential_does_not_open_it(
    controller: Controller, demo: MadeVenue
) -> None:
    response = await demo.admin.post("/test/v1/venues", json={"kind": "empty"})
    assert response.status_code == 401


@pytest.mark.parametrize("path", ["/test/v1/venues", "/test/v1/venues/x/reset", "/test/v1/else"])
@pytest.mark.parametrize("auth", [None, ("testing", "a-password-for-testing")])
async def test_without_testing_there_is_nothing(venue: Venue, path: str, auth: Any) -> None:
    transport = venue.target.transport()
    async with httpx.AsyncClient(base_url=venue.target.base_url, transport=transport) as client:
        assert (await client.post(path, json={}, auth=auth)).status_code == 404
    assert (await venue.call("POST", path, {})).status_code == 404


def test_testing_is_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="EPOS_TESTING=true needs EPOS_WORKERS=1"):
        load(testing=True, workers=2)
    assert Settings(testing=True).workers == 1
