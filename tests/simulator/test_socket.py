"""The WebSocket endpoint, with an EPOS that is told what to answer."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from tests.support.dojo import DojoAccount, dojo_account, running_dojo
from tests.support.fake_epos import dial, error, fake_epos, result
from tests.support.waiting import until

Json = dict[str, Any]
LIST_AREAS = {"capability": "ListAreas"}


@pytest.fixture
async def wired(account: DojoAccount) -> DojoAccount:
    """An account that has registered everything for the WebSocket."""
    await account.register_socket()
    return account


async def ask(account: DojoAccount, capability: str = "ListAreas", **more: Any) -> Json:
    reply: Json = await account.sim("POST", "call", {"capability": capability, **more})
    return reply


async def test_calls_are_frames_as_published(wired: DojoAccount) -> None:
    async with fake_epos(wired, lambda frame: result(frame, {})) as epos:
        reply = await ask(
            wired, "DeletePartyById", ids={"partyId": "p/1"}, waiterId="anna", product="Bookings"
        )
    (frame,) = epos.frames
    assert (reply["answer"], reply["violations"]) == ({}, [])
    assert frame == {
        "jsonrpc": "2.0",
        "id": frame["id"],
        "method": "DeletePartyByIdV1",
        "params": {
            "partyId": "p/1",
            "headers": {"waiterId": "anna", "dojoRequestingProduct": "Bookings"},
        },
    }
    assert isinstance(frame["id"], str)


async def test_updates_carry_the_id_as_the_document_names_it(wired: DojoAccount) -> None:
    async with fake_epos(wired, lambda frame: error(frame, "NotFound")) as epos:
        await ask(wired, "UpdateParty", ids={"partyId": "p1"}, body={"status": "Seated"})
    assert epos.frames[0]["params"] == {"id": "p1", "status": "Seated", "headers": {}}


async def test_answers_are_matched_in_any_order(wired: DojoAccount) -> None:
    async def later_first(frame: Json) -> Json:
        await asyncio.sleep(0.3 if frame["params"]["headers"]["waiterId"] == "0" else 0)
        area = {"id": frame["params"]["headers"]["waiterId"], "name": "Area"}
        return result(frame, [area])

    async with fake_epos(wired, later_first):
        replies = await asyncio.gather(*(ask(wired, waiterId=str(n)) for n in range(20)))
    assert [reply["answer"][0]["id"] for reply in replies] == [str(n) for n in range(20)]
    assert await wired.violations() == []


async def test_an_error_is_a_refusal(wired: DojoAccount) -> None:
    async with fake_epos(wired, lambda frame: error(frame, "Conflict")):
        reply = await ask(wired)
    assert reply["error"]["errorType"] == "Conflict"
    assert reply["violations"] == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": None}, 401),
        ({"Authorization": "Basic c2tfc2FuZGJveF94Og=="}, 401),
        ({"software_house_id": None}, 400),
    ],
    ids=["no key", "base64", "no software house"],
)
async def test_a_handshake_must_say_who_it_is(
    wired: DojoAccount, headers: dict[str, str | None], status: int
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with dial(wired, **headers):
            pass
    assert refused.value.response.status_code == status


async def test_a_second_connection_replaces_the_first(wired: DojoAccount) -> None:
    async with (
        fake_epos(wired, lambda frame: result(frame, [])) as first,
        fake_epos(wired, lambda frame: result(frame, [])) as second,
    ):
        await ask(wired)
        await asyncio.wait_for(first.connection.wait_closed(), 5)
        assert (len(first.frames), len(second.frames)) == (0, 1)
    known = await wired.sim("GET", "account")
    assert known["handshakes"] == 2


@pytest.mark.parametrize(
    ("wrong", "violation"),
    [
        ({"jsonrpc": "1.0"}, 'jsonrpc: is not "2.0"'),
        ({"method": "ListAreas"}, "method: is not the one that was called"),
        (
            {"error": {"errorType": "Conflict"}},
            "the frame: has not exactly one of result and error",
        ),
        ({"result": [{"id": "a", "name": None}]}, "[0].name: is null; what is absent is left out"),
        ({"result": {"areas": []}}, "the body: Input should be a valid array"),
    ],
)
async def test_what_is_wrong_with_an_answer_is_said(
    wired: DojoAccount, wrong: Json, violation: str
) -> None:
    async with fake_epos(wired, lambda frame: result(frame, []) | wrong):
        reply = await ask(wired)
    assert violation in reply["violations"]
    assert violation in (await wired.violations())[0]


async def test_no_call_may_be_answered_twice(wired: DojoAccount) -> None:
    async with fake_epos(wired, lambda frame: result(frame, [])) as epos:
        await ask(wired)
        call = {"id": epos.frames[0]["id"], "method": "ListAreasV1"}
        await epos.connection.send(f'{{"jsonrpc":"2.0","id":"{call["id"]}","result":[]}}')
        await epos.connection.send('{"jsonrpc":"2.0","id":"never","result":[]}')
        await epos.connection.send("nonsense")
        await ask(wired)
    assert await wired.violations() == [
        ["id: was answered before"],
        ["id: was never asked"],
        ["the frame: is not an object with an id"],
    ]


@pytest.mark.slow
async def test_silence_times_out_and_a_late_answer_is_no_violation(tmp_path: Path) -> None:
    given_up = asyncio.Event()

    async def late(frame: Json) -> Json:
        await given_up.wait()
        return result(frame, [])

    async with (
        running_dojo(tmp_path / "dojo.log", "--timeout", "1") as impatient,
        dojo_account(impatient) as account,
    ):
        await account.register_socket()
        async with fake_epos(account, late):
            assert (await ask(account))["silence"] == "timed out"
            given_up.set()
            await until(lambda: is_noted(account, "a late answer"))
        assert await account.violations() == []


async def is_noted(account: DojoAccount, note: str) -> bool:
    return note in [entry.get("note") for entry in await account.sim("GET", "journal")]


async def test_without_a_connection_a_call_waits_for_one(wired: DojoAccount) -> None:
    asked = asyncio.create_task(ask(wired))
    await asyncio.sleep(0.3)
    async with fake_epos(wired, lambda frame: result(frame, [])):
        assert (await asked)["answer"] == []


@pytest.mark.parametrize(("way", "code"), [("disconnect", 1006), ("going-away", 1001)])
async def test_the_connection_ends_on_demand(wired: DojoAccount, way: str, code: int) -> None:
    async with fake_epos(wired, lambda frame: result(frame, [])) as epos:
        assert await wired.sim("POST", f"socket/{way}") == {"wasConnected": True}
        await asyncio.wait_for(epos.connection.wait_closed(), 5)
        assert epos.connection.close_code == code


@pytest.mark.parametrize("action", ["disconnect", "going-away"])
async def test_a_connection_dies_in_the_middle_of_a_call(wired: DojoAccount, action: str) -> None:
    async def slow(frame: Json) -> Json:
        await asyncio.sleep(0.5)
        return result(frame, [])

    await wired.fault("call", action)
    async with fake_epos(wired, slow) as epos:
        reply = await ask(wired)
        await asyncio.wait_for(epos.connection.wait_closed(), 5)
    assert reply["silence"] == "the connection was lost"
    assert len(epos.frames) == 1, "it was sent"
    assert await wired.sim("GET", "faults") == []


async def test_handshakes_are_refused_for_a_while(wired: DojoAccount) -> None:
    await wired.fault("handshake", "status", status=503, times=None, lasts=3)
    with pytest.raises(InvalidStatus) as refused:
        async with dial(wired):
            pass
    assert refused.value.response.status_code == 503
    await until(lambda: is_accepted(wired))
    assert await wired.violations() == []


async def is_accepted(account: DojoAccount) -> bool:
    try:
        async with dial(account):
            return True
    except InvalidStatus:
        return False


async def test_rest_is_called_where_the_socket_is_closed(wired: DojoAccount) -> None:
    """Both are registered: the WebSocket comes first for as long as it is open."""
    await wired.register("ListAreas", url="http://127.0.0.1:9", username="u", password="p")
    assert (await ask(wired))["silence"] == "no connection: ConnectError"
    async with fake_epos(wired, lambda frame: result(frame, [])):
        assert (await ask(wired))["answer"] == []


async def test_an_epos_that_talks_nonsense_stops_the_flow(wired: DojoAccount) -> None:
    async with fake_epos(wired, lambda frame: result(frame, {"data": [{"id": 7}]})):
        run = await wired.sim("POST", "terminal/pay", {})
    assert (run["ok"], run["outcome"]) == (False, "failed")
    assert await wired.statuses() == {}


def epos_with_one_order() -> Callable[[Json], Json]:
    order: Json = {
        "id": "o1",
        "status": "New",
        "details": {"orderType": "DineIn", "dineIn": {"tableId": "t1"}},
        "totalAmount": {"value": 1000, "currencyCode": "GBP"},
        "payments": [],
        "payable": True,
    }

    def answer(frame: Json) -> Json:
        method, params = frame["method"], frame["params"]
        if method == "SearchOrdersV1":
            return result(frame, {"data": [order]})
        if method == "RecordOrderPaymentByIdV1":
            payment = {name: params[name] for name in ("paymentIntentId", "paidAmount")}
            order["payments"].append(payment)
            order.update(paidAmount=params["paidAmount"], payable=False)
        return result(frame, {} if method == "HandleEventV1" else order)

    return answer


async def test_a_terminal_over_the_websocket(wired: DojoAccount) -> None:
    """A whole flow."""
    async with fake_epos(wired, epos_with_one_order()) as epos:
        run = await wired.sim("POST", "terminal/pay", {"waiterId": "anna"})
        await wired.settle()
    assert run["ok"], run
    methods = [frame["method"] for frame in epos.frames if frame["method"] != "HandleEventV1"]
    assert methods == [
        "SearchOrdersV1",
        "CreateOrderLockV1",
        "RecordOrderPaymentByIdV1",
        "DeleteOrderLockV1",
        "GetOrderByIdV1",
    ]
    lock = epos.frames[1]["params"]
    assert lock["headers"]["waiterId"] == "anna"
    assert await wired.violations() == []


@pytest.mark.parametrize("waiter", [12, "12", 0], ids=["number", "text", "nobody"])
async def test_a_lock_may_have_the_waiter_in_its_body(
    wired: DojoAccount, waiter: int | str
) -> None:
    async with fake_epos(wired, epos_with_one_order()) as epos:
        run = await wired.sim("POST", "terminal/pay", {"lockWaiterId": waiter})
    assert run["ok"], run
    (lock,) = [one["params"] for one in epos.frames if one["method"] == "CreateOrderLockV1"]
    assert lock["waiterId"] == waiter
    assert "waiterId" not in lock["headers"]


@pytest.mark.parametrize(
    ("signature", "outcome", "statuses"),
    [
        ("accepted", "success", ["Created", "Authorized", "Captured"]),
        ("rejected", "signature rejected", ["Created", "Authorized"]),
    ],
)
async def test_a_card_may_ask_for_a_signature(
    wired: DojoAccount, signature: str, outcome: str, statuses: list[str]
) -> None:
    async with fake_epos(wired, epos_with_one_order()) as epos:
        run = await wired.sim("POST", "terminal/pay", {"signature": signature})
        assert (run["ok"], run["outcome"]) == (True, outcome)
        (intent,) = await wired.sim("GET", "intents")
        assert intent["history"][: len(statuses)] == statuses
        recorded = [one for one in epos.frames if one["method"] == "RecordOrderPaymentByIdV1"]
        assert len(recorded) == (signature == "accepted")

        async def is_captured() -> bool:
            return list((await wired.statuses()).values()) == ["Captured"]

        await until(is_captured)
