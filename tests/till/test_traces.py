"""Nothing that was made, or given away, leaves the day without a trace."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.clock import MINUTE, wire
from tests.support.days import DAYS, at, close, report
from tests.support.orders import event, order, payment
from tests.support.pins import APPROVAL
from tests.support.recording import open_order, record
from tests.support.rows import execute, fetch
from tests.support.tabs import TillTab, at_till, open_tab
from tests.support.venues import Venue

Json = dict[str, Any]
DAY = "2026-11-25"
ANNA = {"waiter_id": "anna"}


@pytest.fixture
async def evening(bistro: Venue) -> Venue:
    """A venue with a menu, on a Wednesday evening."""
    await at(bistro, f"{DAY} 19:00")
    return bistro


class TestATabThatIsCancelled:
    async def test_what_the_kitchen_has_is_void(self, evening: Venue) -> None:
        tab = await open_tab(evening, who=ANNA)
        await tab.add({"plu": "burger", "quantity": 4}, "wine")
        await tab.do("send")
        await tab.add({"plu": "cake", "quantity": 2})
        canceled = await tab.do("cancel", reason="Left without paying", approval=APPROVAL)
        burgers, wine, cakes = canceled["lines"]
        assert burgers["void"]["reason"] == wine["void"]["reason"] == "Left without paying"
        assert (burgers["void"]["by"], "void" in cakes) == ("max", False)
        told = await report(evening, DAY)
        assert told["sales"] == 0
        assert told["voids"] == [
            {"category": "Drinks", "vatRate": 2000, "count": 1, "amount": 795},
            {"category": "Food", "vatRate": 2000, "count": 4, "amount": 5_000},
        ]

    async def test_as_if_they_had_been_voided_first(self, evening: Venue) -> None:
        for voided_first in (True, False):
            tab = await open_tab(evening, "burger", "wine", who=ANNA)
            await tab.do("send")
            for line in tab.lines if voided_first else []:
                await tab.void(line, approval=APPROVAL)
            await tab.do("cancel", reason="They left", approval=APPROVAL)
        counts = {void["category"]: void["count"] for void in (await report(evening, DAY))["voids"]}
        assert counts == {"Drinks": 2, "Food": 2}

    async def test_a_submitted_one_is_not_rejected_past_the_manager(self, evening: Venue) -> None:
        tab = await open_tab(evening, "burger", who=ANNA)
        await tab.do("send")
        await execute(evening, "UPDATE customer_order SET status = 'Submitted' WHERE venue_id = $1")
        await tab.refresh()
        words = await tab.refused(403, "reject", reason="No burgers")
        assert words == "Burger was sent to the kitchen: a manager must approve"
        await tab.do("reject", reason="No burgers", approval=APPROVAL)
        assert [void["count"] for void in (await report(evening, DAY))["voids"]] == [1]

    async def test_dojo_cannot_cancel_what_the_kitchen_has(self, evening: Venue) -> None:
        tab = await open_tab(evening, "burger", who=ANNA)
        await tab.do("send")
        error = await evening.refused(409, "DELETE", f"/v1/orders/{tab.id}")
        words = "The kitchen has the tab; only the venue's staff can cancel it"
        assert error["debugMessage"] == words
        await tab.void(tab.line("burger"), approval=APPROVAL)
        assert (await evening.ok("DELETE", f"/v1/orders/{tab.id}"))["status"] == "Canceled"

    async def test_dojo_cannot_cancel_what_is_paid(self, evening: Venue) -> None:
        tab = await open_tab(evening, "burger", who=ANNA)
        await record(evening, tab.id, payment(100))
        await evening.refused(409, "DELETE", f"/v1/orders/{tab.id}")


class TestAnOrderOfDojos:
    async def test_that_is_accepted_takes_a_manager(self, venue: Venue) -> None:
        tab = await at_till(venue, await open_order(venue, 2_000), **ANNA)
        words = "The order is Accepted: a manager must approve"
        assert await tab.refused(403, "cancel", reason="Guest left") == words
        assert (await tab.do("cancel", reason="Guest left", approval=APPROVAL))[
            "status"
        ] == "Canceled"

    async def test_that_is_paid_takes_a_manager_even_if_it_waits(self, venue: Venue) -> None:
        await execute(venue, "UPDATE venue SET accepts_orders = false WHERE id = $1")
        paid = await venue.ok("POST", "/v1/orders", order(2_000, [payment(2_000)]))
        tab = await at_till(venue, paid["id"], **ANNA)
        words = "The order has payments: a manager must approve"
        assert await tab.refused(403, "cancel", reason="Guest left") == words
        await tab.do("cancel", reason="Guest left", approval=APPROVAL)

    async def test_that_waits_and_is_not_paid_takes_nobody(self, venue: Venue) -> None:
        await execute(venue, "UPDATE venue SET accepts_orders = false WHERE id = $1")
        tab = await at_till(venue, await open_order(venue, 2_000), **ANNA)
        assert (await tab.do("cancel", reason="Guest left"))["status"] == "Canceled"

    async def test_dojo_itself_cancels_it(self, venue: Venue) -> None:
        paid = await venue.ok("POST", "/v1/orders", order(2_000, [payment(2_000)]))
        assert (await venue.ok("DELETE", f"/v1/orders/{paid['id']}"))["status"] == "Canceled"


class TestAModifierThatTakesMoneyOff:
    """No Bun takes 150 off a burger at 1250."""

    async def test_counts_once_without_a_manager(self, evening: Venue) -> None:
        tab = await open_tab(evening, who=ANNA)
        [line] = await tab.add({"plu": "burger", "quantity": 3, "modifiers": [{"plu": "no-bun"}]})
        assert line["total"] == 3 * 1_100
        often = [{"plu": "no-bun", "quantity": 8}]
        words = await tab.refused(403, "items", items=[{"plu": "burger", "modifiers": often}])
        assert words == "No Bun takes money off Burger more than once: a manager must approve"
        approved = {"items": [{"plu": "burger", "modifiers": often}], "approval": APPROVAL}
        assert (await tab.do("items", approved))["lines"][-1]["total"] == 50

    async def test_more_of_it_is_a_discount_in_the_report(self, evening: Venue) -> None:
        """Three burgers, seven times too much each; one inside two chips twice; one as it should be."""
        tab = await open_tab(evening, who=ANNA)
        once = {"plu": "burger", "modifiers": [{"plu": "no-bun"}]}
        often: Json = {"plu": "burger", "quantity": 3}
        often["modifiers"] = [{"plu": "no-bun", "quantity": 8}]
        inside: Json = {"plu": "burger", "modifiers": [{"plu": "no-bun"}, {"plu": "no-bun"}]}
        chips = {"plu": "chips", "quantity": 2, "subItems": [inside]}
        await tab.do("items", items=[once], approval=APPROVAL)
        assert await incidents(evening) == []
        await tab.do("items", items=[once, often, chips], approval=APPROVAL)
        [found] = await incidents(evening)
        assert (found["kind"], found["amount"]) == ("discount", 3 * 7 * 150 + 2 * 150)
        assert (found["reason"], found["by"], found["approvedBy"]) == ("No Bun", "Anna", "Max")

    @pytest.mark.parametrize("inside", [False, True])
    async def test_for_more_items_takes_a_manager_again(self, evening: Venue, inside: bool) -> None:
        """One burger with No Bun eight times, approved; then three of them, then two, then three again."""
        tab = await open_tab(evening, who=ANNA)
        burger: Json = {"plu": "burger", "modifiers": [{"plu": "no-bun", "quantity": 8}]}
        item = {"plu": "chips", "subItems": [burger]} if inside else burger
        approved = await tab.do("items", items=[item], approval=APPROVAL)
        path = f"items/{approved['lines'][0]['id']}"
        await tab.do(path, quantity=1, note="Rare", method="PUT")
        words = await tab.refused(403, path, quantity=3, method="PUT")
        assert words == "No Bun takes money off Burger more than once: a manager must approve"
        await tab.do(path, quantity=3, approval=APPROVAL, method="PUT")
        await tab.do(path, quantity=2, method="PUT")
        await tab.refused(403, path, quantity=3, method="PUT")
        listed = await incidents(evening)
        assert [one["amount"] for one in listed] == [7 * 150, 2 * 7 * 150]
        assert {(one["kind"], one["reason"]) for one in listed} == {("discount", "No Bun")}
        assert [one["approvedBy"] for one in listed] == ["Max", "Max"]

    @pytest.mark.parametrize("inside", [False, True])
    async def test_nor_twice_under_two_names(self, evening: Venue, inside: bool) -> None:
        tab = await open_tab(evening, who=ANNA)
        burger: Json = {"plu": "burger", "modifiers": [{"plu": "no-bun"}, {"plu": "no-bun"}]}
        item = {"plu": "chips", "subItems": [burger]} if inside else burger
        assert "No Bun" in await tab.refused(403, "items", items=[item])

    async def test_one_that_costs_something_may_come_often(self, evening: Venue) -> None:
        tab = await open_tab(evening, who=ANNA)
        [line] = await tab.add({"plu": "burger", "modifiers": [{"plu": "cheese", "quantity": 3}]})
        assert line["total"] == 1_550


async def incidents(venue: Venue, *kinds: str) -> list[Json]:
    """What the report of the day lists, without its times; all, or those of some kinds."""
    listed: list[Json] = (await report(venue, DAY))["incidents"]
    assert all(one.pop("at").startswith(DAY) for one in listed)
    return [one for one in listed if one["kind"] in kinds or not kinds]


class TestTheReportLists:
    async def test_a_void_with_its_names(self, evening: Venue) -> None:
        tab = await open_tab(evening, who=ANNA)
        [burgers] = await tab.add({"plu": "burger", "quantity": 3})
        await tab.do("send")
        await tab.void(burgers, quantity=2, reason="Burnt", approval=APPROVAL)
        assert await incidents(evening) == [
            {
                "kind": "void",
                "tabId": tab.id,
                "reference": tab.shown["reference"],
                "table": "Table 1",
            }
            | {"amount": 2_500, "count": 2, "reason": "Burnt", "by": "Anna", "approvedBy": "Max"}
        ]

    async def test_a_discount_and_a_comp(self, evening: Venue) -> None:
        tab = await open_tab(evening, "burger", "wine", who=ANNA)
        await tab.discount(tab.line("burger"), percentage=1_000, name="Regular")
        await tab.discount(tab.line("wine"), percentage=10_000, name="Birthday")
        await tab.discount(amount=125, name="Voucher")
        told = [(one["kind"], one["amount"], one["reason"]) for one in await incidents(evening)]
        assert told == [
            ("discount", 125, "Regular"),
            ("comp", 795, "Birthday"),
            ("discount", 125, "Voucher"),
        ]

    async def test_a_cancellation(self, evening: Venue) -> None:
        tab = await open_tab(evening, who=ANNA)
        await tab.add({"plu": "burger", "quantity": 4})
        await tab.do("send")
        await tab.do("cancel", reason="Left without paying", approval=APPROVAL)
        [canceled] = await incidents(evening)
        assert (canceled["kind"], canceled["amount"], canceled["count"]) == ("cancel", 5_000, 4)
        assert (canceled["reason"], canceled["by"]) == ("Left without paying", "Anna")
        assert canceled["approvedBy"] == "Max"

    async def test_money_that_went_back(self, evening: Venue) -> None:
        tab = await open_tab(evening, "burger", "burger", who=ANNA)
        for how, reason in (("refund", "Cold"), ("correct", "A slip")):
            taken = await tab.do("payments", type="cash", amount=1_000, tip=100)
            path = f"payments/{taken['payments'][-1]['id']}/{how}"
            await tab.do(path, reason=reason, approval=APPROVAL)
        card = payment(500)
        await record(evening, tab.id, card)
        await evening.ok("POST", "/v1/events", event(card["paymentIntentId"], "Reversed"))
        told = [(one["kind"], one["amount"], one["reason"]) for one in await incidents(evening)]
        assert told == [
            ("refund", 1_100, "Cold"),
            ("correct", 1_100, "A slip"),
            ("refund", 500, "reversed by Dojo"),
        ]

    async def test_what_was_opened_again_and_a_lock_that_was_broken(self, evening: Venue) -> None:
        tab = await open_tab(evening, "burger", who=ANNA)
        await tab.do("payments", type="cash")
        await tab.do("reopen", reason="Forgot the wine", approval=APPROVAL)
        await tab.add("wine")
        until = wire(datetime(2026, 11, 25, 19, tzinfo=UTC) + MINUTE)
        body = {"lockId": "terminal", "expiry": until}
        await evening.ok("POST", f"/v1/orders/{tab.id}/lock", body)
        broken = {"lockId": "terminal", "approval": APPROVAL}
        await evening.till.ok("POST", f"{tab.path}/break-lock", broken, **ANNA)
        told = [(one["kind"], one["amount"], one["approvedBy"]) for one in await incidents(evening)]
        assert told == [("reopen", 1_250, "Max"), ("break-lock", 795, "Max")]

    async def test_what_dojo_cancels(self, venue: Venue) -> None:
        await at(venue, f"{DAY} 19:00")
        order_id = await open_order(venue, 2_000)
        await venue.ok("DELETE", f"/v1/orders/{order_id}")
        [canceled] = await incidents(venue)
        assert (canceled["kind"], canceled["tabId"], canceled["amount"]) == (
            "cancel",
            order_id,
            2_000,
        )
        assert "by" not in canceled

    async def test_on_paper_and_in_a_spreadsheet(self, evening: Venue) -> None:
        await execute(evening, "UPDATE venue SET tax_number = 'GB 123 4567 89' WHERE id = $1")
        tab = await open_tab(evening, "burger", who=ANNA)
        await tab.void(tab.line("burger"), reason="<Burnt>")
        await close(evening, DAY)
        path = f"{DAYS}/{DAY}/report?format="
        page = (await evening.till.call("GET", f"{path}page")).text
        for text in ("&lt;Burnt&gt;", "Anna", "VAT No. GB 123 4567 89", "Z 1", "GMT, Max"):
            assert text in page
        sheet = (await evening.till.call("GET", f"{path}csv")).text
        named = f"incidents,void {tab.shown['reference']}"
        assert f"{named},,amount,12.50\r\n" in sheet
        assert f"{named},,by,Anna\r\n" in sheet

    async def test_in_the_transaction_of_the_change(self, evening: Venue) -> None:
        """A void that is refused in the end leaves no trace."""
        tab = await open_tab(evening, "burger", who=ANNA)
        await tab.do("payments", type="cash", amount=1_000)
        assert "refund first" in await tab.refused(
            409, "void", lineId=tab.line("burger")["id"], reason="A slip"
        )
        assert await incidents(evening) == []


class TestAfterTheBill:
    @pytest.fixture
    async def billed(self, evening: Venue) -> TillTab:
        """Four burgers that were not sent, after the bill for 50.00 was printed."""
        tab = await open_tab(evening, who=ANNA)
        await tab.add({"plu": "burger", "quantity": 4})
        await evening.till.call("GET", f"{tab.path}/bill")
        return tab

    async def off(self, tab: TillTab) -> list[tuple[str, int]]:
        found = await incidents(tab.venue, "after-bill")
        return [(one["tabId"], one["amount"]) for one in found]

    async def test_a_smaller_quantity(self, billed: TillTab) -> None:
        line = billed.line("burger")
        await billed.do(f"items/{line['id']}", quantity=1, method="PUT")
        await billed.do("payments", type="cash")
        [found] = await incidents(billed.venue)
        assert (found["kind"], found["amount"], found["by"]) == ("after-bill", 3_750, "Anna")

    async def test_a_void(self, billed: TillTab) -> None:
        await billed.void(billed.line("burger"), quantity=1)
        await billed.void(billed.line("burger"), quantity=2)
        assert await self.off(billed) == [(billed.id, 1_250), (billed.id, 2_500)]

    async def test_a_cancellation(self, billed: TillTab) -> None:
        await billed.do("cancel", reason="They left")
        assert await self.off(billed) == [(billed.id, 5_000)]

    async def test_a_cancellation_by_dojo(self, billed: TillTab) -> None:
        await billed.venue.ok("DELETE", f"/v1/orders/{billed.id}")
        assert await self.off(billed) == [(billed.id, 5_000)]

    async def test_a_split_and_what_is_split_off(self, billed: TillTab) -> None:
        part = [{"lineId": billed.line("burger")["id"], "quantity": 3}]
        taken = TillTab(billed.venue, (await billed.do("split", lines=part))["taken"], ANNA)
        await taken.do("cancel", reason="A slip")
        assert await self.off(billed) == [(billed.id, 3_750), (taken.id, 3_750)]
        [split, _] = await incidents(billed.venue, "after-bill")
        assert split["reason"] == f"Split off to {taken.shown['reference']}"

    async def test_a_merge_hides_nothing(self, billed: TillTab) -> None:
        other = await open_tab(billed.venue, "wine", who=ANNA)
        both = {"otherTabId": billed.id, "otherVersion": billed.shown["version"]}
        await other.do("merge", both)
        assert await self.off(billed) == []
        await other.void(other.line("burger"))
        assert await self.off(billed) == [(other.id, 5_000)]

    @pytest.mark.parametrize("is_shown_too", [False, True])
    @pytest.mark.parametrize("charge", [0, 1_000])
    async def test_a_merge_into_a_tab_with_less_service_charge(
        self, evening: Venue, is_shown_too: bool, charge: int
    ) -> None:
        """A wine that is there already hides nothing of it."""
        tab, other = [await open_tab(evening, plu, who=ANNA) for plu in ("burger", "wine")]
        await tab.do("service-charge", rate=2_000)
        await other.do("service-charge", rate=charge)
        for one in (tab, other) if is_shown_too else (tab,):
            await evening.ok("GET", f"/v1/orders/{one.id}/bill")
        both = {"otherTabId": tab.id, "otherVersion": tab.shown["version"]}
        before = tab.shown["total"] + other.shown["total"]
        await other.do("merge", both)
        off = before - other.shown["total"]
        assert off == 250 - charge // 8
        [found] = await incidents(evening)
        assert (found["kind"], found["tabId"], found["amount"]) == ("after-bill", other.id, off)
        assert found["reason"] == f"Merged from {tab.shown['reference']}"
        await other.void(other.line("burger"))
        assert (await self.off(other))[1:] == [(other.id, 1_250 + charge // 8)]

    async def test_a_merge_into_a_tab_with_more_service_charge(self, billed: TillTab) -> None:
        other = await open_tab(billed.venue, "wine", who=ANNA)
        await other.do("service-charge", rate=1_000)
        both = {"otherTabId": billed.id, "otherVersion": billed.shown["version"]}
        await other.do("merge", both)
        assert await incidents(billed.venue) == []

    async def test_less_service_charge(self, evening: Venue) -> None:
        tab = await open_tab(evening, "burger", who=ANNA)
        await tab.do("service-charge", rate=1_000)
        await evening.ok("GET", f"/v1/orders/{tab.id}/bill")
        await tab.do("service-charge", rate=0)
        assert await self.off(tab) == [(tab.id, 125)]

    async def test_what_was_added_since_comes_off_freely(self, billed: TillTab) -> None:
        await billed.add("wine")
        await billed.void(billed.line("wine"))
        assert await self.off(billed) == []
        await billed.add("wine")
        await billed.venue.till.call("GET", f"{billed.path}/bill")
        await billed.void(billed.line("wine"))
        assert await self.off(billed) == [(billed.id, 795)]

    async def test_before_any_bill_it_is_free(self, evening: Venue) -> None:
        tab = await open_tab(evening, who=ANNA)
        [burgers] = await tab.add({"plu": "burger", "quantity": 4})
        await tab.do(f"items/{burgers['id']}", quantity=1, method="PUT")
        assert await incidents(evening) == []

    async def test_a_bill_changes_no_version(self, billed: TillTab) -> None:
        assert await billed.read() == billed.shown
        other = await open_order(billed.venue, 500)
        await billed.venue.ok("GET", f"/v1/orders/{other}/bill")


async def test_closed_days_are_numbered_without_a_gap(venue: Venue, other_venue: Venue) -> None:
    for of in (venue, other_venue):
        await at(of, "2026-11-24 19:00")
        await open_order(of, 100)
    first = await close(venue, "2026-11-24")
    await at(venue, "2026-11-29 19:00")
    second = await close(venue, "2026-11-29")
    assert (first["zNumber"], second["zNumber"]) == (1, 2)
    assert (await close(other_venue, "2026-11-24"))["zNumber"] == 1
    assert (await report(venue, "2026-11-24"))["zNumber"] == 1
    assert "zNumber" not in await report(venue, "2026-11-30")


async def test_what_the_report_lists_stays_as_it_is(evening: Venue) -> None:
    tab = await open_tab(evening, "burger", who=ANNA)
    await tab.void(tab.line("burger"))
    with pytest.raises(Exception, match="append-only"):
        await execute(evening, "DELETE FROM incident WHERE venue_id = $1")
    closed = await close(evening, DAY)
    await tab.add("wine")
    await tab.void(tab.line("wine"))
    assert (await report(evening, DAY))["incidents"] == closed["incidents"]
    days = await fetch(evening, "SELECT day FROM incident WHERE venue_id = $1 ORDER BY id")
    assert [str(row["day"]) for row in days] == [DAY, "2026-11-26"]
