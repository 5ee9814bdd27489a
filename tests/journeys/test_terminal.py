"""A waiter with a card terminal at the table."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.orders import event, payment, unique
from tests.support.recording import open_at_table
from tests.support.rows import fetch
from tests.support.venues import Venue

pytestmark = pytest.mark.slow


def soon(seconds: int = 60) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


async def pay(venue: Venue, order_id: str, paid: int, tips: int = 0, **more: Any) -> Any:
    body = payment(paid, tips) | more
    return await venue.ok("POST", f"/v1/orders/{order_id}/record-payment", body)


async def test_a_guest_pays_in_full(venue: Venue) -> None:
    order_id = await open_at_table(venue, 4_550)
    listed = await venue.ok(
        "POST", "/v1/orders/search", {"payableOnly": True, "dineIn": {"tableId": "t1"}}
    )
    assert [found["id"] for found in listed["data"]] == [order_id]

    lock_id = unique("lock")
    lock = {"lockId": lock_id, "expiry": soon()}
    locked = await venue.ok("POST", f"/v1/orders/{order_id}/lock", lock)
    assert locked["payable"] is True

    paid = await pay(venue, order_id, 4_550, tips=500, lockId=lock_id)
    assert paid["paidAmount"]["value"] == 4_550
    assert paid["tipsAmount"]["value"] == 500
    assert paid["payable"] is False

    unlocked = await venue.ok("DELETE", f"/v1/orders/{order_id}/locks/{lock_id}")
    assert unlocked["payments"] == paid["payments"]
    listed = await venue.ok("POST", "/v1/orders/search", {"payableOnly": True})
    assert listed["data"] == []


async def test_a_payment_that_is_reversed_is_owed_again_and_paid_again(venue: Venue) -> None:
    order_id = await open_at_table(venue, 3_000)
    first = payment(3_000, 300)
    await venue.ok("POST", f"/v1/orders/{order_id}/record-payment", first)
    await venue.ok("POST", "/v1/events", event(first["paymentIntentId"], "Captured"))

    await venue.ok("POST", "/v1/events", event(first["paymentIntentId"], "Reversed"))
    owed = await venue.ok("GET", f"/v1/orders/{order_id}")
    assert owed["payments"] == []
    assert owed["paidAmount"]["value"] == owed["tipsAmount"]["value"] == 0
    assert owed["payable"] is True

    again = await pay(venue, order_id, 3_000)
    assert again["payable"] is False
    replay = await venue.ok("POST", f"/v1/orders/{order_id}/record-payment", first)
    assert replay["paidAmount"]["value"] == 3_000, "the replay changed nothing"


# --- a table of five, two waiters, two terminals --------------------------------------------------

SHARES = [(2_001, 200), (2_001, 0), (2_001, 350), (2_000, 1_000), (2_000, 1)]
"""What each guest pays and tips, of a bill for 100.03."""
TOTAL = 10_003
LOCK_USES = [
    pytest.param([], id="no locks"),
    pytest.param(["create", "delete"], id="locks created and deleted"),
    pytest.param(["create", "extend", "delete"], id="locks extended too"),
]
_PATIENCE_SECONDS = 60


@dataclass
class Terminal:
    """A card terminal that uses those operations on locks that the venue has registered."""

    venue: Venue
    waiter_id: str
    uses: Sequence[str] = ()
    approved: list[Any] = field(default_factory=list)

    async def charge(self, order_id: str, paid: int, tips: int) -> None:
        lock_id = await self._lock(order_id)
        path, body = f"/v1/orders/{order_id}", payment(paid, tips)
        if "extend" in self.uses:
            later = {"expiry": soon(120)}
            await self._ok("PUT", f"{path}/locks/{lock_id}", later)
        named = {"lockId": lock_id} if lock_id else {}
        answer = await self._ok("POST", f"{path}/record-payment", body | named)
        assert body["paymentIntentId"] in intents_of(answer)
        self.approved.append(body)
        if "delete" in self.uses:
            await self._ok("DELETE", f"{path}/locks/{lock_id}")

    async def _lock(self, order_id: str) -> str | None:
        """As a waiter does: while the other one has the table, ask again."""
        if "create" not in self.uses:
            return None
        lock = {"lockId": unique("lock"), "expiry": soon()}
        path = f"/v1/orders/{order_id}/lock"
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                answer = await self.venue.call("POST", path, lock, waiter_id=self.waiter_id)
                if answer.status_code == 200:
                    return lock["lockId"]
                assert answer.json()["errorType"] == "Conflict"

    async def _ok(self, method: str, path: str, body: Any = None) -> Any:
        return await self.venue.ok(method, path, body, waiter_id=self.waiter_id)

    async def work_off(self, order_id: str, shares: list[tuple[int, int]]) -> None:
        """Take whatever guest is next, until none is left."""
        while shares:
            await self.charge(order_id, *shares.pop(0))


def intents_of(order: Any) -> set[str]:
    return {paid["paymentIntentId"] for paid in order["payments"]}


async def check_paid(venue: Venue, order_id: str, tips: int, terminals: list[Terminal]) -> None:
    """The bill is paid to the penny, by what the terminals have approved and nothing else."""
    paid = await venue.ok("GET", f"/v1/orders/{order_id}")
    approved = [body for terminal in terminals for body in terminal.approved]
    assert paid["paidAmount"] == paid["totalAmount"]
    assert paid["tipsAmount"]["value"] == tips
    assert paid["payable"] is False
    assert len(paid["payments"]) == len(approved)
    assert intents_of(paid) == {body["paymentIntentId"] for body in approved}
    unreleased = "SELECT lock_id FROM order_lock WHERE venue_id = $1 AND released_at IS NULL"
    assert await fetch(venue, unreleased) == []


@pytest.mark.parametrize("uses", LOCK_USES)
async def test_five_split_the_bill_on_two_terminals(venue: Venue, uses: list[str]) -> None:
    order_id, guests = await open_at_table(venue, TOTAL), list(SHARES)
    terminals = [Terminal(venue, waiter_id, uses) for waiter_id in ("anna", "ben")]
    async with asyncio.TaskGroup() as both:
        for terminal in terminals:
            both.create_task(terminal.work_off(order_id, guests))
    await check_paid(venue, order_id, 1_551, terminals)


@pytest.mark.parametrize("uses", LOCK_USES)
async def test_one_waiter_splits_it_unevenly(venue: Venue, uses: list[str]) -> None:
    order_id, terminal = await open_at_table(venue, TOTAL), Terminal(venue, "anna", uses)
    left = TOTAL
    for paid, tips in ((1, 0), (6_999, 700), (3_002, 0)):
        await terminal.charge(order_id, paid, tips)
        left -= paid
        bill = await venue.ok("GET", f"/v1/orders/{order_id}")
        assert bill["paidAmount"]["value"] == TOTAL - left
        assert bill["payable"] is True
    assert left == 1
    await terminal.charge(order_id, 1, 0)
    await check_paid(venue, order_id, 700, [terminal])


async def test_two_terminals_meet_over_the_final_penny(venue: Venue) -> None:
    order_id = await open_at_table(venue, TOTAL)
    await pay(venue, order_id, TOTAL - 1)
    path, pennies = f"/v1/orders/{order_id}/record-payment", [payment(1, 100), payment(1, 100)]
    answers = await asyncio.gather(*(venue.call("POST", path, penny) for penny in pennies))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 1}
    for penny, answer in zip(pennies, answers, strict=True):
        again = await venue.call("POST", path, penny)
        assert again.status_code == answer.status_code, "both answers are for ever"
    paid = await venue.ok("GET", f"/v1/orders/{order_id}")
    assert (paid["paidAmount"]["value"], paid["tipsAmount"]["value"]) == (TOTAL, 100)


async def test_a_guest_pays_on_the_other_terminal_with_the_lock_of_the_first(venue: Venue) -> None:
    """A payment that names no lock, or the live one, is taken; one that names another is not."""
    order_id, lock_id = await open_at_table(venue, 3_000), unique("lock")
    lock = {"lockId": lock_id, "expiry": soon()}
    await venue.ok("POST", f"/v1/orders/{order_id}/lock", lock)
    path = f"/v1/orders/{order_id}/record-payment"
    await venue.refused(409, "POST", path, payment(1_000) | {"lockId": unique("lock")})
    await pay(venue, order_id, 1_000, lockId=lock_id)
    await pay(venue, order_id, 1_000)
    await venue.ok("DELETE", f"/v1/orders/{order_id}/locks/{lock_id}")
    assert (await pay(venue, order_id, 1_000, lockId=lock_id))["payable"] is False
