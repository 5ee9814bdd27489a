"""The journal of a test venue: read, waited for, verified, shown."""

import asyncio
from typing import Any

import pytest

from tests.support.control import Controller, MadeVenue

Json = dict[str, Any]


async def test_every_request_and_answer_is_in_it(demo: MadeVenue) -> None:
    order = (await demo.orders())[0]
    paid = await demo.pay(order, **{"device-id": "tm_1", "dojo-requesting-product": "Pay at Table"})
    opened = await demo.till.post("/till/v1/tabs", json={"tableId": "tbl_1", "covers": 2})
    entries = (await demo.control("GET", "journal"))["entries"]
    assert [entry["capability"] for entry in entries] == [
        "SearchOrders",
        "RecordOrderPaymentById",
        "open-tab",
    ]
    payment = entries[1]
    assert payment["body"]["paymentIntentId"] == "pi_1"
    assert payment["answer"] == paid.json()
    assert payment["traceId"] == paid.headers["x-trace-id"]
    assert (payment["orderId"], payment["status"]) == (order["id"], 200)
    assert (payment["deviceId"], payment["product"]) == ("tm_1", "Pay at Table")
    assert payment["transport"] == "rest"
    assert entries[2]["orderId"] == opened.json()["id"]


async def test_the_trace_id_of_an_error_leads_to_its_entry(demo: MadeVenue) -> None:
    await demo.orders()
    error = (await demo.dojo.get("/v1/orders/ord_nothing")).json()
    (entry,) = (await demo.control("GET", f"journal?traceId={error['traceId']}"))["entries"]
    assert (entry["status"], entry["answer"]) == (404, error)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("capability=RecordOrderPayment", 1),
        ("orderId={order}", 2),
        ("status=404", 1),
        ("transport=websocket", 0),
        ("after=2", 2),
        ("limit=1", 1),
    ],
)
async def test_it_is_filtered(demo: MadeVenue, query: str, count: int) -> None:
    order = (await demo.orders())[0]
    await demo.pay(order)
    await demo.order(order["id"])
    await demo.dojo.get("/v1/orders/ord_nothing")
    found = await demo.control("GET", f"journal?{query.format(order=order['id'])}")
    assert len(found["entries"]) == count


async def test_a_payment_is_waited_for(demo: MadeVenue) -> None:
    order = (await demo.orders())[0]
    form = {"capability": "RecordOrderPaymentById", "orderId": order["id"], "seconds": 5}
    waiting = asyncio.create_task(demo.control("POST", "journal/wait", form))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    await demo.pay(order)
    found = await waiting
    assert found["arrived"]
    assert found["entries"][0]["body"]["paymentIntentId"] == "pi_1"


async def test_what_does_not_come_is_told_with_what_came_instead(demo: MadeVenue) -> None:
    order = (await demo.orders())[0]
    await demo.pay(order)
    form = {
        "capability": "RecordOrderPaymentById",
        "body": {"paymentIntentId": "pi_2"},
        "seconds": 0.2,
    }
    found = await demo.control("POST", "journal/wait", form)
    assert not found["arrived"]
    assert found["nearest"][0]["differs"] == [
        {"field": "body.paymentIntentId", "expected": "pi_2", "was": "pi_1"}
    ]


async def test_verify_says_what_differs(demo: MadeVenue) -> None:
    order = (await demo.orders())[0]
    await demo.pay(order)
    left = order["totalAmount"]["value"] - order["paidAmount"]["value"]
    right = {
        "capability": "RecordOrderPaymentById",
        "orderId": order["id"],
        "body": {"paidAmount": {"value": left, "currencyCode": "GBP"}},
        "times": 1,
    }
    assert (await demo.control("POST", "journal/verify", right))["verified"]
    wrong = right | {"body": {"paidAmount": {"value": 2000}}}
    found = await demo.control("POST", "journal/verify", wrong)
    assert (found["verified"], found["found"]) == (False, 0)
    (miss,) = found["nearest"]
    assert miss["differs"] == [{"field": "body.paidAmount.value", "expected": 2000, "was": left}]
    twice = await demo.control("POST", "journal/verify", right | {"times": 2})
    assert (twice["verified"], twice["found"]) == (False, 1)


async def test_each_venue_has_its_own(controller: Controller, demo: MadeVenue) -> None:
    async with controller.venue(kind="empty") as other:
        await other.dojo.get("/v1/areas")
        assert (await demo.control("GET", "journal"))["entries"] == []
        assert len((await other.control("GET", "journal"))["entries"]) == 1


async def test_it_has_bounds(demo: MadeVenue) -> None:
    note = "x" * 900_000
    for _ in range(6):
        await demo.dojo.post("/v1/orders/search", json={"cursor": {"limit": 1}, "note": note})
    entries = (await demo.control("GET", "journal"))["entries"]
    assert 0 < len(entries) < 6
    assert entries[-1]["number"] == 6


async def test_a_page_shows_it(demo: MadeVenue) -> None:
    client = demo.controller.client
    page = await client.get(f"/venues/{demo.id}/journal/page")
    assert page.headers["content-type"].startswith("text/html")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert '<script src="/test/v1/journal.js">' in page.text
    script = await client.get("/journal.js")
    assert "follow()" in script.text


async def test_a_venue_of_somebody_has_none(controller: Controller) -> None:
    await controller.refused(404, "GET", "/venues/demo/journal")
    await controller.refused(404, "POST", "/venues/demo/journal/verify", {})
    action = {"when": "before", "action": {"cut": True}}
    await controller.refused(404, "POST", "/venues/demo/faults", action)
