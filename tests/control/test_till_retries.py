"""A till's write that was applied without an answer: the same request with the same key changes no more."""

from typing import Any

import httpx
import pytest

from tests.support.control import MadeVenue

Json = dict[str, Any]
APPROVAL = {"waiterId": "100", "pin": "2468"}
WRITES: dict[str, tuple[str, Json]] = {
    "add-items": ("items", {"items": [{"plu": "1001"}]}),
    "send-tab": ("send", {}),
    "give-discount": (
        "discount",
        {"name": "Friends", "amount": 100, "approval": APPROVAL},
    ),
    "take-payment": ("payments", {"type": "cash", "amount": 500}),
}


async def opened(venue: MadeVenue) -> Json:
    """A tab with one item that has not been sent."""
    tab = (await venue.till.post("/till/v1/tabs", json={"displayName": "Bar"})).json()
    body = {"version": tab["version"], "items": [{"plu": "2003"}]}
    added = await venue.till.post(f"/till/v1/tabs/{tab['id']}/items", json=body)
    assert added.status_code == 200, added.text
    found: Json = added.json()
    return found


async def applied_without_an_answer(venue: MadeVenue, name: str, path: str, body: Json) -> Json:
    """Send it, lose the answer, send it twice more: both get the same."""
    fault = {"when": "after-commit", "action": {"cut": True}, "capability": name, "times": 1}
    await venue.control("POST", "faults", fault)
    with pytest.raises(httpx.RemoteProtocolError):
        await venue.till.post(path, json=body)
    again = [await venue.till.post(path, json=body) for _ in range(2)]
    assert [one.status_code for one in again] == [200, 200], again[0].text
    assert again[0].json() == again[1].json()
    found: Json = again[0].json()
    return found


async def test_opening_a_tab(demo: MadeVenue) -> None:
    body = {"displayName": "Once", "key": "key_1"}
    tab = await applied_without_an_answer(demo, "open-tab", "/till/v1/tabs", body)
    entries = (await demo.control("GET", "journal?capability=open-tab"))["entries"]
    assert {entry["answer"]["id"] for entry in entries} == {tab["id"]}


@pytest.mark.parametrize("name", WRITES)
async def test_a_change_of_a_tab(demo: MadeVenue, name: str) -> None:
    tab = await opened(demo)
    path, body = WRITES[name]
    sent = body | {"version": tab["version"], "key": "key_1"}
    answer = await applied_without_an_answer(demo, name, f"/till/v1/tabs/{tab['id']}/{path}", sent)
    now = (await demo.till.get(f"/till/v1/tabs/{tab['id']}")).json()
    assert now["version"] == answer["version"] == tab["version"] + 1
