"""Vouchers: money that is owed until somebody eats for it."""

import asyncio
from typing import Any

from tests.support.counter import end, give_back, money, pay
from tests.support.days import DAYS, at, close, report
from tests.support.pins import APPROVAL
from tests.support.tabs import open_tab
from tests.support.venues import Venue

Json = dict[str, Any]
MONDAY, TUESDAY, VOUCHERS = "2026-11-23", "2026-11-24", "/till/v1/vouchers"
WITH = {"type": "other", "method": "voucher", "voucher": "GIFT-1"}


async def sell(venue: Venue, amount: int = 3_000) -> Json:
    body = {"code": "GIFT-1", "amount": amount, "type": "cash"}
    sold: Json = await venue.till.ok("POST", VOUCHERS, body)
    return sold


async def worth(venue: Venue) -> int:
    left: int = (await venue.till.ok("GET", f"{VOUCHERS}/GIFT-1"))["left"]
    return left


async def test_sold_outside_vat_and_redeemed_as_a_payment(bistro: Venue) -> None:
    await at(bistro, f"{MONDAY} 20:00")
    sold = await sell(bistro)
    assert (sold["amount"], sold["left"], sold["soldOn"]) == (3_000, 3_000, MONDAY)
    told = await report(bistro, MONDAY)
    assert (told["sales"], told["vat"], told["cash"]["expected"]) == (0, [], 3_000)
    assert told["vouchers"] == {"sold": 3_000, "redeemed": 0, "outstanding": 3_000}
    tab = await open_tab(bistro, "burger")
    paid = await pay(tab, **WITH)
    assert (paid["paid"], money(tab)[0]) == (1_250, "Finalized")
    told = await report(bistro, MONDAY)
    assert told["vouchers"] == {"sold": 3_000, "redeemed": 1_250, "outstanding": 1_750}
    assert (told["sales"], told["vat"][0]["vat"]) == (1_250, 208)
    await give_back(tab, paid, 250)
    assert await worth(bistro) == 2_000, "what goes back is on the voucher again"
    await end(tab, paid, "correct")
    assert await worth(bistro) == 3_000
    assert (await report(bistro, MONDAY))["vouchers"]["redeemed"] == 0


async def test_it_pays_what_it_is_worth(bistro: Venue) -> None:
    await sell(bistro, 1_000)
    tab = await open_tab(bistro, "burger")
    path = "payments"
    assert await tab.refused(409, path, WITH | {"amount": 1_001}) == "The voucher is worth 1000 now"
    await pay(tab, **WITH)
    assert (money(tab)[1:], await worth(bistro)) == ((1_000, 0, 250), 0)
    assert await tab.refused(409, path, WITH) == "The voucher is worth 0 now"
    unknown = await tab.refused(400, path, WITH | {"voucher": "GIFT-2"})
    assert unknown == "voucher is not a voucher of the venue"
    await tab.refused(400, path, {"type": "cash", "voucher": "GIFT-1"})
    again = {"code": "GIFT-1", "amount": 1, "type": "cash"}
    await bistro.till.refused(409, "POST", VOUCHERS, again)
    await bistro.till.refused(404, "GET", f"{VOUCHERS}/GIFT-2")


async def test_two_tills_redeem_it_at_one_moment(bistro: Venue) -> None:
    """Never more than it is worth, on however many tabs."""
    await sell(bistro, 2_000)
    tabs = [await open_tab(bistro, "burger") for _ in range(5)]
    sent = WITH | {"amount": 900}
    answers = await asyncio.gather(*(tab.call("payments", sent) for tab in tabs))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 409, 409, 409]
    assert await worth(bistro) == 200


async def test_a_day_with_nothing_but_a_voucher_must_be_closed_too(bistro: Venue) -> None:
    """On a card machine of the venue's own, so that no drawer hears of it."""
    await at(bistro, f"{MONDAY} 20:00")
    body = {"amount": 3_000, "type": "other", "method": "card machine"}
    await bistro.till.ok("POST", VOUCHERS, body)
    await at(bistro, f"{TUESDAY} 20:00")
    await open_tab(bistro, "burger")
    assert [day["day"] for day in await bistro.till.ok("GET", DAYS)] == [TUESDAY, MONDAY]
    approved = {"approval": APPROVAL}
    error = await bistro.till.refused(409, "POST", f"{DAYS}/{TUESDAY}/close", approved)
    assert error["debugMessage"] == f"The business day {MONDAY} is open; close it first"
    assert (await close(bistro, MONDAY))["vouchers"]["sold"] == 3_000
    assert (await close(bistro, TUESDAY))["zNumber"] == 2
