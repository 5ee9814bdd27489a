"""Money that goes back in parts: over the counter, and by card at Dojo."""

import asyncio
import re
from typing import Any

import pytest

from epos.contract.codec import validate
from epos.contract.events import Event
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.services.events import Events
from tests.support.counter import end, give_back, money, pay
from tests.support.days import at, close, report
from tests.support.orders import event, order, payment
from tests.support.pins import APPROVAL, WAITER_PIN
from tests.support.recording import hear, open_order, record
from tests.support.refunds import dojo_refunds
from tests.support.rows import execute, fetch
from tests.support.tabs import TillTab, at_till, open_tab
from tests.support.venues import Venue

Json = dict[str, Any]
MONDAY, TUESDAY = "2026-11-23", "2026-11-24"
BY_DOJO = ("Refunded", "Reversed", "Canceled")


async def card(tab: TillTab, paid: int | None = None, tips: int = 0) -> Json:
    taken = payment(tab.shown["balance"] if paid is None else paid, tips)
    await record(tab.venue, tab.id, taken)
    await tab.refresh()
    return taken


# --- over the counter -----------------------------------------------------------------------------


async def test_old_lines_come_off_a_reopened_tab_and_cash_goes_back(bistro: Venue) -> None:
    """A table's bill of 23.80 is paid in cash; then it turns out that they had something else."""
    await at(bistro, f"{MONDAY} 20:00")
    tab = await open_tab(bistro)
    await tab.add(*({"plu": "market-fish", "price": price} for price in (680, 680, 500, 520)))
    old = list(tab.lines)
    paid = await pay(tab, tendered=3_000)
    await tab.do("reopen", reason="Wrong table", approval=APPROVAL)
    await tab.add(*({"plu": "market-fish", "price": price} for price in (520, 520, 520, 460)))
    for line in old[:3]:
        await tab.void(line, reason="Wrong table", approval=APPROVAL)
    last = {"lineId": old[3]["id"], "reason": "Wrong table", "approval": APPROVAL}
    words = await tab.refused(409, "void", last)
    assert words == "The tab would come to 2020, and 2380 of it is paid; refund first"
    left = await give_back(tab, paid, 360)
    assert (left["paid"], left["refundedAmount"], left["status"]) == (2_020, 360, "recorded")
    await tab.do("void", last)
    assert money(tab) == ("Finalized", 2_020, 0, 0)
    told = await report(bistro, MONDAY)
    assert told["sales"] == told["cash"]["expected"] == 2_020
    assert (told["cash"]["taken"], told["cash"]["givenBack"]) == (2_380, 360)


async def test_three_pounds_fifty_go_back_to_a_guest_who_has_paid(bistro: Venue) -> None:
    """The tab stays finished, and sales and VAT follow on the day when the money went back."""
    await at(bistro, f"{MONDAY} 20:00")
    tab = await open_tab(bistro, "burger", "cake")
    paid = await pay(tab)
    monday = await close(bistro, MONDAY)
    await at(bistro, f"{TUESDAY} 12:00")
    left = await give_back(tab, paid, 350)
    assert (left["paid"], left["refundedAmount"]) == (1_583 - 350, 350)
    assert money(tab) == ("Finalized", 1_233, 0, 0)
    assert (tab.shown["total"], tab.shown["refunded"]) == (1_233, 350)
    # 350 shared by 1250 and 333: 276 and 74.
    assert tab.shown["taxes"] == [
        {"vatRate": 2_000, "gross": 974, "vat": 162},
        {"vatRate": 0, "gross": 259, "vat": 0},
    ]
    tuesday = await report(bistro, TUESDAY)
    assert await report(bistro, MONDAY) == monday
    assert (tuesday["sales"], tuesday["cash"]["expected"]) == (-350, -350)
    assert [(row["category"], row["refunds"]) for row in tuesday["categories"]] == [
        ("Food", -74),
        ("Food", -276),
    ]
    assert tuesday["vat"] == [
        {"vatRate": 2_000, "gross": -276, "vat": 162 - 208, "net": -276 - 162 + 208},
        {"vatRate": 0, "gross": -74, "vat": 0, "net": -74},
    ]
    part = tuesday["partialRefunds"][0]
    assert (part["amount"], part["ofDay"]) == (350, MONDAY)
    [back] = tuesday["incidents"]
    assert (back["kind"], back["amount"], back["reason"]) == ("refund", 350, "Cold food")


async def test_a_whole_meal_goes_back_in_one_call(bistro: Venue) -> None:
    await at(bistro, f"{MONDAY} 20:00")
    tab = await open_tab(bistro, "burger", "wine")
    await pay(tab, amount=1_000, tip=100)
    await pay(tab, type="other", method="voucher", amount=45)
    await card(tab, 500)
    await pay(tab)
    await tab.do("refund", reason="Hair in it", approval=APPROVAL)
    assert money(tab) == ("Finalized", 500, 0, 0), "Dojo gives back what it took"
    assert [one["status"] for one in tab.shown["payments"]] == ["refunded"] * 2 + [
        "recorded",
        "refunded",
    ]
    told = await report(bistro, MONDAY)
    assert (told["sales"], told["cash"]["expected"]) == (500, 0)
    words = await tab.refused(409, "refund", reason="Again", approval=APPROVAL)
    assert words == "Nothing that was taken at a till is left to give back"


@pytest.mark.parametrize(
    ("owed_again", "expected"),
    [(True, ("Ready", 900, 0, 350)), (False, ("Finalized", 900, 0, 0))],
)
async def test_the_till_says_whether_the_guest_owes_it_again(
    bistro: Venue, owed_again: bool, expected: tuple[str, int, int, int]
) -> None:
    tab = await open_tab(bistro, "burger")
    await give_back(tab, await pay(tab), 350, owedAgain=owed_again)
    assert money(tab) == expected


async def test_a_part_of_an_open_tab_is_owed_again(bistro: Venue) -> None:
    tab = await open_tab(bistro, "burger", "wine")
    paid = await pay(tab, amount=1_000, tip=50)
    await give_back(tab, paid, 300)
    assert money(tab) == ("New", 700, 50, 1_345)
    left = await give_back(tab, paid, 720)
    assert (left["paid"], left["tips"], left["refundedAmount"]) == (0, 30, 1_020)
    assert money(tab) == ("New", 0, 30, 2_045)
    await give_back(tab, paid, 30)
    assert tab.shown["payments"][0]["status"] == "refunded", "nothing is left of it"


async def test_no_more_than_was_paid_goes_back(bistro: Venue) -> None:
    tab = await open_tab(bistro, "burger")
    paid = await pay(tab, tip=50)
    await give_back(tab, paid, 400)
    path = f"payments/{paid['id']}/refund"
    why = {"reason": "Cold", "approval": APPROVAL}
    words = await tab.refused(409, path, why, amount=901)
    assert words == "Of the payment 900 is left to give back, less than 901"
    assert (await tab.refused(400, path, why, amount=0)).startswith("amount must be")
    by_waiter = {"reason": "Cold", "approval": {"waiterId": "anna", "pin": WAITER_PIN}}
    await tab.refused(403, path, by_waiter, amount=1)
    await end(tab, paid)
    assert money(tab) == ("Ready", 0, 0, 1_250), "all of it is owed again, the first part too"


async def test_a_card_is_given_back_by_dojo_alone(bistro: Venue) -> None:
    tab = await open_tab(bistro, "burger")
    await card(tab)
    path = f"payments/{tab.shown['payments'][0]['id']}/refund"
    await tab.refused(409, path, amount=100, reason="Cold", approval=APPROVAL)


async def test_many_refunds_of_one_payment_at_one_moment(bistro: Venue) -> None:
    """Only one of them saw the tab as it was, so only one gives money back."""
    tab = await open_tab(bistro, "burger")
    paid = await pay(tab)
    body = {"amount": 300, "reason": "Cold", "approval": APPROVAL}
    path = f"payments/{paid['id']}/refund"
    answers = await asyncio.gather(*(tab.call(path, body) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    await tab.refresh()
    assert (tab.shown["paid"], tab.shown["payments"][0]["refundedAmount"]) == (950, 300)


# --- at Dojo --------------------------------------------------------------------------------------


async def test_a_part_of_a_card_payment_makes_the_bill_smaller(bistro: Venue) -> None:
    await at(bistro, f"{MONDAY} 20:00")
    tab = await open_tab(bistro, "burger", "cake")
    paid = await card(tab, tips=100)
    monday = await close(bistro, MONDAY)
    await at(bistro, f"{TUESDAY} 12:00")
    await dojo_refunds(bistro, paid, 350)
    await tab.refresh()
    assert money(tab) == ("Finalized", 1_233, 100, 0)
    assert (tab.shown["refunded"], tab.shown["payable"]) == (350, False)
    shown = await tab.as_guest_sees_it()
    assert shown["discounts"][-1]["name"] == "Refund"
    assert shown["payments"][0]["paidAmount"]["value"] == 1_233
    told = await report(bistro, TUESDAY)
    assert await report(bistro, MONDAY) == monday
    assert told["sales"] == told["takings"][0]["total"] == -350
    assert [row["vat"] for row in told["vat"]] == [162 - 208, 0]


async def test_what_is_heard_twice_or_late_counts_once(bistro: Venue) -> None:
    await at(bistro, f"{MONDAY} 20:00")
    tab = await open_tab(bistro, "burger")
    paid = await card(tab, tips=50)
    for refunded in (300, 300, 200, 500):
        await dojo_refunds(bistro, paid, refunded)
    await tab.refresh()
    assert money(tab) == ("Finalized", 750, 50, 0)
    await bistro.ok("POST", "/v1/events", event(paid["paymentIntentId"], "Refunded"))
    await dojo_refunds(bistro, paid, 1_300)
    await tab.refresh()
    assert money(tab) == ("Ready", 0, 0, 1_250), "as if all of it had gone back at once"
    assert "refunded" not in tab.shown
    told = await report(bistro, MONDAY)
    assert (told["takings"][0]["total"], told["sales"]) == (0, 1_250)


async def test_staff_say_what_it_was_for(bistro: Venue) -> None:
    """A void takes the place of the refund line; what it does not explain stays one."""
    tab = await open_tab(bistro, "burger", "wine", "cake")
    paid = await card(tab)
    await dojo_refunds(bistro, paid, 500)
    await tab.refresh()
    await tab.do("reopen", reason="Corked", approval=APPROVAL)
    cake = tab.line("cake")
    await tab.void(cake, approval=APPROVAL)
    assert (tab.shown["total"], tab.shown["refunded"]) == (2_378 - 500, 500 - 333)
    assert money(tab) == ("Finalized", 1_878, 0, 0), "nothing is to pay, so it is finished again"
    await tab.do("reopen", reason="Corked", approval=APPROVAL)
    line = {"lineId": tab.line("wine")["id"], "name": "Corked", "approval": APPROVAL}
    await tab.do("discount", line, amount=100)
    assert tab.shown["refunded"] == 67
    await tab.do("reopen", reason="Corked", approval=APPROVAL)
    words = await tab.refused(409, "discount", line, amount=68)
    assert words == "The tab would come to 1877, and 1878 of it is paid; refund first"
    await tab.do("discount", line, amount=67)
    assert "refunded" not in tab.shown
    assert money(tab) == ("Finalized", 1_878, 0, 0)


async def test_of_a_tab_that_is_still_open(bistro: Venue) -> None:
    """What else is to pay stays to pay; what comes later is not free."""
    tab = await open_tab(bistro, "burger", "wine")
    paid = await card(tab, 1_000)
    await dojo_refunds(bistro, paid, 300)
    await tab.refresh()
    assert money(tab) == ("New", 700, 0, 1_045)
    await tab.add("cake")
    assert money(tab) == ("New", 700, 0, 1_378)
    await tab.void(tab.line("cake"))
    assert money(tab)[3] == 1_345 - 300 + 300, "it says what 300 of the refund were for"
    assert "refunded" not in tab.shown
    await pay(tab)
    assert tab.shown["status"] == "Finalized"


async def test_what_was_given_back_stays_on_the_tab_that_is_split(bistro: Venue) -> None:
    tab = await open_tab(bistro, "burger", "wine")
    paid = await card(tab)
    await dojo_refunds(bistro, paid, 2_000)
    await tab.refresh()
    await tab.do("reopen", reason="Split", approval=APPROVAL)
    lines = [{"lineId": tab.line("burger")["id"], "quantity": 1}]
    words = await tab.refused(409, "split", lines=lines)
    assert words == (
        "2000 was given back on this tab; at least as much must stay on it, at each VAT rate"
    )


async def test_with_a_voluntary_service_charge(bistro: Venue) -> None:
    """The charge bears no VAT, and its part of the refund takes none back."""
    await at(bistro, f"{MONDAY} 20:00")
    tab = await open_tab(bistro, "burger", waiterId="anna")
    await tab.do("service-charge", rate=1_000)
    paid = await card(tab)
    await dojo_refunds(bistro, paid, 275)
    await tab.refresh()
    assert tab.shown["taxes"] == [{"vatRate": 2_000, "gross": 1_000, "vat": 167}]
    told = await report(bistro, MONDAY)
    assert told["serviceCharge"] == [{"amount": 100}]
    assert told["waiters"][0]["serviceCharge"] == 100


async def test_of_an_order_of_dojos(bistro: Venue) -> None:
    """Its content is Dojo's; its total and its taxes become smaller, and it does not become payable."""
    await at(bistro, f"{MONDAY} 20:00")
    paid = payment(1_200)
    tax = {
        "name": "VAT",
        "amountPercentage": 2_000,
        "amountTotal": {"value": 200, "currencyCode": "GBP"},
    }
    made = await bistro.ok("POST", "/v1/orders", order(1_200, [paid], taxLines=[tax]))
    await dojo_refunds(bistro, paid, 300)
    shown = await bistro.ok("GET", f"/v1/orders/{made['id']}")
    assert (shown["totalAmount"]["value"], shown["paidAmount"]["value"]) == (900, 900)
    assert (shown["payable"], shown["status"]) == (False, made["status"])
    told = await report(bistro, MONDAY)
    assert told["dojoOrders"] == {
        "orders": 1,
        "amount": 900,
        "vat": [{"vatRate": 2_000, "vat": 150}],
    }


async def test_refunds_at_dojo_and_at_the_till_at_one_moment(bistro: Venue) -> None:
    """Everyone locks the order: nothing is lost, and nothing goes back twice."""
    tab = await at_till(bistro, await open_order(bistro, 3_000))
    cash = await pay(tab, amount=1_000)
    paid = await card(tab)
    body = {"amount": 300, "reason": "Cold", "approval": APPROVAL}
    calls = [tab.call(f"payments/{cash['id']}/refund", body) for _ in range(3)]
    heard = [dojo_refunds(bistro, paid, 100 * n) for n in (1, 5, 3, 5)]
    answers = await asyncio.gather(*calls, *heard)
    given = sum(answer is not None and answer.status_code == 200 for answer in answers)
    assert given <= 1
    await tab.refresh()
    assert tab.shown["paid"] == 3_000 - 500 - 300 * given
    rows = await fetch(
        bistro,
        "SELECT sum(amount)::integer AS back FROM payment_refund WHERE venue_id = $1",
    )
    assert rows == [{"back": 500 + 300 * given}]


async def test_every_refund_event_waits_for_its_amount_and_counts_once(bistro: Venue) -> None:
    """The same refund, by event and by the job that asked Dojo: see tests/dojo for the waiting."""
    tab = await open_tab(bistro, "burger")
    paid = await card(tab)
    await dojo_refunds(bistro, paid, 250)
    requester = Requester(bistro.id, "dojo", "trace")
    events = Events(bistro.database, Identifiers())
    heard = validate(Event, event(paid["paymentIntentId"], "Reversed"))
    for _ in range(2):
        await events.handle(heard, requester)
    await tab.refresh()
    assert money(tab) == ("Ready", 0, 0, 1_250)


async def test_a_credit_note_says_what_went_back_with_its_vat(bistro: Venue) -> None:
    await execute(bistro, "UPDATE venue SET tax_number = 'GB 123 4567 89' WHERE id = $1")
    tab = await open_tab(bistro, "burger", "cake")
    paid = await pay(tab)
    path = f"{tab.path}/refund-receipt"
    assert (await bistro.till.call("GET", path)).status_code == 409
    await give_back(tab, paid, 350)
    note = (await bistro.till.call("GET", path)).text
    rows = [row.split() for row in note.splitlines()]
    assert ["Credit", "note"] in rows
    assert ["Cash", "£3.50"] in rows
    assert ["20%", "2.30", "0.46", "2.76"] in rows
    assert ["0%", "0.74", "0.00", "0.74"] in rows
    assert all(len(row) <= 32 for row in note.splitlines())


async def test_a_refund_receipt_where_it_is_owed_again(bistro: Venue) -> None:
    tab = await open_tab(bistro, "burger")
    await end(tab, await pay(tab))
    text = (await bistro.till.call("GET", f"{tab.path}/refund-receipt")).text
    assert "Refund receipt" in text
    assert "for Cold food" in text
    assert "VAT" not in text


# --- each paper says what no earlier one did ----------------------------------------------------


async def refund_paper(tab: TillTab) -> str:
    response = await tab.venue.till.call("GET", f"{tab.path}/refund-receipt")
    assert response.status_code == 200, response.text
    return response.text


def words(paper: str) -> list[list[str]]:
    return [line.split() for line in paper.splitlines()]


def vat_on(paper: str) -> dict[str, tuple[int, int]]:
    """VAT and gross by rate, in pence."""
    found = re.findall(r"^(No VAT|[\d.]+%) +\S+ +(\S+) +(\S+)$", paper, re.MULTILINE)
    return {rate: (_pence(vat), _pence(gross)) for rate, vat, gross in found}


def _pence(text: str) -> int:
    return int(text.replace(".", "").replace(",", ""))


@pytest.fixture
async def taxed(bistro: Venue) -> Venue:
    await execute(bistro, "UPDATE venue SET tax_number = 'GB 123 4567 89' WHERE id = $1")
    return bistro


class TestTheNextNote:
    async def test_it_has_only_what_went_back_since(self, taxed: Venue) -> None:
        tab = await open_tab(taxed, "burger", "cake")
        paid = await pay(tab)
        await give_back(tab, paid, 350)
        first = await refund_paper(tab)
        await give_back(tab, paid, 200)
        second = await refund_paper(tab)
        assert ["Given", "back", "£2.00"] in words(second)
        assert ["Taken", "off", "the", "bill", "£2.00"] in words(second)
        assert ["Cash", "£3.50"] not in words(second)
        again = await refund_paper(tab)
        assert (again.split()[0], again.partition("\n")[2]) == ("COPY", second)
        old = (await taxed.till.call("GET", "/till/v1/receipts/1")).text
        assert old.partition("\n")[2] == first

    async def test_the_vat_of_all_notes_is_the_vat_of_all_that_went_back(
        self, taxed: Venue
    ) -> None:
        """Pennies, each of which would have no VAT by itself."""
        await execute(taxed, "UPDATE venue SET service_charge_rate = 1000 WHERE id = $1")
        one, other = [await open_tab(taxed, "burger", "cake") for _ in range(2)]
        paid = await pay(one)
        sums: dict[str, tuple[int, int]] = {}
        for amount in (1, 1, 2, 1, 3, 5, 7):
            await give_back(one, paid, amount)
            for rate, (vat, gross) in vat_on(await refund_paper(one)).items():
                before = sums.get(rate, (0, 0))
                sums[rate] = (before[0] + vat, before[1] + gross)
        await give_back(other, await pay(other), 20)
        whole = vat_on(await refund_paper(other))
        assert sum(gross for _, gross in whole.values()) == 20
        assert {rate: sum_ for rate, sum_ in sums.items() if any(sum_)} == whole

    @pytest.mark.parametrize("how", ["refund", "correct", *BY_DOJO])
    async def test_what_is_owed_again_after_a_note(self, taxed: Venue, how: str) -> None:
        tab = await open_tab(taxed, "burger")
        if how in BY_DOJO:
            await dojo_refunds(taxed, taken := await card(tab), 240)
        else:
            await give_back(tab, paid := await pay(tab), 240)
        assert vat_on(await refund_paper(tab)) == {"20%": (40, 240)}
        if how in BY_DOJO:
            await hear(taxed, taken, how)
            await tab.refresh()
        else:
            await end(tab, paid, how)
        assert money(tab)[3] == 1_250
        paper = await refund_paper(tab)
        assert "Refund receipt" in paper
        assert ["Given", "back", "£10.10"] in words(paper)
        assert ["On", "the", "bill", "again", "£2.40"] in words(paper)
        assert vat_on(paper) == {"20%": (-40, -240)}
        assert (await refund_paper(tab)).split()[0] == "COPY"

    @pytest.mark.parametrize("how", BY_DOJO)
    async def test_what_dojo_ended_has_one(self, taxed: Venue, how: str) -> None:
        tab = await open_tab(taxed, "burger")
        await hear(taxed, await card(tab, tips=100), how)
        paper = await refund_paper(tab)
        assert ["Card", "£13.50"] in words(paper)
        assert ["Given", "back", "£13.50"] in words(paper)
        await tab.refresh()
        assert tab.shown["payments"][0]["refundedAmount"] == 1_350

    async def test_what_never_happened_has_none(self, taxed: Venue) -> None:
        tab = await open_tab(taxed, "burger")
        await end(tab, await pay(tab), "correct")
        await taxed.till.refused(409, "GET", f"{tab.path}/refund-receipt")

    async def test_two_who_print_at_once_get_one_note(self, taxed: Venue) -> None:
        tab = await open_tab(taxed, "burger")
        paid = await pay(tab)
        for amount in (300, 200):
            await give_back(tab, paid, amount)
            papers = await asyncio.gather(*(refund_paper(tab) for _ in range(4)))
            [note] = [paper for paper in papers if paper.split()[0] != "COPY"]
            assert all(note in paper for paper in papers)
            assert vat_on(note)["20%"][1] == amount

    async def test_notes_of_an_older_version_say_all_until_then(self, taxed: Venue) -> None:
        await at(taxed, f"{MONDAY} 20:00")
        tab = await open_tab(taxed, "burger", "cake")
        paid = await pay(tab)
        await give_back(tab, paid, 350)
        await execute(
            taxed,
            """INSERT INTO receipt (venue_id, order_id, kind, at, fingerprint, title, body)
               SELECT venue_id, order_id, 'refund', at, 'f', 'Credit note', 'Old'
               FROM payment_refund WHERE venue_id = $1""",
        )
        assert "Old" in await refund_paper(tab)
        await at(taxed, f"{MONDAY} 20:10")
        await give_back(tab, paid, 200)
        assert ["Given", "back", "£2.00"] in words(await refund_paper(tab))


@pytest.mark.parametrize("how", ["void", "discount"])
async def test_a_refund_that_staff_explain_keeps_its_credit_note(taxed: Venue, how: str) -> None:
    tab = await open_tab(taxed, "burger", "cake")
    await give_back(tab, await pay(tab), 350)
    await tab.do("reopen", reason="It was the cake", approval=APPROVAL)
    if how == "void":
        await tab.void(tab.lines[1], reason="Stale", approval=APPROVAL)
    else:
        await tab.discount(amount=350)
    note = await refund_paper(tab)
    assert "Credit note" in note
    assert ["Taken", "off", "the", "bill", "£3.50"] in words(note)
    assert vat_on(note) == {"20%": (46, 276), "0%": (0, 74)}
