"""Money that moves at the same instant: a day that closes meanwhile, a terminal, another till.

The first of two who meet has written and not yet committed when the second comes.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from datetime import date
from typing import Any

import pytest

from epos.contract.payments import PaymentWithLockId
from epos.domain.errors import Conflict
from epos.domain.requester import Requester
from epos.services.till.unit_of_work import Write
from epos.till_contract.days import CloseDay, DayReport
from epos.till_contract.tab_requests import EndPayment, TakePayment
from epos.till_contract.tabs import Tab
from tests.support.counter import pay
from tests.support.days import at, check_books, report
from tests.support.orders import payment
from tests.support.pins import APPROVAL
from tests.support.recording import open_order
from tests.support.rows import fetch
from tests.support.services import WiredServices
from tests.support.tabs import TillTab, at_till, open_tab
from tests.support.venues import Venue

Json = dict[str, Any]
TODAY, TOMORROW = "2026-11-25", "2026-11-26"
MANY = 100


class Counterpart:
    """What can happen to one order, as coroutines that have not begun."""

    def __init__(self, services: WiredServices, tab: TillTab) -> None:
        self.meet, self.tab = services.meet, tab
        self.requester = Requester(tab.venue.id, "till", "trace-of-a-test")
        self._cards, self._till = services.dojo.payments, services.till

    @property
    def _write(self) -> Write:
        return Write(self.tab.id, self.tab.shown["version"], self.requester)

    def close(self) -> Coroutine[Any, Any, DayReport]:
        return self._till.days.close(
            TODAY, CloseDay.model_validate({"approval": APPROVAL}), self.requester
        )

    def card(self, paid: int) -> Coroutine[Any, Any, Any]:
        body = PaymentWithLockId.model_validate(payment(paid))
        return self._cards.record(self.tab.id, body, self.requester)

    def cash(self, paid: int) -> Coroutine[Any, Any, Tab]:
        body = TakePayment.model_validate({"version": 1, "type": "cash", "amount": paid})
        return self._till.tab_payments.take(body, self._write)

    def refund(self, paid: Json) -> Coroutine[Any, Any, Tab]:
        body = {"version": 1, "reason": "Cold food", "approval": APPROVAL}
        return self._till.tab_payments.refund(
            paid["id"], EndPayment.model_validate(body), self._write
        )


@pytest.fixture
async def counter(services: WiredServices, bistro: Venue) -> Counterpart:
    """A tab of 1250, on an evening."""
    await at(bistro, f"{TODAY} 20:00")
    return Counterpart(services, await open_tab(bistro, "burger"))


def taken(told: Json) -> int:
    paid: int = told["reconciliation"]["takings"]
    return paid


# --- closing the day ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["card", "cash"])
async def test_a_payment_that_was_first_is_in_the_report(counter: Counterpart, kind: str) -> None:
    paid = counter.card(700) if kind == "card" else counter.cash(700)
    _, closed = await counter.meet(paid, counter.close())
    assert closed.reconciliation.takings == 700
    assert taken(await report(counter.tab.venue, TODAY)) == 700
    assert taken(await report(counter.tab.venue, TOMORROW)) == 0


@pytest.mark.parametrize("kind", ["card", "cash"])
async def test_a_payment_that_was_second_is_on_the_next_day(
    counter: Counterpart, kind: str
) -> None:
    paid = counter.card(700) if kind == "card" else counter.cash(700)
    closed, _ = await counter.meet(counter.close(), paid)
    assert closed.reconciliation.takings == 0
    assert taken(await report(counter.tab.venue, TODAY)) == 0
    tomorrow = await report(counter.tab.venue, TOMORROW)
    assert (taken(tomorrow), tomorrow["reconciliation"]["owedAtStart"]) == (700, 1250)


async def test_a_refund_while_the_day_closes(counter: Counterpart) -> None:
    paid = await pay(counter.tab, amount=500)
    closed, _ = await counter.meet(counter.close(), counter.refund(paid))
    assert closed.reconciliation.takings == 500
    tomorrow = await report(counter.tab.venue, TOMORROW)
    assert tomorrow["endedPayments"][0]["ofDay"] == TODAY
    assert tomorrow["reconciliation"]["owedAtEnd"] == 1250


async def test_two_managers_close_the_day(counter: Counterpart) -> None:
    first, second = await counter.meet(counter.close(), counter.close())
    assert first == second
    trail = "SELECT 1 FROM audit_entry WHERE venue_id = $1 AND action = 'day.closed'"
    assert len(await fetch(counter.tab.venue, trail)) == 1


async def test_closing_the_day_while_a_hundred_payments_arrive(bistro: Venue) -> None:
    """Each is in the report of exactly one day, none is lost, and nobody waits for ever."""
    await at(bistro, f"{TODAY} 20:00")
    orders = [await open_order(bistro, 1_000) for _ in range(MANY)]
    tabs = [await at_till(bistro, order_id) for order_id in orders[: MANY // 4]]
    closing = {"approval": APPROVAL}

    async def close(after: int) -> int:
        await asyncio.sleep(after / 100)
        path = f"/till/v1/days/{TODAY}/close"
        return (await bistro.till.call("POST", path, closing)).status_code

    async def card(order_id: str, paid: int) -> int:
        path = f"/v1/orders/{order_id}/record-payment"
        return (await bistro.call("POST", path, payment(paid, 1))).status_code

    async def cash(tab: TillTab, paid: int) -> int:
        return (await tab.call("payments", type="cash", amount=paid, tip=1)).status_code

    cards = [card(order_id, 100 + n) for n, order_id in enumerate(orders[MANY // 4 :])]
    notes = [cash(tab, 500 + n) for n, tab in enumerate(tabs)]
    answers = await asyncio.gather(*cards, *notes, *(close(after) for after in (0, 5, 20, 40)))
    assert Counter(answers) == {200: MANY + 4}
    await _check_each_is_in_one_report(bistro)


async def _check_each_is_in_one_report(venue: Venue) -> None:
    entered = await fetch(
        venue, "SELECT day, payment_id, paid FROM takings_entry WHERE venue_id = $1"
    )
    assert len({entry["payment_id"] for entry in entered}) == len(entered) == MANY
    reports = [await report(venue, day) for day in (TODAY, TOMORROW)]
    for told in reports:
        check_books(told)
        of_day = [entry for entry in entered if entry["day"] == date.fromisoformat(told["day"])]
        assert sum(way["payments"] for way in told["takings"]) == len(of_day)
        assert taken(told) == sum(entry["paid"] for entry in of_day)
    assert sum(map(taken, reports)) == sum(entry["paid"] for entry in entered)


# --- one balance, two who take it -----------------------------------------------------------------


async def test_cash_and_a_card_for_the_same_balance(counter: Counterpart) -> None:
    cash, card = await counter.meet(counter.cash(1250), counter.card(1250))
    assert isinstance(cash, Tab)
    assert isinstance(card, Conflict)
    assert (await counter.tab.refresh())["paid"] == 1250


async def test_a_card_and_cash_for_the_same_balance(counter: Counterpart) -> None:
    card, cash = await counter.meet(counter.card(1250), counter.cash(1250))
    assert not isinstance(card, Exception)
    assert isinstance(cash, Conflict)
    assert (await counter.tab.refresh())["paid"] == 1250


async def test_two_refunds_of_one_payment(counter: Counterpart) -> None:
    paid = await pay(counter.tab)
    first, second = await counter.meet(counter.refund(paid), counter.refund(paid))
    assert isinstance(first, Tab)
    assert isinstance(second, Conflict)
    told = await report(counter.tab.venue, TODAY)
    assert (told["cash"]["taken"], told["cash"]["givenBack"]) == (1250, 1250)
    assert len(told["endedPayments"]) == 1


async def test_many_who_take_the_same_balance(bistro: Venue) -> None:
    """Ten tills and ten terminals, round after round: exactly one has it."""
    for _ in range(5):
        tab = await open_tab(bistro, "burger", "wine")
        tills = [tab.call("payments", type="cash") for _ in range(10)]
        path = f"/v1/orders/{tab.id}/record-payment"
        terminals = [bistro.call("POST", path, payment(2045)) for _ in range(10)]
        answers = await asyncio.gather(
            *(c for pair in zip(tills, terminals, strict=True) for c in pair)
        )
        assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 19}
        assert (await tab.refresh())["paid"] == 2045
        assert len(tab.shown["payments"]) == 1
