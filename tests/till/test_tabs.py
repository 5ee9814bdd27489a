"""Opening tabs, reading and listing them."""

import asyncio
import json
from typing import Any

import asyncpg
import pytest

from tests.support.audit import trail
from tests.support.floor import open_coffee, seat
from tests.support.rows import execute, fetch, set_status
from tests.support.tabs import TABS, TillTab, open_tab
from tests.support.venues import Venue


async def test_a_new_tab_is_empty_and_owes_nothing(bistro: Venue) -> None:
    tab = await open_tab(
        bistro, who={"waiter_id": "anna"}, tableId="t1", covers=2, note="Window seat"
    )
    shown = tab.shown
    assert (shown["status"], shown["version"], shown["origin"]) == ("New", 1, "till")
    assert (shown["total"], shown["balance"], shown["payable"]) == (0, 0, False)
    assert (shown["tableId"], shown["waiterId"], shown["covers"]) == ("t1", "anna", 2)
    assert (shown["lines"], shown["payments"], shown["rounds"]) == ([], [], 0)
    assert shown["displayName"] == f"Table 1 {shown['reference']}"
    [entry] = await trail(bistro, tab.id)
    assert (entry["action"], entry["waiter_id"]) == ("tab.opened", "anna")


async def test_a_tab_belongs_to_the_party_at_its_table(bistro: Venue) -> None:
    party = await seat(bistro, "t2")
    tab = await open_tab(bistro, tableId="t2")
    assert tab.shown["partyId"] == party["id"]
    by_party = await open_tab(bistro, partyId=party["id"])
    assert (by_party.shown["partyId"], "tableId" in by_party.shown) == (party["id"], False)


async def test_a_tab_for_collection(bistro: Venue) -> None:
    await execute(bistro, "UPDATE venue SET service_charge_rate = 1250 WHERE id = $1")
    soon = await open_tab(bistro, collection={"name": "Joan"})
    assert soon.shown["collection"] == {"asap": True, "name": "Joan"}
    assert soon.shown["displayName"] == f"Collection {soon.shown['reference']}"
    assert "serviceCharge" not in soon.shown
    later = await open_tab(
        bistro, collection={"collectAt": "2026-11-25T19:00:00+01:00"}, confirm=True
    )
    assert later.shown["collection"] == {"asap": False, "collectAt": "2026-11-25T18:00:00.000Z"}
    await soon.add("burger")
    order = await soon.as_guest_sees_it()
    assert order["customer"] == {"name": "Joan"}
    assert order["details"] == {"orderType": "Collection", "collection": {"asap": True}}


async def test_a_tab_at_the_bar_has_a_name_and_no_table(bistro: Venue) -> None:
    tab = await open_tab(bistro, displayName="Dave in the cap")
    assert (tab.shown["displayName"], "tableId" in tab.shown) == ("Dave in the cap", False)


async def test_the_same_request_opens_one_tab(bistro: Venue) -> None:
    body = {"key": "till-7/42", "tableId": "t1", "covers": 3}
    tabs = await asyncio.gather(*(bistro.till.ok("POST", TABS, body) for _ in range(4)))
    assert len({tab["id"] for tab in tabs}) == 1
    tab = TillTab(bistro, tabs[0])
    await tab.add("chips")
    assert await bistro.till.ok("POST", TABS, body) == tabs[0], "as it was answered first"
    assert len((await bistro.till.ok("GET", TABS))["data"]) == 1
    error = await bistro.till.refused(409, "POST", TABS, {**body, "covers": 4})
    assert "key" in error["debugMessage"]


async def test_a_tab_starts_with_the_venues_service_charge(bistro: Venue) -> None:
    await execute(bistro, "UPDATE venue SET service_charge_rate = 1250 WHERE id = $1")
    tab = await open_tab(bistro, tableId="t1")
    await tab.add("burger", "milk")
    assert tab.shown["serviceCharge"] == {"rate": 1250, "bearsVat": False, "amount": 172}
    assert tab.shown["total"] == 1250 + 125 + 172


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"tableId": "t99"}, "tableId is not a table of the venue"),
        ({"partyId": "pty_x"}, "partyId is not a party that is seated now"),
        ({"tableId": "t1", "waiterId": "nobody"}, "waiterId is not a waiter of the venue"),
        ({"tableId": "t1", "collection": {}}, "tableId must not be sent with collection"),
        ({"partyId": "p", "collection": {}}, "partyId must not be sent with collection"),
        (
            {"collection": {"asap": True, "collectAt": "2026-11-25T18:00:00Z"}},
            "collection.collectAt must not be sent with asap",
        ),
        ({"collection": {"collectAt": "18:00"}}, "collection.collectAt must be an RFC 3339"),
    ],
)
async def test_what_cannot_be_opened(bistro: Venue, body: dict[str, Any], words: str) -> None:
    error = await bistro.till.refused(400, "POST", TABS, body)
    assert error["debugMessage"].startswith(words)
    assert await fetch(bistro, "SELECT id FROM customer_order WHERE venue_id = $1") == []


# --- reading --------------------------------------------------------------------------------------


async def test_an_order_of_dojos_is_shown_with_what_dojo_sent(bistro: Venue) -> None:
    order = await bistro.ok("GET", f"/v1/orders/{await open_coffee(bistro, tableId='t1')}")
    shown = await bistro.till.ok("GET", f"{TABS}/{order['id']}")
    assert (shown["origin"], shown["lines"], shown["status"]) == ("dojo", [], "Accepted")
    assert shown["dojoContent"]["items"] == order["items"]
    assert (shown["total"], shown["payable"]) == (order["totalAmount"]["value"], True)
    error = await bistro.till.refused(
        409,
        "POST",
        f"{TABS}/{order['id']}/items",
        {"version": shown["version"], "items": [{"plu": "burger"}]},
    )
    assert "Dojo's" in error["debugMessage"]


async def test_listing_tabs(bistro: Venue) -> None:
    first = await open_tab(bistro, who={"waiter_id": "anna"}, tableId="t1")
    second = await open_tab(bistro, who={"waiter_id": "ben"}, tableId="t2")
    order = await open_coffee(bistro, tableId="t3")
    closed = await open_tab(bistro, tableId="t1")
    await set_status(bistro, closed.id, "Canceled")

    async def listed(query: str = "") -> list[str]:
        page = await bistro.till.ok("GET", f"{TABS}{query}")
        return [tab["id"] for tab in page["data"]]

    assert await listed() == [order, second.id, first.id]
    assert await listed("?status=all") == [closed.id, order, second.id, first.id]
    assert await listed("?status=Canceled") == [closed.id]
    assert await listed("?tableId=t1") == [first.id]
    assert await listed("?waiterId=anna&status=all") == [closed.id, first.id]  # t1 is hers
    page = await bistro.till.ok("GET", f"{TABS}?limit=2")
    rest = await bistro.till.ok("GET", f"{TABS}?limit=2&after={page['after']}")
    assert [tab["id"] for tab in rest["data"]] == [first.id]
    shown = rest["data"][0]
    assert shown == {name: first.shown[name] for name in shown}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("status=Done", "status must be open, all, or the name of a status"),
        ("limit=101", "limit must be a whole number between 1 and 100"),
        ("limit=many", "limit must be a whole number between 1 and 100"),
        ("after=xyz", "after is not a cursor of this search"),
        ("before=a&after=b", "before must not be sent with after"),
    ],
)
async def test_a_list_that_cannot_be(bistro: Venue, query: str, words: str) -> None:
    error = await bistro.till.refused(400, "GET", f"{TABS}?{query}")
    assert words in error["debugMessage"]


async def test_dojo_finds_the_tab_and_prints_its_bill(bistro: Venue) -> None:
    tab = await open_tab(bistro, who={"waiter_id": "anna"}, tableId="t1", covers=2)
    empty = await open_tab(bistro, tableId="t1")
    await tab.add({"plu": "burger", "quantity": 2}, "milk", "chips")
    await tab.void(tab.line("chips"))
    await tab.discount(tab.line("burger"), percentage=1000)
    search = {"dineIn": {"tableId": "t1"}, "payableOnly": True}
    found = await bistro.ok("POST", "/v1/orders/search", search)
    order = await tab.as_guest_sees_it()
    assert found["data"] == [order]  # there is nothing to pay on the empty one
    assert empty.shown["payable"] is False
    bill = await bistro.ok("GET", f"/v1/orders/{tab.id}/bill")
    assert bill["order"] == order
    words = json.dumps(bill["footer"], ensure_ascii=False)
    assert "VAT 20%" in words
    assert "VAT 0%" in words
    text = await bistro.call("GET", f"/v1/orders/{tab.id}/bill", accept="text/plain")
    assert "Burger" in text.text
    assert "Chips" not in text.text


async def test_the_database_keeps_every_line_and_every_void(bistro: Venue) -> None:
    tab = await open_tab(bistro, tableId="t1")
    [line] = await tab.add("burger")
    await tab.void(line)
    for sql in (
        "DELETE FROM tab_line WHERE venue_id = $1",
        "UPDATE tab_line SET void_reason = NULL, voided_at = NULL WHERE venue_id = $1",
        "UPDATE tab_line SET void_reason = 'Another' WHERE venue_id = $1",
    ):
        with pytest.raises(asyncpg.RestrictViolationError):
            await execute(bistro, sql)
    with pytest.raises(asyncpg.CheckViolationError, match="not its total"):
        await execute(bistro, "UPDATE customer_order SET total_amount = 1 WHERE venue_id = $1")


# --- who sees them --------------------------------------------------------------------------------


async def test_another_venues_tab_does_not_exist(bistro: Venue, other_venue: Venue) -> None:
    tab = await open_tab(bistro, tableId="t1")
    [line] = await tab.add("burger")
    await other_venue.till.refused(404, "GET", tab.path)
    for path, body in [
        ("/items", {"items": [{"plu": "burger"}]}),
        ("/void", {"lineId": line["id"], "reason": "A slip"}),
        ("/send", {}),
    ]:
        await other_venue.till.refused(404, "POST", tab.path + path, {"version": 2, **body})
    assert await tab.read() == tab.shown
    page = await other_venue.till.ok("GET", f"{TABS}?status=all")
    assert page["data"] == []


async def test_a_waiter_sees_and_changes_his_own_tabs(assigned_venue: Venue) -> None:
    tab = await assigned_venue.till.ok("POST", TABS, {"tableId": "t1"}, waiter_id="anna")
    path, body = f"{TABS}/{tab['id']}", {"version": 1, "covers": 5}
    for stranger in ("ben", "cleo"):
        await assigned_venue.till.refused(404, "GET", path, waiter_id=stranger)
        await assigned_venue.till.refused(404, "PUT", path, body, waiter_id=stranger)
        page = await assigned_venue.till.ok("GET", TABS, waiter_id=stranger)
        assert page["data"] == []
    await assigned_venue.till.refused(400, "POST", TABS, {"tableId": "t1"}, waiter_id="ben")
    for name in ("anna", "max"):
        body["version"] = (await assigned_venue.till.ok("GET", path, waiter_id=name))["version"]
        await assigned_venue.till.ok("PUT", path, body, waiter_id=name)


async def test_dojo_and_the_manager_cannot_open_tabs(bistro: Venue) -> None:
    for role in (bistro, bistro.admin):
        await role.refused(403, "POST", TABS, {"tableId": "t1"})
        await role.refused(403, "GET", TABS)
