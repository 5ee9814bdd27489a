"""Faults as a client sees them, over both transports, before the work and after it was committed."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from epos.contract.errors import EPOSErrorType
from epos.contract.operations import OPERATIONS
from epos.control.models import ActionForm
from tests.support.control import Controller, MadeVenue
from tests.support.dojo import DojoAccount, DojoProcess, dojo_account
from tests.support.orders import gbp, item
from tests.support.waiting import until

Json = dict[str, Any]


async def arm(venue: MadeVenue, when: str, action: Json, **more: Any) -> str:
    fault: str = (await venue.control("POST", "faults", {"when": when, "action": action, **more}))[
        "faultId"
    ]
    return fault


async def struck(venue: MadeVenue, fault: str) -> Json:
    found: Json = await venue.control("GET", f"faults/{fault}")
    return found


ERRORS: list[tuple[Json, int, str]] = [
    ({"error": "Conflict"}, 409, "Conflict"),
    ({"error": "NotFound"}, 404, "NotFound"),
    ({"error": "InvalidRequest"}, 400, "InvalidRequest"),
    ({"error": "UnexpectedError"}, 500, "UnexpectedError"),
    ({"status": 503}, 503, "UnexpectedError"),
    ({"status": 403}, 403, "InvalidRequest"),
]


# --- over HTTP ------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["before", "after-commit"])
@pytest.mark.parametrize(("action", "status", "kind"), ERRORS)
async def test_an_error_instead_of_the_answer(
    demo: MadeVenue, when: str, action: Json, status: int, kind: str
) -> None:
    order = (await demo.orders())[0]
    fault = await arm(demo, when, action, capability="RecordOrderPaymentById", times=1)
    answer = await demo.pay(order)
    assert (answer.status_code, answer.json()["errorType"]) == (status, kind)
    assert answer.json()["traceId"] == answer.headers["x-trace-id"]
    found = await struck(demo, fault)
    assert (found["struck"], found["traceIds"]) == (1, [answer.headers["x-trace-id"]])
    paid = (await demo.order(order["id"]))["payable"] is False
    assert paid is (when == "after-commit")


@pytest.mark.parametrize("when", ["before", "after-commit"])
async def test_a_delay_keeps_the_answer(demo: MadeVenue, when: str) -> None:
    await arm(demo, when, {"delaySeconds": 0.4}, times=1)
    started = time.monotonic()
    answer = await demo.dojo.get("/v1/areas")
    assert answer.status_code == 200
    assert time.monotonic() - started >= 0.4
    started = time.monotonic()
    await demo.dojo.get("/v1/areas")
    assert time.monotonic() - started < 0.4


BROKEN: list[Json] = [{"cut": True}, {"truncate": True}, {"garble": True}]


def test_each_kind_of_fault_is_tried() -> None:
    """Here, and over the WebSocket below; a delay has tests of its own."""
    tried = {name for action in BROKEN for name in action} | {"delaySeconds"}
    assert tried | {name for action, _, _ in ERRORS for name in action} == set(
        ActionForm.model_fields
    )
    assert {action["error"] for action, _, _ in ERRORS if "error" in action} == set(EPOSErrorType)


@pytest.mark.parametrize("when", ["before", "after-commit"])
@pytest.mark.parametrize("action", BROKEN, ids=lambda action: next(iter(action)))
async def test_an_answer_that_nobody_can_read(demo: MadeVenue, when: str, action: Json) -> None:
    """Applied, but no answer: the same payment again is a replay, and the money is there once."""
    order = (await demo.orders())[0]
    fault = await arm(demo, when, action, capability="RecordOrderPaymentById", times=1)
    if "garble" in action:
        demo.dojo.event_hooks = {"response": []}
        answer = await demo.pay(order)
        assert answer.status_code == (500 if when == "before" else 200)
        with pytest.raises(json.JSONDecodeError):
            answer.json()
    else:
        with pytest.raises(httpx.RemoteProtocolError):
            await demo.pay(order)
    assert (await struck(demo, fault))["struck"] == 1
    before = await demo.order(order["id"])
    assert before["payable"] is (when == "before")
    assert (await demo.pay(order)).status_code == 200
    after = await demo.order(order["id"])
    assert after["payable"] is False
    assert [one["paymentIntentId"] for one in after["payments"]].count("pi_1") == 1


async def test_the_tills_api_is_struck_too(demo: MadeVenue) -> None:
    body = {"tableId": "tbl_1", "covers": 2}
    await arm(demo, "before", {"status": 503}, capability="open-tab", times=1)
    assert (await demo.till.post("/till/v1/tabs", json=body)).status_code == 503
    assert (await demo.till.post("/till/v1/tabs", json=body)).status_code == 200


CREATES: dict[str, tuple[str, str, Json]] = {
    "CreateOrder": (
        "dojo",
        "/v1/orders",
        {
            "dojoOrderId": "do_1",
            "details": {"orderType": "DineIn", "dineIn": {"tableId": "tbl_3"}},
            "items": [item(price=450)],
            "totalAmount": gbp(450),
            "payments": [],
        },
    ),
    "CreateReservation": (
        "dojo",
        "/v1/reservations",
        {
            "dojoReservationId": "dr_1",
            "name": "Ada",
            "covers": 2,
            "tableIds": ["tbl_6"],
            "startTime": "2030-01-01T19:00:00Z",
            "endTime": "2030-01-01T21:00:00Z",
        },
    ),
    "CreateParty": (
        "dojo",
        "/v1/parties",
        {
            "dojoPartyId": "dp_1",
            "name": "Ada",
            "covers": 2,
            "tableIds": ["tbl_1"],
            "status": "Seated",
            "startTime": "2026-11-29T19:00:00Z",
        },
    ),
}


@pytest.mark.parametrize("capability", CREATES)
async def test_a_create_that_was_applied_without_an_answer_can_be_sent_again(
    demo: MadeVenue, capability: str
) -> None:
    _, path, body = CREATES[capability]
    await arm(demo, "after-commit", {"cut": True}, capability=capability, times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        await demo.dojo.post(path, json=body)
    first = await demo.dojo.post(path, json=body)
    second = await demo.dojo.post(path, json=body)
    assert first.status_code == 200, first.text
    assert first.json() == second.json()
    entries = await demo.control("GET", f"journal?capability={capability}")
    assert {entry["answer"]["id"] for entry in entries["entries"]} == {first.json()["id"]}


def test_each_create_is_tried() -> None:
    """Over both transports; a lock has tests of its own."""
    creates = {one.capability for one in OPERATIONS if one.capability.startswith("Create")}
    assert creates == {*CREATES, "CreateOrderLock"}


async def test_a_lock_that_was_applied_without_an_answer_is_the_callers(demo: MadeVenue) -> None:
    order = (await demo.orders())[0]
    body = {"lockId": "lock_1", "expiry": (await soon(demo))}
    path = f"/v1/orders/{order['id']}/lock"
    await arm(demo, "after-commit", {"cut": True}, capability="CreateOrderLock", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        await demo.dojo.post(path, json=body)
    assert (await demo.dojo.post(path, json=body)).status_code == 200
    other = await demo.dojo.post(path, json=body | {"lockId": "lock_2"})
    assert other.status_code == 409


async def soon(venue: MadeVenue) -> str:
    now: str = (await venue.control("GET", "clock"))["now"]
    return now[:11] + "23:59:59Z" if now[11:13] < "23" else now[:13] + ":59:59Z"


# --- whom it strikes ------------------------------------------------------------------------------


async def statuses(venue: MadeVenue, count: int, **headers: str) -> list[int]:
    found = [await venue.dojo.get("/v1/areas", headers=headers) for _ in range(count)]
    return [one.status_code for one in found]


async def test_skip_and_times_count(demo: MadeVenue) -> None:
    fault = await arm(demo, "before", {"status": 503}, skip=2, times=2)
    assert await statuses(demo, 6) == [200, 200, 503, 503, 200, 200]
    assert (await struck(demo, fault))["struck"] == 2


async def test_a_fault_ends_with_its_time(demo: MadeVenue) -> None:
    await arm(demo, "before", {"status": 503}, seconds=0.3)
    assert await statuses(demo, 2) == [503, 503]
    await asyncio.sleep(0.35)
    assert await statuses(demo, 1) == [200]


async def test_chance_with_a_seed_is_the_same_in_each_run(demo: MadeVenue) -> None:
    seen = []
    for _ in range(2):
        fault = await arm(demo, "before", {"status": 503}, probability=0.5, seed=3)
        seen.append(await statuses(demo, 20))
        await demo.control("DELETE", f"faults/{fault}")
    assert seen[0] == seen[1]
    assert {200, 503} == set(seen[0])


async def test_by_product_and_device(demo: MadeVenue) -> None:
    await arm(demo, "before", {"status": 503}, product="Pay at Table", deviceId="tm_1")
    right = {"dojo-requesting-product": "Pay at Table", "device-id": "tm_1"}
    assert await statuses(demo, 1, **right) == [503]
    assert await statuses(demo, 1, **right | {"device-id": "tm_2"}) == [200]
    assert await statuses(demo, 1) == [200]


async def test_by_order_and_transport(demo: MadeVenue) -> None:
    first, second = (await demo.orders())[:2]
    await arm(demo, "before", {"status": 503}, orderId=first["id"])
    await arm(demo, "before", {"status": 404}, transport="websocket")
    assert (await demo.dojo.get(f"/v1/orders/{first['id']}")).status_code == 503
    assert (await demo.dojo.get(f"/v1/orders/{second['id']}")).status_code == 200


async def test_an_older_spelling_of_a_capability_means_the_same(demo: MadeVenue) -> None:
    await arm(demo, "before", {"status": 503}, capability="GetOrderBill")
    order = (await demo.orders())[0]
    assert (await demo.dojo.get(f"/v1/orders/{order['id']}/bill")).status_code == 503


async def test_a_refused_request_is_no_commit(demo: MadeVenue) -> None:
    fault = await arm(demo, "after-commit", {"cut": True}, times=1)
    assert (await demo.dojo.get("/v1/orders/ord_unknown")).status_code == 404
    assert (await struck(demo, fault))["struck"] == 0


async def test_a_wrong_password_is_struck_by_nothing(demo: MadeVenue) -> None:
    fault = await arm(demo, "before", {"cut": True})
    wrong = (demo.logins["dojo"]["username"], "wrong")
    assert (await demo.dojo.get("/v1/areas", auth=wrong)).status_code == 401
    assert (await struck(demo, fault))["struck"] == 0


async def test_another_venue_is_not_struck(controller: Controller, demo: MadeVenue) -> None:
    await arm(demo, "before", {"cut": True})
    async with controller.venue(kind="empty") as other:
        assert (await other.dojo.get("/v1/areas")).status_code == 200


async def test_a_disarmed_fault_is_gone(demo: MadeVenue) -> None:
    fault = await arm(demo, "before", {"status": 503})
    assert await statuses(demo, 1) == [503]
    assert (await demo.control("DELETE", f"faults/{fault}"))["struck"] == 1
    assert await statuses(demo, 1) == [200]
    await demo.controller.refused(404, "GET", f"/venues/{demo.id}/faults/{fault}")


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"when": "before", "action": {}}, "action must have exactly one of"),
        ({"when": "before", "action": {"cut": True, "garble": True}}, "exactly one of"),
        ({"when": "before", "action": {"error": "Boom"}}, "action.error must be"),
        ({"when": "before", "action": {"status": 200}}, "action.status must be"),
        ({"when": "later", "action": {"cut": True}}, "when must be before or after-commit"),
        ({"action": {"cut": True}}, "when is required"),
        ({"when": "before", "action": {"cut": True}, "capability": "Fly"}, "capability must be"),
        ({"when": "before", "action": {"cut": True}, "probability": 2}, "probability must be"),
    ],
)
async def test_what_is_no_fault_is_refused(demo: MadeVenue, form: Json, words: str) -> None:
    error = await demo.controller.refused(400, "POST", f"/venues/{demo.id}/faults", form)
    assert words in error["debugMessage"]


# --- over the WebSocket ---------------------------------------------------------------------------


@dataclass
class Connected:
    """A test venue whose server has dialled a simulated Dojo."""

    venue: MadeVenue
    account: DojoAccount

    async def call(self, capability: str, ids: Json, body: Json | None = None) -> Json:
        form = {"capability": capability, "ids": ids, "body": body, "attempts": 1}
        answer: Json = await self.account.sim("POST", "call", form)
        return answer

    async def pay(self, order: Json, attempts: int = 1) -> Json:
        left = order["totalAmount"]["value"] - order["paidAmount"]["value"]
        body = {
            "paymentIntentId": "pi_1",
            "paidAmount": {"value": left, "currencyCode": "GBP"},
        }
        form = {
            "capability": "RecordOrderPaymentById",
            "ids": {"orderId": order["id"]},
            "body": body,
            "attempts": attempts,
        }
        answer: Json = await self.account.sim("POST", "call", form)
        return answer


async def connected_to(venue: MadeVenue, dojo: DojoAccount) -> Connected:
    form = {"apiKey": dojo.key, "apiUrl": dojo.dojo.url, "transport": "websocket"}
    await venue.control("PUT", "dojo", form)
    reached = Connected(venue, dojo)

    async def answers() -> bool:
        known = await dojo.sim("GET", "account")
        if not known["connected"] or "ListAreas" not in known["capabilities"]:
            return False
        return (await reached.call("ListAreas", {}))["answer"] is not None

    await until(answers)
    return reached


@pytest.fixture
async def connected(demo: MadeVenue, dojo: DojoAccount) -> AsyncIterator[Connected]:
    yield await connected_to(demo, dojo)
    await demo.control("DELETE", "dojo")


@pytest.mark.parametrize("when", ["before", "after-commit"])
@pytest.mark.parametrize(("action", "status", "kind"), ERRORS)
async def test_an_error_frame(
    connected: Connected, when: str, action: Json, status: int, kind: str
) -> None:
    venue = connected.venue
    order = (await venue.orders())[0]
    fault = await arm(venue, when, action, transport="websocket", times=1)
    reply = await connected.pay(order)
    assert reply["error"]["errorType"] == kind
    assert (await struck(venue, fault))["traceIds"] == [reply["error"]["traceId"]]
    assert (await venue.order(order["id"]))["payable"] is (when == "before")
    assert (await connected.pay(order))["answer"]["payable"] is False


@pytest.mark.parametrize("when", ["before", "after-commit"])
@pytest.mark.parametrize(
    "action", [*BROKEN, {"delaySeconds": 1.5}], ids=lambda action: next(iter(action))
)
async def test_a_frame_that_nobody_can_read(connected: Connected, when: str, action: Json) -> None:
    """Dojo sends the call again, and the money is there once."""
    venue = connected.venue
    order = (await venue.orders())[0]
    fault = await arm(
        venue, when, action, capability="RecordOrderPaymentById", transport="websocket", times=1
    )
    started = time.monotonic()
    reply = await connected.pay(order, attempts=4)
    if "delaySeconds" in action:
        assert time.monotonic() - started >= 1.5
    assert reply["answer"] is not None, reply
    assert (await struck(venue, fault))["struck"] == 1
    after = await venue.order(order["id"])
    assert after["payable"] is False
    assert [one["paymentIntentId"] for one in after["payments"]].count("pi_1") == 1
    entries = await venue.control(
        "GET", "journal?capability=RecordOrderPaymentById&transport=websocket"
    )
    noted = [entry for entry in entries["entries"] if entry.get("faultId") == fault]
    assert len(noted) == 1


@pytest.mark.parametrize("capability", CREATES)
async def test_a_create_over_the_websocket_that_was_applied_without_an_answer(
    connected: Connected, capability: str
) -> None:
    """Dojo connects again and sends it again."""
    venue = connected.venue
    _, _, body = CREATES[capability]
    fault = await arm(
        venue, "after-commit", {"cut": True}, capability=capability, transport="websocket", times=1
    )
    form = {"capability": capability, "ids": {}, "body": body, "attempts": 4}
    replies = [await connected.account.sim("POST", "call", form) for _ in range(2)]
    assert (await struck(venue, fault))["struck"] == 1
    answers = [reply["answer"]["id"] for reply in replies]
    entries = await venue.control("GET", f"journal?capability={capability}&transport=websocket")
    assert len(entries["entries"]) >= 3
    assert {entry["answer"]["id"] for entry in entries["entries"]} == {answers[0]} == {answers[1]}


async def test_a_lock_over_the_websocket_that_was_applied_without_an_answer(
    connected: Connected,
) -> None:
    venue = connected.venue
    order = (await venue.orders())[0]
    fault = await arm(
        venue,
        "after-commit",
        {"cut": True},
        capability="CreateOrderLock",
        transport="websocket",
        times=1,
    )
    body = {"lockId": "lock_1", "expiry": await soon(venue)}
    form = {"capability": "CreateOrderLock", "ids": {"orderId": order["id"]}, "body": body}
    reply = await connected.account.sim("POST", "call", form | {"attempts": 4})
    assert (await struck(venue, fault))["struck"] == 1
    assert reply["answer"]["id"] == order["id"], reply
    other = form | {"body": body | {"lockId": "lock_2"}, "attempts": 1}
    refused = await connected.account.sim("POST", "call", other)
    assert refused["error"]["errorType"] == "Conflict"


async def test_by_order_and_product_over_the_websocket(connected: Connected) -> None:
    venue = connected.venue
    first, second = (await venue.orders())[:2]
    await arm(venue, "before", {"error": "Conflict"}, orderId=first["id"], product="QR Pay")

    async def read(order: Json, product: str) -> Json:
        form = {"capability": "GetOrderById", "ids": {"orderId": order["id"]}, "attempts": 1}
        answer: Json = await connected.account.sim("POST", "call", form | {"product": product})
        return answer

    assert (await read(first, "QR Pay"))["error"]["errorType"] == "Conflict"
    assert (await read(first, "Pay at Table"))["answer"]["id"] == first["id"]
    assert (await read(second, "QR Pay"))["answer"]["id"] == second["id"]


async def test_a_seed_names_what_comes_over_the_websocket_too(
    controller: Controller, simulated_dojo: DojoProcess
) -> None:
    seen = []
    for _ in range(2):
        async with controller.venue(seed=5) as venue, dojo_account(simulated_dojo) as account:
            reached = await connected_to(venue, account)
            _, _, body = CREATES["CreateOrder"]
            reply = await reached.call("CreateOrder", {}, body)
            seen.append(reply["answer"]["id"])
            await venue.control("DELETE", "dojo")
    assert seen[0] == seen[1]
