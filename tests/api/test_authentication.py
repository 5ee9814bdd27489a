"""Every route but the two health checks wants a credential, and a credential opens one venue."""

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from epos.store import credentials
from tests.support.clock import LONG_AHEAD
from tests.support.floor import book, open_coffee, party, reservation, seat
from tests.support.orders import gbp, unique
from tests.support.refusals import Refusal
from tests.support.schemas import validating_hook
from tests.support.server import RunningServer
from tests.support.venues import SECRET, Venue

POLLS_UNTIL_REVOKED = 40
"""Five times in a second; a machine that stands still meanwhile does not count against the server."""


@pytest.fixture
async def anybody(server: RunningServer) -> AsyncIterator[httpx.AsyncClient]:
    """A client without credentials."""
    hooks = {"response": [validating_hook()]}
    async with httpx.AsyncClient(base_url=server.base_url, timeout=30, event_hooks=hooks) as client:
        yield client


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


def wrong_credentials(venue: Venue) -> dict[str, str | None]:
    user = f"{venue.id}.dojo"
    return {
        "none": None,
        "a wrong user": basic(f"{venue.id}.nobody:{SECRET}"),
        "a wrong venue": basic(f"nowhere.dojo:{SECRET}"),
        "a wrong secret": basic(f"{user}:wrong"),
        "a user with NUL": basic(f"{venue.id}\0.dojo:{SECRET}"),
        "demo, which is off": basic("demo:demo"),
        "no colon": basic(user),
        "not base64": "Basic !!!!",
        "another scheme": f"Bearer {SECRET}",
        "nothing but the scheme": "Basic",
    }


async def test_wrong_credentials_are_all_answered_alike(
    venue: Venue, anybody: httpx.AsyncClient
) -> None:
    """At once: whoever keeps guessing is slowed down, and waits for all of them together."""
    answers = await asyncio.gather(
        *(
            anybody.get("/v1/areas", headers={"authorization": value} if value is not None else {})
            for value in wrong_credentials(venue).values()
        )
    )
    bodies = set()
    for answer in map(Refusal.of, answers):
        answer.check(401, "InvalidRequest", "Missing or wrong credentials")
        assert answer.headers["www-authenticate"].startswith("Basic ")
        bodies.add((answer.error["errorType"], answer.message, answer.headers["www-authenticate"]))
    assert len(bodies) == 1


async def test_nothing_is_learned_without_credentials(anybody: httpx.AsyncClient) -> None:
    """Not what exists, not what would be wrong with a request."""
    answers = await asyncio.gather(
        anybody.get("/nowhere"),
        anybody.get("/docs"),
        anybody.put("/v1/areas"),
        anybody.post("/v1/orders", content=b"{", headers={"content-type": "text/plain"}),
    )
    for answer in answers:
        Refusal.of(answer).check(401, "InvalidRequest", "Missing or wrong credentials")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_health_needs_none(anybody: httpx.AsyncClient, path: str) -> None:
    response = await anybody.get(path)
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert (await anybody.head(path)).content == b""
    refused = Refusal.of(await anybody.post(path))
    refused.check(405, "InvalidRequest", "method")
    assert refused.headers["allow"] == "GET, HEAD"


async def test_a_valid_credential_is_not_delayed_by_those_who_guess(
    venue: Venue, anybody: httpx.AsyncClient
) -> None:
    wrong = ("nobody", "wrong")
    for _ in range(10):
        assert (await anybody.get("/v1/areas", auth=wrong)).status_code == 401
    guess = asyncio.ensure_future(anybody.get("/v1/areas", auth=wrong))
    valid = asyncio.ensure_future(venue.ok("GET", "/v1/areas"))
    first, _ = await asyncio.wait({guess, valid}, return_when=asyncio.FIRST_COMPLETED)
    assert first == {valid}, "one more wrong guess is answered later"
    assert (await guess).status_code == 401


async def test_each_role_opens_its_own_api_alone(venue: Venue) -> None:
    for stranger in (venue.till, venue.admin):
        answer = Refusal.of(await stranger.call("GET", "/v1/areas"))
        answer.check(403, "InvalidRequest", "does not open")
        await stranger.refused(403, "GET", "/v1/orders/x/bill", accept="text/plain")
    await venue.refused(403, "GET", "/till/v1/profile")
    for own in (venue.till, venue.admin):
        assert (await own.ok("GET", "/till/v1/profile"))["name"] == "The Test Kitchen"


@pytest.mark.slow
async def test_a_revoked_credential_stops_within_seconds(venue: Venue) -> None:
    await venue.ok("GET", "/v1/areas")
    async with venue.database.connection() as connection:
        assert await credentials.revoke(connection, venue.id, "dojo")
    for _ in range(POLLS_UNTIL_REVOKED):
        if (await venue.call("GET", "/v1/areas")).status_code != 200:
            break
        await asyncio.sleep(0.2)
    await venue.refused(401, "GET", "/v1/areas")


async def test_another_venue_has_none_of_it(venue: Venue, other_venue: Venue) -> None:
    """The same tables there, the ids of this one: nothing is found, nothing is changed."""
    order_id = await open_coffee(venue, tableId="t1")
    seated, booked = await seat(venue, "t1"), await book(venue, "t1")
    lock = {"lockId": unique("lock"), "expiry": LONG_AHEAD}
    await venue.ok("POST", f"/v1/orders/{order_id}/lock", lock)
    before = await everything(venue)
    payment = {"paymentIntentId": unique("pi"), "paidAmount": gbp(1)}
    party_body = party("t1", status="Paid")
    requests: list[tuple[str, str, Any]] = [
        ("GET", f"/v1/orders/{order_id}", None),
        ("DELETE", f"/v1/orders/{order_id}", None),
        ("GET", f"/v1/orders/{order_id}/bill", None),
        ("POST", f"/v1/orders/{order_id}/lock", lock),
        ("PUT", f"/v1/orders/{order_id}/locks/{lock['lockId']}", {"expiry": lock["expiry"]}),
        ("DELETE", f"/v1/orders/{order_id}/locks/{lock['lockId']}", None),
        ("POST", f"/v1/orders/{order_id}/record-payment", payment),
        ("GET", f"/v1/parties/{seated['id']}", None),
        ("PUT", f"/v1/parties/{seated['id']}", party_body),
        ("DELETE", f"/v1/parties/{seated['id']}", None),
        ("GET", f"/v1/reservations/{booked['id']}", None),
        ("PUT", f"/v1/reservations/{booked['id']}", reservation("t1")),
        ("DELETE", f"/v1/reservations/{booked['id']}", None),
    ]
    for method, path, body in requests:
        answer = Refusal.of(await other_venue.call(method, path, body))
        answer.check(404, "NotFound", "was not found")
    assert await everything(venue) == before
    assert await everything(other_venue) == {"orders": [], "parties": [], "reservations": []}


async def everything(venue: Venue) -> dict[str, Any]:
    return {
        noun: (await venue.ok("POST", f"/v1/{noun}/search", {}))["data"]
        for noun in ("orders", "parties", "reservations")
    }
