"""Terminal sessions of Dojo's API, as its sandbox was seen to play them."""

from typing import Any

import pytest

from tests.support.dojo import DojoAccount
from tests.support.waiting import until

Json = dict[str, Any]
TERMINAL = "tm_sandbox_1"
SIGNATURE = "SignatureVerificationRequired"


async def start(account: DojoAccount, **details: Any) -> Any:
    body = {"terminalId": TERMINAL, "details": details}
    return await account.api("POST", "/terminal-sessions", body)


async def sale(account: DojoAccount) -> tuple[str, Json]:
    """The id of a new payment, and its session on the terminal."""
    body = {"amount": {"value": 1000, "currencyCode": "GBP"}, "reference": "ord_1"}
    intent_id = (await account.api("POST", "/payment-intents", body)).json()["id"]
    started = await start(account, sessionType="Sale", sale={"paymentIntentId": intent_id})
    assert started.status_code == 200, started.text
    session: Json = started.json()
    assert session["status"] == "InitiateRequested"
    return intent_id, session


async def seen(account: DojoAccount, session: Json) -> list[str]:
    """The statuses the session went through."""
    answer = await account.api("GET", f"/terminal-sessions/{session['id']}")
    return [one["status"] for one in answer.json()["statusEvents"]]


async def wait_for(account: DojoAccount, session: Json, status: str) -> None:
    async def is_there() -> bool:
        return (await seen(account, session))[-1] == status

    await until(is_there)


async def sign(account: DojoAccount, session: Json, *, accepted: bool) -> None:
    await wait_for(account, session, SIGNATURE)
    path = f"/terminal-sessions/{session['id']}/signature"
    answer = await account.api("PUT", path, {"accepted": accepted})
    assert answer.status_code == 200, answer.text


async def sold(account: DojoAccount) -> str:
    """The id of a payment that a terminal took."""
    intent_id, session = await sale(account)
    await sign(account, session, accepted=True)
    await wait_for(account, session, "Captured")
    return intent_id


async def test_a_sale_waits_for_the_signature(account: DojoAccount) -> None:
    intent_id, session = await sale(account)
    await wait_for(account, session, SIGNATURE)
    assert await account.statuses() == {intent_id: "Authorized"}
    await sign(account, session, accepted=True)
    await wait_for(account, session, "Captured")
    assert await seen(account, session) == [
        "InitiateRequested",
        "Initiated",
        SIGNATURE,
        "SignatureVerificationAccepted",
        "Captured",
    ]
    assert await account.statuses() == {intent_id: "Captured"}


async def test_a_rejected_signature_does_not_mean_that_nothing_was_taken(
    account: DojoAccount,
) -> None:
    intent_id, session = await sale(account)
    await sign(account, session, accepted=False)
    await wait_for(account, session, "Declined")
    assert await account.statuses() == {intent_id: "Authorized"}

    async def is_captured() -> bool:
        return await account.statuses() == {intent_id: "Captured"}

    await until(is_captured)


async def test_a_busy_terminal_is_a_conflict(account: DojoAccount) -> None:
    intent_id, session = await sale(account)
    second = await start(account, sessionType="Sale", sale={"paymentIntentId": intent_id})
    assert second.status_code == 409
    free = await account.api("GET", "/terminals?statuses=Available")
    assert [one["id"] for one in free.json()] == ["tm_sandbox_2"]
    await sign(account, session, accepted=True)


async def test_a_session_is_canceled_until_a_card_is_presented(account: DojoAccount) -> None:
    intent_id, session = await sale(account)
    path = f"/terminal-sessions/{session['id']}/cancel"
    assert (await account.api("PUT", path)).json()["status"] == "CancelRequested"
    await wait_for(account, session, "Canceled")
    assert await account.statuses() == {intent_id: "Created"}
    assert (await account.api("PUT", path)).status_code == 422


async def test_only_a_terminal_refunds_what_a_terminal_took(account: DojoAccount) -> None:
    intent_id = await sold(account)
    await account.sim("POST", f"intents/{intent_id}/settle")
    intent = f"/payment-intents/{intent_id}"
    refund = await account.api("POST", f"{intent}/refunds", {"amount": 1}, idempotencyKey="a")
    reversal = await account.api("POST", f"{intent}/reversal")
    assert (refund.status_code, reversal.status_code) == (400, 400)

    some = {"paymentIntentId": intent_id, "amount": {"value": 300, "currencyCode": "GBP"}}
    for matched, refunded in ((some, 300), ({"paymentIntentId": intent_id}, 1000)):
        started = await start(account, sessionType="MatchedRefund", matchedRefund=matched)
        await wait_for(account, started.json(), "Captured")
        found = (await account.api("GET", intent)).json()
        assert (found["status"], found["refundedAmount"]) == ("Refunded", refunded)
    again = await start(
        account, sessionType="MatchedRefund", matchedRefund={"paymentIntentId": intent_id}
    )
    await wait_for(account, again.json(), "Declined")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"terminalId": "tm_sandbox_none"}, 404),
        ({"details": {"sessionType": "Sale"}}, 400),
        ({"details": {"sessionType": "Sale", "sale": {"paymentIntentId": "pi_none"}}}, 404),
    ],
)
async def test_refuses_what_is_no_session(account: DojoAccount, change: Json, status: int) -> None:
    amount = {"value": 1, "currencyCode": "GBP"}
    details = {"sessionType": "UnlinkedRefund", "unlinkedRefund": {"amount": amount}}
    body = {"terminalId": TERMINAL, "details": details} | change
    assert (await account.api("POST", "/terminal-sessions", body)).status_code == status
