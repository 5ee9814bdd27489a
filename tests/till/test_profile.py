"""The venue's profile, as its manager reads and changes it."""

import asyncio
from typing import Any

import pytest

from tests.support.orders import gbp, order
from tests.support.rows import fetch
from tests.support.venues import Venue

PROFILE = "/till/v1/profile"
Json = dict[str, Any]
FULL: Json = {
    "name": "The Crown",
    "addressLines": ["1 High Street", "Little Marlow"],
    "postcode": "ZZ1 4HH",
    "phoneNumber": "01632 960144",
    "emailAddress": "hello@crown.example",
    "taxNumber": "GB 123 4567 89",
    "website": "https://crown.example",
    "billMessage": "Thank you!",
    "currency": "EUR",
    "timeZone": "Europe/Dublin",
    "closingTime": "05:30",
    "accessPolicy": "assigned",
    "acceptsOrders": False,
    "finalizesPaidTabs": False,
    "serviceChargeRate": 1250,
    "serviceChargeBearsVat": True,
    "hasDrawerPerDevice": True,
    "cashNeedsApproval": True,
    "refusesSoldOutOrders": True,
    "limits": {"tip": 5000, "tipRate": 2000, "quantity": 20, "covers": 12, "daysAhead": 90},
}


async def profile(venue: Venue, **changed: Any) -> Json:
    """The profile as it is, with changes."""
    known: Json = await venue.admin.ok("GET", PROFILE)
    return known | changed


async def test_all_of_it_can_be_set_and_is_read_by_the_till(venue: Venue) -> None:
    changed = await venue.admin.ok("PUT", PROFILE, {"version": 1, **FULL})
    assert changed == {"version": 2, **FULL}
    assert await venue.till.ok("GET", PROFILE) == changed


async def test_what_is_not_sent_is_cleared(venue: Venue) -> None:
    await venue.admin.ok("PUT", PROFILE, {"version": 1, **FULL})
    bare = {
        name: value
        for name, value in (await profile(venue)).items()
        if name not in {"addressLines", "postcode", "taxNumber", "billMessage"}
    }
    assert await venue.admin.ok("PUT", PROFILE, bare) == bare | {"version": 3, "addressLines": []}


async def test_a_stale_change_is_told_so_and_changes_nothing(venue: Venue) -> None:
    seen = await profile(venue)
    await venue.admin.ok("PUT", PROFILE, seen | {"name": "First"})
    error = await venue.admin.refused(409, "PUT", PROFILE, seen | {"name": "Second"})
    assert error["debugMessage"] == (
        "The set-up is at version 2, and the change was made to version 1; read it again"
    )
    assert (await profile(venue))["name"] == "First"


async def test_of_many_changes_at_once_one_is_made(venue: Venue) -> None:
    seen = await profile(venue)
    answers = await asyncio.gather(
        *(venue.admin.call("PUT", PROFILE, seen | {"name": f"Name {n}"}) for n in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7


async def test_with_the_first_order_the_currency_is_settled(venue: Venue) -> None:
    await venue.ok("POST", "/v1/orders", order(500))
    error = await venue.admin.refused(409, "PUT", PROFILE, await profile(venue, currency="EUR"))
    assert error["debugMessage"] == "The currency stays GBP: the venue has orders in it"
    assert (await profile(venue, name="Renamed"))["currency"] == "GBP"


async def test_an_order_in_the_old_currency_never_meets_the_new_one(venue: Venue) -> None:
    """Whichever comes first, the other is refused."""
    seen = await profile(venue)
    changed, *made = await asyncio.gather(
        venue.admin.call("PUT", PROFILE, seen | {"currency": "EUR"}),
        *(venue.call("POST", "/v1/orders", order(500)) for _ in range(6)),
    )
    if changed.status_code == 200:
        assert {answer.status_code for answer in made} == {400}
    else:
        assert changed.status_code == 409
        assert {answer.status_code for answer in made} == {200}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", " ", "name must be text of 1 to 100 characters, not blank"),
        ("timeZone", "Mars/Olympus", "timeZone must be a time zone such as Europe/London"),
        ("version", None, "version is required"),
        ("vatNumber", "GB 1", "vatNumber is not a property of this object"),
    ],
)
async def test_whatever_is_wrong_is_named(
    venue: Venue, field: str, value: object, words: str
) -> None:
    body = await profile(venue, **{field: value})
    error = await venue.admin.refused(400, "PUT", PROFILE, body)
    assert error["debugMessage"].startswith(words)
    assert (await profile(venue))["version"] == 1


async def test_the_change_is_in_the_audit_trail(venue: Venue) -> None:
    await venue.admin.ok("PUT", PROFILE, await profile(venue, name="New", closingTime="03:00"))
    rows = await fetch(venue, "SELECT action, details FROM audit_entry WHERE venue_id = $1")
    assert [row["action"] for row in rows] == ["profile.changed"]
    assert '["name", "closing_time"]' in rows[0]["details"]


async def test_the_policy_counts_at_once(venue: Venue) -> None:
    made = await venue.ok("POST", "/v1/orders", order(500))
    assert made["totalAmount"] == gbp(500)
    await venue.admin.ok("PUT", PROFILE, await profile(venue, accessPolicy="assigned"))
    seen = await venue.ok("POST", "/v1/tables/search", {}, waiter_id="ben")
    assert "t1" not in [table["id"] for table in seen[0]["data"]]


async def test_who_may(venue: Venue) -> None:
    seen = await profile(venue)
    await venue.till.refused(403, "PUT", PROFILE, seen)
    await venue.refused(403, "PUT", PROFILE, seen)
    await venue.refused(403, "GET", PROFILE)
