"""Tips that come after the bill, alone, or that were entered wrong."""

from typing import Any

from tests.support.counter import money, pay
from tests.support.days import at, report
from tests.support.orders import payment
from tests.support.pins import APPROVAL, WAITER_PIN
from tests.support.recording import record
from tests.support.rows import fetch
from tests.support.tabs import TillTab, open_tab
from tests.support.venues import Venue

Json = dict[str, Any]
MONDAY = "2026-11-23"


async def correct(tab: TillTab, paid: Json, tip: int) -> Json:
    sent = {"tip": tip, "reason": "A slip", "approval": APPROVAL}
    return await tab.do(f"payments/{paid['id']}/tip", sent)


async def test_a_tip_after_the_bill_is_paid(bistro: Venue) -> None:
    """It is the waiter's of the tab, in the drawer, and no part of the sales."""
    await at(bistro, f"{MONDAY} 20:00")
    tab = await open_tab(bistro, "burger", waiterId="anna")
    await pay(tab)
    tip = await pay(tab, tip=200)
    assert (tip["paid"], tip["tips"]) == (0, 200)
    await tab.do("tips", {"type": "other", "method": "bank transfer", "amount": 50})
    assert money(tab) == ("Finalized", 1_250, 250, 0)
    told = await report(bistro, MONDAY)
    assert (told["sales"], told["cash"]["expected"]) == (1_250, 1_450)
    [anna] = told["waiters"]
    assert (anna["waiterId"], anna["tips"]) == ("anna", 250)
    assert (anna["cashTips"], anna["otherTips"]) == (200, 50)
    assert await tab.refused(409, "payments", type="cash") == "The order is Finalized"


async def test_a_tip_alone_leaves_the_bill_to_pay(bistro: Venue) -> None:
    tab = await open_tab(bistro, "burger")
    await tab.do("tips", type="cash", amount=100)
    assert money(tab) == ("New", 0, 100, 1_250)
    assert (await tab.as_guest_sees_it())["tipsAmount"]["value"] == 100
    words = await tab.refused(409, "cancel", reason="They left")
    assert words == "The tab has payments; refund them before canceling it"
    await pay(tab)
    assert money(tab) == ("Finalized", 1_250, 100, 0)


async def test_a_tip_that_was_entered_wrong(bistro: Venue) -> None:
    """Twenty pounds instead of two, then three after all, and then none."""
    await at(bistro, f"{MONDAY} 20:00")
    tab = await open_tab(bistro, "burger", waiterId="anna")
    paid = await pay(tab, tip=2_000)
    await correct(tab, paid, 200)
    assert (tab.shown["payments"][0]["tips"], tab.shown["tips"]) == (200, 200)
    await correct(tab, paid, 300)
    assert [one["tips"] for one in tab.shown["payments"]] == [200, 100]
    for one in tab.shown["payments"]:
        await correct(tab, one, 0)
    assert money(tab) == ("Finalized", 1_250, 0, 0)
    assert [one["status"] for one in tab.shown["payments"]] == ["recorded", "refunded"]
    told = await report(bistro, MONDAY)
    assert told["cash"]["expected"] == 1_250
    assert [waiter["tips"] for waiter in told["waiters"]] in ([], [0])
    found = [one for one in told["incidents"] if one["kind"] == "correct"]
    assert [one["amount"] for one in found] == [1_800, 100, 200, 100]
    assert {(one["reason"], one["approvedBy"]) for one in found} == {("A slip", "Max")}


async def test_who_approved_a_greater_tip_is_in_the_trail(bistro: Venue) -> None:
    tab = await open_tab(bistro, "burger")
    paid = await pay(tab, tip=100)
    await correct(tab, paid, 300)
    sql = """SELECT action, details->>'tips' AS tips, details->>'approved_by' AS approved_by
        FROM audit_entry WHERE venue_id = $1 AND details->>'approved_by' IS NOT NULL ORDER BY id"""
    assert [tuple(row.values()) for row in await fetch(bistro, sql)] == [
        ("payment.taken", "200", "max"),
        ("payment.tip_corrected", "200", "max"),
    ]
    events = len(await fetch(bistro, sql))
    await correct(tab, tab.shown["payments"][0], 100)
    assert len(await fetch(bistro, sql)) == events, "nothing changed"


async def test_what_is_refused(bistro: Venue) -> None:
    tab = await open_tab(bistro, "burger")
    await record(bistro, tab.id, payment(1_250, 100))
    await tab.refresh()
    path, why = f"payments/{tab.shown['payments'][0]['id']}/tip", {"reason": "A slip", "tip": 0}
    words = await tab.refused(409, path, why, approval=APPROVAL)
    assert words == "A tip by card changes only by what Dojo says of it"
    await tab.refused(403, path, why, approval={"waiterId": "anna", "pin": WAITER_PIN})
    await tab.refused(400, "tips", type="cash", amount=0)
    await tab.refused(400, "tips", {"type": "cash", "method": "voucher", "amount": 1})
