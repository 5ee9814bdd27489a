"""What guests paid before they came, counted on their tab, once."""

import asyncio
from typing import Any

import pytest

from tests.support.counter import end, money, pay
from tests.support.days import at, report
from tests.support.orders import event, unique
from tests.support.pins import APPROVAL
from tests.support.rows import fetch
from tests.support.tabs import TillTab, open_tab
from tests.support.venues import Venue

Json = dict[str, Any]
MONDAY = "2026-11-23"


async def seated(venue: Venue, deposit: int, *intents: str) -> Json:
    """A party at table 1 that paid a deposit to Dojo."""
    body = {
        "dojoPartyId": unique("party"),
        "tableIds": ["t1"],
        "startTime": f"{MONDAY}T19:00:00Z",
        "deposit": {
            "totalAmount": {"value": deposit, "currencyCode": "GBP"},
            "description": "Set menu for two",
            "paymentIntentIds": list(intents),
        },
    }
    party: Json = await venue.ok("POST", "/v1/parties", body)
    return party


async def test_a_deposit_is_on_the_bill_and_counts_on_the_tab(bistro: Venue) -> None:
    await at(bistro, f"{MONDAY} 20:00")
    await seated(bistro, 1_000, unique("pi"))
    tab = await open_tab(bistro, "burger", tableId="t1")
    bill = await bistro.till.call("GET", f"/till/v1/tabs/{tab.id}/bill")
    assert "Deposit paid before: £10.00" in bill.text
    assert "for Set menu for two" in bill.text
    await tab.do("deposits")
    counted = tab.shown["payments"][0]
    assert (counted["source"], counted["method"], counted["paid"]) == ("other", "deposit", 1_000)
    bill = await bistro.till.call("GET", f"/till/v1/tabs/{tab.id}/bill")
    assert any(row.split() == ["Deposit", "£10.00"] for row in bill.text.splitlines())
    assert await tab.refused(409, "deposits") == f"The deposit was counted on {tab.id}"
    await pay(tab)
    assert money(tab) == ("Finalized", 1_250, 0, 0)
    ways = {way.get("method"): way["total"] for way in (await report(bistro, MONDAY))["takings"]}
    assert ways == {"deposit": 1_000, None: 250}


async def test_it_counts_for_at_most_what_is_left(bistro: Venue) -> None:
    party = await seated(bistro, 5_000)
    tab = await open_tab(bistro, "burger", tableId="t2")
    await tab.do("deposits", partyId=party["id"])
    assert money(tab) == ("Finalized", 1_250, 0, 0)


async def test_one_that_was_counted_by_mistake_counts_again(bistro: Venue) -> None:
    party = await seated(bistro, 500)
    wrong, right = await open_tab(bistro, "burger"), await open_tab(bistro, "wine")
    await wrong.do("deposits", partyId=party["id"])
    await end(wrong, wrong.shown["payments"][0], "correct")
    await right.do("deposits", partyId=party["id"])
    assert money(right) == ("New", 500, 0, 295)


async def test_two_tills_count_it_at_one_moment(bistro: Venue) -> None:
    """The database refuses it twice, whichever of several tabs it is for."""
    party = await seated(bistro, 500)
    tabs = [await open_tab(bistro, "burger") for _ in range(6)]
    answers = await asyncio.gather(*(tab.call("deposits", partyId=party["id"]) for tab in tabs))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5
    used = await fetch(bistro, "SELECT payment_id FROM deposit_use WHERE venue_id = $1")
    assert len(used) == 1


async def test_what_dojo_gave_back_does_not_count(bistro: Venue) -> None:
    gone, there = unique("pi"), unique("pi")
    await seated(bistro, 1_000, gone, there)
    await bistro.ok("POST", "/v1/events", event(gone, "Refunded"))
    tab = await open_tab(bistro, "burger", tableId="t1")
    words = await tab.refused(409, "deposits")
    assert words == "Dojo has given a part of the deposit back; say the amount that is left"
    await tab.do("deposits", amount=400)
    assert money(tab) == ("New", 400, 0, 850)


@pytest.mark.parametrize("method", ["deposit", "cash", "dojo"])
async def test_no_other_payment_has_the_name_of_one(bistro: Venue, method: str) -> None:
    """A deposit would count as often as somebody types it; reports add what has one name."""
    tab = await open_tab(bistro, "burger")
    sent = {"type": "other", "method": method, "amount": 100}
    for what in ("payments", "tips"):
        words = await tab.refused(400, what, sent)
        assert words.startswith(f"method must not be {method}; ")
    if method == "deposit":
        assert "POST /till/v1/tabs/{tabId}/deposits counts a deposit" in words


@pytest.mark.parametrize("all_of_it", [False, True])
async def test_one_that_was_given_back_does_not_count_again(bistro: Venue, all_of_it: bool) -> None:
    """Nothing leaves the drawer, and the venue owes the deposit again: Dojo gives it back."""
    await at(bistro, f"{MONDAY} 20:00")
    party = await seated(bistro, 500)
    tab, next_tab = await open_tab(bistro, "burger"), await open_tab(bistro, "wine")
    await tab.do("deposits", partyId=party["id"])
    if all_of_it:
        await tab.do("refund", reason="They left", approval=APPROVAL)
    else:
        await end(tab, tab.shown["payments"][0])
    assert money(tab) == ("New", 0, 0, 1_250)
    for one in (tab, next_tab):
        words = await one.refused(409, "deposits", partyId=party["id"])
        assert words == f"The deposit was counted on {tab.id}"
    told = await report(bistro, MONDAY)
    assert (told["cash"]["expected"], sum(way["total"] for way in told["takings"])) == (0, 0)


async def test_what_is_refused(bistro: Venue) -> None:
    tab: TillTab = await open_tab(bistro, "burger")
    await tab.refused(400, "deposits")
    assert await tab.refused(400, "deposits", partyId="nobody") == (
        "partyId is not a party of the venue"
    )
    assert await tab.refused(400, "deposits", reservationId="none") == (
        "reservationId has no party yet; seat it first"
    )
    party = await seated(bistro, 300)
    await tab.refresh()
    words = await tab.refused(409, "deposits", partyId=party["id"], amount=301)
    assert words == "The deposit is 300, less than 301"
