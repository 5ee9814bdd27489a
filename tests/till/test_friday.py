"""A Friday of more than a hundred tabs, the Saturday after it, and the week in the bookkeeper's journal.

A bookkeeper notes by hand what each table comes to. In the end the server must say the same.
"""

import asyncio
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.support.counter import end, give_back, pay
from tests.support.days import DAYS, at, check_books, close, report
from tests.support.orders import event, gbp, payment, unique
from tests.support.pins import APPROVAL
from tests.support.recording import open_order, record
from tests.support.refunds import dojo_refunds
from tests.support.rows import execute
from tests.support.tabs import TillTab, at_till, open_tab
from tests.support.venues import Venue

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

Json = dict[str, Any]
MONDAY, FRIDAY, SATURDAY, SUNDAY = "2026-11-23", "2026-11-27", "2026-11-28", "2026-11-29"
ROUNDS = 8
"""Each kind of guests comes so often, in the course of the evening."""
HALL, BAR = {"waiter_id": "anna", "device_id": "hall"}, {"waiter_id": "ben", "device_id": "bar"}
ITEMS, REPORTS = "/till/v1/menu/items", "/till/v1/reports"


@dataclass
class Bookkeeper:
    """What a day comes to, in pencil."""

    sums: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    """What the report has to list."""

    def sold(self, amount: int) -> None:
        self.sums["sales"] += amount
        self.sums["owed"] += amount

    def took(self, how: str, amount: int, tip: int = 0) -> None:
        """`how`: card, voucher, deposit, or cash in the drawer `hall` or `bar`."""
        self.sums[how] += amount + tip
        self.sums["owed"] -= amount
        self.sums["tips"] += tip


@dataclass
class Friday:
    venue: Venue
    book: Bookkeeper = field(default_factory=Bookkeeper)
    tabs: int = 0
    left: dict[str, list[TillTab]] = field(default_factory=lambda: defaultdict(list))
    """The tabs that somebody comes back to on Saturday."""
    cards: list[Json] = field(default_factory=list)

    async def open(self, *items: Json | str, who: dict[str, str] = HALL, **body: Any) -> TillTab:
        self.tabs += 1
        tab = await open_tab(self.venue, who=who, **(body or {"tableId": "t1"}))
        await tab.add(*items)
        return tab

    async def by_card(self, tab: TillTab, amount: int, tip: int = 0) -> Json:
        card = payment(amount, tip)
        await record(self.venue, tab.id, card)
        await tab.refresh()
        self.book.took("card", amount, tip)
        return card


@pytest.fixture
async def friday(bistro: Venue) -> Friday:
    """A drawer for each device, a salad that costs less to take away, and a lunch for £10."""
    await execute(bistro, "UPDATE venue SET has_drawer_per_device = true WHERE id = $1")
    salad = {"plu": "salad", "categoryId": "food", "name": "Salad", "price": 960, "vatRate": 2000}
    await bistro.admin.ok("POST", ITEMS, salad | {"takeaway": {"price": 800, "vatRate": 0}})
    parts = [{"plu": plu} for plu in ("salad", "milk", "cake")]
    lunch = {"plu": "lunch", "categoryId": "food", "name": "Lunch", "price": 1000, "vatRate": 2000}
    await bistro.admin.ok("POST", ITEMS, lunch | {"parts": parts})
    return Friday(bistro)


async def test_a_friday_the_saturday_after_it_and_the_week(friday: Friday) -> None:
    venue = friday.venue
    await at(venue, f"{FRIDAY} 17:00")
    await the_drawers_get_their_floats(venue)
    for number in range(ROUNDS):
        await at(venue, f"{FRIDAY} {18 + number // 2}:{number % 2 * 30:02}")
        await all_kinds_of_guests(friday)
    assert friday.tabs >= 100
    await cash_goes_to_the_safe_and_for_milk(venue)
    closed = await the_day_is_closed(friday)
    friday_book, friday.book = friday.book, Bookkeeper()

    await at(venue, f"{SATURDAY} 12:00")
    await a_family_gets_three_pounds_fifty_back(friday)
    await a_whole_meal_goes_back(friday)
    await dojo_gives_back_a_part(friday)
    await a_card_is_charged_back(friday)
    await the_regulars_pay(friday)
    await at(venue, f"{SATURDAY} 23:00")
    second = await saturday_is_closed(friday)
    assert await report(venue, FRIDAY) == closed, "a closed day never changes"

    await at(venue, f"{SUNDAY} 12:00")
    await the_week_is_the_sum_of_its_days(venue, [closed, second])
    await the_journal_balances(venue, [closed, second], [friday_book, friday.book])


# --- Friday, in its order -------------------------------------------------------------------------


async def the_drawers_get_their_floats(venue: Venue) -> None:
    for drawer, amount in (("hall", 10_000), ("bar", 15_000)):
        body = {"amount": amount, "reason": "Evening", "approval": APPROVAL}
        await venue.till.ok(
            "PUT", f"{DAYS}/{FRIDAY}/float", body, waiter_id="max", device_id=drawer
        )


async def all_kinds_of_guests(friday: Friday) -> None:
    """Half an hour of the evening."""
    await a_couple_pays_by_card(friday)
    await a_family_sends_a_burger_back(friday)
    await a_birthday(friday)
    await two_friends_pay_apart(friday)
    await two_tabs_at_the_bar_become_one(friday)
    await somebody_takes_salads_away(friday)
    await colleagues_share_a_lunch(friday)
    await a_voucher_is_sold_and_redeemed(friday)
    await guests_leave_before_their_burgers_come(friday)
    await a_phone_orders(friday)
    await a_regular_pays_tomorrow(friday)
    await money_is_taken_for_the_wrong_tab(friday)
    await the_house_gives_a_wine(friday)
    await chips_come_off_a_bill_that_was_shown(friday)
    await guests_who_paid_a_deposit(friday)
    await two_tills_and_a_terminal_at_one_moment(friday)


async def a_couple_pays_by_card(friday: Friday) -> None:
    """A burger and a wine, and two pounds for Anna."""
    tab = await friday.open("burger", "wine")
    await tab.do("send")
    friday.book.sold(1_250 + 795)
    friday.cards.append(await friday.by_card(tab, 2_045, tip=200))
    assert tab.shown["status"] == "Finalized"


async def a_family_sends_a_burger_back(friday: Friday) -> None:
    """It was burnt; the rest they pay in cash."""
    tab = await friday.open({"plu": "burger", "quantity": 2}, "cake", "milk")
    await tab.do("send")
    await tab.void(tab.line("burger"), quantity=1, reason="Burnt", approval=APPROVAL)
    friday.book.sold(1_250 + 333 + 125)
    friday.book.sums["voids"] += 1_250
    friday.book.told["void"] += 1
    await pay(tab, tip=100, tendered=2_000)
    friday.book.took("hall", 1_708, tip=100)
    friday.left["family"].append(tab)


async def a_birthday(friday: Friday) -> None:
    """Four pounds nine are taken off; they pay half by card and half in cash."""
    tab = await friday.open({"plu": "burger", "quantity": 2}, {"plu": "wine", "quantity": 2})
    await tab.discount(percentage=1_000)
    friday.book.sold(4_090 - 409)
    friday.book.sums["discounts"] += 409
    friday.book.told["discount"] += 1
    await friday.by_card(tab, 2_000)
    await pay(tab)
    friday.book.took("hall", 1_681)


async def two_friends_pay_apart(friday: Friday) -> None:
    one = await friday.open("burger", "wine", "chips", "cake")
    chips, cake = one.line("chips"), one.line("cake")
    taken = [{"lineId": line["id"], "quantity": 1} for line in (chips, cake)]
    other = TillTab(friday.venue, (await one.do("split", lines=taken))["taken"], HALL)
    friday.tabs += 1
    friday.book.sold(2_045 + 783)
    await friday.by_card(one, 2_045)
    await pay(other)
    friday.book.took("hall", 783)


async def two_tabs_at_the_bar_become_one(friday: Friday) -> None:
    """And after the bill is paid, fifty pence for Ben."""
    one, other = await friday.open("wine", who=BAR), await friday.open("wine", who=BAR)
    await one.do("merge", otherTabId=other.id, otherVersion=other.shown["version"])
    friday.book.sold(1_590)
    await pay(one)
    await one.do("tips", type="cash", amount=50)
    friday.book.took("bar", 1_590, tip=50)


async def somebody_takes_salads_away(friday: Friday) -> None:
    """Cold food to take away: zero-rated."""
    salads: Json = {"plu": "salad", "quantity": 2}
    tab = await friday.open(salads, who=BAR, collection={"asap": True})
    assert [(tax["vatRate"], tax["gross"]) for tax in tab.shown["taxes"]] == [(0, 1_600)]
    friday.book.sold(1_600)
    await pay(tab)
    friday.book.took("bar", 1_600)
    friday.left["salads"].append(tab)


async def colleagues_share_a_lunch(friday: Friday) -> None:
    tab = await friday.open({"plu": "lunch", "quantity": 3})
    friday.book.sold(3_000)
    await friday.by_card(tab, 3_000, tip=1)


async def a_voucher_is_sold_and_redeemed(friday: Friday) -> None:
    """Twenty pounds at the bar, no sale; then it pays for dinner, all but 45 pence."""
    code = unique("GIFT")
    sold = {"code": code, "amount": 2_000, "type": "cash"}
    await friday.venue.till.ok("POST", "/till/v1/vouchers", sold, **BAR)
    friday.book.sums["bar"] += 2_000
    friday.book.sums["vouchers"] += 2_000
    tab = await friday.open("burger", "wine")
    friday.book.sold(2_045)
    await pay(tab, type="other", method="voucher", voucher=code)
    friday.book.took("voucher", 2_000)
    await pay(tab)
    friday.book.took("hall", 45)


async def guests_leave_before_their_burgers_come(friday: Friday) -> None:
    tab = await friday.open({"plu": "burger", "quantity": 2})
    await tab.do("send")
    await tab.do("cancel", reason="They left", approval=APPROVAL)
    friday.book.sums["voids"] += 2_500
    friday.book.told["cancel"] += 1


async def a_phone_orders(friday: Friday) -> None:
    """It is paid before it comes."""
    card = payment(1_250, 100)
    order_id = await open_order(friday.venue, 1_250, payments=[card])
    friday.tabs += 1
    friday.book.sold(1_250)
    friday.book.took("card", 1_250, tip=100)
    order = await at_till(friday.venue, order_id)
    await order.do("close")


async def a_regular_pays_tomorrow(friday: Friday) -> None:
    """He moves from the bar to a table, and to Anna."""
    tab = await friday.open("wine", who=BAR, waiterId="ben")
    await tab.do("transfer", tableId="t2", waiterId="anna")
    friday.book.sold(795)
    friday.left["regular"].append(tab)


async def money_is_taken_for_the_wrong_tab(friday: Friday) -> None:
    tab = await friday.open("burger")
    taken = await pay(tab)
    await end(tab, taken, "correct", reason="The next table's")
    friday.book.told["correct"] += 1
    friday.book.sold(1_250)
    await friday.by_card(tab, 1_250)


async def the_house_gives_a_wine(friday: Friday) -> None:
    tab = await friday.open("burger", "wine")
    await tab.discount(tab.line("wine"), percentage=10_000, name="For the wait")
    friday.book.sums["discounts"] += 795
    friday.book.told["comp"] += 1
    friday.book.sold(1_250)
    await pay(tab)
    friday.book.took("hall", 1_250)


async def chips_come_off_a_bill_that_was_shown(friday: Friday) -> None:
    """Nobody had made them; but the guest saw five."""
    tab = await friday.open({"plu": "chips", "quantity": 5})
    assert (await friday.venue.till.call("GET", f"{tab.path}/bill")).status_code == 200
    line = tab.lines[0]
    await tab.do(f"items/{line['id']}", method="PUT", quantity=3)
    friday.book.told["after-bill"] += 1
    friday.book.sold(3 * 450)
    await pay(tab)
    friday.book.took("hall", 1_350)


async def guests_who_paid_a_deposit(friday: Friday) -> None:
    body = {
        "dojoPartyId": unique("party"),
        "tableIds": ["t10"],
        "startTime": f"{FRIDAY}T16:00:00Z",
        "deposit": {"totalAmount": gbp(500), "paymentIntentIds": []},
    }
    party = await friday.venue.ok("POST", "/v1/parties", body)
    tab = await friday.open("burger", tableId="t10")
    await tab.do("deposits")
    friday.book.sold(1_250)
    friday.book.took("deposit", 500)
    await friday.by_card(tab, 750)
    path = f"/till/v1/parties/{party['id']}"
    seen = await friday.venue.till.ok("GET", path)
    await friday.venue.till.ok("POST", f"{path}/finish", {"version": seen["version"]})


async def two_tills_and_a_terminal_at_one_moment(friday: Friday) -> None:
    """All three want to be paid for the same burger. One of them is."""
    tab = await friday.open("burger")
    friday.book.sold(1_250)
    card = payment(1_250)
    body = {"version": tab.shown["version"], "type": "cash"}
    answers = await asyncio.gather(
        friday.venue.till.call("POST", f"{tab.path}/payments", body, **HALL),
        friday.venue.till.call("POST", f"{tab.path}/payments", body, **BAR),
        friday.venue.call("POST", f"/v1/orders/{tab.id}/record-payment", card),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    [winner] = [
        how
        for how, answer in zip(("hall", "bar", "card"), answers, strict=True)
        if answer.status_code == 200
    ]
    friday.book.took(winner, 1_250)


async def cash_goes_to_the_safe_and_for_milk(venue: Venue) -> None:
    for kind, amount, who in (("to-safe", 20_000, BAR), ("paid-out", 350, HALL)):
        body = {"type": kind, "amount": amount, "reason": "As always"}
        await venue.till.ok("POST", f"{DAYS}/{FRIDAY}/cash", body, **who)


async def the_day_is_closed(friday: Friday) -> Json:
    """The bar is twenty pence short."""
    book, venue = friday.book, friday.venue
    hall = 10_000 + book.sums["hall"] - 350
    bar = 15_000 + book.sums["bar"] - 20_000
    counted = [
        {"drawer": "hall", "countedCash": hall},
        {"drawer": "bar", "countedCash": bar - 20},
    ]
    body = {"approval": APPROVAL, "countedDrawers": counted}
    closed: Json = await venue.till.ok("POST", f"{DAYS}/{FRIDAY}/close", body)
    check_books(closed)
    assert (closed["zNumber"], closed["sales"]) == (1, book.sums["sales"])
    drawers = {one["drawer"]: one for one in closed["cash"]["drawers"]}
    assert (drawers["hall"]["expected"], drawers["hall"]["difference"]) == (hall, 0)
    assert (drawers["bar"]["expected"], drawers["bar"]["difference"]) == (bar, -20)
    assert sum(void["amount"] for void in closed["voids"]) == book.sums["voids"]
    assert -sum(sold["discounts"] for sold in closed["categories"]) == book.sums["discounts"]
    assert closed["dojoOrders"]["amount"] == ROUNDS * 1_250
    assert sum(one["tips"] for one in closed["waiters"]) == book.sums["tips"]
    assert Counter(one["kind"] for one in closed["incidents"]) == book.told
    assert closed["vouchers"]["sold"] == closed["vouchers"]["redeemed"] == book.sums["vouchers"]
    assert closed["openOrders"]["count"] == ROUNDS
    assert closed["reconciliation"]["owedAtEnd"] == book.sums["owed"] == ROUNDS * 795
    assert by_tender(closed) == {
        "dojo": book.sums["card"],
        "cash": book.sums["hall"] + book.sums["bar"] - book.sums["vouchers"],
        "voucher": book.sums["voucher"],
        "deposit": book.sums["deposit"],
    }
    return closed


def by_tender(told: Json) -> dict[str, int]:
    return {way.get("method") or way["source"]: way["total"] for way in told["takings"]}


# --- Saturday -------------------------------------------------------------------------------------


async def a_family_gets_three_pounds_fifty_back(friday: Friday) -> None:
    """The soup was cold. The bill becomes smaller by it, today."""
    tab = friday.left["family"][0]
    left = await give_back(tab, tab.shown["payments"][0], 350)
    assert (left["paid"], tab.shown["status"]) == (1_358, "Finalized")
    friday.book.sold(-350)
    friday.book.took("hall", -350)
    friday.book.told["refund"] += 1


async def a_whole_meal_goes_back(friday: Friday) -> None:
    tab = friday.left["salads"][0]
    await tab.do("refund", reason="Hair in it", approval=APPROVAL)
    friday.book.sold(-1_600)
    friday.book.took("bar", -1_600)
    friday.book.told["refund"] += 1


async def dojo_gives_back_a_part(friday: Friday) -> None:
    """Two pounds forty-five of a card, as the guest asked at the bank."""
    await dojo_refunds(friday.venue, friday.cards[0], 245)
    friday.book.sold(-245)
    friday.book.took("card", -245)
    friday.book.told["refund"] += 1


async def a_card_is_charged_back(friday: Friday) -> None:
    """The whole payment ends, with its tip; the guest owes the bill again."""
    intent = friday.cards[1]["paymentIntentId"]
    await friday.venue.ok("POST", "/v1/events", event(intent, "Reversed"))
    friday.book.took("card", -2_045, tip=-200)
    friday.book.told["refund"] += 1


async def the_regulars_pay(friday: Friday) -> None:
    for tab in friday.left["regular"]:
        await pay(tab)
        friday.book.took("bar", 795)


async def saturday_is_closed(friday: Friday) -> Json:
    book = friday.book
    closed = await close(friday.venue, SATURDAY)
    check_books(closed)
    assert (closed["zNumber"], closed["sales"]) == (2, book.sums["sales"])
    assert closed["sales"] == -350 - 1_600 - 245
    assert by_tender(closed) == {
        "dojo": book.sums["card"],
        "cash": book.sums["hall"] + book.sums["bar"],
    }
    assert Counter(one["kind"] for one in closed["incidents"]) == book.told
    assert sum(one["tips"] for one in closed["waiters"]) == book.sums["tips"] == -200
    assert closed["reconciliation"]["owedAtEnd"] == 2_045
    [ended] = [one for one in closed["endedPayments"] if one["source"] == "dojo"]
    assert (ended["ofDay"], ended["paid"], ended["tips"]) == (FRIDAY, 2_045, 200)
    return closed


# --- the week -------------------------------------------------------------------------------------


async def the_week_is_the_sum_of_its_days(venue: Venue, days: list[Json]) -> None:
    """However it is asked for."""

    async def week(by: str) -> Json:
        path = f"{REPORTS}/sales?fromDay={MONDAY}&toDay={SUNDAY}&by={by}"
        told: Json = await venue.till.ok("GET", path)
        return told

    told = await week("day")
    assert [(row["key"], row["sales"]) for row in told["rows"]] == [
        (day["day"], day["sales"]) for day in days
    ]
    sales = sum(day["sales"] for day in days)
    for by in ("day", "category", "hour", "waiter", "area", "vat-rate"):
        assert (await week(by))["sum"]["sales"] == sales, by
    tenders = sum((Counter(by_tender(day)) for day in days[:1]), Counter[str]())
    tenders.update(by_tender(days[1]))
    rows = (await week("tender"))["rows"]
    assert {row["key"]: row["total"] for row in rows} == dict(tenders)
    vat = sum(rate["vat"] for day in days for rate in day["vat"])
    assert (await week("vat-rate"))["sum"]["vat"] == vat


async def the_journal_balances(venue: Venue, days: list[Json], books: list[Bookkeeper]) -> None:
    """On each day, and its accounts are what the reports and the bookkeeper say."""
    path = f"{REPORTS}/journal?fromDay={MONDAY}&toDay={SUNDAY}"
    journal = await venue.till.ok("GET", path)
    assert journal["debits"] == journal["credits"] > 0
    accounts = Counter[str]()
    for day in days:
        lines = [line for line in journal["lines"] if line["day"] == day["day"]]
        assert sum(line["debit"] - line["credit"] for line in lines) == 0
        for line in lines:
            accounts[line["name"]] += line["debit"] - line["credit"]
    vat = sum(rate["vat"] for day in days for rate in day["vat"])
    sales = sum(day["sales"] for day in days)
    sold = sum(amount for name, amount in accounts.items() if name.startswith("sales-"))
    assert accounts["vat-output"] == -vat
    assert sold == -(sales - vat)
    assert accounts["tips-payable"] == -sum(book.sums["tips"] for book in books)
    assert accounts["guests-owe"] == days[-1]["reconciliation"]["owedAtEnd"]
    assert accounts["card"] == sum(book.sums["card"] for book in books)
    cash = sum(book.sums["hall"] + book.sums["bar"] for book in books)
    assert accounts["cash"] == cash - 20_000 - 350 - 20
    assert (accounts["safe"], accounts["cash-over-short"]) == (20_000, 20)
