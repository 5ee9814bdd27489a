"""What is paid is made: paying in full tells the kitchen what it has not been told."""

from typing import Any

import pytest

from tests.support.counter import pay
from tests.support.orders import payment
from tests.support.pins import APPROVAL
from tests.support.recording import record
from tests.support.rows import execute
from tests.support.tabs import TABS, TillTab, open_tab
from tests.support.venues import Venue

Json = dict[str, Any]


async def ticket(tab: TillTab, query: str = "") -> str:
    answer = await tab.venue.till.call("GET", f"{tab.path}/kitchen-ticket{query}")
    assert answer.status_code == 200, answer.text
    return answer.text


class TestPayingInFull:
    async def test_cash_sends_what_is_new(self, bistro: Venue) -> None:
        tab = await open_tab(bistro, "burger")
        await pay(tab)
        assert (tab.shown["status"], tab.shown["rounds"]) == ("Finalized", 1)
        assert tab.lines[0]["sentRound"] == 1
        assert "1 x Burger" in await ticket(tab)

    async def test_a_terminal_too(self, bistro: Venue) -> None:
        tab = await open_tab(bistro, "burger")
        await record(bistro, tab.id, payment(1_250))
        await tab.refresh()
        assert (tab.shown["status"], tab.shown["rounds"]) == ("Finalized", 1)
        assert "1 x Burger" in await ticket(tab)

    async def test_only_what_the_kitchen_has_not(self, bistro: Venue) -> None:
        tab = await open_tab(bistro, "burger")
        await tab.do("send")
        await tab.add("chips")
        await pay(tab)
        assert [line["sentRound"] for line in tab.lines] == [1, 2]
        assert "Chips" in await ticket(tab)
        assert "Chips" not in await ticket(tab, "?round=1")

    async def test_nothing_new_is_no_round(self, bistro: Venue) -> None:
        tab = await open_tab(bistro, "burger")
        await tab.do("send")
        await pay(tab)
        assert tab.shown["rounds"] == 1

    async def test_a_part_sends_nothing(self, bistro: Venue) -> None:
        tab = await open_tab(bistro, "burger")
        await pay(tab, amount=1_000)
        assert (tab.shown["status"], tab.shown["rounds"]) == ("New", 0)

    async def test_where_staff_close_tabs(self, bistro: Venue) -> None:
        """It is made; the status is theirs to change."""
        await execute(bistro, "UPDATE venue SET finalizes_paid_tabs = false WHERE id = $1")
        tab = await open_tab(bistro, "burger")
        await pay(tab)
        assert (tab.shown["status"], tab.shown["rounds"]) == ("New", 1)

    async def test_a_void_line_is_not_made(self, bistro: Venue) -> None:
        tab = await open_tab(bistro, "burger", "chips")
        await tab.void(tab.line("chips"))
        await pay(tab)
        assert "Chips" not in await ticket(tab)


class TestFinishedOtherwise:
    async def test_a_new_total_that_is_paid(self, bistro: Venue) -> None:
        """The discount makes the total what has been paid."""
        tab = await open_tab(bistro, "burger")
        await pay(tab, amount=1_000)
        await tab.discount(amount=250)
        assert (tab.shown["status"], tab.shown["rounds"]) == ("Finalized", 1)
        assert "Burger" in await ticket(tab)

    async def test_closed_with_nothing_to_pay(self, bistro: Venue) -> None:
        tab = await open_tab(bistro, "burger")
        await tab.discount(percentage=10_000)
        await tab.do("close")
        assert tab.shown["rounds"] == 1
        assert "Burger" in await ticket(tab)


class TestAfterAMerge:
    async def test_the_rounds_of_both_stay_apart(self, bistro: Venue) -> None:
        one, other = await open_tab(bistro, "burger"), await open_tab(bistro, "chips")
        await one.do("send")
        await other.do("send")
        await one.do("merge", otherTabId=other.id, otherVersion=other.shown["version"])
        assert one.shown["rounds"] == 2
        first, second = await ticket(one, "?round=1"), await ticket(one, "?round=2")
        assert ("Burger" in first, "Chips" in first) == (True, False)
        assert ("Burger" in second, "Chips" in second) == (False, True)
        await one.add("mug")
        await one.do("send")
        assert "Mug" in await ticket(one, "?round=3")

    async def test_what_was_not_sent_is_not(self, bistro: Venue) -> None:
        one, other = await open_tab(bistro, "burger"), await open_tab(bistro, "chips")
        await one.do("send")
        await one.do("merge", otherTabId=other.id, otherVersion=other.shown["version"])
        assert "sentRound" not in one.line("chips")
        await one.do("send")
        assert one.line("chips")["sentRound"] == 2


class TestTheBill:
    async def printed(self, tab: TillTab) -> str:
        answer = await tab.venue.till.call("GET", f"{tab.path}/bill")
        return answer.text

    async def test_an_optional_charge_is_called_so(self, bistro: Venue) -> None:
        tab = await open_tab(bistro, "burger")
        await tab.do("service-charge", rate=1_250)
        assert "Optional service charge 12.5%\n" in await self.printed(tab)
        bill = await bistro.ok("GET", f"/v1/orders/{tab.id}/bill")
        words = [line["text"]["value"] for line in bill["footer"]["lines"] if "text" in line]
        assert "Optional service charge 12.5%" in words

    async def test_a_compulsory_one_is_not(self, bistro: Venue) -> None:
        await execute(bistro, "UPDATE venue SET service_charge_bears_vat = true WHERE id = $1")
        tab = await open_tab(bistro, "burger")
        await tab.do("service-charge", rate=1_250)
        assert "Optional" not in await self.printed(tab)


class TestWhoDidIt:
    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("POST", TABS, {"tableId": "t1"}),
            ("GET", TABS, None),
            ("POST", "/till/v1/parties", {"tableIds": ["t1"], "covers": 2}),
        ],
    )
    async def test_an_unknown_waiter_is_refused(
        self, bistro: Venue, method: str, path: str, body: Json | None
    ) -> None:
        error = await bistro.till.refused(400, method, path, body, waiter_id="nobody-at-all")
        assert error["debugMessage"] == "header waiter-id is not a waiter of the venue"

    async def test_one_who_was_removed_too(self, bistro: Venue) -> None:
        body = {"tableId": "t1"}
        await bistro.till.ok("POST", TABS, body, waiter_id="cleo")
        await bistro.admin.ok("DELETE", "/till/v1/waiters/cleo")
        await bistro.till.refused(400, "POST", TABS, body, waiter_id="cleo")

    async def test_dojo_may_name_any(self, bistro: Venue) -> None:
        tab = await open_tab(bistro, "burger")
        await bistro.ok("GET", f"/v1/orders/{tab.id}", waiter_id="nobody-at-all")

    async def test_a_payment_says_its_device(self, bistro: Venue) -> None:
        tab = await open_tab(bistro, "burger", who={"device_id": "till-7", "waiter_id": "anna"})
        taken = await pay(tab)
        assert (taken["deviceId"], taken["waiterId"]) == ("till-7", "anna")

    async def test_the_covers_of_the_party_count(self, bistro: Venue) -> None:
        """Two tabs of a party of five without covers, one tab with two, one with three of a party."""
        await bistro.till.ok("POST", "/till/v1/parties", {"tableIds": ["t1"], "covers": 5})
        await bistro.till.ok("POST", "/till/v1/parties", {"tableIds": ["t2"], "covers": 9})
        for place in ({"tableId": "t1"}, {"tableId": "t1"}, {"tableId": "t3", "covers": 2}):
            await open_tab(bistro, "burger", **place)
        await open_tab(bistro, "burger", tableId="t2", covers=3)
        day = (await bistro.till.ok("POST", "/till/v1/days/open", {"openingFloat": 0}))["day"]
        report = await bistro.till.ok("GET", f"/till/v1/days/{day}/report")
        assert report["covers"] == 5 + 2 + 3


@pytest.mark.parametrize(
    ("path", "named"),
    [
        (f"{TABS}?tableID=r3", "query tableID"),
        (f"{TABS}?tableID=", "query tableID"),
        ("/till/v1/waiters?x", "query x"),
        ("/till/v1/waiters?x=1", "query x"),
        ("/till/v1/parties?completed=true&%0a=1", "query ?"),
    ],
)
async def test_an_unknown_parameter_is_named(bistro: Venue, path: str, named: str) -> None:
    error = await bistro.till.refused(400, "GET", path)
    assert error["debugMessage"] == f"{named} is not a parameter of this operation"


async def test_dojo_may_send_parameters_that_we_do_not_know(bistro: Venue) -> None:
    await bistro.ok("GET", "/v1/areas?anything=1&nothing=&limit=")


async def test_a_parameter_without_a_value_is_refused(bistro: Venue) -> None:
    """It would list everything."""
    error = await bistro.till.refused(400, "GET", f"{TABS}?tableId=")
    assert error["debugMessage"].startswith("query tableId ")


async def test_a_reopened_tab_needs_no_manager_for_its_ticket(bistro: Venue) -> None:
    tab = await open_tab(bistro, "burger")
    await pay(tab)
    await tab.do("reopen", reason="A slip", approval=APPROVAL)
    assert "Burger" in await ticket(tab)


async def test_finishing_a_party_names_its_open_tabs(bistro: Venue) -> None:
    guests = await bistro.till.ok("POST", "/till/v1/parties", {"tableIds": ["t1"], "covers": 2})
    paid, left = await open_tab(bistro, "burger"), await open_tab(bistro, "chips")
    await pay(paid)
    path = f"/till/v1/parties/{guests['id']}"
    gone = await bistro.till.ok("POST", f"{path}/finish", {"version": 1})
    reference = left.shown["reference"]
    expected = {"tabId": left.id, "reference": reference, "tableId": "t1", "balance": 450}
    assert gone["openTabs"] == [expected]
