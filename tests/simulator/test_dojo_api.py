"""Dojo's API host, held against the published document."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from epos.simulator.published import PublishedDocuments
from tests.support.contract import contract_dir
from tests.support.dojo import DojoAccount, DojoProcess, named

Json = dict[str, Any]
BASIC = {"authType": "basic", "basic": {"username": "u", "password": "secret-word"}}
Check = Callable[[httpx.Response, str, str], Any]


@pytest.fixture(scope="module")
def check() -> Check:
    """The answer is one that is published for this operation: its JSON."""
    folder = contract_dir()
    documents = PublishedDocuments(folder) if folder else None

    def checked(response: httpx.Response, method: str, path: str) -> Any:
        answer = response.json()
        if documents is not None:
            assert documents.api_answer(method, path, response.status_code, answer) == []
        return answer

    return checked


async def make_intent(account: DojoAccount, **more: Any) -> Json:
    body = {"amount": {"value": 1000, "currencyCode": "GBP"}, "reference": "ord_1"} | more
    answer = await account.api("POST", "/payment-intents", body)
    assert answer.status_code == 200, answer.text
    made: Json = answer.json()
    return made


async def test_registers_rest(account: DojoAccount, check: Check) -> None:
    body = {"url": "https://epos.example/base/", "auth": BASIC, "capabilities": named("ListAreas")}
    answer = await account.api("PUT", "/epos/integrations/rest", body)

    (made,) = check(answer, "PUT", "/epos/integrations/rest")
    assert made["url"] == "https://epos.example/base"
    assert made["auth"] == {"authType": "basic", "basic": {"username": "u"}}
    assert "secret-word" not in json.dumps(await account.sim("GET", "journal"))
    every = check(await account.api("GET", "/epos/integrations"), "GET", "/epos/integrations")
    assert every == {
        "restIntegrations": [made],
        "wsIntegrations": [],
        "dojoManagedIntegrations": [],
    }


@pytest.mark.parametrize("kind", ["rest", "ws", "dojo"])
async def test_lists_each_kind(account: DojoAccount, check: Check, kind: str) -> None:
    path = f"/epos/integrations/{kind}"
    assert check(await account.api("GET", path), "GET", path) == []


async def test_a_registration_replaces_the_one_before(account: DojoAccount, check: Check) -> None:
    await account.register_socket("ListAreas", "GetOrderBill")
    path = "/epos/integrations/ws"
    (made,) = check(await account.register_socket("SearchTables", "UpdatePartyById"), "PUT", path)
    assert [one["name"] for one in made["capabilities"]] == ["SearchTables", "UpdatePartyById"]
    known = await account.sim("GET", "account")
    assert known["capabilities"] == ["SearchTables", "UpdateParty"], "in the newest spelling"


async def test_an_empty_registration_changes_nothing(account: DojoAccount) -> None:
    await account.register_socket("ListAreas")
    body: Json = {"capabilities": []}
    answer = await account.api("PUT", "/epos/integrations/ws", body)
    assert answer.status_code == 200
    assert [one["name"] for one in answer.json()[0]["capabilities"]] == ["ListAreas"]


async def test_odd_names_are_kept_and_never_called(account: DojoAccount) -> None:
    await account.register_socket("GetOrder", "ListAreas", "ListAreas")
    known = await account.sim("GET", "account")
    assert known["capabilities"] == ["ListAreas"]
    assert await account.violations() == [
        ["GetOrder is not a capability", "ListAreas is registered twice"]
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"capabilities": [], "auth": BASIC},
        {"url": "ftp://epos", "capabilities": [], "auth": BASIC},
        {"url": "https://epos", "capabilities": [{"name": "ListAreas"}], "auth": BASIC},
        {"url": "https://epos", "capabilities": [], "auth": {"authType": "oauth"}},
        {"url": "https://epos", "capabilities": [], "auth": {"authType": "basic"}},
        ["not an object"],
    ],
)
async def test_refuses_what_is_no_registration(
    account: DojoAccount, check: Check, body: object
) -> None:
    answer = await account.api("PUT", "/epos/integrations/rest", body)
    assert (answer.status_code, answer.json()["status"]) == (400, 400)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Basic c2tfc2FuZGJveF94OnN4"}, 401),
        ({"Authorization": "Bearer sk_sandbox_x"}, 401),
        ({"Authorization": "Basic sk_prod_x"}, 401),
        ({}, 401),
        ({"Authorization": "Basic sk_sandbox_x"}, 400),
    ],
    ids=["base64", "bearer", "production key", "nothing", "no version"],
)
async def test_says_who_may_ask(
    simulated_dojo: DojoProcess, headers: dict[str, str], status: int
) -> None:
    async with httpx.AsyncClient(base_url=simulated_dojo.url) as client:
        answer = await client.get("/epos/integrations", headers=headers)
        rejected = (await client.get("/sim/rejected")).json()
    assert answer.status_code == status
    assert rejected[-1]["violations"]


async def test_a_missing_software_house_is_a_violation(account: DojoAccount) -> None:
    del account.client.headers["software-house-id"]
    assert (await account.api("GET", "/epos/integrations")).status_code == 200
    assert await account.violations() == [["software-house-id: is missing"]]


@pytest.mark.parametrize(
    ("missing", "status", "words"),
    [
        ("software-house-id", 400, "A software house ID header is required"),
        ("reseller-id", 401, "A reseller ID header is required"),
    ],
)
async def test_a_post_needs_both_headers(
    account: DojoAccount, missing: str, status: int, words: str
) -> None:
    del account.client.headers[missing]
    body = {"eventType": "OrderUpdated", "event": {"orderId": "o1"}}
    answer = await account.api("POST", "/epos/events", body)
    assert (answer.status_code, answer.json()["detail"]) == (status, words)
    assert await account.violations() == [[f"refused: {words}"]]
    assert (await account.sim("GET", "events"))["events"] == []


async def test_an_unknown_operation_is_a_violation(account: DojoAccount) -> None:
    assert (await account.api("PATCH", "/epos/integrations/rest", {})).status_code == 404
    assert await account.violations() == [["Dojo's API has no such operation"]]


async def test_echoes_and_counts_events(account: DojoAccount, check: Check) -> None:
    bodies: list[Json] = [
        {"eventType": "OrderUpdated", "event": {"orderId": "o1"}},
        {"eventType": "PartyUpdated", "event": {"partyId": "p1"}},
        {"eventType": "ReservationUpdated", "event": {"reservationId": "r1"}},
        {"eventType": "OrderUpdated", "event": {"orderId": "o1"}},
    ]
    for body in bodies:
        answer = await account.api("POST", "/epos/events", body)
        assert check(answer, "POST", "/epos/events") == body
    seen = await account.sim("GET", "events")
    assert seen["entities"]["o1"]["count"] == 2
    assert len(seen["events"]) == 4
    assert await account.violations() == []


@pytest.mark.parametrize(
    "body",
    [
        {"eventType": "OrderUpdated", "event": {"partyId": "p1"}},
        {"eventType": "OrderCreated", "event": {"orderId": "o1"}},
        {"event": {"orderId": "o1"}},
        {"eventType": "OrderUpdated", "event": "o1"},
    ],
)
async def test_refuses_what_is_no_event(account: DojoAccount, body: Json) -> None:
    assert (await account.api("POST", "/epos/events", body)).status_code == 400
    assert len(await account.violations()) == 1


async def test_a_manual_payment_is_captured_and_refunded(
    account: DojoAccount, check: Check
) -> None:
    made = await make_intent(
        account,
        captureMode="Manual",
        tipsAmount={"value": 100, "currencyCode": "GBP"},
        orderDetails={"externalId": "ord_1"},
        metadata={"waiterId": "anna"},
    )
    intent = f"/payment-intents/{made['id']}"
    refused = await account.api("POST", f"{intent}/captures", {"amount": 1})
    check(refused, "POST", "/payment-intents/{paymentIntentId}/captures")
    assert refused.status_code == 409, "no card yet"
    await account.sim("POST", f"intents/{made['id']}/pay")

    captured = await account.api("POST", f"{intent}/captures", {"amount": 1000, "tipsAmount": 100})
    check(captured, "POST", "/payment-intents/{paymentIntentId}/captures")
    path = f"{intent}/refunds"
    early = await account.api("POST", path, {"amount": 300}, idempotencyKey="a")
    check(early, "POST", "/payment-intents/{paymentIntentId}/refunds")
    words = "Your refund request was not successful. Status: Failed."
    assert (early.status_code, early.json()["detail"]) == (400, words)
    await account.sim("POST", f"intents/{made['id']}/settle")
    for key, amount, status in (("a", 300, 200), ("a", 300, 200), ("b", 900, 400), ("c", 800, 200)):
        refund = await account.api("POST", path, {"amount": amount}, idempotencyKey=key)
        check(refund, "POST", "/payment-intents/{paymentIntentId}/refunds")
        assert refund.status_code == status
    found = check(await account.api("GET", intent), "GET", "/payment-intents/{paymentIntentId}")
    assert (found["status"], found["refundedAmount"]) == ("Refunded", 1100)
    assert found["orderDetails"] == {"externalId": "ord_1"}


async def test_a_payment_is_reversed_once(account: DojoAccount, check: Check) -> None:
    made = await make_intent(account)
    check_path = "/payment-intents/{paymentIntentId}/reversal"
    path = f"/payment-intents/{made['id']}/reversal"
    await account.sim("POST", f"intents/{made['id']}/pay")
    for status in (200, 409):
        answer = await account.api("POST", path)
        assert answer.status_code == status
        check(answer, "POST", check_path)


async def test_only_an_automatic_capture_is_reversed(account: DojoAccount) -> None:
    made = await make_intent(account, captureMode="Manual")
    intent = f"/payment-intents/{made['id']}"
    await account.sim("POST", f"intents/{made['id']}/pay")
    assert (await account.api("POST", f"{intent}/captures", {"amount": 1000})).status_code == 200
    assert (await account.api("POST", f"{intent}/reversal")).status_code == 400
    await account.sim("POST", f"intents/{made['id']}/reverse")
    assert await account.statuses() == {made["id"]: "Reversed"}, "the merchant's portal may"


async def test_a_canceled_payment_is_found_only_when_asked_for(
    account: DojoAccount, check: Check
) -> None:
    made = await make_intent(account)
    path = "/payment-intents/{paymentIntentId}"
    intent = f"/payment-intents/{made['id']}"
    canceled = check(await account.api("DELETE", intent), "DELETE", path)
    assert canceled["status"] == "Canceled"
    gone = await account.api("GET", intent)
    check(gone, "GET", path)
    assert gone.status_code == 404
    assert (await account.api("GET", f"{intent}?returnCanceled=true")).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"amount": {"value": 12.5, "currencyCode": "GBP"}},
        {"amount": {"value": "12", "currencyCode": "GBP"}},
        {"amount": {"value": 12, "currencyCode": "USD"}},
        {"reference": ""},
        {"captureMode": "Later"},
        {"colour": "blue"},
    ],
)
async def test_refuses_what_is_no_payment(account: DojoAccount, change: Json) -> None:
    body = {"amount": {"value": 1000, "currencyCode": "GBP"}, "reference": "x"} | change
    answer = await account.api("POST", "/payment-intents", body)
    assert answer.status_code == 400


async def test_accounts_do_not_see_each_other(
    account: DojoAccount, simulated_dojo: DojoProcess
) -> None:
    made = await make_intent(account)
    stranger = {"Authorization": "Basic sk_sandbox_stranger", "version": "2026-02-27"}
    async with httpx.AsyncClient(base_url=simulated_dojo.url, headers=stranger) as client:
        assert (await client.get(f"/payment-intents/{made['id']}")).status_code == 404
