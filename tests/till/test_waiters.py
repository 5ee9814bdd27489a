"""Waiters, set up by the venue's manager."""

from typing import Any

import pytest

from tests.support.floor import open_coffee
from tests.support.paging import ids
from tests.support.pins import APPROVAL, WAITER_PIN
from tests.support.rows import fetch
from tests.support.venues import Venue

WAITERS, SIGN_IN = "/till/v1/waiters", "/till/v1/sign-in"
Json = dict[str, Any]


async def tables(venue: Venue, waiter_id: str) -> list[str]:
    return ids((await venue.ok("POST", "/v1/tables/search", {}, waiter_id=waiter_id))[0])


async def test_a_new_waiter_gets_a_pin_and_signs_in(venue: Venue) -> None:
    made = await venue.admin.ok("POST", WAITERS, {"id": "105", "name": "Zoe"})
    assert made == {"id": "105", "name": "Zoe", "isManager": False, "hasPin": False}
    with_pin = await venue.admin.ok("PUT", f"{WAITERS}/105/pin", {"pin": "4711"})
    assert with_pin == made | {"hasPin": True}
    assert await venue.till.ok("GET", WAITERS) == await venue.admin.ok("GET", WAITERS)
    signed_in = await venue.till.ok("POST", SIGN_IN, {"waiterId": "105", "pin": "4711"})
    assert signed_in == {"id": "105", "name": "Zoe", "isManager": False}


async def test_a_waiter_becomes_manager_and_keeps_the_pin(assigned_venue: Venue) -> None:
    venue = assigned_venue
    assert "t3" not in await tables(venue, "anna")
    changed = await venue.admin.ok("PUT", f"{WAITERS}/anna", {"name": "Anna", "isManager": True})
    assert changed["hasPin"] is True
    assert "t3" in await tables(venue, "anna")


async def test_a_new_pin_replaces_the_old_and_its_attempts(venue: Venue) -> None:
    for _ in range(4):
        await venue.till.refused(403, "POST", SIGN_IN, {"waiterId": "anna", "pin": "0000"})
    await venue.admin.ok("PUT", f"{WAITERS}/anna/pin", {"pin": "975318"})
    await venue.till.refused(403, "POST", SIGN_IN, {"waiterId": "anna", "pin": WAITER_PIN})
    await venue.till.ok("POST", SIGN_IN, {"waiterId": "anna", "pin": "975318"})


async def test_who_was_removed_signs_in_no_more(venue: Venue) -> None:
    await venue.admin.ok("DELETE", f"{WAITERS}/max")
    await venue.till.refused(403, "POST", SIGN_IN, APPROVAL)
    assert "max" not in [waiter["id"] for waiter in await venue.till.ok("GET", WAITERS)]
    for method, path, body in [
        ("PUT", "", {"name": "Max"}),
        ("DELETE", "", None),
        ("PUT", "/pin", {"pin": "4711"}),
    ]:
        await venue.admin.refused(404, method, f"{WAITERS}/max{path}", body)
    back = await venue.admin.ok("POST", WAITERS, {"id": "max", "name": "Max"})
    assert back["hasPin"] is False


async def test_a_manager_who_was_removed_sees_no_more_than_a_stranger(
    assigned_venue: Venue,
) -> None:
    venue = assigned_venue
    order_id = await open_coffee(venue, tableId="t1")
    assert "t1" in await tables(venue, "max")
    await venue.admin.ok("DELETE", f"{WAITERS}/max")
    assert await tables(venue, "max") == await tables(venue, "a stranger") == ["p1", "p2"]
    await venue.refused(404, "GET", f"/v1/orders/{order_id}", waiter_id="max")


async def test_what_was_only_theirs_is_everybodys(assigned_venue: Venue) -> None:
    venue = assigned_venue
    assert await tables(venue, "cleo") == ["p1", "p2"]
    await venue.admin.ok("DELETE", f"{WAITERS}/anna")
    assert await tables(venue, "cleo") == ["t1", "t2", "t10", "p1", "p2"]
    areas = await venue.ok("GET", "/v1/areas")
    assert areas[0]["waiterIds"] == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"name": "Zoe", "id": "/"}, "id must be text of 1 to 200 characters that begins"),
    ],
)
async def test_what_is_wrong_with_a_waiter_is_named(venue: Venue, body: Json, words: str) -> None:
    error = await venue.admin.refused(400, "POST", WAITERS, body)
    assert error["debugMessage"].startswith(words)


async def test_an_id_is_one_waiters(venue: Venue) -> None:
    error = await venue.admin.refused(409, "POST", WAITERS, {"id": "anna", "name": "Anna"})
    assert error["debugMessage"] == "There is a waiter anna already"


async def test_another_venues_waiters_do_not_exist(venue: Venue, other_venue: Venue) -> None:
    await other_venue.admin.ok("POST", WAITERS, {"id": "105", "name": "Zoe"})
    await venue.admin.refused(404, "PUT", f"{WAITERS}/105/pin", {"pin": "4711"})
    await venue.admin.refused(404, "DELETE", f"{WAITERS}/105")


async def test_a_pin_is_in_no_audit_trail(venue: Venue) -> None:
    await venue.admin.ok("PUT", f"{WAITERS}/anna/pin", {"pin": "998877665544"})
    rows = await fetch(venue, "SELECT * FROM audit_entry WHERE venue_id = $1")
    assert [(row["action"], row["subject_id"]) for row in rows] == [("waiter.pin_set", "anna")]
    kept = await fetch(venue, "SELECT pin_hash FROM waiter WHERE venue_id = $1 AND id = 'anna'")
    assert "998877665544" not in str(rows) + str(kept)


@pytest.mark.parametrize("pin", ["123", "12345x", 1234])
async def test_what_is_no_pin_is_refused(venue: Venue, pin: object) -> None:
    error = await venue.admin.refused(400, "PUT", f"{WAITERS}/anna/pin", {"pin": pin})
    assert error["debugMessage"] == "pin must be text of 4 to 12 digits"


@pytest.mark.parametrize("pin", ["0000", "1234", "4321", "7890", "1212", "123123", "1984"])
async def test_a_pin_that_everybody_tries_first_is_refused(venue: Venue, pin: str) -> None:
    error = await venue.admin.refused(400, "PUT", f"{WAITERS}/anna/pin", {"pin": pin})
    assert error["debugMessage"] == "pin is one of those that are guessed first"
