"""Cash and other money at the till: taken, given back, and in the books once."""

from typing import Any

import pytest

from tests.support.clock import LONG_AHEAD
from tests.support.counter import end, money, pay
from tests.support.days import at, close, report
from tests.support.orders import event, order, payment, unique
from tests.support.pins import APPROVAL, WAITER_PIN
from tests.support.recording import open_order, record
from tests.support.rows import execute, fetch
from tests.support.tabs import TillTab, at_till, open_tab
from tests.support.venues import Venue

Json = dict[str, Any]
ENDS = [("refund", "refunded"), ("correct", "canceled")]


async def test_cash_with_change(bistro: Venue) -> None:
    tab = await open_tab(bistro, "burger", tableId="t1")
    paid = await pay(tab, tendered=2_000, tip=100)
    assert (paid["paid"], paid["tips"], paid["tendered"], paid["change"]) == (1250, 100, 2000, 650)
    assert (paid["source"], paid["status"]) == ("cash", "recorded")
    assert money(tab) == ("Finalized", 1250, 100, 0)
    order = await bistro.ok("GET", f"/v1/orders/{tab.id}")
    assert (order["status"], order["paidAmount"]["value"]) == ("Finalized", 1250)
    assert order["payments"][0]["paymentIntentId"] == paid["id"]


async def test_the_exact_sum_in_parts(bistro: Venue) -> None:
    tab = await open_tab(bistro, "burger", "wine")
    first = await pay(tab, amount=1_000)
    assert (first["tendered"], first["change"]) == (1_000, 0)
    assert money(tab) == ("New", 1_000, 0, 1_045)
    other = await pay(tab, type="other", method="voucher", amount=45)
    assert (other["source"], other["method"]) == ("other", "voucher")
    assert "tendered" not in other
    await pay(tab)
    assert money(tab) == ("Finalized", 2_045, 0, 0)


async def test_a_venue_whose_staff_close_tabs_themselves(bistro: Venue) -> None:
    await execute(bistro, "UPDATE venue SET finalizes_paid_tabs = false WHERE id = $1")
    tab = await open_tab(bistro, "burger")
    await pay(tab)
    assert money(tab) == ("New", 1250, 0, 0)
    assert await tab.refused(409, "payments", type="cash") == "Nothing is left to pay"


async def test_an_order_of_dojos_may_be_paid_in_cash(bistro: Venue) -> None:
    tab = await at_till(bistro, await open_order(bistro, 900))
    await pay(tab, amount=400)
    assert money(tab) == ("Accepted", 400, 0, 500)
    await record(bistro, tab.id, payment(500))
    await tab.refresh()
    assert money(tab) == ("Accepted", 900, 0, 0), "Dojo's order is finished by Dojo or by staff"


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"amount": 1251}, 409, "The payment of 1251 is more than the 1250 that is left to pay"),
        ({"tendered": 1249}, 400, "tendered must be at least 1250"),
        ({"tendered": 1250, "tip": 1}, 400, "tendered must be at least 1251"),
        ({"tip": -1}, 400, "tip must be a whole number"),
        ({"version": 1}, 409, "The tab is at version 2, and the change was made to version 1"),
    ],
)
async def test_what_is_refused(bistro: Venue, body: Json, status: int, words: str) -> None:
    tab = await open_tab(bistro, "burger")
    assert (await tab.refused(status, "payments", {"type": "cash"} | body)).startswith(words)


async def test_money_for_what_is_closed(bistro: Venue) -> None:
    tab = await open_tab(bistro, "burger")
    await bistro.ok("DELETE", f"/v1/orders/{tab.id}")
    await tab.refresh()
    assert await tab.refused(409, "payments", type="cash") == "The order is Canceled"
    empty = await open_tab(bistro)
    assert await empty.refused(409, "payments", type="cash") == "Nothing is left to pay"


async def test_while_a_terminal_has_the_order(bistro: Venue) -> None:
    tab = await open_tab(bistro, "burger", "wine")
    paid = await pay(tab, amount=100)
    lock = {"lockId": unique("lock"), "expiry": LONG_AHEAD}
    await bistro.ok("POST", f"/v1/orders/{tab.id}/lock", lock, device_id="terminal-7")
    words = await tab.refused(409, "payments", type="cash")
    assert words.startswith("The order is locked by")
    assert "terminal-7" in words
    path = f"payments/{paid['id']}/refund"
    assert "terminal-7" in await tab.refused(409, path, reason="Cold", approval=APPROVAL)
    await bistro.ok("DELETE", f"/v1/orders/{tab.id}/locks/{lock['lockId']}")
    await pay(tab)


@pytest.mark.parametrize(("how", "status"), ENDS)
async def test_a_payment_ends_and_the_tab_is_owed_again(
    bistro: Venue, how: str, status: str
) -> None:
    tab = await open_tab(bistro, "burger")
    paid = await pay(tab, tip=50)
    await end(tab, paid, how, "Hair in it")
    assert money(tab) == ("Ready", 0, 0, 1250)
    assert tab.shown["payments"][0]["status"] == status
    moves = await fetch(
        bistro,
        "SELECT status, was, reason, waiter_id, event_id FROM payment_transition WHERE venue_id = $1",
    )
    assert moves == [
        {"status": status, "was": "recorded", "reason": "Hair in it", "waiter_id": "max"}
        | {"event_id": None}
    ]
    again = await tab.refused(
        409, f"payments/{paid['id']}/refund", reason="Twice", approval=APPROVAL
    )
    assert again == f"The payment is {status} already"
    await pay(tab)
    assert money(tab) == ("Finalized", 1250, 0, 0)


async def test_a_card_payment_is_not_the_tills_to_end(bistro: Venue) -> None:
    tab = await open_tab(bistro, "burger")
    await record(bistro, tab.id, payment(1250))
    await tab.refresh()
    for how, _ in ENDS:
        path = f"payments/{tab.shown['payments'][0]['id']}/{how}"
        words = await tab.refused(409, path, reason="Cold", approval=APPROVAL)
        assert words == "A card payment ends only by what Dojo says of it"


async def test_a_card_payment_that_no_event_can_end_is_corrected_by_a_manager(
    bistro: Venue,
) -> None:
    """One without an intent is nobody's to speak of; one that Dojo disputes was never as it stands."""
    named, unnamed = payment(400), payment(500)
    del unnamed["paymentIntentId"]
    made = await bistro.ok("POST", "/v1/orders", order(1_000, [named, unnamed]))
    tab = await at_till(bistro, made["id"])
    disputed, nameless = tab.shown["payments"]
    path, why = f"payments/{disputed['id']}/correct", {"reason": "No such payment"}
    words = await tab.refused(409, path, why, approval=APPROVAL)
    assert words == "A card payment ends only by what Dojo says of it"
    await execute(
        bistro,
        "UPDATE payment SET check_state = 'disputed' WHERE venue_id = $1 AND id = $2",
        disputed["id"],
    )
    for paid in (disputed, nameless):
        path = f"payments/{paid['id']}"
        await tab.refused(409, f"{path}/refund", why, approval=APPROVAL)
        await tab.refused(
            403, f"{path}/correct", why, approval={"waiterId": "anna", "pin": WAITER_PIN}
        )
        await end(tab, paid, "correct")
    assert money(tab)[1:] == (0, 0, 1_000)
    late = event(named["paymentIntentId"], "Reversed")
    await bistro.ok("POST", "/v1/events", late)
    await tab.refresh()
    assert money(tab)[1:] == (0, 0, 1_000), "what has ended does not end again"


async def test_ending_takes_a_manager_and_a_reason(bistro: Venue) -> None:
    tab = await open_tab(bistro, "burger")
    paid = await pay(tab)
    path, waiter = f"payments/{paid['id']}/refund", {"waiterId": "anna", "pin": WAITER_PIN}
    await tab.refused(403, path, reason="Cold", approval=waiter)
    assert await tab.refused(400, path, reason="Cold") == "approval is required"
    assert await tab.refused(400, path, approval=APPROVAL) == "reason is required"
    other = await open_tab(bistro, "wine")
    await other.refused(404, path, reason="Cold", approval=APPROVAL)


async def test_what_is_paid_twice_by_a_lost_answer_is_paid_once(bistro: Venue) -> None:
    tab = await open_tab(bistro, "burger")
    seen = dict(tab.shown)
    await pay(tab, amount=500)
    again = TillTab(bistro, seen)
    assert "read it again" in await again.refused(409, "payments", type="cash", amount=500)
    assert (await tab.refresh())["paid"] == 500


async def test_the_trail_says_who_and_how_much_and_no_reason(bistro: Venue) -> None:
    tab = await open_tab(bistro, "burger")
    await end(tab, await pay(tab, tendered=1_300), reason="The guest's hair")
    rows = await fetch(
        bistro,
        "SELECT action, details::text FROM audit_entry WHERE venue_id = $1 AND subject_id = $2"
        " AND action LIKE 'payment.%' ORDER BY id",
        tab.id,
    )
    assert [row["action"] for row in rows] == ["payment.taken", "payment.refunded"]
    assert '"tendered": 1300' in rows[0]["details"]
    assert '"approved_by": "max"' in rows[1]["details"]
    assert "hair" not in rows[1]["details"]


async def test_a_day_of_cash_and_cards(bistro: Venue) -> None:
    """Sales by category and rate, voids, a voucher, tips by waiter, and a refund of the day before."""
    await at(bistro, "2026-11-24 20:00")
    yesterday = await open_tab(bistro, "cake")
    old = await pay(yesterday, tip=17)
    await close(bistro, "2026-11-24")
    await at(bistro, "2026-11-25 20:00")
    await end(yesterday, old, reason="=1+1")
    tab = await open_tab(bistro, "burger", "wine", "cake", waiterId="anna")
    wine = tab.shown["lines"][1]["id"]
    await tab.do("void", lineId=wine, reason="Corked", approval=APPROVAL)
    discount: Json = {"name": "Regular", "percentage": 1000, "approval": APPROVAL}
    await tab.do("discount", lineId=tab.shown["lines"][0]["id"], **discount)
    await tab.do("service-charge", rate=1000)
    assert tab.shown["total"] == 1125 + 333 + 146
    await pay(tab, amount=600, tip=40)
    await pay(tab, type="other", method="voucher", amount=4)
    await record(bistro, tab.id, payment(1_000, 60))
    told = await report(bistro, "2026-11-25")
    assert told["categories"] == [
        {"category": "Food", "vatRate": 0, "count": 1} | {"items": 333, "discounts": 0, "net": 333},
        {"category": "Food", "vatRate": 2000, "count": 1}
        | {"items": 1250, "discounts": -125, "net": 1125},
    ]
    assert told["voids"] == [{"category": "Drinks", "vatRate": 2000, "count": 1, "amount": 795}]
    assert told["vat"] == [
        {"vatRate": 2000, "gross": 1125, "vat": 188, "net": 937},
        {"vatRate": 0, "gross": 333, "vat": 0, "net": 333},
    ]
    ways = {(way["source"], way.get("method")): way["total"] for way in told["takings"]}
    assert ways == {("dojo", None): 1_060, ("cash", None): 640 - 350, ("other", "voucher"): 4}
    assert told["waiters"] == [
        {"waiterId": "anna", "name": "Anna", "serviceCharge": 146} | tips(100, 40, 60),
        {"serviceCharge": 0} | tips(-17, -17, 0),
    ]
    assert (told["cash"]["taken"], told["cash"]["givenBack"]) == (640, 350)
    gone = told["endedPayments"][0]
    assert (gone["ofDay"], gone["by"], gone["reason"]) == ("2026-11-24", "max", "=1+1")
    assert told["reconciliation"]["owedAtEnd"] == 333
    sheet = await bistro.till.call("GET", "/till/v1/days/2026-11-25/report?format=csv")
    assert ",reason,'=1+1\r\n" in sheet.text


async def test_sales_follow_a_tab_to_its_next_waiter(bistro: Venue) -> None:
    await at(bistro, "2026-11-25 20:00")
    tab = await open_tab(bistro, "burger", waiterId="anna")
    await tab.do("service-charge", rate=1000)
    await execute(
        bistro,
        "UPDATE customer_order SET waiter_id = 'ben' WHERE venue_id = $1 AND id = $2",
        tab.id,
    )
    told = await report(bistro, "2026-11-25")
    ben = {"waiterId": "ben", "name": "Ben", "serviceCharge": 125} | tips(0, 0, 0)
    assert told["waiters"] == [ben]


def tips(total: int, cash: int, card: int) -> dict[str, int]:
    """What a waiter got, and how it was paid."""
    return {"tips": total, "cashTips": cash, "cardTips": card, "otherTips": total - cash - card}


async def test_cash_for_an_order_that_was_canceled_goes_back(bistro: Venue) -> None:
    tab = await at_till(bistro, await open_order(bistro, 900))
    paid = await pay(tab)
    await bistro.ok("DELETE", f"/v1/orders/{tab.id}")
    await tab.refresh()
    await end(tab, paid)
    assert money(tab) == ("Canceled", 0, 0, 900)
