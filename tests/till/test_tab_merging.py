"""Two tabs into one: lines move, payments never, and not a penny is made or lost."""

from typing import Any

import pytest

from tests.support.clock import MINUTE, NOW, freeze, wire
from tests.support.floor import open_coffee
from tests.support.journal import sold, total_sold
from tests.support.orders import event, payment
from tests.support.recording import record
from tests.support.rows import execute, fetch
from tests.support.tabs import TillTab, at_till, open_tab
from tests.support.venues import Venue

Json = dict[str, Any]
Two = tuple[TillTab, TillTab]


@pytest.fixture
async def two(bistro: Venue) -> Two:
    """A burger and a wine at table 1, chips at table 2."""
    return await open_tab(bistro, "burger", "wine"), await open_tab(bistro, "chips", tableId="t2")


def other(tab: TillTab) -> Json:
    return {"otherTabId": tab.id, "otherVersion": tab.shown["version"]}


async def pay(tab: TillTab, paid: int, intent: str | None = None) -> None:
    await record(tab.venue, tab.id, payment(paid, intent=intent))
    await tab.refresh()


async def ledger(venue: Venue) -> list[tuple[str, int]]:
    rows = await fetch(venue, "SELECT * FROM payment WHERE venue_id = $1 ORDER BY id")
    return [(row["order_id"], row["paid_amount"]) for row in rows]


async def test_the_lines_of_both_stand_on_the_tab_that_was_named(two: Two) -> None:
    first, second = two
    before = await sold(first.venue)
    merged = await first.do("merge", other(second))
    tab, emptied = merged["tab"], merged["emptied"]
    assert [line["plu"] for line in tab["lines"]] == ["burger", "wine", "chips"]
    assert {line["id"] for line in second.shown["lines"]} < {line["id"] for line in tab["lines"]}
    assert (tab["id"], tab["total"], tab["tableId"]) == (first.id, 2_495, "t1")
    assert (emptied["id"], emptied["status"], emptied["lines"]) == (second.id, "Canceled", [])
    assert (emptied["mergedInto"], emptied["total"]) == (first.id, 0)
    assert await first.read() == tab
    assert await second.read() == emptied
    assert await sold(first.venue) == before
    assert await total_sold(first.venue) == 2_495


async def test_dojo_sees_one_bill_and_one_that_is_gone(two: Two) -> None:
    first, second = two
    await first.do("merge", other(second))
    order = await first.as_guest_sees_it()
    assert [item["plu"] for item in order["items"]] == ["burger", "wine", "chips"]
    assert (order["totalAmount"]["value"], order["payable"]) == (2_495, True)
    gone = await second.as_guest_sees_it()
    assert (gone["status"], gone["totalAmount"]["value"], gone["payable"]) == ("Canceled", 0, False)
    error = await first.venue.refused(
        409, "POST", f"/v1/orders/{second.id}/record-payment", payment(450)
    )
    assert "Canceled" in error["debugMessage"]


@pytest.mark.parametrize("paid", [0, 1])
async def test_the_one_with_payments_stays_whichever_was_named(two: Two, paid: int) -> None:
    payer, unpaid = two[paid], two[1 - paid]
    await pay(payer, 300)
    merged = await unpaid.do("merge", other(payer))
    assert (merged["tab"]["id"], merged["emptied"]["id"]) == (payer.id, unpaid.id)
    assert (merged["tab"]["total"], merged["tab"]["balance"]) == (2_495, 2_195)
    assert await ledger(payer.venue) == [(payer.id, 300)]
    await record(payer.venue, payer.id, payment(2_195))
    assert (await payer.read())["status"] == "Finalized"


async def test_a_payment_that_has_ended_still_belongs_to_its_tab(two: Two) -> None:
    first, second = two
    await pay(second, 300, "pi-ended")
    await second.venue.ok("POST", "/v1/events", event("pi-ended", "Reversed"))
    await second.refresh()
    merged = await first.do("merge", other(second))
    assert merged["tab"]["id"] == second.id
    assert [payment["status"] for payment in merged["tab"]["payments"]] == ["reversed"]


async def test_of_two_that_were_paid_neither_moves(two: Two) -> None:
    for tab in two:
        await pay(tab, 100)
    words = await two[0].refused(409, "merge", other(two[1]))
    assert "Both tabs have payments" in words


async def test_what_was_taken_off_stays_off_and_the_charge_is_that_of_the_tab_that_stays(
    bistro: Venue,
) -> None:
    await execute(bistro, "UPDATE venue SET service_charge_rate = 1000 WHERE id = $1")
    tabs = [await open_tab(bistro, plu, tableId="t1") for plu in ("burger", "wine")]
    await execute(
        bistro,
        """UPDATE tab SET service_charge_rate = 0, discount = '{"name": "Staff", "percentage": 5000,
           "amount": null}' WHERE venue_id = $1 AND order_id = $2""",
        tabs[1].id,
    )
    await tabs[1].do("items", items=[{"plu": "milk"}])  # sums it anew
    assert (tabs[0].shown["total"], tabs[1].shown["total"]) == (1_375, 460)
    merged = (await tabs[0].do("merge", other(tabs[1])))["tab"]
    assert merged["total"] == 1_250 + 460 + 171
    assert "discount" not in merged
    assert await total_sold(bistro) == merged["total"]


async def test_void_lines_come_along_with_who_made_them_void(two: Two) -> None:
    first, second = two
    (chips,) = second.shown["lines"]
    await second.do("void", lineId=chips["id"], reason="Cold")
    before = await sold(first.venue)
    merged = await first.do("merge", other(second))
    void = merged["tab"]["lines"][-1]
    assert (void["id"], void["void"]) == (chips["id"], second.shown["lines"][0]["void"])
    assert await sold(first.venue) == before


async def test_no_note_is_lost_and_guests_are_counted_together(bistro: Venue) -> None:
    first = await open_tab(bistro, "burger", tableId="t1", covers=2, note="Nut allergy")
    second = await open_tab(bistro, "chips", tableId="t1", covers=3, note="Window, please")
    third = await open_tab(bistro, "wine", tableId="t1", note="Nut allergy")
    merged = (await first.do("merge", other(second)))["tab"]
    assert (merged["covers"], merged["note"]) == (5, "Nut allergy\nWindow, please")
    merged = (await third.do("merge", other(first)))["tab"]
    assert (merged["covers"], merged["note"]) == (5, "Nut allergy\nWindow, please")


async def test_the_kitchen_is_as_far_as_with_either(two: Two) -> None:
    first, second = two
    await second.do("send")
    await second.do("status", status="Prepared")
    merged = (await first.do("merge", other(second)))["tab"]
    assert (merged["status"], merged["rounds"]) == ("Prepared", 1)
    await first.do("send")
    assert [line["sentRound"] for line in first.shown["lines"]] == [2, 2, 1]


async def test_who_was_merged_can_be_merged_on(two: Two) -> None:
    first, second = two
    third = await open_tab(first.venue, "cake", tableId="t3")
    await first.do("merge", other(second))
    merged = await third.do("merge", other(first))
    assert [line["plu"] for line in merged["tab"]["lines"]] == ["cake", "burger", "wine", "chips"]
    assert (await second.read())["mergedInto"] == first.id
    assert (await first.read())["mergedInto"] == third.id


class TestRefused:
    async def test_with_itself(self, two: Two) -> None:
        assert "otherTabId must be another tab" in await two[0].refused(400, "merge", other(two[0]))

    @pytest.mark.parametrize("stale", [0, 1])
    async def test_a_version_that_is_not_the_newest_of_either(self, two: Two, stale: int) -> None:
        seen = [tab.shown["version"] for tab in two]
        await TillTab(two[stale].venue, dict(two[stale].shown)).do("items", items=[{"plu": "mug"}])
        words = await two[0].refused(409, "merge", other(two[1]))
        assert f"{two[stale].id}: The tab is at version {seen[stale] + 1}" in words

    @pytest.mark.parametrize("closed", [0, 1])
    async def test_a_closed_one(self, two: Two, closed: int) -> None:
        await two[closed].do("cancel", reason="Wrong table")
        assert f"{two[closed].id}: The tab is Canceled" in await two[0].refused(
            409, "merge", other(two[1])
        )

    async def test_one_that_a_terminal_has_locked(self, two: Two) -> None:
        await freeze(two[0].venue, NOW)
        body = {"lockId": "terminal", "expiry": wire(NOW + MINUTE)}
        await two[1].venue.ok("POST", f"/v1/orders/{two[1].id}/lock", body)
        words = await two[0].refused(409, "merge", other(two[1]))
        assert f"{two[1].id}: The order is locked by Dojo" in words

    async def test_an_order_of_dojos(self, two: Two) -> None:
        order = await at_till(two[0].venue, await open_coffee(two[0].venue, tableId="t1"))
        assert "Dojo's" in await two[0].refused(409, "merge", other(order))
        assert "Dojo's" in await order.refused(409, "merge", other(two[0]))

    async def test_one_of_another_venue_or_of_nowhere(self, two: Two, other_venue: Venue) -> None:
        foreign = await open_tab(other_venue)
        for wrong in (other(foreign), {"otherTabId": "nowhere", "otherVersion": 1}):
            words = "otherTabId is not a tab of the venue"
            assert words in await two[0].refused(400, "merge", wrong)
        body = {"version": 1, **other(two[1])}
        await other_venue.till.refused(404, "POST", f"{two[0].path}/merge", body)

    async def test_one_that_the_waiter_may_not_see(self, assigned_venue: Venue) -> None:
        mine = await open_tab(assigned_venue, tableId="t1", who={"waiter_id": "anna"})
        bens = await open_tab(assigned_venue, tableId="t3")
        assert "otherTabId" in await mine.refused(400, "merge", other(bens))

    @pytest.mark.parametrize("missing", ["otherTabId", "otherVersion"])
    async def test_without_saying_what_was_seen(self, two: Two, missing: str) -> None:
        body = {name: value for name, value in other(two[1]).items() if name != missing}
        assert missing in await two[0].refused(400, "merge", body)
