"""How an order gets on: tabs and Dojo's orders alike, forward, and back by a manager alone."""

from typing import Any

import pytest

from tests.support.audit import trail
from tests.support.clock import MINUTE, NOW, freeze, wire
from tests.support.orders import event, order, payment
from tests.support.pins import APPROVAL, WAITER_PIN
from tests.support.recording import open_order, record
from tests.support.rows import execute, fetch
from tests.support.tabs import TillTab, at_till, open_tab
from tests.support.venues import Venue

Json = dict[str, Any]
ANNA = {"waiter_id": "anna"}


@pytest.fixture
async def tab(bistro: Venue) -> TillTab:
    """A burger on table 1."""
    return await open_tab(bistro, "burger", who=ANNA)


@pytest.fixture
async def waiting(venue: Venue) -> TillTab:
    """An order of Dojo's, paid in part, in a venue whose staff accept by hand."""
    await execute(venue, "UPDATE venue SET accepts_orders = false WHERE id = $1")
    order_id = await open_order(venue, 1_000)
    await record(venue, order_id, payment(400, intent="early"))
    waiting = await at_till(venue, order_id, **ANNA)
    assert waiting.shown["status"] == "Submitted"
    return waiting


class TestThroughTheKitchen:
    async def test_forward_and_steps_may_be_skipped(self, tab: TillTab) -> None:
        for status in ("Submitted", "Preparing", "Ready"):
            version = tab.shown["version"]
            assert (await tab.do("status", status=status))["status"] == status
            assert tab.shown["version"] == version + 1
            assert (await tab.as_guest_sees_it())["status"] == status
        entries = await trail(tab.venue, tab.id)
        assert [entry["action"] for entry in entries][-3:] == ["order.progressed"] * 3

    @pytest.mark.parametrize("status", ["Preparing", "Accepted"])
    async def test_never_back(self, tab: TillTab, status: str) -> None:
        await tab.do("status", status="Preparing")
        words = f"The order is Preparing and cannot become {status}"
        assert words in await tab.refused(409, "status", status=status)

    @pytest.mark.parametrize(
        "status", ["New", "Finalized", "Canceled", "Failed", "ready", "", None]
    )
    async def test_the_end_has_ways_of_its_own(self, tab: TillTab, status: object) -> None:
        assert "status" in await tab.refused(400, "status", status=status)

    async def test_dojos_orders_too(self, venue: Venue) -> None:
        tab = await at_till(venue, await open_order(venue))
        await tab.do("status", status="Prepared")
        assert (await tab.as_guest_sees_it())["status"] == "Prepared"

    async def test_what_is_closed_stays_so(self, tab: TillTab) -> None:
        await tab.do("cancel", reason="Wrong table")
        assert "Canceled" in await tab.refused(409, "status", status="Ready")


class TestAnOrderThatWaits:
    async def test_is_accepted(self, waiting: TillTab) -> None:
        assert (await waiting.do("accept"))["status"] == "Accepted"
        assert "Accepted" in await waiting.refused(409, "accept")
        assert "Accepted" in await waiting.refused(409, "reject", reason="Too late")

    async def test_is_rejected_and_its_payments_end_by_dojos_events(self, waiting: TillTab) -> None:
        words = await waiting.refused(403, "reject", reason="The kitchen is closed")
        assert words == "The order has payments: a manager must approve"
        rejected = await waiting.do("reject", reason="The kitchen is closed", approval=APPROVAL)
        assert (rejected["status"], rejected["paid"]) == ("Canceled", 400)
        assert rejected["statusReason"] == "The kitchen is closed"
        await waiting.venue.ok("POST", "/v1/events", event("early", "Reversed"))
        seen = await waiting.as_guest_sees_it()
        assert (seen["status"], seen["paidAmount"]["value"]) == ("Canceled", 0)

    async def test_an_unpaid_one_is_rejected_without_a_manager(self, venue: Venue) -> None:
        await execute(venue, "UPDATE venue SET accepts_orders = false WHERE id = $1")
        sent = await venue.ok("POST", "/v1/orders", order(400))
        tab = await at_till(venue, sent["id"], waiter_id="anna")
        rejected = await tab.do("reject", reason="The kitchen is closed")
        assert rejected["status"] == "Canceled"

    async def test_a_tab_that_was_submitted_is_rejected_but_not_with_money_on_it(
        self, tab: TillTab
    ) -> None:
        await tab.do("status", status="Submitted")
        await record(tab.venue, tab.id, payment(100))
        await tab.refresh()
        assert "refund" in await tab.refused(409, "reject", reason="No burgers")

    async def test_nothing_else_waits(self, tab: TillTab) -> None:
        assert "New" in await tab.refused(409, "accept")
        assert "New" in await tab.refused(409, "reject", reason="No")


class TestClosing:
    async def test_not_while_something_is_left_to_pay(self, tab: TillTab) -> None:
        assert "1250 is left to pay" in await tab.refused(409, "close")

    async def test_a_paid_tab_where_staff_close_themselves(self, bistro: Venue) -> None:
        await execute(bistro, "UPDATE venue SET finalizes_paid_tabs = false WHERE id = $1")
        tab = await open_tab(bistro, "burger")
        await record(bistro, tab.id, payment(1_250, 100))
        assert (await tab.refresh())["status"] == "New"
        closed = await tab.do("close")
        assert (closed["status"], closed["payable"]) == ("Finalized", False)
        assert "Finalized" in await tab.refused(409, "close")

    async def test_a_prepaid_order_of_dojos(self, venue: Venue) -> None:
        created = await venue.ok("POST", "/v1/orders", order(1_000, [payment(1_000)]))
        tab = await at_till(venue, created["id"])
        assert (await tab.do("close"))["status"] == "Finalized"

    async def test_a_tab_on_which_there_is_nothing(self, bistro: Venue) -> None:
        assert (await (await open_tab(bistro)).do("close"))["status"] == "Finalized"

    async def test_not_what_was_cancelled(self, venue: Venue) -> None:
        tab = await at_till(venue, await open_order(venue, 0))
        await tab.do("cancel", reason="Twice", approval=APPROVAL)
        assert "Canceled" in await tab.refused(409, "close")


class TestCancelling:
    async def test_says_why(self, tab: TillTab) -> None:
        canceled = await tab.do("cancel", reason="They left before it came")
        assert canceled["status"] == "Canceled"
        assert canceled["statusReason"] == "They left before it came"
        entry = (await trail(tab.venue, tab.id))[-1]
        assert entry["action"] == "order.canceled"
        assert "They left" not in str(entry["details"]), "the words of staff are on the tab alone"

    async def test_again_is_no_error_and_changes_nothing(self, tab: TillTab) -> None:
        canceled = await tab.do("cancel", reason="Wrong table")
        assert await tab.do("cancel", reason="Other words") == canceled

    async def test_money_first(self, tab: TillTab) -> None:
        await record(tab.venue, tab.id, payment(100))
        await tab.refresh()
        assert "refund" in await tab.refused(409, "cancel", reason="Wrong table")

    async def test_what_has_gone_to_the_kitchen_takes_a_manager(self, tab: TillTab) -> None:
        """A void of it would, and so it does split off and on a tab of its own."""
        await tab.do("items", items=[{"plu": "wine"}])
        await tab.do("send")
        words = await tab.refused(403, "cancel", reason="They left")
        assert words == "Burger was sent to the kitchen: a manager must approve"
        by_a_waiter = {"waiterId": "anna", "pin": WAITER_PIN}
        await tab.refused(403, "cancel", reason="They left", approval=by_a_waiter)
        burger = {"lineId": tab.shown["lines"][0]["id"], "quantity": 1}
        parted = (await tab.do("split", lines=[burger]))["taken"]
        taken = TillTab(tab.venue, parted, ANNA)
        await taken.refused(403, "cancel", reason="They left")
        canceled = await taken.do("cancel", reason="They left", approval=APPROVAL)
        assert canceled["status"] == "Canceled"
        entry = (await trail(taken.venue, taken.id))[-1]
        assert (entry["action"], entry["details"]["approved_by"]) == ("order.canceled", "max")

    async def test_what_is_void_already_takes_nobody(self, tab: TillTab) -> None:
        await tab.do("send")
        burger = tab.shown["lines"][0]["id"]
        await tab.do("void", lineId=burger, reason="Sent back", approval=APPROVAL)
        await tab.do("items", items=[{"plu": "wine"}])
        assert (await tab.do("cancel", reason="They left"))["status"] == "Canceled"

    async def test_an_order_of_dojos_keeps_its_payments(self, venue: Venue) -> None:
        created = await venue.ok("POST", "/v1/orders", order(1_000, [payment(1_000)]))
        tab = await at_till(venue, created["id"])
        canceled = await tab.do("cancel", reason="Sold out", approval=APPROVAL)
        assert (canceled["status"], canceled["paid"]) == ("Canceled", 1_000)

    async def test_under_a_lock_it_waits(self, tab: TillTab) -> None:
        await freeze(tab.venue, NOW)
        body = {"lockId": "terminal", "expiry": wire(NOW + MINUTE)}
        await tab.venue.ok("POST", f"/v1/orders/{tab.id}/lock", body)
        assert wire(NOW + MINUTE) in await tab.refused(409, "cancel", reason="Wrong table")

    async def test_another_tills_hold_is_in_the_way_its_own_is_not(self, tab: TillTab) -> None:
        await tab.hold()
        other = TillTab(tab.venue, tab.shown, {"waiter_id": "ben"})
        assert "anna" in await other.refused(409, "cancel", reason="Wrong table")
        assert (await tab.do("cancel", reason="Wrong table"))["status"] == "Canceled"

    async def test_nothing_was_sold(self, tab: TillTab) -> None:
        await tab.do("cancel", reason="Wrong table")
        sql = "SELECT kind, sum(amount) AS amount FROM sale_entry WHERE venue_id = $1 GROUP BY kind"
        assert {row["amount"] for row in await fetch(tab.venue, sql)} == {0}

    @pytest.mark.parametrize("reason", ["", None])
    async def test_only_with_a_reason(self, tab: TillTab, reason: object) -> None:
        assert "reason" in await tab.refused(400, "cancel", reason=reason)


class TestReopening:
    @pytest.fixture
    async def finished(self, tab: TillTab) -> TillTab:
        await record(tab.venue, tab.id, payment(1_250))
        assert (await tab.refresh())["status"] == "Finalized"
        return tab

    async def test_by_a_manager_with_a_reason(self, finished: TillTab) -> None:
        opened = await finished.do("reopen", reason="A wine was forgotten", approval=APPROVAL)
        assert (opened["status"], opened["balance"]) == ("Ready", 0)
        assert opened["statusReason"] == "A wine was forgotten"
        entry = (await trail(finished.venue, finished.id))[-1]
        assert (entry["action"], entry["details"]["approved_by"]) == ("order.reopened", "max")
        with_wine = await finished.do("items", items=[{"plu": "wine"}])
        assert (with_wine["balance"], with_wine["payable"]) == (795, True)
        await record(finished.venue, finished.id, payment(795))
        assert (await finished.refresh())["status"] == "Finalized"

    async def test_it_stays_open_until_its_money_changes(self, finished: TillTab) -> None:
        await finished.do("reopen", reason="A wine was forgotten", approval=APPROVAL)
        assert "nothing new" in await finished.refused(409, "send")
        burger = finished.shown["lines"][0]["id"]
        body = {"version": finished.shown["version"], "quantity": 1, "cover": 2}
        path = f"{finished.path}/items/{burger}"
        moved = await finished.venue.till.ok("PUT", path, body)
        assert moved["status"] == "Ready"
        await finished.refresh()
        await finished.do("items", items=[{"plu": "wine"}])
        wine = finished.shown["lines"][1]["id"]
        assert (await finished.do("void", lineId=wine, reason="A slip"))["status"] == "Finalized"

    @pytest.mark.parametrize(
        "approval", [{"waiterId": "anna", "pin": WAITER_PIN}, APPROVAL | {"pin": "0000"}]
    )
    async def test_by_nobody_else(self, finished: TillTab, approval: Json) -> None:
        await finished.refused(403, "reopen", reason="Please", approval=approval)

    async def test_not_by_a_step_of_the_kitchen(self, finished: TillTab) -> None:
        words = await finished.refused(409, "status", status="Ready")
        assert words == "The order is Finalized and cannot become Ready"

    @pytest.mark.parametrize("missing", ["reason", "approval"])
    async def test_both_are_needed(self, finished: TillTab, missing: str) -> None:
        body = {"reason": "Please", "approval": APPROVAL}
        del body[missing]
        assert missing in await finished.refused(400, "reopen", body)

    async def test_what_was_cancelled_stays_cancelled(self, tab: TillTab) -> None:
        body = {"reason": "Please", "approval": APPROVAL}
        assert "New" in await tab.refused(409, "reopen", body)
        await tab.do("cancel", reason="Wrong table")
        assert "Canceled" in await tab.refused(409, "reopen", body)

    async def test_an_order_of_dojos_too(self, venue: Venue) -> None:
        created = await venue.ok("POST", "/v1/orders", order(1_000, [payment(1_000)]))
        tab = await at_till(venue, created["id"])
        await tab.do("close")
        assert (await tab.do("reopen", reason="Not served", approval=APPROVAL))["status"] == "Ready"

    async def test_its_reference_is_still_one_of_a_kind(self, finished: TillTab) -> None:
        """While it was finished, another open tab may have got its code."""
        other = await open_tab(finished.venue, "wine")
        sql = "UPDATE customer_order SET reference = $3 WHERE venue_id = $1 AND id = $2"
        await execute(finished.venue, sql, other.id, finished.shown["reference"])
        opened = await finished.do("reopen", reason="Please", approval=APPROVAL)
        assert opened["reference"] != (await other.read())["reference"]


WRITES: dict[str, Json] = {
    "status": {"status": "Ready"},
    "accept": {},
    "reject": {"reason": "No"},
    "close": {},
    "cancel": {"reason": "No"},
    "reopen": {"reason": "Please", "approval": APPROVAL},
}


@pytest.mark.parametrize("what", WRITES)
async def test_every_write_says_which_version_it_saw(tab: TillTab, what: str) -> None:
    newest, body = tab.shown["version"], WRITES[what]
    for version in (newest - 1, newest + 1):
        words = await tab.refused(409, what, body | {"version": version})
        assert f"version {newest}" in words
        assert f"version {version}" in words
    for version in (0, "1", None):
        assert "version" in await tab.refused(400, what, body | {"version": version})


@pytest.mark.parametrize("what", WRITES)
async def test_a_lock_of_dojos_keeps_every_till_away(tab: TillTab, what: str) -> None:
    await freeze(tab.venue, NOW)
    body = {"lockId": "terminal", "expiry": wire(NOW + MINUTE)}
    await tab.venue.ok("POST", f"/v1/orders/{tab.id}/lock", body)
    words = await tab.refused(409, what, WRITES[what])
    assert "locked by Dojo" in words
    assert wire(NOW + MINUTE) in words


@pytest.mark.parametrize("what", WRITES)
async def test_another_venues_tab_does_not_exist(
    tab: TillTab, other_venue: Venue, what: str
) -> None:
    body = {"version": tab.shown["version"], **WRITES[what]}
    await other_venue.till.refused(404, "POST", f"{tab.path}/{what}", body)


async def test_what_a_waiter_may_not_see_he_does_not_change(
    assigned_venue: Venue,
) -> None:
    tab = await open_tab(assigned_venue, tableId="t3", waiterId="ben")
    for what, body in WRITES.items():
        sent = {"version": 1, **body}
        await assigned_venue.till.refused(404, "POST", f"{tab.path}/{what}", sent, **ANNA)
    hold = {"seconds": 5}
    await assigned_venue.till.refused(404, "PUT", f"{tab.path}/hold", hold, **ANNA)


async def test_a_slip_in_the_request_is_said(tab: TillTab) -> None:
    assert "resaon" in await tab.refused(400, "cancel", resaon="Wrong table")
