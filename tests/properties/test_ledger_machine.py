"""Anything, in any order, as often as it likes: the server and a simple model stay of one mind.

`LEDGER_EXAMPLES` makes the search longer than CI has time for.
"""

import asyncio
import os
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from epos.store.database import Database
from tests.properties.ledger_model import Model, Payment
from tests.support.orders import event, order, payment, unique
from tests.support.server import CERTIFICATES, RunningServer
from tests.support.venues import SECRET, make_venue

_START = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
_TABLES = ("t1", "t2")
_EXAMPLES = int(os.environ.get("LEDGER_EXAMPLES", "80"))
_STEPS = 60
ENDS = ["Reversed", "Refunded", "Canceled"]

amounts = st.sampled_from([0, 1, 250, 500, 999, 1_000])
some = st.integers(min_value=0, max_value=30)
offsets = st.sampled_from([-45, -20, 0, 10, 60, 300])
statuses = st.sampled_from(["Created", "Authorized", "Captured", *ENDS])


class Floor(RuleBasedStateMachine):
    """One evening in one venue; the venue's clock stands still until it is moved."""

    server: ClassVar[RunningServer]
    database: ClassVar[Database]
    loop: ClassVar[asyncio.AbstractEventLoop]

    def wait_for(self, work: Awaitable[Any]) -> Any:
        async def run() -> Any:
            return await work

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(60)

    @initialize()
    def open_the_doors(self) -> None:
        self.made = make_venue(self.database, self.server)
        self.venue = self.wait_for(self.made.__aenter__())
        self.client = httpx.Client(
            base_url=self.server.base_url,
            auth=(f"{self.venue.id}.dojo", SECRET),
            timeout=30,
            verify=CERTIFICATES,
        )
        self.model = Model(now=_START)
        self.set_clock()
        self.touched: str | None = None

    def teardown(self) -> None:
        if hasattr(self, "client"):
            self.client.close()
            self.wait_for(self.made.__aexit__(None, None, None))

    def set_clock(self) -> None:
        self.sql("UPDATE venue SET clock_frozen_at = $2 WHERE id = $1", self.model.now)

    def sql(self, statement: str, *values: Any) -> None:
        async def execute() -> None:
            async with self.database.connection() as connection:
                await connection.execute(statement, self.venue.id, *values)

        self.wait_for(execute())

    def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        response = self.client.request(method, path, json=body)
        assert response.status_code < 500, response.text
        return response

    def expect(self, status: int, method: str, path: str, body: Any = None) -> None:
        response = self.send(method, path, body)
        assert response.status_code == status, (response.text, status)

    def pick_order(self, number: int) -> str:
        ids = list(self.model.orders)
        self.touched = ids[number % len(ids)]
        return self.touched

    def pick_intent(self, number: int) -> str:
        known = list(self.model.intents)
        return known[number % len(known)] if known and number % 3 else unique("pi")

    def has_orders(self) -> bool:
        return bool(self.model.orders)

    # --- what can happen

    @rule(total=amounts, table=st.sampled_from([None, *_TABLES]), prepaid=amounts, number=some)
    def order_comes(self, total: int, table: str | None, prepaid: int, number: int) -> None:
        prepaid = min(prepaid, total)
        paid = Payment(self.pick_intent(number), prepaid, 0) if prepaid else None
        payments = [payment(paid.paid, 0, paid.intent)] if paid else []
        dine_in = {"tableId": table} if table else None
        body = order(total, payments, dine_in=dine_in)
        expected = self.model.may_create(paid.intent if paid else None)
        response = self.send("POST", "/v1/orders", body)
        assert response.status_code == expected, response.text
        if expected == 200:
            self.touched = response.json()["id"]
            self.model.create(self.touched, total, table, paid)
            assert self.send("POST", "/v1/orders", body).json()["id"] == self.touched

    @precondition(has_orders)
    @rule(
        number=some, paid=amounts, tips=amounts, intent=some, lock=st.sampled_from([None, "a", "b"])
    )
    def terminal_records(
        self, number: int, paid: int, tips: int, intent: int, lock: str | None
    ) -> None:
        order_id = self.pick_order(number)
        attempt = Payment(self.pick_intent(intent), paid, tips)
        expected = self.model.record(order_id, attempt, lock)
        body = payment(paid, tips, attempt.intent) | ({"lockId": lock} if lock else {})
        self.expect(expected, "POST", f"/v1/orders/{order_id}/record-payment", body)

    @precondition(has_orders)
    @rule(number=some, off_by=st.sampled_from([-250, -1, 0, 0, 1]), tips=amounts)
    def guest_pays_what_is_left(self, number: int, off_by: int, tips: int) -> None:
        order_id = self.pick_order(number)
        attempt = Payment(unique("pi"), max(self.model.orders[order_id].balance + off_by, 0), tips)
        expected = self.model.record(order_id, attempt, None)
        body = payment(attempt.paid, tips, attempt.intent)
        self.expect(expected, "POST", f"/v1/orders/{order_id}/record-payment", body)

    @precondition(lambda self: any(i.payment for i in self.model.intents.values()))
    @rule(number=some)
    def terminal_repeats(self, number: int) -> None:
        recorded = [intent for intent in self.model.intents.values() if intent.payment]
        intent = recorded[number % len(recorded)]
        assert intent.payment is not None
        self.touched = intent.order
        body = payment(intent.payment.paid, intent.payment.tips, intent.payment.intent)
        self.expect(200, "POST", f"/v1/orders/{intent.order}/record-payment", body)

    @rule(number=some, status=statuses, twice=st.booleans())
    def dojo_tells(self, number: int, status: str, twice: bool) -> None:
        self.tell(self.pick_intent(number), status, times=1 + twice)

    @precondition(lambda self: self.model.counting())
    @rule(
        number=some,
        status=st.sampled_from(ENDS),
        after=st.sampled_from([None, "finished", "cancelled"]),
    )
    def a_payment_ends(self, number: int, status: str, after: str | None) -> None:
        counting = self.model.counting()
        order_id, intent_id = counting[number % len(counting)]
        if after == "finished":
            self.finish(order_id)
        elif after == "cancelled":
            self.expect(self.model.cancel(order_id), "DELETE", f"/v1/orders/{order_id}")
        self.tell(intent_id, status)

    def tell(self, intent_id: str, status: str, times: int = 1) -> None:
        self.model.hear(intent_id, status)
        self.touched = self.model.intents[intent_id].order or self.touched
        heard = event(intent_id, status)
        for _ in range(times):
            self.expect(200, "POST", "/v1/events", heard)

    @precondition(has_orders)
    @rule(number=some)
    def dojo_cancels(self, number: int) -> None:
        order_id = self.pick_order(number)
        self.expect(self.model.cancel(order_id), "DELETE", f"/v1/orders/{order_id}")

    @precondition(has_orders)
    @rule(number=some)
    def staff_finish(self, number: int) -> None:
        self.finish(self.pick_order(number))

    def finish(self, order_id: str) -> None:
        if self.model.orders[order_id].is_open:
            self.model.orders[order_id].status = "Finalized"
            done = "UPDATE customer_order SET status = 'Finalized' WHERE venue_id = $1 AND id = $2"
            self.sql(done, order_id)

    @precondition(has_orders)
    @rule(number=some, lock=st.sampled_from(["a", "b"]), seconds=offsets)
    def terminal_locks(self, number: int, lock: str, seconds: int) -> None:
        order_id, expiry = self.pick_order(number), self.model.now + timedelta(seconds=seconds)
        body = {"lockId": lock, "expiry": expiry.isoformat()}
        expected = self.model.lock(order_id, lock, expiry)
        self.expect(expected, "POST", f"/v1/orders/{order_id}/lock", body)

    @precondition(has_orders)
    @rule(number=some, lock=st.sampled_from(["a", "b"]), seconds=offsets)
    def terminal_extends(self, number: int, lock: str, seconds: int) -> None:
        order_id, expiry = self.pick_order(number), self.model.now + timedelta(seconds=seconds)
        expected = self.model.extend(order_id, lock, expiry)
        path = f"/v1/orders/{order_id}/locks/{lock}"
        self.expect(expected, "PUT", path, {"expiry": expiry.isoformat()})

    @precondition(has_orders)
    @rule(number=some, lock=st.sampled_from(["a", "b"]))
    def terminal_unlocks(self, number: int, lock: str) -> None:
        order_id = self.pick_order(number)
        expected = self.model.release(order_id, lock)
        self.expect(expected, "DELETE", f"/v1/orders/{order_id}/locks/{lock}")

    @rule(table=st.sampled_from(_TABLES))
    def guests_sit_down(self, table: str) -> None:
        response = self.send("POST", "/v1/parties", self.party(table))
        assert response.status_code == self.model.seat(table), response.text
        if response.status_code == 200:
            self.model.sit(table, response.json()["id"])

    @precondition(lambda self: self.model.seated)
    @rule(number=some, deleted=st.booleans())
    def guests_leave(self, number: int, deleted: bool) -> None:
        tables = sorted(self.model.seated)
        table = tables[number % len(tables)]
        path = f"/v1/parties/{self.model.seated[table]}"
        if deleted:
            self.expect(200, "DELETE", path)
        else:
            ended = {"endTime": self.model.now.isoformat(), "status": "Left"}
            self.expect(200, "PUT", path, self.party(table) | ended)
        self.model.leave(table, deleted=deleted)

    def party(self, table: str) -> dict[str, Any]:
        return {
            "dojoPartyId": unique("dojo-party"),
            "tableIds": [table],
            "startTime": _START.isoformat(),
        }

    @rule(seconds=st.sampled_from([1, 15, 40, 400]))
    def time_passes(self, seconds: int) -> None:
        self.model.now += timedelta(seconds=seconds)
        self.set_clock()

    # --- what must be so, always

    @precondition(has_orders)
    @rule()
    def the_manager_looks_at_everything(self) -> None:
        for order_id in self.model.orders:
            self.check(order_id)

    @invariant()
    def the_order_is_as_the_model_says(self) -> None:
        if getattr(self, "touched", None) is not None:
            self.check(self.touched or "")

    def check(self, order_id: str) -> None:
        expected = self.model.orders[order_id]
        shown = self.send("GET", f"/v1/orders/{order_id}").json()
        paid = [(p["paymentIntentId"], p["paidAmount"]["value"]) for p in shown["payments"]]
        assert paid == [(payment.intent, payment.paid) for payment in expected.effective]
        assert shown["paidAmount"]["value"] == expected.total - expected.balance
        assert shown["tipsAmount"]["value"] == sum(p.tips for p in expected.effective)
        assert shown["status"] == expected.status
        assert shown["payable"] == (expected.is_open and expected.balance > 0)
        assert shown["details"].get("dineIn", {}).get("partyId") == expected.party


@pytest.mark.slow
@pytest.mark.timeout(1_800)
async def test_the_books_agree_with_a_simple_model(
    server: RunningServer, database: Database
) -> None:
    Floor.server, Floor.database, Floor.loop = server, database, asyncio.get_running_loop()
    profile = settings(
        max_examples=_EXAMPLES,
        stateful_step_count=_STEPS,
        derandomize=_EXAMPLES == 80,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, Floor, settings=profile)
