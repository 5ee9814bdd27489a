"""A whole evening: the till, the contract and the simulated Dojo, and books that agree to the penny."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from epos.store.database import Database
from tests.support.connected import serving
from tests.support.counter import money, pay
from tests.support.days import DAYS, at, close, report
from tests.support.dojo import DojoAccount, dojo_account, running_dojo
from tests.support.links import heard, nothing_waits
from tests.support.menus import write_menu
from tests.support.pins import APPROVAL
from tests.support.rows import fetch
from tests.support.tabs import TillTab, at_till, open_tab
from tests.support.venues import Venue
from tests.support.waiting import until

pytestmark = pytest.mark.slow

Json = dict[str, Any]
FLOAT = 10_000
PHONE_ORDER, PHONE_TIP = 3_080, 200
"""Two burgers with cheese and a lemonade, as the simulated phone orders them."""


@dataclass
class Evening:
    """A venue on the evening before yesterday, so that Dojo's clock, which is the real one, is ahead."""

    venue: Venue
    dojo: DojoAccount
    date: datetime

    @property
    def day(self) -> str:
        return f"{self.date:%Y-%m-%d}"

    @property
    def next_day(self) -> str:
        return f"{self.date + timedelta(days=1):%Y-%m-%d}"

    async def becomes(self, time: str, *, after_midnight: bool = False) -> None:
        await at(self.venue, f"{self.next_day if after_midnight else self.day} {time}")

    async def flow(self, path: str, **wish: Any) -> Json:
        """Something that people do with Dojo, which must work; and the events of it are told."""
        run: Json = await self.dojo.sim("POST", path, wish)
        assert run["ok"], run
        await self.dojo.settle()
        return run


@pytest.fixture
async def evening(
    venue: Venue, database: Database, database_url: str, tmp_path: Path
) -> AsyncIterator[Evening]:
    """The venue has a menu and is connected to Dojo."""
    await write_menu(database, venue.id)
    log = tmp_path / "server.log"
    now = datetime.now(UTC)
    date = now - timedelta(days=2)
    # A lock has at most 24 hours, and the evening is longer ago by Dojo's clock: all end at two at night.
    end = date.replace(hour=2, minute=0) + timedelta(days=1)
    shift = str(int((end - now).total_seconds()))
    async with (
        running_dojo(tmp_path / "dojo.log", "--lock-shift", shift) as process,
        dojo_account(process) as account,
        serving(account, venue, database_url, log),
    ):
        yield Evening(venue, account, date)


async def test_an_evening(evening: Evening) -> None:
    await evening.becomes("18:00")
    await the_day_is_opened(evening)
    reservation_id = await dojo_takes_a_reservation(evening)

    await evening.becomes("19:05")
    party = await the_guests_are_seated(evening, reservation_id)
    dinner = await they_order(evening, party)

    await evening.becomes("19:30")
    await the_chips_are_burnt(dinner)
    await it_is_a_birthday(dinner)
    await the_bill_is_printed(evening, dinner, total=4_807)

    await evening.becomes("21:00")
    await some_of_it_is_paid_in_cash(dinner)
    await the_rest_by_card_which_is_reversed(evening, dinner)
    await it_is_paid_a_second_time(evening, dinner)
    couple = await a_couple_splits_its_bill(evening)
    regular = await open_tab(evening.venue, "wine", tableId="p1", waiterId="anna")
    await the_party_leaves(evening, party)

    await evening.becomes("00:30", after_midnight=True)
    takeaway = await a_phone_orders(evening)

    await evening.becomes("01:10", after_midnight=True)
    closed = await the_day_is_closed(evening)
    tabs = [dinner, *couple, regular, takeaway]
    await the_report_is_right(closed, tabs)
    await the_books_of_dojo_agree(evening, closed, tabs)
    await the_ledger_agrees(evening, closed)

    await evening.becomes("01:30", after_midnight=True)
    await a_late_reversal_counts_on_the_next_day(evening, takeaway, closed)
    await dojo_has_heard_of_everything(evening, [tab.id for tab in tabs] + [party["id"]])


# --- the evening, in its order --------------------------------------------------------------------


async def the_day_is_opened(evening: Evening) -> None:
    opened = await evening.venue.till.ok("POST", f"{DAYS}/open", {"openingFloat": FLOAT})
    assert (opened["day"], opened["isCurrent"]) == (evening.day, True)


async def dojo_takes_a_reservation(evening: Evening) -> str:
    run = await evening.flow(
        "desk/reservations",
        tableIds=["t1", "t2"],
        covers=4,
        startTime=f"{evening.day}T19:00:00.000Z",
        endTime=f"{evening.day}T21:30:00.000Z",
    )
    reservation_id: str = run["reservationId"]
    diary = await evening.venue.till.ok("GET", "/till/v1/reservations")
    assert [booked["id"] for booked in diary["data"]] == [reservation_id]
    return reservation_id


async def the_guests_are_seated(evening: Evening, reservation_id: str) -> Json:
    party: Json = await evening.venue.till.ok(
        "POST", "/till/v1/parties", {"reservationId": reservation_id}
    )
    assert (party["tableIds"], party["covers"]) == (["t1", "t2"], 4)
    assert party["reservationId"] == reservation_id
    return party


async def they_order(evening: Evening, party: Json) -> TillTab:
    """And the kitchen hears of it."""
    tab = await open_tab(evening.venue, tableId="t1", waiterId="anna", covers=4)
    assert tab.shown["partyId"] == party["id"]
    burgers = {"plu": "burger", "quantity": 2, "modifiers": [{"plu": "cheese"}]}
    wine = {"plu": "wine", "quantity": 2, "note": "One glass now, one with the burgers"}
    plain = [{"plu": "chips"}, {"plu": "cake"}, {"plu": "milk"}]
    await tab.do("items", items=[burgers, wine, *plain])
    sent = await tab.do("send")
    assert {line["sentRound"] for line in sent["lines"]} == {1}
    ticket = await printed(tab, "kitchen-ticket")
    assert all(words in ticket for words in ("2 x Burger", "+ Cheese", "! One glass now"))
    await tab.do("status", status="Preparing")
    return tab


async def the_chips_are_burnt(tab: TillTab) -> None:
    chips = next(line for line in tab.shown["lines"] if line["plu"] == "chips")
    void = {"lineId": chips["id"], "reason": "Burnt"}
    await tab.refused(403, "void", **void)
    await tab.do("void", **void, approval=APPROVAL)
    assert "Burnt" in await printed(tab, "kitchen-ticket")


async def it_is_a_birthday(tab: TillTab) -> None:
    await tab.do("discount", name="Birthday", percentage=1_000, approval=APPROVAL)
    await tab.do("service-charge", rate=1_250)


async def the_bill_is_printed(evening: Evening, tab: TillTab, total: int) -> None:
    """At the till, and on the terminal."""
    assert tab.shown["total"] == total
    client = evening.venue.client
    on_terminal = await client.get(f"/v1/orders/{tab.id}/bill", headers={"accept": "text/plain"})
    for bill in (await printed(tab, "bill"), on_terminal.text):
        assert f"{total / 100:.2f}" in bill
        assert "Birthday" in bill


async def printed(tab: TillTab, paper: str) -> str:
    answer = await tab.venue.till.call("GET", f"{tab.path}/{paper}")
    assert answer.status_code == 200, answer.text
    return answer.text


async def some_of_it_is_paid_in_cash(tab: TillTab) -> None:
    paid = await pay(tab, amount=2_000, tip=100, tendered=2_500)
    assert paid["change"] == 400
    assert tab.shown["balance"] == 2_807


async def the_rest_by_card_which_is_reversed(evening: Evening, tab: TillTab) -> None:
    """While the terminal is at the table, the till keeps away."""
    session = await evening.flow("terminal/sessions", orderId=tab.id, waiterId="anna")
    assert "locked" in await tab.refused(409, "payments", type="cash")
    path = f"terminal/sessions/{session['sessionId']}"
    run = await evening.flow(f"{path}/pay", tip=281)
    await evening.dojo.sim("DELETE", path)
    await tab.refresh()
    assert money(tab) == ("Finalized", 4_807, 381, 0)
    await dojo_reverses(evening, run)
    await tab.refresh()
    assert money(tab) == ("Ready", 2_000, 100, 2_807)


async def it_is_paid_a_second_time(evening: Evening, tab: TillTab) -> None:
    await evening.flow("terminal/pay", orderId=tab.id, waiterId="anna", tips=[300])
    await tab.refresh()
    assert money(tab) == ("Finalized", 4_807, 400, 0)
    statuses = [payment["status"] for payment in tab.shown["payments"]]
    assert statuses == ["recorded", "reversed", "captured"]
    assert "48.07" in await printed(tab, "receipt")


async def a_couple_splits_its_bill(evening: Evening) -> list[TillTab]:
    """One pays by card, the other in cash."""
    venue = evening.venue
    await venue.till.ok("POST", "/till/v1/parties", {"tableIds": ["t3"], "covers": 2})
    whole = await open_tab(venue, tableId="t3", waiterId="ben", covers=2)
    hers = [{"plu": "burger", "cover": 1}, {"plu": "wine", "cover": 1}]
    his = [{"plu": "chips", "cover": 2}, {"plu": "milk", "cover": 2}]
    await whole.do("items", items=[*hers, *his])
    await whole.do("send")
    parted = await whole.do("split", covers=[2])
    her, him = whole, TillTab(venue, parted["taken"])
    assert (her.shown["total"], him.shown["total"]) == (2_045, 575)
    await evening.flow("terminal/pay", orderId=her.id, waiterId="ben", tips=[200])
    paid = await pay(him, tendered=1_000)
    assert paid["change"] == 425
    await her.refresh()
    assert (her.shown["status"], him.shown["status"]) == ("Finalized", "Finalized")
    return [her, him]


async def the_party_leaves(evening: Evening, party: Json) -> None:
    path = f"/till/v1/parties/{party['id']}"
    now = await evening.venue.till.ok("GET", path)
    left = await evening.venue.till.ok("POST", f"{path}/finish", {"version": now["version"]})
    assert left["endTime"].startswith(evening.day)


async def a_phone_orders(evening: Evening) -> TillTab:
    """Order & Pay; the kitchen makes it and the staff finish it."""
    run = await evening.flow("phone/order", tableId="t10", tip=PHONE_TIP)
    order = await at_till(evening.venue, run["orderId"])
    assert money(order) == ("Accepted", PHONE_ORDER, PHONE_TIP, 0)
    await order.do("status", status="Ready")
    await order.do("close")
    return order


async def the_day_is_closed(evening: Evening) -> Json:
    """A manager counts the drawer."""
    as_it_stands = await report(evening.venue, evening.day)
    closed = await close(evening.venue, evening.day, as_it_stands["cash"]["expected"])
    assert await report(evening.venue, evening.day) == closed
    return closed


async def dojo_reverses(evening: Evening, run: Json) -> None:
    (intent_id,) = run["paymentIntentIds"]
    await evening.dojo.sim("POST", f"intents/{intent_id}/reverse", {})
    await evening.dojo.settle()


# --- the books ------------------------------------------------------------------------------------


async def the_report_is_right(closed: Json, tabs: list[TillTab]) -> None:
    """By hand: dinner 48.07, the couple 20.45 and 5.75, the phone 30.80, and the regular owes 7.95."""
    assert closed["sales"] == sum(tab.shown["total"] for tab in tabs) == 11_302
    books = closed["reconciliation"]
    assert (books["takings"], books["owedAtEnd"]) == (10_507, 795)
    assert [left["balance"] for left in closed["openOrders"]["orders"]] == [795]
    assert closed["dojoOrders"]["amount"] == PHONE_ORDER
    assert [(void["count"], void["amount"]) for void in closed["voids"]] == [(1, 450)]
    assert sum(sold["discounts"] for sold in closed["categories"]) == -475
    assert [charge["amount"] for charge in closed["serviceCharge"]] == [534]
    taxes = [tax for tab in tabs for tax in tab.shown["taxes"]]
    assert {rate["vatRate"]: rate["vat"] for rate in closed["vat"]} == by_rate(taxes)
    cash = dict(closed["cash"])
    (drawer,) = cash.pop("drawers")
    assert cash == {
        "openingFloat": FLOAT,
        "float": FLOAT,
        "taken": 2_675,
        "givenBack": 0,
        "takings": 2_675,
        "paidIn": 0,
        "paidOut": 0,
        "toSafe": 0,
        "movements": [],
        "expected": 12_675,
        "counted": 12_675,
        "difference": 0,
    }
    assert (drawer["drawer"], drawer["expected"], drawer["counted"]) == ("main", 12_675, 12_675)
    tips = {share.get("waiterId"): share["tips"] for share in closed["waiters"]}
    assert tips == {"anna": 400, "ben": 200, None: PHONE_TIP}


def by_rate(taxes: Iterable[Json]) -> dict[int, int]:
    sums: dict[int, int] = {}
    for tax in taxes:
        sums[tax["vatRate"]] = sums.get(tax["vatRate"], 0) + tax["vat"]
    return sums


async def the_books_of_dojo_agree(evening: Evening, closed: Json, tabs: list[TillTab]) -> None:
    """In all, and for each order."""
    books = await evening.dojo.sim("GET", "books")
    card = takings(closed, "dojo")
    assert card["total"] == books["captured"] - books["reversed"] == 8_632
    assert card["paidBack"] + card["tipsBack"] == books["reversed"] == 2_807 + 281
    for tab in tabs:
        ours = [
            payment
            for payment in tab.shown["payments"]
            if payment["source"] == "dojo" and payment["status"] == "captured"
        ]
        paid, tips = (sum(payment[part] for payment in ours) for part in ("paid", "tips"))
        assert books["orders"].get(tab.id, {"paid": 0, "tips": 0}) == {"paid": paid, "tips": tips}


async def the_ledger_agrees(evening: Evening, closed: Json) -> None:
    rows = await fetch(
        evening.venue,
        """SELECT source, sum(paid_amount + tips_amount)::bigint AS total FROM payment
           WHERE venue_id = $1 AND status IN ('recorded', 'captured') GROUP BY source""",
    )
    ledger = {row["source"]: row["total"] for row in rows}
    assert ledger == {way["source"]: way["total"] for way in closed["takings"]}


def takings(told: Json, source: str) -> Json:
    (found,) = (way for way in told["takings"] if way["source"] == source)
    way: Json = found
    return way


async def a_late_reversal_counts_on_the_next_day(
    evening: Evening, takeaway: TillTab, closed: Json
) -> None:
    intent_id = takeaway.shown["payments"][0]["paymentIntentId"]
    await dojo_reverses(evening, {"paymentIntentIds": [intent_id]})
    assert await report(evening.venue, evening.day) == closed
    told = await report(evening.venue, evening.next_day)
    assert takings(told, "dojo")["total"] == -(PHONE_ORDER + PHONE_TIP)
    (ended,) = told["endedPayments"]
    assert (ended["orderId"], ended["ofDay"]) == (takeaway.id, evening.day)
    books = told["reconciliation"]
    assert (books["owedAtStart"], books["owedAtEnd"]) == (795, 795 + PHONE_ORDER)
    of_dojo = await evening.dojo.sim("GET", "books")
    both = takings(closed, "dojo")["total"] + takings(told, "dojo")["total"]
    assert both == of_dojo["net"]


async def dojo_has_heard_of_everything(evening: Evening, ids: list[str]) -> None:
    await until(lambda: nothing_waits(evening.venue))
    for entity_id in ids:
        assert await heard(evening.dojo, entity_id) >= 1, entity_id
    assert await evening.dojo.violations() == []
