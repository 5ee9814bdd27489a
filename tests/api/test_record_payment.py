"""RecordOrderPayment, rule by rule in the order in which the rules count (docs/payments.md).

What was sent before is in `test_record_payment_again`.
"""

from typing import Any

import pytest

from tests.support.audit import trail
from tests.support.clock import LONG_AHEAD, freeze
from tests.support.orders import gbp, payment
from tests.support.recording import everything, hear, kept, open_order, record, refused
from tests.support.rows import execute, fetch, make_tab, set_status
from tests.support.venues import Venue

Json = dict[str, Any]
CLOSED = ("Finalized", "Canceled", "Failed")
DEAD = ("Reversed", "Refunded", "Canceled")
WHO = {
    "waiter_id": "anna",
    "dojo_requesting_product": "PayAtTable",
    "device_id": "terminal 7",
    "x_trace_id": "trace-of-this-payment",
}


class TestAnOrderThatIsNotThere:
    async def test_is_not_found_and_the_intent_may_still_pay(self, venue: Venue) -> None:
        order_id, paid = await open_order(venue), payment(4_000)
        await refused(venue, 404, "unknown", paid)
        assert await kept(venue, paid) == []
        assert (await record(venue, order_id, paid))["paidAmount"] == gbp(4_000)

    async def test_nor_is_another_venues(self, venue: Venue, other_venue: Venue) -> None:
        order_id, paid = await open_order(other_venue), payment(4_000)
        await refused(venue, 404, order_id, paid)
        await record(other_venue, order_id, paid)

    async def test_comes_before_what_is_wrong_with_the_amounts(self, venue: Venue) -> None:
        await refused(venue, 404, "unknown", payment(0))


class TestWhatTheOrderAllows:
    @pytest.mark.parametrize("status", DEAD)
    async def test_an_intent_that_ended_before_is_refused(self, venue: Venue, status: str) -> None:
        order_id, paid = await open_order(venue), payment(4_000)
        await hear(venue, paid, status)
        assert status in await refused(venue, 409, order_id, paid)
        (row,) = await kept(venue, paid)
        assert row["refused_at"] is not None

    @pytest.mark.parametrize("status", ["Created", "Authorized", "Captured"])
    async def test_an_intent_that_was_only_heard_of_is_not(self, venue: Venue, status: str) -> None:
        order_id, paid = await open_order(venue), payment(4_000)
        await hear(venue, paid, status)
        await record(venue, order_id, paid)
        ledger = await fetch(venue, "SELECT status FROM payment WHERE venue_id = $1")
        assert ledger == [{"status": "captured" if status == "Captured" else "recorded"}]

    @pytest.mark.parametrize("status", CLOSED)
    async def test_a_closed_order_takes_nothing_ever(self, venue: Venue, status: str) -> None:
        order_id, paid = await open_order(venue), payment(4_000)
        await set_status(venue, order_id, status)
        assert status in await refused(venue, 409, order_id, paid)
        await set_status(venue, order_id, "Ready")
        await refused(venue, 409, order_id, paid)

    async def test_it_comes_before_what_is_wrong_with_the_amounts(self, venue: Venue) -> None:
        order_id = await open_order(venue)
        await set_status(venue, order_id, "Canceled")
        await refused(venue, 409, order_id, payment(0))

    async def test_the_lock_of_another_refuses_who_names_his_own(self, venue: Venue) -> None:
        order_id = await open_order(venue)
        lock = {"lockId": "another", "expiry": LONG_AHEAD}
        await venue.ok("POST", f"/v1/orders/{order_id}/lock", lock)
        await refused(venue, 409, order_id, payment(1_000) | {"lockId": "mine"})
        await record(venue, order_id, payment(1_000))
        await record(venue, order_id, payment(1_000) | {"lockId": "another"})

    @pytest.mark.parametrize("gone", ["never there", "released", "expired", "the other expired"])
    async def test_a_lock_that_is_gone_refuses_nothing(self, venue: Venue, gone: str) -> None:
        order_id = await open_order(venue)
        if gone != "never there":
            lock_id = "another" if gone == "the other expired" else "mine"
            lock = {"lockId": lock_id, "expiry": LONG_AHEAD}
            await venue.ok("POST", f"/v1/orders/{order_id}/lock", lock)
        if gone == "released":
            await venue.ok("DELETE", f"/v1/orders/{order_id}/locks/mine")
        elif gone != "never there":
            await freeze(venue, LONG_AHEAD)
        await record(venue, order_id, payment(1_000) | {"lockId": "mine"})


class TestAmounts:
    @pytest.mark.parametrize(
        ("field", "change"),
        [
            ("paidAmount", {"paidAmount": gbp(0)}),
            ("paidAmount", {"paidAmount": gbp(-1)}),
            ("tipsAmount", {"tipsAmount": gbp(-1)}),
            ("tipsAmount", {"tipsAmount": gbp(100, "EUR")}),
            ("tipsAmount", {"tipsAmount": gbp(0, "EUR")}),
        ],
    )
    async def test_no_bill_could_have_are_invalid_and_not_remembered(
        self, venue: Venue, field: str, change: Json
    ) -> None:
        order_id, paid = await open_order(venue), payment(4_000)
        before = await everything(venue)
        assert field in await refused(venue, 400, order_id, paid | change)
        assert await everything(venue) == before
        assert await kept(venue, paid) == []
        await record(venue, order_id, paid)

    async def test_in_another_currency_are_a_conflict(self, venue: Venue) -> None:
        order_id, paid = await open_order(venue), payment(4_000)
        words = await refused(venue, 409, order_id, paid | {"paidAmount": gbp(4_000, "EUR")})
        assert "GBP" in words
        await refused(venue, 409, order_id, paid)

    async def test_over_the_balance_are_told_what_is_left(self, venue: Venue) -> None:
        order_id = await open_order(venue)
        await record(venue, order_id, payment(6_000, 5_000))
        assert "4000" in await refused(venue, 409, order_id, payment(4_001))
        full = await record(venue, order_id, payment(4_000))
        assert (full["paidAmount"], full["tipsAmount"]) == (gbp(10_000), gbp(5_000))
        assert "0 that is left" in await refused(venue, 409, order_id, payment(1))

    async def test_a_tip_may_be_larger_than_the_bill(self, venue: Venue) -> None:
        answer = await record(venue, await open_order(venue, 100), payment(100, 5_000))
        assert answer["tipsAmount"] == gbp(5_000)


class TestPaidInFull:
    @pytest.mark.parametrize(("finalizes", "status"), [(True, "Finalized"), (False, "New")])
    async def test_a_tab_is_finished_if_the_venue_wants_that(
        self, venue: Venue, finalizes: bool, status: str
    ) -> None:
        sql = "UPDATE venue SET finalizes_paid_tabs = $2 WHERE id = $1"
        await execute(venue, sql, finalizes)
        tab_id = await make_tab(venue, 5_000, paid=1_000)
        part = await record(venue, tab_id, payment(3_999))
        assert (part["status"], part["payable"]) == ("New", True)
        full = await record(venue, tab_id, payment(1, 500))
        assert (full["status"], full["payable"]) == (status, False)

    async def test_a_dojo_order_is_not(self, venue: Venue) -> None:
        full = await record(venue, await open_order(venue), payment(10_000))
        assert (full["status"], full["payable"]) == ("Accepted", False)


class TestTheWaiter:
    async def waiter(self, venue: Venue, order_id: str, **headers: str) -> str | None:
        """Whose payment it is, in the ledger and in the trail."""
        paid = payment(1_000)
        await record(venue, order_id, paid, **headers)
        (row,) = await fetch(
            venue,
            "SELECT waiter_id FROM payment WHERE venue_id = $1 AND payment_intent_id = $2",
            paid["paymentIntentId"],
        )
        assert (await trail(venue, action="payment.recorded"))[-1]["waiter_id"] == row["waiter_id"]
        waiter: str | None = row["waiter_id"]
        return waiter

    async def test_is_the_headers_else_the_live_locks(self, venue: Venue) -> None:
        order_id = await open_order(venue)
        assert await self.waiter(venue, order_id) is None
        lock = {"lockId": "one", "expiry": LONG_AHEAD, "waiterId": 12}
        await venue.ok("POST", f"/v1/orders/{order_id}/lock", lock)
        assert await self.waiter(venue, order_id) == "12"
        assert await self.waiter(venue, order_id, waiter_id="anna") == "anna"
        await venue.ok("DELETE", f"/v1/orders/{order_id}/locks/one")
        assert await self.waiter(venue, order_id) is None


class TestTheTrail:
    def check(self, entry: Json) -> None:
        assert (entry["waiter_id"], entry["product"]) == ("anna", "PayAtTable")
        assert (entry["device_id"], entry["credential"]) == ("terminal 7", "dojo")
        assert entry["trace_id"] == "trace-of-this-payment"

    async def test_a_recorded_payment(self, venue: Venue) -> None:
        order_id, paid = await open_order(venue), payment(4_000, 500)
        await record(venue, order_id, paid, **WHO)
        (entry,) = await trail(venue, order_id, "payment.recorded")
        (row,) = await fetch(venue, "SELECT * FROM payment WHERE venue_id = $1")
        for who in (entry, row):
            self.check(who)
        assert entry["details"] == {
            "intent": paid["paymentIntentId"],
            "paid": 4_000,
            "tips": 500,
            "payment": row["id"],
        }

    async def test_a_refused_one(self, venue: Venue) -> None:
        order_id, late = await open_order(venue), payment(10_001)
        reason = await refused(venue, 409, order_id, late, **WHO)
        (entry,) = await trail(venue, order_id, "payment.refused")
        self.check(entry)
        assert entry["details"] == {
            "intent": late["paymentIntentId"],
            "paid": 10_001,
            "tips": 0,
            "reason": reason,
        }
        assert await trail(venue, order_id, "payment.recorded") == []

    async def test_one_by_a_waiter_who_does_not_see_the_order(self, assigned_venue: Venue) -> None:
        order_id = await open_order(assigned_venue, dine_in={"tableId": "t1", "waiterId": "anna"})
        await assigned_venue.refused(404, "GET", f"/v1/orders/{order_id}", waiter_id="cleo")
        answer = await record(assigned_venue, order_id, payment(4_000), waiter_id="cleo")
        assert answer["paidAmount"] == gbp(4_000)
        await record(assigned_venue, order_id, payment(1_000), waiter_id="anna")
        hidden, seen = await trail(assigned_venue, order_id, "payment.recorded")
        assert hidden["details"]["access"] == "the waiter does not see this order"
        assert "access" not in seen["details"]
