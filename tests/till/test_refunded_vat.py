"""The VAT of money that went back is that of what was sold then: nothing that happens to the tab later
moves it to another rate or another day.
"""

from typing import Any

from tests.support.counter import give_back, money, pay
from tests.support.days import at, close, report
from tests.support.pins import APPROVAL
from tests.support.tabs import TillTab, open_tab
from tests.support.venues import Venue

Json = dict[str, Any]
MONDAY, TUESDAY = "2026-11-23", "2026-11-24"
FISH = {"plu": "market-fish", "price": 333}
"""At 20%, for as much as the cake that is taken home at 0%."""


async def until_tuesday(tab: TillTab) -> None:
    """Monday is closed, and the tab is opened again."""
    await close(tab.venue, MONDAY)
    await at(tab.venue, f"{TUESDAY} 12:00")
    await tab.refresh()
    if tab.shown["status"] == "Finalized":
        await tab.do("reopen", reason="They came back", approval=APPROVAL)


async def vat_on_tuesday(venue: Venue) -> dict[int, tuple[int, int]]:
    """Gross and VAT by rate."""
    told = await report(venue, TUESDAY)
    assert not any(row.get("refunds") for row in told["categories"]), "nothing went back"
    return {row["vatRate"]: (row["gross"], row["vat"]) for row in told["vat"]}


async def given_back_whole(venue: Venue, *items: Json | str) -> TillTab:
    tab = await open_tab(venue)
    await tab.add(*items)
    await pay(tab)
    await tab.do("refund", reason="Cold food", approval=APPROVAL)
    return tab


async def test_what_is_sold_after_a_refund_has_all_of_its_vat(bistro: Venue) -> None:
    await at(bistro, f"{MONDAY} 20:00")
    tab = await given_back_whole(bistro, "cake")
    await until_tuesday(tab)
    await tab.add(FISH)
    await pay(tab)
    assert money(tab) == ("Finalized", 333, 0, 0)
    assert await vat_on_tuesday(bistro) == {2_000: (333, 56)}
    assert tab.shown["taxes"] == [{"vatRate": 2_000, "gross": 333, "vat": 56}]


async def test_a_tab_that_is_merged_in_keeps_its_rate(bistro: Venue) -> None:
    await at(bistro, f"{MONDAY} 20:00")
    tab = await given_back_whole(bistro, FISH)
    await until_tuesday(tab)
    cake = await open_tab(bistro, "cake")
    await tab.do("merge", otherTabId=cake.id, otherVersion=cake.shown["version"])
    assert tab.shown["total"] == 333
    assert await vat_on_tuesday(bistro) == {0: (333, 0)}


async def test_lines_that_go_to_another_tab_move_no_vat(bistro: Venue) -> None:
    """What went back stays where it is, with its VAT; so as much of each rate must stay there."""
    await at(bistro, f"{MONDAY} 20:00")
    tab = await open_tab(bistro)
    await tab.add(FISH | {"quantity": 2}, {"plu": "cake", "quantity": 2})
    await give_back(tab, await pay(tab, amount=400), 300, owedAgain=False)
    assert [(tax["vatRate"], tax["gross"]) for tax in tab.shown["taxes"]] == [
        (2_000, 516),
        (0, 516),
    ]
    await until_tuesday(tab)
    fish = tab.line("market-fish")["id"]
    words = await tab.refused(409, "split", lines=[{"lineId": fish, "quantity": 2}])
    assert (
        words
        == "300 was given back on this tab; at least as much must stay on it, at each VAT rate"
    )
    await tab.do("split", lines=[{"lineId": fish, "quantity": 1}])
    assert await vat_on_tuesday(bistro) == {}


async def test_a_void_says_first_of_its_own_rate_what_went_back(bistro: Venue) -> None:
    """£3.33 went back of both; then it turns out that it was all for the fish."""
    await at(bistro, f"{MONDAY} 20:00")
    tab = await open_tab(bistro)
    await tab.add(FISH, "cake")
    await give_back(tab, await pay(tab), 333)
    assert [(tax["vatRate"], tax["gross"]) for tax in tab.shown["taxes"]] == [
        (2_000, 166),
        (0, 167),
    ]
    await until_tuesday(tab)
    await tab.void(tab.line("market-fish"), reason="Raw", approval=APPROVAL)
    assert tab.shown.get("refunded") is None
    assert (await report(bistro, TUESDAY))["vat"] == [
        {"vatRate": 2_000, "gross": -166, "vat": -28, "net": -138},
        {"vatRate": 0, "gross": 166, "vat": 0, "net": 166},
    ]


async def test_a_rate_that_changes_takes_what_went_back_along(bistro: Venue) -> None:
    """All is taken away after a part went back: nothing of it can bear the rate of eating here."""
    takeaway = {"price": 333, "vatRate": 0}
    salad = {"plu": "salad", "categoryId": "food", "name": "Salad", "price": 333, "vatRate": 2_000}
    await bistro.admin.ok("POST", "/till/v1/menu/items", salad | {"takeaway": takeaway})
    await at(bistro, f"{MONDAY} 20:00")
    tab = await open_tab(bistro, "salad")
    paid = await pay(tab, amount=200)
    await give_back(tab, paid, 100, owedAgain=False)
    await tab.do("takeaway", takeaway=True)
    assert tab.shown["taxes"] == [{"vatRate": 0, "gross": 233, "vat": 0}]
