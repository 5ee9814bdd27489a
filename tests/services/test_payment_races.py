"""Many terminals at one bill: whatever the timing, the books are exact.

Every answer is 200 or 409. What was answered 200 is in the ledger once, what was answered 409 is not,
and nobody pays more than is owed.
"""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.support.clock import LONG_AHEAD
from tests.support.orders import order, payment, unique
from tests.support.rows import fetch, make_tab
from tests.support.venues import Venue

Json = dict[str, Any]
MANY = 100


@dataclass
class Till:
    """One order, what terminals send for it, and what they were answered."""

    venue: Venue
    order_id: str
    total: int
    answers: dict[tuple[str, int, int], list[int]] = field(
        default_factory=lambda: defaultdict(list)
    )

    @property
    def path(self) -> str:
        return f"/v1/orders/{self.order_id}"

    async def lock(self, lock_id: str) -> None:
        body = {"lockId": lock_id, "expiry": LONG_AHEAD}
        await self.venue.ok("POST", f"{self.path}/lock", body)

    async def pay(self, body: Json) -> httpx.Response:
        answer = await self.venue.call("POST", f"{self.path}/record-payment", body)
        self.note(body, answer)
        return answer

    def note(self, body: Json, answer: httpx.Response) -> None:
        assert answer.status_code in (200, 409), answer.text
        self.answers[_key(body)].append(answer.status_code)
        if answer.status_code == 200:
            shown = answer.json()
            assert body["paymentIntentId"] in [p["paymentIntentId"] for p in shown["payments"]]
            assert shown["paidAmount"]["value"] <= self.total

    async def pay_all(self, bodies: Iterable[Json]) -> Counter[int]:
        """Everything at the same time."""
        answers = await asyncio.gather(*(self.pay(body) for body in bodies))
        return Counter(answer.status_code for answer in answers)

    async def check(self) -> list[Json]:
        """The books are exact and agree with every answer. The ledger, for more."""
        for sent, statuses in self.answers.items():
            assert len(set(statuses)) == 1, f"{sent} was answered {statuses}"
        ledger = await fetch(
            self.venue,
            "SELECT * FROM payment WHERE venue_id = $1 AND order_id = $2 ORDER BY position",
            self.order_id,
        )
        kept = [
            (row["payment_intent_id"], row["paid_amount"], row["tips_amount"]) for row in ledger
        ]
        acknowledged = {sent for sent, statuses in self.answers.items() if 200 in statuses}
        assert len(kept) == len(acknowledged)
        assert set(kept) == acknowledged
        await self._check_order(kept)
        await self._check_trail(len(kept))
        return ledger

    async def _check_order(self, kept: list[tuple[str, int, int]]) -> None:
        shown = await self.venue.ok("GET", self.path)
        paid, tips = sum(row[1] for row in kept), sum(row[2] for row in kept)
        assert shown["paidAmount"]["value"] == paid <= self.total
        assert shown["tipsAmount"]["value"] == tips
        assert [p["paymentIntentId"] for p in shown["payments"]] == [row[0] for row in kept]

    async def _check_trail(self, recorded: int) -> None:
        sql = "SELECT action FROM audit_entry WHERE venue_id = $1 AND subject_id = $2"
        rows = await fetch(self.venue, sql, self.order_id)
        actions = Counter(row["action"] for row in rows)
        assert actions["payment.recorded"] == recorded
        refused = "SELECT id FROM payment_intent WHERE venue_id = $1 AND refused_order_id = $2"
        assert actions["payment.refused"] == len(await fetch(self.venue, refused, self.order_id))


def _key(body: Json) -> tuple[str, int, int]:
    tips = body.get("tipsAmount", {"value": 0})
    return body["paymentIntentId"], body["paidAmount"]["value"], tips["value"]


@pytest.fixture
async def till(venue: Venue) -> Till:
    return await open_till(venue, 10_000)


async def open_till(venue: Venue, total: int) -> Till:
    created = await venue.ok("POST", "/v1/orders", order(total))
    return Till(venue, created["id"], total)


async def test_terminals_that_know_nothing_of_one_another(till: Till) -> None:
    """Same intents and different ones, true repeats and wrong ones, with and without locks; their sum
    is many times the bill.
    """
    await till.lock("ours")
    chance = random.Random(20_261_124)
    sent: list[Json] = []
    for _ in range(MANY):
        body = payment(chance.randint(100, 900), chance.randint(0, 50))
        repeats = [body] * chance.randint(1, 3)
        if chance.random() < 0.2:
            repeats.append(payment(chance.randint(901, 999), intent=body["paymentIntentId"]))
        lock = chance.choice([{}, {"lockId": "ours"}, {"lockId": "ours"}, {"lockId": "theirs"}])
        sent += [one | lock for one in repeats]
    chance.shuffle(sent)
    statuses = await till.pay_all(sent)
    assert min(statuses[200], statuses[409]) >= 10, "some fit and some did not"
    await till.check()
    await till.pay_all(sent)
    ledger = await till.check()
    left = till.total - sum(row["paid_amount"] for row in ledger)
    assert left < 1_000
    await till.pay_all([payment(left)] if left else [])
    await till.check()


async def test_the_same_payment_at_the_same_time_is_one_payment(till: Till) -> None:
    assert await till.pay_all([payment(9_999, 100)] * MANY) == {200: MANY}
    assert len(await till.check()) == 1


async def test_what_sums_to_the_bill_fits(till: Till) -> None:
    bodies = [payment(till.total // MANY, 5) for _ in range(MANY)]
    assert await till.pay_all(bodies) == {200: MANY}
    assert [row["position"] for row in await till.check()] == list(range(MANY))


async def test_of_those_who_would_pay_it_all_one_does(till: Till) -> None:
    """And all with the lock that is live: a lock is no leave to pay twice."""
    await till.lock("ours")
    bodies = [payment(till.total) | {"lockId": "ours"} for _ in range(MANY)]
    assert await till.pay_all(bodies) == {200: 1, 409: MANY - 1}
    await till.check()


async def test_a_tab_is_finished_once(venue: Venue) -> None:
    tab = Till(venue, await make_tab(venue, 5_000), 5_000)
    assert await tab.pay_all([payment(100) for _ in range(MANY)]) == {200: 50, 409: 50}
    await tab.check()
    assert (await venue.ok("GET", tab.path))["status"] == "Finalized"


async def test_one_intent_with_many_amounts_is_one_of_them(till: Till) -> None:
    intent = unique("pi")
    statuses = await till.pay_all([payment(100 + n, intent=intent) for n in range(MANY)])
    assert statuses == {200: 1, 409: MANY - 1}
    await till.check()


async def test_one_intent_for_many_orders_pays_one(venue: Venue) -> None:
    tills = [await open_till(venue, 1_000) for _ in range(10)]
    body = payment(700)
    every = await asyncio.gather(*(till.pay_all([body] * 10) for till in tills))
    assert sum(every, Counter()) == {200: 10, 409: 90}
    assert sorted([len(await till.check()) for till in tills]) == [0] * 9 + [1]


async def test_one_intent_recorded_and_prepaid_counts_once(venue: Venue) -> None:
    """CreateOrder with a payment against RecordOrderPayment of the same."""
    till, bodies = await open_till(venue, 25_000), [payment(500) for _ in range(50)]
    prepaid: list[int] = []

    async def prepay(body: Json) -> None:
        answer = await venue.call("POST", "/v1/orders", order(1_000, [body]))
        assert answer.status_code in (200, 409), answer.text
        prepaid.append(answer.status_code)

    ways = [(till.pay, prepay) if n % 2 else (prepay, till.pay) for n in range(len(bodies))]
    await asyncio.gather(
        *(way(body) for pair, body in zip(ways, bodies, strict=True) for way in pair)
    )
    recorded = await till.check()
    assert len(recorded) + prepaid.count(200) == len(bodies)
    ledger = await fetch(venue, "SELECT payment_intent_id FROM payment WHERE venue_id = $1")
    assert len(ledger) == len(bodies)


async def test_payments_while_the_lock_changes_hands(till: Till) -> None:
    async def change_hands() -> None:
        for _ in range(15):
            lock_id = unique("lock")
            await till.lock(lock_id)
            await till.venue.ok("DELETE", f"{till.path}/locks/{lock_id}")

    mine = [payment(50) | {"lockId": "mine"} for _ in range(MANY // 2)]
    nobodys = [payment(60) for _ in range(MANY // 2)]
    await asyncio.gather(change_hands(), till.pay_all([*mine, *nobodys]))
    await till.check()
    assert all(till.answers[_key(body)] == [200] for body in nobodys), (
        "no lock asked, none in the way"
    )


async def test_payments_while_the_order_is_cancelled(till: Till) -> None:
    """Each comes before or after: those before stay until Dojo's events end them."""
    bodies = [payment(50, 5) for _ in range(MANY)]
    pays = [till.pay(body) for body in bodies]
    cancels = [till.venue.ok("DELETE", till.path) for _ in range(3)]
    await asyncio.gather(*pays[:50], *cancels, *pays[50:])
    await till.check()
    assert (await till.venue.ok("GET", till.path))["status"] == "Canceled"
    assert await till.pay_all([payment(1)]) == {409: 1}
    await till.check()
