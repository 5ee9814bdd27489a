"""Tabs that are held, moved, merged and split while a terminal, a host or another till is at them.

The first of two who meet has written and not yet committed when the second comes.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Coroutine
from typing import Any

import asyncpg
import pytest

from epos.contract.codec import validate
from epos.contract.orders import CreateOrderLockRequest, Order
from epos.contract.parties import CreatePartyRequest, Party, UpdatePartyRequest
from epos.contract.payments import PaymentWithLockId
from epos.domain.errors import Conflict, StaleVersion
from epos.domain.order_status import OrderStatus
from epos.domain.requester import Requester
from epos.services.till.unit_of_work import Write
from epos.till_contract.tab_requests import AddItems, Merge, Split, Transfer
from epos.till_contract.tabs import Merged, Parted, Tab
from tests.support.clock import long_ahead
from tests.support.floor import party, seated
from tests.support.journal import total_sold
from tests.support.meeting import until_waiting
from tests.support.orders import payment
from tests.support.rows import fetch
from tests.support.services import WiredServices
from tests.support.tabs import TillTab, open_tab
from tests.support.venues import Venue

Json = dict[str, Any]
FOREVER = long_ahead()
Doing = Coroutine[Any, Any, Any]


class Hands:
    """What staff, terminals and the host do in one venue, as coroutines that have not begun."""

    def __init__(self, services: WiredServices, venue: Venue) -> None:
        self.database, self.meet, self.venue = services.database, services.meet, venue
        self.till = Requester(venue.id, "till", "trace-of-a-test")
        self.dojo = Requester(venue.id, "dojo", "trace-of-a-test")
        self._services, self.status = services, services.till.tab_status

    def write(self, tab: TillTab) -> Write:
        return Write(tab.id, tab.shown["version"], self.till)

    def hold(self, tab: TillTab, device: str = "till 1") -> Doing:
        who = Requester(self.venue.id, "till", "trace-of-a-test", device_id=device)
        return self.status.hold(tab.id, 60, who)

    def lock(self, tab: TillTab, lock_id: str = "terminal") -> Doing:
        body = CreateOrderLockRequest.model_construct(lockId=lock_id, expiry=FOREVER)
        return self._services.dojo.locks.create(tab.id, body, self.dojo)

    def pay(self, tab: TillTab, paid: int) -> Doing:
        return self.record(tab, payment(paid))

    def record(self, tab: TillTab, sent: Json) -> Doing:
        return self._services.dojo.payments.record(
            tab.id, validate(PaymentWithLockId, sent), self.dojo
        )

    def add(self, tab: TillTab, plu: str) -> Doing:
        return self._services.till.tab_edits.add_items(
            validate(AddItems, {"version": 1, "items": [{"plu": plu}]}), self.write(tab)
        )

    def merge(self, tab: TillTab, other: TillTab) -> Doing:
        body = {"otherTabId": other.id, "otherVersion": other.shown["version"]}
        return self._services.till.tab_moves.merge(
            validate(Merge, {"version": 1, **body}), self.write(tab)
        )

    def split(self, tab: TillTab, plu: str) -> Doing:
        (line_id,) = [line["id"] for line in tab.shown["lines"] if line["plu"] == plu]
        body = {"version": 1, "lines": [{"lineId": line_id, "quantity": 1}]}
        return self._services.till.tab_moves.split(validate(Split, body), self.write(tab))

    def transfer(self, tab: TillTab, table_id: str) -> Doing:
        body = {"version": 1, "tableId": table_id}
        return self._services.till.tab_moves.transfer(validate(Transfer, body), self.write(tab))

    def seat(self, body: Json) -> Doing:
        return self._services.dojo.parties.create(validate(CreatePartyRequest, body), self.dojo)

    def move(self, guests: Party, body: Json, *tables: str) -> Doing:
        request = validate(UpdatePartyRequest, seated(body, *tables))
        return self._services.dojo.parties.update(guests.id, request, self.dojo)


@pytest.fixture
def hands(services: WiredServices, bistro: Venue) -> Hands:
    return Hands(services, bistro)


@pytest.fixture
async def tab(bistro: Venue) -> TillTab:
    """A burger and chips at table 1: 1700."""
    return await open_tab(bistro, "burger", "chips")


@pytest.fixture
async def other(bistro: Venue) -> TillTab:
    """A wine at table 2: 795."""
    return await open_tab(bistro, "wine", tableId="t2")


async def check_books(venue: Venue) -> None:
    """The ledger, the orders and the journal say the same, and nothing is paid twice or for nothing."""
    rows = await fetch(
        venue,
        """SELECT o.id, o.status, o.total_amount, o.paid_amount,
                  (SELECT coalesce(sum(paid_amount), 0) FROM payment AS p
                   WHERE p.venue_id = $1 AND p.order_id = o.id AND p.status = 'recorded') AS ledger
           FROM customer_order AS o WHERE venue_id = $1""",
    )
    for row in rows:
        assert row["paid_amount"] == row["ledger"] <= row["total_amount"], row
        assert row["status"] != "Canceled" or row["ledger"] == 0, row
    live = [row["total_amount"] for row in rows if row["status"] != "Canceled"]
    assert await total_sold(venue) == sum(live)


class TestHolding:
    """The database itself keeps two locks from an order, should the order's row ever not be locked."""

    async def test_a_terminal_comes_while_a_till_begins_to_edit(
        self, hands: Hands, tab: TillTab
    ) -> None:
        held, locked = await hands.meet(hands.hold(tab), hands.lock(tab))
        assert isinstance(held, Tab)
        assert isinstance(locked, Conflict)
        assert "till 1" in locked.message

    async def test_a_till_begins_to_edit_while_a_terminal_comes(
        self, hands: Hands, tab: TillTab
    ) -> None:
        locked, held = await hands.meet(hands.lock(tab), hands.hold(tab))
        assert isinstance(locked, Order)
        assert isinstance(held, Conflict)
        assert (await tab.read())["payable"] is True

    async def test_of_two_tills_one_holds_it(self, hands: Hands, tab: TillTab) -> None:
        first, second = await hands.meet(hands.hold(tab), hands.hold(tab, "till 2"))
        assert isinstance(first, Tab)
        assert isinstance(second, Conflict)

    async def test_a_payment_comes_while_a_till_begins_to_edit(
        self, hands: Hands, tab: TillTab
    ) -> None:
        _, paid = await hands.meet(hands.hold(tab), hands.pay(tab, 1_700))
        assert isinstance(paid, Order)
        assert (await tab.read())["status"] == "Finalized"


class TestATerminal:
    async def test_is_locking_when_something_is_to_be_added(
        self, hands: Hands, tab: TillTab
    ) -> None:
        locked, added = await hands.meet(hands.lock(tab), hands.add(tab, "milk"))
        assert isinstance(added, Conflict)
        assert locked.totalAmount["value"] == (await tab.read())["total"] == 1_700

    async def test_pays_while_the_tab_is_cancelled(self, hands: Hands, tab: TillTab) -> None:
        cancel = hands.status.cancel("Wrong table", hands.write(tab))
        canceled, paid = await hands.meet(cancel, hands.pay(tab, 100))
        assert (canceled.status, type(paid)) == ("Canceled", Conflict)
        await check_books(hands.venue)

    async def test_has_paid_when_the_tab_is_cancelled(self, hands: Hands, tab: TillTab) -> None:
        cancel = hands.status.cancel("Wrong table", hands.write(tab))
        paid, canceled = await hands.meet(hands.pay(tab, 100), cancel)
        assert isinstance(paid, Order)
        assert isinstance(canceled, Conflict)
        await check_books(hands.venue)


class TestMerging:
    async def test_while_the_one_that_would_be_emptied_is_paid(
        self, hands: Hands, tab: TillTab, other: TillTab
    ) -> None:
        """The payment was first: the till is told, looks again, and that tab stays."""
        paid, merged = await hands.meet(hands.pay(other, 100), hands.merge(tab, other))
        assert isinstance(paid, Order)
        assert isinstance(merged, Conflict)
        await other.refresh()
        merged = await hands.merge(tab, other)
        assert (merged.tab.id, merged.tab.paid, merged.tab.total) == (other.id, 100, 2_495)
        await check_books(hands.venue)

    async def test_and_then_the_emptied_one_is_paid(
        self, hands: Hands, tab: TillTab, other: TillTab
    ) -> None:
        """Nobody takes money for what is not there: Dojo gives it back."""
        merged, paid = await hands.meet(hands.merge(tab, other), hands.pay(other, 100))
        assert isinstance(merged, Merged)
        assert isinstance(paid, Conflict)
        refused = "SELECT refused_order_id FROM payment_intent WHERE venue_id = $1"
        assert await fetch(hands.venue, refused) == [{"refused_order_id": other.id}]
        await check_books(hands.venue)

    async def test_while_the_one_that_stays_is_paid(
        self, hands: Hands, tab: TillTab, other: TillTab
    ) -> None:
        paid, merged = await hands.meet(hands.pay(tab, 1_700), hands.merge(tab, other))
        assert isinstance(paid, Order)
        assert isinstance(merged, Conflict)
        assert (await tab.read())["status"] == "Finalized"
        await check_books(hands.venue)

    async def test_and_then_the_one_that_stays_is_paid(
        self, hands: Hands, tab: TillTab, other: TillTab
    ) -> None:
        _, paid = await hands.meet(hands.merge(tab, other), hands.pay(tab, 1_700))
        assert isinstance(paid, Order)
        now = await tab.read()
        assert (now["total"], now["paid"], now["status"]) == (2_495, 1_700, "New")
        await check_books(hands.venue)

    async def test_while_something_is_added_to_the_other(
        self, hands: Hands, tab: TillTab, other: TillTab
    ) -> None:
        added, merged = await hands.meet(hands.add(other, "milk"), hands.merge(tab, other))
        assert isinstance(added, Tab)
        assert isinstance(merged, Conflict)
        await check_books(hands.venue)

    async def test_and_then_something_is_added_to_the_emptied_one(
        self, hands: Hands, tab: TillTab, other: TillTab
    ) -> None:
        _, added = await hands.meet(hands.merge(tab, other), hands.add(other, "milk"))
        assert isinstance(added, Conflict)
        assert (await other.read())["lines"] == []

    async def test_into_one_another(self, hands: Hands, tab: TillTab, other: TillTab) -> None:
        """Both wait for the same row first. Whoever took the other one first would wait for ever."""
        async with hands.database.connection() as watcher, watcher.transaction():
            await watcher.execute(
                "SELECT 1 FROM customer_order WHERE venue_id = $1 AND id = $2 FOR UPDATE",
                hands.venue.id,
                min(tab.id, other.id),
            )
            both = [
                asyncio.ensure_future(hands.merge(*pair)) for pair in ((other, tab), (tab, other))
            ]
            await until_waiting(watcher, 2)
        results = await asyncio.gather(*both, return_exceptions=True)
        assert hands.database.ends[asyncpg.DeadlockDetectedError] == 0
        assert Counter(map(type, results)) == {Merged: 1, StaleVersion: 1}
        await check_books(hands.venue)


class TestSplitting:
    async def test_while_all_of_it_is_paid(self, hands: Hands, tab: TillTab) -> None:
        paid, parted = await hands.meet(hands.pay(tab, 1_700), hands.split(tab, "chips"))
        assert isinstance(paid, Order)
        assert isinstance(parted, Conflict)
        await check_books(hands.venue)

    async def test_and_then_all_that_it_was_is_paid(self, hands: Hands, tab: TillTab) -> None:
        """The bill in the terminal is an old one: more than is owed is refused."""
        parted, paid = await hands.meet(hands.split(tab, "chips"), hands.pay(tab, 1_700))
        assert isinstance(parted, Parted)
        assert isinstance(paid, Conflict)
        await hands.pay(tab, 1_250)
        assert (await tab.read())["status"] == "Finalized"
        await check_books(hands.venue)

    async def test_by_two_tills_makes_one_new_tab(self, hands: Hands, tab: TillTab) -> None:
        first, second = await hands.meet(hands.split(tab, "chips"), hands.split(tab, "chips"))
        assert isinstance(first, Parted)
        assert isinstance(second, Conflict)
        assert len(await fetch(hands.venue, "SELECT 1 FROM tab WHERE venue_id = $1")) == 2

    async def test_while_its_guests_change_tables(self, hands: Hands, tab: TillTab) -> None:
        """Whoever was split off goes with them."""
        body = party("t1")
        guests = await hands.seat(body)
        await tab.refresh()
        parted, _ = await hands.meet(hands.split(tab, "chips"), hands.move(guests, body, "t3"))
        taken = await hands.venue.till.ok("GET", f"/till/v1/tabs/{parted.taken.id}")
        assert (taken["tableId"], taken["partyId"]) == ("t3", guests.id)

    async def test_while_its_guests_have_changed_tables(self, hands: Hands, tab: TillTab) -> None:
        body = party("t1")
        guests = await hands.seat(body)
        await tab.refresh()
        _, parted = await hands.meet(hands.move(guests, body, "t3"), hands.split(tab, "chips"))
        assert isinstance(parted, Conflict)


class TestTransferring:
    async def test_to_a_table_where_guests_sit_down(self, hands: Hands, tab: TillTab) -> None:
        guests, _ = await hands.meet(hands.seat(party("t2")), hands.transfer(tab, "t2"))
        assert (await tab.read())["partyId"] == guests.id

    async def test_and_then_guests_sit_down(self, hands: Hands, tab: TillTab) -> None:
        _, guests = await hands.meet(hands.transfer(tab, "t2"), hands.seat(party("t2")))
        assert (await tab.read())["partyId"] == guests.id

    async def test_to_a_table_that_its_guests_leave(self, hands: Hands, tab: TillTab) -> None:
        body = party("t1", "t2")
        guests = await hands.seat(body)
        await tab.refresh()
        _, moved = await hands.meet(hands.move(guests, body, "t1"), hands.transfer(tab, "t2"))
        assert isinstance(moved, Tab)
        assert (moved.tableId, moved.partyId) == ("t2", None)


class TestStatuses:
    async def test_one_accepts_what_another_rejects(self, hands: Hands, tab: TillTab) -> None:
        await tab.do("status", status="Submitted")
        reject = hands.status.reject("Too late", hands.write(tab))
        accepted, rejected = await hands.meet(hands.status.accept(hands.write(tab)), reject)
        assert (accepted.status, type(rejected)) == ("Accepted", StaleVersion)

    async def test_the_kitchen_moves_it_on_twice(self, hands: Hands, tab: TillTab) -> None:
        move = [
            hands.status.progress(status, hands.write(tab))
            for status in (OrderStatus.READY, OrderStatus.PREPARING)
        ]
        first, second = await hands.meet(*move)
        assert (first.status, type(second)) == ("Ready", StaleVersion)


async def test_an_evening_of_everything_at_once(bistro: Venue) -> None:
    """Tills merge, split, add and cancel as they like while terminals lock and pay; every payment that
    was acknowledged is on the tab that holds it, and the books agree.
    """
    chance = random.Random(20_261_125)
    tabs = [(await open_tab(bistro, "burger", "chips", "wine")).id for _ in range(5)]
    paid = dict[str, Json]()

    async def till() -> None:
        for _ in range(12):
            seen = await bistro.till.ok("GET", f"/till/v1/tabs/{chance.choice(tabs)}")
            other = await bistro.till.ok("GET", f"/till/v1/tabs/{chance.choice(tabs)}")
            what, body = chance.choice(_things_to_do(seen, other))
            path = f"/till/v1/tabs/{seen['id']}/{what}"
            answer = await bistro.till.call("POST", path, {"version": seen["version"], **body})
            assert answer.status_code in (200, 400, 409), answer.text
            if what == "split" and answer.status_code == 200:
                tabs.append(answer.json()["taken"]["id"])

    async def terminal() -> None:
        for _ in range(12):
            tab_id, body = chance.choice(tabs), payment(chance.randint(50, 900), 10)
            path = f"/v1/orders/{tab_id}/record-payment"
            answer = await bistro.call("POST", path, body)
            assert answer.status_code in (200, 409), answer.text
            if answer.status_code == 200:
                paid[body["paymentIntentId"]] = {"order_id": tab_id, "body": body}

    await asyncio.gather(*(till() for _ in range(5)), *(terminal() for _ in range(4)))
    ledger = await fetch(bistro, "SELECT * FROM payment WHERE venue_id = $1")
    assert {row["payment_intent_id"]: row["order_id"] for row in ledger} == {
        intent: one["order_id"] for intent, one in paid.items()
    }
    assert ledger
    await check_books(bistro)


def _things_to_do(seen: Json, other: Json) -> list[tuple[str, Json]]:
    some = [{"lineId": line["id"], "quantity": 1} for line in seen["lines"][:1]]
    merge = {"otherTabId": other["id"], "otherVersion": other["version"]}
    return [
        ("merge", merge),
        ("merge", merge),
        ("split", {"lines": some}),
        ("items", {"items": [{"plu": "milk"}]}),
        ("cancel", {"reason": "Wrong table"}),
        ("transfer", {"tableId": "t3"}),
        ("status", {"status": "Ready"}),
        ("close", {}),
    ]
