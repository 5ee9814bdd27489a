"""Nothing that was made, or given away, leaves the day without a trace."""

from typing import Any

import pytest

from tests.support.days import at, report
from tests.support.orders import order, payment
from tests.support.pins import APPROVAL
from tests.support.recording import open_order, record
from tests.support.rows import execute
from tests.support.tabs import at_till, open_tab
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
