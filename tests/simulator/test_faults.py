"""Misbehaviour on demand, against the real EPOS over REST: the books must agree whatever happens."""

import asyncio
from typing import Any

import pytest

from tests.support.dojo import DojoAccount
from tests.support.recording import open_at_table
from tests.support.venues import Venue

STATUS = "payment_intent.status_updated"


async def books_agree(dojo: DojoAccount, venue: Venue, order_id: str) -> int:
    """What both sides say is paid."""
    await dojo.settle()
    ours = (await venue.ok("GET", f"/v1/orders/{order_id}"))["paidAmount"]["value"]
    theirs = (await dojo.sim("GET", "books"))["orders"].get(order_id, {"paid": 0})["paid"]
    assert ours == theirs
    return int(ours)


async def events_sent(dojo: DojoAccount) -> list[tuple[str, str]]:
    """The id and the status of each status event, as they went."""
    journal = await dojo.sim("GET", "journal", method=f"HandleEvent:{STATUS}")
    bodies = [entry["body"] for entry in journal if entry["direction"] == "to-epos"]
    return [(body["id"], body["data"]["paymentStatus"]) for body in bodies]


@pytest.mark.parametrize(
    ("action", "calls"),
    [("lose-answer", 2), ("drop", 2), ("disconnect", 2), ("duplicate", 2), ("delay", 1)],
)
async def test_a_payment_is_recorded_once_all_the_same(
    dojo: DojoAccount, venue: Venue, action: str, calls: int
) -> None:
    order_id = await open_at_table(venue, 3_000)
    await dojo.fault("call", action, match="RecordOrderPaymentById", seconds=0.1)

    run = await dojo.sim("POST", "terminal/pay", {"orderId": order_id})

    assert run["ok"], run
    assert await books_agree(dojo, venue, order_id) == 3_000
    journal = await dojo.sim("GET", "journal", method="RecordOrderPaymentById")
    assert len([entry for entry in journal if entry["direction"] == "to-epos"]) == calls
    assert await dojo.violations() == []


async def test_what_is_never_answered_is_reversed(dojo: DojoAccount, venue: Venue) -> None:
    """The EPOS has recorded it; the event takes it off again."""
    order_id = await open_at_table(venue, 3_000)
    await dojo.fault("call", "lose-answer", match="RecordOrderPaymentById", times=None)

    run = await dojo.sim("POST", "terminal/pay", {"orderId": order_id})

    assert run["outcome"] == "unanswered"
    assert list((await dojo.statuses()).values()) == ["Reversed"]
    assert await books_agree(dojo, venue, order_id) == 0


async def test_events_are_duplicated(dojo: DojoAccount, venue: Venue) -> None:
    order_id = await open_at_table(venue, 3_000)
    await dojo.fault("event", "duplicate", match=STATUS)
    run: dict[str, Any] = await dojo.sim("POST", "terminal/reversal", {"orderId": order_id})
    assert run["ok"], run
    await dojo.settle()
    sent = await events_sent(dojo)
    assert len(sent) == len(set(sent)) + 1
    assert await books_agree(dojo, venue, order_id) == 0


async def test_events_are_reordered(dojo: DojoAccount, venue: Venue) -> None:
    order_id = await open_at_table(venue, 3_000)
    await dojo.sim("POST", "terminal/pay", {"orderId": order_id})
    await dojo.settle()
    before = await events_sent(dojo)
    (intent_id,) = await dojo.statuses()
    await dojo.fault("event", "reorder", match=STATUS)

    await dojo.sim("POST", f"intents/{intent_id}/refund", {"amount": 1})
    await dojo.sim("POST", f"intents/{intent_id}/refund", {"amount": 2_999})
    await dojo.settle()

    journal = await dojo.sim("GET", "journal", method=f"HandleEvent:{STATUS}")
    sent = [one["body"]["createdAt"] for one in journal if one["direction"] == "to-epos"]
    last = sent[len(before) :]
    assert len(last) == 2
    assert last == sorted(last, reverse=True)


async def test_events_are_dropped(dojo: DojoAccount, venue: Venue) -> None:
    order_id = await open_at_table(venue, 3_000)
    await dojo.fault("event", "drop", times=None)
    run = await dojo.sim("POST", "terminal/pay", {"orderId": order_id})
    assert run["ok"], run
    await dojo.settle()
    assert await events_sent(dojo) == []


async def test_events_are_told_until_they_are_heard(dojo: DojoAccount, venue: Venue) -> None:
    order_id = await open_at_table(venue, 3_000)
    await dojo.fault("call", "drop", match="HandleEvent*", times=3)
    assert (await dojo.sim("POST", "terminal/reversal", {"orderId": order_id}))["ok"]
    assert await books_agree(dojo, venue, order_id) == 0


@pytest.mark.parametrize(
    ("action", "more", "status", "heard"),
    [
        ("status", {"status": 500}, 500, 0),
        ("drop", {}, 504, 0),
        ("lose-answer", {}, 504, 1),
        ("delay", {}, 200, 1),
    ],
)
async def test_the_api_misbehaves(
    account: DojoAccount, action: str, more: dict[str, int], status: int, heard: int
) -> None:
    await account.fault("api", action, match="POST /epos/events", seconds=0.2, **more)
    body = {"eventType": "OrderUpdated", "event": {"orderId": "o1"}}

    started = asyncio.get_running_loop().time()
    answers = [await account.api("POST", "/epos/events", body) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [status, 200]
    assert len((await account.sim("GET", "events"))["events"]) == heard + 1
    if action != "status":
        assert asyncio.get_running_loop().time() - started >= 0.2
    assert await account.violations() == []


async def test_a_fault_that_cannot_be_is_refused(account: DojoAccount) -> None:
    body = {"target": "handshake", "action": "duplicate"}
    answer = await account.client.post("/sim/faults", json=body, params={"account": account.id})
    assert answer.status_code == 400


async def test_faults_are_taken_away(account: DojoAccount) -> None:
    await account.fault("api", "status", times=None)
    assert (await account.api("GET", "/epos/integrations")).status_code == 500
    assert await account.sim("DELETE", "faults") == []
    assert (await account.api("GET", "/epos/integrations")).status_code == 200
