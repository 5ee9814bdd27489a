"""HandleEvent: every event is kept as it came, once per id, and what is odd about it is logged."""

import asyncio
import json
from typing import Any

import pytest

from tests.support.audit import trail
from tests.support.orders import event, order, payment, unique
from tests.support.rows import fetch
from tests.support.server import RunningServer
from tests.support.venues import Venue

Json = dict[str, Any]
PATIENCE = 20


async def logged(server: RunningServer, *words: str) -> Json:
    """The one line of the server's log that has all the words; it may be still on its way."""
    async with asyncio.timeout(PATIENCE):
        while not (found := lines(server, *words)):
            await asyncio.sleep(0.01)
    (line,) = found
    return line


def lines(server: RunningServer, *words: str) -> list[Json]:
    written = server.log.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in written if all(word in line for word in words)]


async def inbox(venue: Venue) -> list[Json]:
    return await fetch(venue, "SELECT * FROM dojo_event WHERE venue_id = $1 ORDER BY id")


async def part_paid_order(venue: Venue) -> tuple[str, str]:
    """An order of 1,000 with a payment of 600, and the payment's intent."""
    paid = payment(600, 60)
    made = await venue.ok("POST", "/v1/orders", order(1_000, [paid]))
    return f"/v1/orders/{made['id']}", paid["paymentIntentId"]


async def test_an_event_is_kept_as_it_came(venue: Venue) -> None:
    heard = event("pi_nobody_knows", "Reversed") | {"accountId": "acc_mine"}
    heard["data"]["captureMode"] = "Manual"
    assert await venue.ok("POST", "/v1/events", heard) in (None, {})
    (kept,) = await inbox(venue)
    assert (kept["id"], kept["account_id"]) == (heard["id"], "acc_mine")
    assert kept["event"] == "payment_intent.status_updated"
    assert kept["payment_intent_id"] == "pi_nobody_knows"
    assert (kept["payment_status"], kept["capture_mode"]) == ("Reversed", "Manual")
    assert kept["created_at"].isoformat() == "2026-11-23T12:00:00+00:00"


async def test_an_event_that_nobody_waits_for_decides_when_its_payment_comes(venue: Venue) -> None:
    path, _ = await part_paid_order(venue)
    late = payment(100)
    await venue.ok("POST", "/v1/events", event(late["paymentIntentId"], "Canceled"))
    before = await venue.ok("GET", path)
    first = await venue.refused(409, "POST", f"{path}/record-payment", late)
    again = await venue.refused(409, "POST", f"{path}/record-payment", late)
    assert first.keys() == again.keys()
    assert await venue.ok("GET", path) == before


async def test_the_same_event_again_does_nothing(venue: Venue, server: RunningServer) -> None:
    path, intent = await part_paid_order(venue)
    heard = event(intent, "Reversed")
    await venue.ok("POST", "/v1/events", heard)
    once, said = await venue.ok("GET", path), await trail(venue)
    answers = await asyncio.gather(*(venue.call("POST", "/v1/events", heard) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert await venue.ok("GET", path) == once
    assert await trail(venue) == said
    assert len(await inbox(venue)) == 1
    assert lines(server, heard["id"], "repeated") == []


async def test_an_id_with_other_content_does_nothing_but_a_warning(
    venue: Venue, server: RunningServer
) -> None:
    path, intent = await part_paid_order(venue)
    heard = event(intent, "Captured")
    await venue.ok("POST", "/v1/events", heard)
    before, said = await venue.ok("GET", path), await trail(venue)
    await venue.ok("POST", "/v1/events", event(intent, "Reversed", heard["id"]))
    assert await venue.ok("GET", path) == before
    assert await trail(venue) == said
    assert [kept["payment_status"] for kept in await inbox(venue)] == ["Captured"]
    line = await logged(server, heard["id"])
    assert (line["level"], line["event"]) == (
        "warning",
        "event id repeated with other content",
    )


async def test_a_field_that_we_do_not_know_is_no_other_content(
    venue: Venue, server: RunningServer
) -> None:
    heard = event("pi_one", "Captured")
    await venue.ok("POST", "/v1/events", heard)
    await venue.ok("POST", "/v1/events", heard | {"createdAt": "2026-11-23T13:00:00+01:00"})
    await venue.ok("POST", "/v1/events", heard | {"newField": 1})
    await venue.ok("POST", "/v1/events", heard | {"accountId": "acc_other"})
    assert await logged(server, heard["id"], "other content")


async def test_the_same_id_in_another_venue_is_another_event(
    venue: Venue, other_venue: Venue
) -> None:
    path, intent = await part_paid_order(other_venue)
    heard = event(intent, "Reversed")
    await venue.ok("POST", "/v1/events", heard)
    assert (await other_venue.ok("GET", path))["paidAmount"]["value"] == 600
    await other_venue.ok("POST", "/v1/events", heard)
    assert (await other_venue.ok("GET", path))["paidAmount"]["value"] == 0


@pytest.mark.parametrize("name", ["payment_intent.created", "payment_intent.renamed", "x"])
async def test_an_event_of_any_name_is_kept(venue: Venue, name: str) -> None:
    await venue.ok("POST", "/v1/events", event("pi_one", "Created") | {"event": name})
    assert [kept["event"] for kept in await inbox(venue)] == [name]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("paymentStatus", "Lost"),
        ("paymentStatus", "captured"),
        ("paymentStatus", None),
        ("captureMode", "Never"),
        ("captureMode", ""),
    ],
)
async def test_an_unknown_value_is_refused(venue: Venue, field: str, value: Any) -> None:
    path, intent = await part_paid_order(venue)
    heard = event(intent, "Reversed")
    heard["data"][field] = value
    before = await venue.ok("GET", path)
    error = await venue.refused(400, "POST", "/v1/events", heard)
    assert field in json.dumps(error)
    assert await inbox(venue) == []
    assert await venue.ok("GET", path) == before


async def test_another_account_is_only_worth_a_warning(venue: Venue, server: RunningServer) -> None:
    path, intent = await part_paid_order(venue)
    mine, other = unique("acc"), unique("acc")
    for status, account in (("Created", mine), ("Captured", mine), ("Reversed", other)):
        await venue.ok("POST", "/v1/events", event(intent, status) | {"accountId": account})
    assert (await venue.ok("GET", path))["paidAmount"]["value"] == 0
    line = await logged(server, other)
    assert (line["level"], line["event"]) == ("warning", "event from another account")
    assert lines(server, mine) == [], "the first account is nobody's other"
