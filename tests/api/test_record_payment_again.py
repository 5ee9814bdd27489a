"""A payment that was sent before: recorded ones are answered again, refused ones stay refused."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.support.clock import LONG_AHEAD
from tests.support.orders import gbp, payment
from tests.support.recording import everything, hear, kept, open_order, record, refused
from tests.support.rows import set_status
from tests.support.venues import Venue

Json = dict[str, Any]


async def nothing(venue: Venue, order_id: str, paid: Json) -> None:
    """Nothing happens to the order."""


async def reversal(venue: Venue, order_id: str, paid: Json) -> None:
    await hear(venue, paid, "Reversed")


async def cancellation(venue: Venue, order_id: str, paid: Json) -> None:
    await venue.ok("DELETE", f"/v1/orders/{order_id}")


async def closing(venue: Venue, order_id: str, paid: Json) -> None:
    await set_status(venue, order_id, "Finalized")


async def failure(venue: Venue, order_id: str, paid: Json) -> None:
    await set_status(venue, order_id, "Failed")


async def another_lock(venue: Venue, order_id: str, paid: Json) -> None:
    lock = {"lockId": "another", "expiry": LONG_AHEAD}
    await venue.ok("POST", f"/v1/orders/{order_id}/lock", lock)


async def the_rest_is_paid(venue: Venue, order_id: str, paid: Json) -> None:
    await record(venue, order_id, payment(6_000))


Since = Callable[[Venue, str, Json], Awaitable[None]]


class TestARepeat:
    @pytest.mark.parametrize(
        "since",
        [nothing, reversal, cancellation, closing, failure, another_lock, the_rest_is_paid],
    )
    async def test_is_answered_whatever_has_happened_since(
        self, venue: Venue, since: Since
    ) -> None:
        order_id = await open_order(venue)
        paid = payment(4_000, 500) | {"lockId": "mine"}
        await record(venue, order_id, paid)
        await since(venue, order_id, paid)
        now, before = await venue.ok("GET", f"/v1/orders/{order_id}"), await everything(venue)
        assert await record(venue, order_id, paid) == now
        assert await everything(venue) == before, "a repeat changes nothing"

    async def test_is_answered_to_a_waiter_who_does_not_see_the_order(
        self, assigned_venue: Venue
    ) -> None:
        order_id = await open_order(assigned_venue, dine_in={"tableId": "t1", "waiterId": "anna"})
        paid = payment(4_000)
        first = await record(assigned_venue, order_id, paid, waiter_id="anna")
        assert await record(assigned_venue, order_id, paid, waiter_id="cleo") == first

    async def test_an_absent_tip_is_a_tip_of_nothing(self, venue: Venue) -> None:
        order_id, paid = await open_order(venue), payment(4_000)
        first = await record(venue, order_id, paid)
        assert await record(venue, order_id, paid | {"tipsAmount": gbp(0)}) == first

    async def test_the_lock_is_no_part_of_the_payment(self, venue: Venue) -> None:
        order_id, paid = await open_order(venue), payment(4_000)
        first = await record(venue, order_id, paid | {"lockId": "one"})
        assert await record(venue, order_id, paid | {"lockId": "two"}) == first

    @pytest.mark.parametrize(
        "change",
        [
            pytest.param({"paidAmount": gbp(3_999)}, id="amount"),
            pytest.param({"paidAmount": gbp(0)}, id="amount of nothing"),
            pytest.param({"tipsAmount": gbp(501)}, id="tip"),
            pytest.param({"tipsAmount": gbp(0)}, id="no tip"),
            pytest.param({"tipsAmount": gbp(500, "EUR")}, id="currency of the tip"),
            pytest.param({"paidAmount": gbp(4_000, "EUR")}, id="currency of one"),
            pytest.param(
                {"paidAmount": gbp(4_000, "EUR"), "tipsAmount": gbp(500, "EUR")}, id="currency"
            ),
        ],
    )
    async def test_with_other_amounts_is_a_conflict_and_no_refusal(
        self, venue: Venue, change: Json
    ) -> None:
        order_id, paid = await open_order(venue), payment(4_000, 500)
        first = await record(venue, order_id, paid)
        before = await everything(venue)
        await refused(venue, 409, order_id, paid | change)
        assert await everything(venue) == before
        assert await record(venue, order_id, paid) == first, "the true repeat is still answered"

    @pytest.mark.parametrize("known", [True, False])
    async def test_for_another_order_is_a_conflict_and_no_refusal(
        self, venue: Venue, known: bool
    ) -> None:
        order_id, paid = await open_order(venue), payment(4_000)
        other_id = await open_order(venue) if known else "unknown"
        first = await record(venue, order_id, paid)
        before = await everything(venue)
        await refused(venue, 409, other_id, paid)
        assert await everything(venue) == before
        assert await record(venue, order_id, paid) == first


class TestARefusedIntent:
    async def test_stays_refused_even_if_it_would_fit_now(self, venue: Venue) -> None:
        order_id, first, late = await open_order(venue), payment(10_000), payment(4_000)
        await record(venue, order_id, first)
        reason = await refused(venue, 409, order_id, late)
        await hear(venue, first, "Reversed")
        before = await everything(venue)
        assert reason in await refused(venue, 409, order_id, late)
        assert await everything(venue) == before, "it is remembered once"
        await record(venue, order_id, payment(4_000))

    @pytest.mark.parametrize("other", ["amount", "order", "unknown order", "an amount of nothing"])
    async def test_whatever_comes_under_it_later(self, venue: Venue, other: str) -> None:
        order_id, late = await open_order(venue), payment(10_001)
        await refused(venue, 409, order_id, late)
        fitting, empty = late | {"paidAmount": gbp(1)}, late | {"paidAmount": gbp(0)}
        where, body = {
            "amount": (order_id, fitting),
            "order": (await open_order(venue, 20_000), late),
            "unknown order": ("unknown", late),
            "an amount of nothing": (order_id, empty),
        }[other]
        await refused(venue, 409, where, body)
        assert (await venue.ok("GET", f"/v1/orders/{order_id}"))["payments"] == []

    async def test_is_kept_with_what_was_asked(self, venue: Venue) -> None:
        order_id, late = await open_order(venue), payment(10_001, 99)
        reason = await refused(venue, 409, order_id, late)
        (row,) = await kept(venue, late)
        assert row["refused_order_id"] == order_id
        assert (row["refused_paid_amount"], row["refused_tips_amount"]) == (10_001, 99)
        assert (row["refused_currency"], row["refused_reason"]) == ("GBP", reason)
