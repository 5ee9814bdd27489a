"""HandleEvent: what Dojo says of a payment, in any order and as often as it likes."""

import asyncio
import itertools
import random
from typing import Any

import pytest

from tests.support.audit import trail
from tests.support.orders import event, order, payment, unique
from tests.support.rows import execute, fetch, make_orders, make_tab, set_status
from tests.support.venues import Venue

Json = dict[str, Any]
Ending = tuple[Json, tuple[str | None, str | None], int]
PAY = "the payment"
ENDS = ("Reversed", "Refunded", "Canceled")


async def hear(venue: Venue, intent: str, status: str, **more: Any) -> None:
    await venue.ok("POST", "/v1/events", event(intent, status) | more)


async def paid_order(venue: Venue, paid: Json, total: int = 1_000) -> str:
    made: str = (await venue.ok("POST", "/v1/orders", order(total, [paid])))["id"]
    return made


async def books(venue: Venue, intent: str) -> tuple[str | None, str | None]:
    """What the intent and the ledger row behind it became."""
    (row,) = await fetch(
        venue,
        """SELECT i.status AS heard, p.status FROM payment_intent i
           LEFT JOIN payment p ON p.venue_id = i.venue_id AND p.payment_intent_id = i.id
           WHERE i.venue_id = $1 AND i.id = $2""",
        intent,
    )
    return row["heard"], row["status"]


async def moves(venue: Venue, intent: str) -> list[tuple[str, str]]:
    rows = await fetch(
        venue,
        """SELECT t.was, t.status FROM payment_transition t
           JOIN payment p ON p.venue_id = t.venue_id AND p.id = t.payment_id
           WHERE t.venue_id = $1 AND p.payment_intent_id = $2 ORDER BY t.at, t.was DESC""",
        intent,
    )
    return [(row["was"], row["status"]) for row in rows]


class TestEveryOrderOfArrival:
    """Of a payment of 600 with a tip of 60 on an order of 1,000."""

    async def arrive(self, venue: Venue, to: str, steps: list[str]) -> tuple[str, int]:
        """The steps one after another; the intent, and how the payment was answered."""
        body = payment(600, 60)
        intent, answers = body["paymentIntentId"], []
        ids = {status: unique("evt") for status in steps}
        for step in steps:
            if step == PAY:
                path = f"/v1/orders/{to}/record-payment"
                answers.append((await venue.call("POST", path, body)).status_code)
            else:
                await venue.ok("POST", "/v1/events", event(intent, step, ids[step]))
        assert len({*answers}) == 1, "a payment sent again hears the same"
        return intent, answers[0]

    async def all_arrive(self, venue: Venue, arrivals: list[list[str]]) -> list[Ending]:
        """Each on an order of its own: the order, the books and the payment's answer."""
        room = asyncio.Semaphore(20)

        async def run(to: str, steps: list[str]) -> Ending:
            async with room:
                intent, answer = await self.arrive(venue, to, steps)
                shown = await venue.ok("GET", f"/v1/orders/{to}")
                return shown, await books(venue, intent), answer

        orders = await make_orders(venue, len(arrivals))
        runs = [run(to, steps) for to, steps in zip(orders, arrivals, strict=True)]
        return await asyncio.gather(*runs)

    def check_ended(self, shown: Json, kept: tuple[str | None, str | None], answer: int) -> None:
        heard, ledger = kept
        assert shown["paidAmount"]["value"] == shown["tipsAmount"]["value"] == 0
        assert shown["payments"] == []
        assert shown["payable"] is True
        assert heard is not None
        assert ledger == (heard.lower() if answer == 200 else None)

    @pytest.mark.parametrize("end", ENDS)
    async def test_the_end_wins(self, venue: Venue, end: str) -> None:
        arrivals = [
            list(steps) for steps in itertools.permutations(["Authorized", "Captured", end, PAY])
        ]
        for steps, (shown, kept, answer) in zip(
            arrivals, await self.all_arrive(venue, arrivals), strict=True
        ):
            self.check_ended(shown, kept, answer)
            assert kept[0] == end
            assert (answer == 409) is (steps.index(end) < steps.index(PAY)), steps

    async def test_the_first_of_several_ends_wins(self, venue: Venue) -> None:
        arrivals = [list(steps) for steps in itertools.permutations([*ENDS, PAY])]
        for steps, (shown, kept, answer) in zip(
            arrivals, await self.all_arrive(venue, arrivals), strict=True
        ):
            self.check_ended(shown, kept, answer)
            assert kept[0] == next(step for step in steps if step != PAY)

    async def test_without_an_end_the_payment_counts(self, venue: Venue) -> None:
        arrivals = [
            list(steps)
            for steps in itertools.permutations(["Created", "Authorized", "Captured", PAY])
        ]
        for shown, kept, answer in await self.all_arrive(venue, arrivals):
            assert (shown["paidAmount"]["value"], shown["tipsAmount"]["value"]) == (600, 60)
            assert (kept, answer) == (("Captured", "captured"), 200)

    async def test_repetitions_change_nothing(self, venue: Venue) -> None:
        luck, all_steps = random.Random(8), ["Created", "Authorized", "Captured", *ENDS, PAY]
        arrivals = [luck.sample(all_steps * 2, k=14) for _ in range(25)]
        for steps, (shown, kept, answer) in zip(
            arrivals, await self.all_arrive(venue, arrivals), strict=True
        ):
            self.check_ended(shown, kept, answer)
            assert kept[0] == next(step for step in steps if step in ENDS)


class TestWhatAnEventDoes:
    async def test_its_transitions_are_written_down(self, venue: Venue) -> None:
        paid = payment(600, 60)
        await paid_order(venue, paid)
        intent = paid["paymentIntentId"]
        for status in ("Created", "Captured", "Captured", "Authorized", "Reversed", "Refunded"):
            await hear(venue, intent, status)
        assert await moves(venue, intent) == [("recorded", "captured"), ("captured", "reversed")]
        events = await fetch(
            venue,
            """SELECT e.payment_status FROM payment_transition t
               JOIN dojo_event e ON e.venue_id = t.venue_id AND e.id = t.event_id
               WHERE t.venue_id = $1 ORDER BY e.payment_status""",
        )
        assert [row["payment_status"] for row in events] == ["Captured", "Reversed"]

    @pytest.mark.parametrize("end", ENDS)
    async def test_a_finished_tab_is_open_again(self, venue: Venue, end: str) -> None:
        order_id, paid = await make_tab(venue, 1_000), payment(1_000, 100)
        path = f"/v1/orders/{order_id}"
        done = await venue.ok("POST", f"{path}/record-payment", paid)
        assert (done["status"], done["payable"]) == ("Finalized", False)
        await hear(venue, paid["paymentIntentId"], end)
        opened = await venue.ok("GET", path)
        assert (opened["status"], opened["payable"]) == ("Ready", True)
        assert opened["paidAmount"]["value"] == opened["tipsAmount"]["value"] == 0
        assert (await venue.ok("POST", f"{path}/record-payment", paid)) == opened, "a replay"
        again = await venue.ok("POST", f"{path}/record-payment", payment(1_000))
        assert again["status"] == "Finalized"

    @pytest.mark.parametrize("status", ["Canceled", "Failed", "Preparing"])
    async def test_other_statuses_stay(self, venue: Venue, status: str) -> None:
        paid = payment(600, 60)
        order_id = await paid_order(venue, paid)
        await set_status(venue, order_id, status)
        await hear(venue, paid["paymentIntentId"], "Reversed")
        shown = await venue.ok("GET", f"/v1/orders/{order_id}")
        assert (shown["status"], shown["paidAmount"]["value"]) == (status, 0)
        assert shown["payable"] is (status == "Preparing")

    async def test_only_its_own_payment_ends(self, venue: Venue) -> None:
        gone, stays = payment(600, 60), payment(300, 30)
        made = await venue.ok("POST", "/v1/orders", order(1_000, [gone, stays]))
        await hear(venue, gone["paymentIntentId"], "Reversed")
        shown = await venue.ok("GET", f"/v1/orders/{made['id']}")
        assert (shown["paidAmount"]["value"], shown["tipsAmount"]["value"]) == (300, 30)
        assert [one["paymentIntentId"] for one in shown["payments"]] == [stays["paymentIntentId"]]

    async def test_another_venue_hears_nothing(self, venue: Venue, other_venue: Venue) -> None:
        paid = payment(600)
        order_id = await paid_order(venue, paid)
        await hear(other_venue, paid["paymentIntentId"], "Reversed")
        assert (await venue.ok("GET", f"/v1/orders/{order_id}"))["paidAmount"]["value"] == 600

    @pytest.mark.parametrize("end", ENDS)
    async def test_the_audit_trail_knows_how_much(self, venue: Venue, end: str) -> None:
        """Refunded says no amount: it counts as the whole, and the trail says that we do not know."""
        paid = payment(600, 60)
        order_id = await paid_order(venue, paid)
        await hear(venue, paid["paymentIntentId"], end)
        (entry,) = await trail(venue, order_id, f"payment.{end.lower()}")
        details = entry["details"]
        assert (details["paid"], details["tips"]) == (600, 60)
        assert details["intent"] == paid["paymentIntentId"]
        assert details.get("amount") == ("unknown" if end == "Refunded" else None)

    @pytest.mark.parametrize("end", ENDS)
    async def test_a_dead_intent_makes_no_order(self, venue: Venue, end: str) -> None:
        paid = payment(600)
        await hear(venue, paid["paymentIntentId"], end)
        await venue.refused(409, "POST", "/v1/orders", order(1_000, [paid]))
        assert await fetch(venue, "SELECT id FROM customer_order WHERE venue_id = $1") == []
        assert await books(venue, paid["paymentIntentId"]) == (end, None)


class TestReferences:
    async def finished_and_open(self, venue: Venue, *, ours: bool) -> tuple[str, str, Json]:
        """A finished order, an open one with the code that it had, and the payment of the first."""
        paid = payment(1_000)
        first = await paid_order(venue, paid)
        await set_status(venue, first, "Finalized")
        second = await paid_order(venue, payment(1))
        await execute(
            venue,
            """UPDATE customer_order SET reference = 'SAME', reference_is_ours = $3 OR id <> $2
               WHERE venue_id = $1""",
            first,
            ours,
        )
        return first, second, paid

    @pytest.mark.parametrize("ours", [True, False])
    async def test_a_code_that_was_taken_meanwhile(self, venue: Venue, ours: bool) -> None:
        first, second, paid = await self.finished_and_open(venue, ours=ours)
        await hear(venue, paid["paymentIntentId"], "Reversed")
        opened, other = [
            await venue.ok("GET", f"/v1/orders/{order_id}") for order_id in (first, second)
        ]
        assert (opened["status"], other["reference"]) == ("Ready", "SAME")
        assert (opened["reference"] != "SAME") is ours, "a code that Dojo gave is Dojo's"

    async def test_a_code_that_is_free_stays(self, venue: Venue) -> None:
        first, second, paid = await self.finished_and_open(venue, ours=True)
        await venue.ok("DELETE", f"/v1/orders/{second}")
        await hear(venue, paid["paymentIntentId"], "Reversed")
        assert (await venue.ok("GET", f"/v1/orders/{first}"))["reference"] == "SAME"
