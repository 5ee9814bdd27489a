"""What a till prints: bills, VAT receipts, kitchen tickets, and the page of the documents about them."""

import re
from datetime import timedelta
from typing import Any

import pytest

from epos.domain.kitchen import WIDTH as TICKET_WIDTH
from epos.domain.paper import WIDTH, cells
from epos.store.database import Database
from tests.architecture.source_tree import ROOT
from tests.support.counter import end, pay
from tests.support.floor import seat
from tests.support.menus import write_menu
from tests.support.orders import gbp, item, order, payment
from tests.support.pins import APPROVAL
from tests.support.recording import record
from tests.support.rows import execute
from tests.support.server import RunningServer
from tests.support.tabs import TillTab, at_till, open_tab
from tests.support.venue_settings import AUGUST, change_settings, fill_settings
from tests.support.venues import Venue, client_at, make_venue

Json = dict[str, Any]
_RECEIPT_NUMBER = "ord_01m85fb3p5f8n8xhphpz3gf9h4"
_MENU = [
    ("soup", "Soupe à l'oignon gratinée", 795, 2000),
    ("tofu", "麻婆豆腐 Mapo Tofu", 1450, 2000),
    ("petrus", "Château Pétrus, Pomerol, Magnum", 345_000, 2000),
    ("tea", "Tea to Take Home", 499, 0),
    ("patch", "Nicotine Patch", 305, 500),
]
_DINNER: list[Json] = [
    {"plu": "soup", "quantity": 2, "cover": 1, "note": "One without\ncroûtons"},
    {
        "plu": "burger",
        "quantity": 2,
        "modifiers": [{"plu": "cheese", "quantity": 2}, {"plu": "no-bun"}],
        "subItems": [
            {"plu": "chips", "modifiers": [{"plu": "cheese"}]},
            {"plu": "milk", "quantity": 2, "note": "Oat"},
        ],
    },
    {"plu": "petrus"},
    {"plu": "tofu"},
]


async def add_items(venue: Venue, *items: tuple[str, str, int, int]) -> None:
    """PLU, name, price and VAT rate of what is on the menu too."""
    for plu, name, price, rate in items:
        await execute(
            venue,
            """INSERT INTO menu_item (venue_id, plu, category_id, name, price, vat_rate, position)
               VALUES ($1, $2, 'food', $3, $4, $5, 100)""",
            *(plu, name, price, rate),
        )


@pytest.fixture
async def kitchen(bistro: Venue) -> Venue:
    await fill_settings(bistro)
    await add_items(bistro, *_MENU)
    return bistro


async def printed(tab: TillTab, paper: str, query: str = "") -> str:
    response = await tab.venue.till.call("GET", f"{tab.path}/{paper}{query}")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    return response.text


async def refused(tab: TillTab, status: int, paper: str) -> str:
    error = await tab.venue.till.refused(status, "GET", f"{tab.path}/{paper}")
    words: str = error["debugMessage"]
    return words


async def void(tab: TillTab, plu: str, reason: str = "Sent back") -> None:
    (line,) = [one for one in tab.shown["lines"] if one["plu"] == plu and "void" not in one]
    await tab.do("void", lineId=line["id"], reason=reason, approval=APPROVAL)


async def later(venue: Venue, minutes: int) -> None:
    await change_settings(venue, clock_frozen_at=AUGUST + timedelta(minutes=minutes))


def documented() -> list[str]:
    """The papers of the page about them."""
    page = (ROOT / "docs/till/paper.md").read_text(encoding="utf-8")
    plain = re.sub(r"```http\n.*?```", "", page, flags=re.DOTALL)
    return re.findall(r"```\n(.*?)```", plain, flags=re.DOTALL)


async def dinner(kitchen: Venue) -> TillTab:
    """The one in the documents: two rounds, three rates, a void, discounts, a charge, two payments."""
    await change_settings(kitchen, service_charge_rate=1250)
    await seat(kitchen, "t10", covers=8, guestRequests="Nut allergy, one guest")
    tab = await open_tab(kitchen, tableId="t10", waiterId="anna")
    sql = "UPDATE customer_order SET reference = 'K7QD' WHERE venue_id = $1 AND id = $2"
    await execute(kitchen, sql, tab.id)
    await tab.do("items", items=_DINNER)
    await tab.do("send")
    await later(kitchen, 40)
    await tab.do("items", items=[{"plu": "tea", "quantity": 3}, {"plu": "patch"}])
    await tab.do("send")
    await void(tab, "tofu")
    lines = {line["plu"]: line["id"] for line in tab.shown["lines"]}
    off = {"lineId": lines["soup"], "name": "Neighbours' Card", "percentage": 1000}
    await tab.do("discount", off, approval=APPROVAL)
    await later(kitchen, 75)
    return tab


class TestTheDocuments:
    async def test_the_receipt_is_the_one_that_is_printed(self, kitchen: Venue) -> None:
        tab = await dinner(kitchen)
        await record(kitchen, tab.id, payment(300_000, 20_000))
        await pay(tab := await at_till(kitchen, tab.id), tendered=100_000, tip=1_000)
        receipt = await printed(tab, "receipt")
        assert receipt.replace(tab.id, _RECEIPT_NUMBER) == documented()[0]

    async def test_the_kitchen_ticket_is_the_one_that_is_printed(self, kitchen: Venue) -> None:
        assert await printed(await dinner(kitchen), "kitchen-ticket", "?round=1") == documented()[1]


class TestTheBill:
    async def test_it_is_the_one_that_a_terminal_gets(self, kitchen: Venue) -> None:
        tab = await dinner(kitchen)
        async with client_at(kitchen.target, kitchen.client.auth) as client:
            headers = {"accept": "text/plain"}
            theirs = await client.get(f"/v1/orders/{tab.id}/bill", headers=headers)
        assert await printed(tab, "bill") == theirs.text
        assert "Covers: 8" in theirs.text

    async def test_a_tab_may_have_covers_without_a_party(self, kitchen: Venue) -> None:
        tab = await open_tab(kitchen, "tea", tableId="t1", covers=3)
        assert "Covers: 3" in await printed(tab, "bill")


class TestTheReceipt:
    async def test_it_comes_when_something_is_paid(self, kitchen: Venue) -> None:
        tab = await open_tab(kitchen, "burger", "chips")
        assert "Nothing has been paid" in await refused(tab, 409, "receipt")
        paid = await pay(tab, amount=700)
        in_part = await printed(tab, "receipt")
        assert "paid in part" in in_part
        assert "Left to pay               £10.00" in in_part
        await end(tab, paid)
        assert "Nothing has been paid" in await refused(tab, 409, "receipt")
        await pay(tab)
        whole = await printed(tab, "receipt")
        assert "in part" not in whole
        assert "Left to pay" not in whole
        assert whole.count("Cash ") == 1

    async def test_none_for_what_was_cancelled(self, kitchen: Venue) -> None:
        tab = await open_tab(kitchen, "burger")
        await tab.do("cancel", reason="They left")
        assert "Canceled" in await refused(tab, 409, "receipt")

    async def test_what_was_given_away_has_one(self, kitchen: Venue) -> None:
        tab = await open_tab(kitchen, "burger")
        off = {"name": "On the house", "percentage": 10_000}
        await tab.do("discount", off, approval=APPROVAL)
        if tab.shown["status"] != "Finalized":
            await tab.do("close")
        assert "TOTAL                      £0.00" in await printed(tab, "receipt")

    async def test_each_kind_of_payment_has_its_name(self, kitchen: Venue) -> None:
        tab = await open_tab(kitchen, "burger", "chips", "wine")
        await pay(tab, type="other", method="gift card", amount=500)
        await record(kitchen, tab.id, payment(1_000, 100))
        await tab.refresh()
        await pay(tab, tendered=2_000, tip=5)
        lines = (await printed(tab, "receipt")).splitlines()
        start = lines.index("Gift card                  £5.00")
        assert lines[start + 1 : start + 7] == [
            "Card                      £10.00",
            "  and a tip of             £1.00",
            "Cash                       £9.95",
            "  and a tip of             £0.05",
            "  Given                   £20.00",
            "  Change                  £10.00",
        ]

    @pytest.mark.parametrize("bears_vat", [True, False])
    async def test_the_rates_add_up_to_the_total(self, kitchen: Venue, *, bears_vat: bool) -> None:
        await change_settings(kitchen, service_charge_rate=1000, service_charge_bears_vat=bears_vat)
        tab = await open_tab(kitchen, "burger", "tea", "patch", "milk")
        await pay(tab)
        receipt = await printed(tab, "receipt")
        rows = re.findall(r"^(\w+ \S+) +([\d.]+) +([\d.]+) +([\d.]+)$", receipt, re.MULTILINE)
        names = ["A 20%", "B 5%", "C 0%", *([] if bears_vat else ["No VAT"])]
        assert [row[0] for row in rows] == names
        in_pennies = [[round(float(cell) * 100) for cell in row[1:]] for row in rows]
        assert all(net + vat == gross for net, vat, gross in in_pennies)
        assert sum(gross for _, _, gross in in_pennies) == tab.shown["total"]
        vat = {tax["vatRate"]: tax["vat"] for tax in tab.shown["taxes"]}
        assert [row[1] for row in in_pennies[:3]] == [vat[2000], vat[500], vat[0]]

    async def test_a_venue_without_a_vat_number_says_nothing_of_vat(self, kitchen: Venue) -> None:
        await change_settings(kitchen, tax_number=None)
        tab = await open_tab(kitchen, "burger", "tea")
        await pay(tab)
        receipt = await printed(tab, "receipt")
        assert "VAT" not in receipt
        assert "Receipt" in receipt
        assert "1 x Burger                £12.50" in receipt

    async def test_an_order_of_dojos_has_the_taxes_that_dojo_says(self, kitchen: Venue) -> None:
        tax = {"name": "VAT", "amountPercentage": 2000, "amountTotal": gbp(240)}
        body = order(1_450, [payment(1_450)], items=[item()], taxLines=[tax])
        tab = await at_till(kitchen, (await kitchen.ok("POST", "/v1/orders", body))["id"])
        receipt = await printed(tab, "receipt")
        assert "VAT 20%                    £2.40" in receipt
        assert "Card                      £14.50" in receipt

    async def test_in_euros(self, database: Database, server: RunningServer) -> None:
        async with make_venue(database, server, currency="EUR") as venue:
            await write_menu(database, venue.id)
            await fill_settings(venue)
            tab = await open_tab(venue, "burger")
            await pay(tab)
            receipt = await printed(tab, "receipt")
        assert "TOTAL                     €12.50" in receipt
        assert "Rate     Net €   VAT €   Gross €" in receipt
        assert "£" not in receipt


class TestTheKitchenTicket:
    async def test_the_last_round_unless_another_is_named(self, kitchen: Venue) -> None:
        tab = await dinner(kitchen)
        last = await printed(tab, "kitchen-ticket")
        assert last == await printed(tab, "kitchen-ticket", "?round=2")
        assert "Round 2" in last
        assert "Sent: 12 Aug 20:10" in last
        assert "3 x Tea to Take Home" in last
        assert "Burger" not in last
        assert "1 x 麻婆豆腐 Mapo Tofu\n  ! Sent back" in last, "voided after this round"
        assert "The round" in await refused(tab, 404, "kitchen-ticket?round=3")

    async def test_a_void_is_on_no_ticket_of_a_later_round(self, kitchen: Venue) -> None:
        tab = await open_tab(kitchen, "burger", "chips")
        await tab.do("send")
        await later(kitchen, 5)
        await void(tab, "chips")
        assert "VOID" in await printed(tab, "kitchen-ticket", "?round=1")
        await later(kitchen, 10)
        await tab.do("items", items=[{"plu": "milk"}])
        assert "Milk" not in await printed(tab, "kitchen-ticket"), "not sent yet"
        await tab.do("send")
        assert "VOID" not in await printed(tab, "kitchen-ticket", "?round=2")
        assert "VOID" in await printed(tab, "kitchen-ticket", "?round=1")

    async def test_of_merged_tabs_it_is_the_one_that_was_sent_last(self, kitchen: Venue) -> None:
        """The rounds of the other tab are counted on from those of this one, whenever they were sent."""
        tab, other = await open_tab(kitchen, "burger"), await open_tab(kitchen, "chips", "milk")
        await other.do("send")
        await later(kitchen, 5)
        await tab.do("send")
        merge = {"otherTabId": other.id, "otherVersion": other.shown["version"]}
        await tab.do("merge", merge)
        await later(kitchen, 10)
        await void(tab, "chips")
        ticket = await printed(tab, "kitchen-ticket")
        assert ticket == await printed(tab, "kitchen-ticket", "?round=1")
        made, _, voids = ticket.partition("VOID")
        assert "1 x Burger" in made
        assert "1 x Chips" in voids, "sent before it, and voided after it"
        of_other = await printed(tab, "kitchen-ticket", "?round=2")
        assert "1 x Milk" in of_other.partition("VOID")[0]
        assert "1 x Chips" in of_other.partition("VOID")[2]
        await void(tab, "burger")
        assert "1 x Burger" in (await printed(tab, "kitchen-ticket")).partition("VOID")[2]
        assert "Burger" not in await printed(tab, "kitchen-ticket", "?round=2")

    async def test_part_of_a_line_is_voided(self, kitchen: Venue) -> None:
        tab = await open_tab(kitchen, tableId="t1")
        await tab.do("items", items=[{"plu": "tofu", "quantity": 3}])
        await tab.do("send")
        await later(kitchen, 5)
        (line,) = tab.shown["lines"]
        more = {"lineId": line["id"], "quantity": 1, "reason": "Dropped"}
        await tab.do("void", more, approval=APPROVAL)
        ticket = await printed(tab, "kitchen-ticket")
        made, _, gone = ticket.partition("VOID")
        assert "2 x 麻婆豆腐" in made
        assert "1 x 麻婆豆腐" in gone
        assert "Sent: 12 Aug 19:30" in ticket

    async def test_there_are_no_prices(self, kitchen: Venue) -> None:
        assert "£" not in await printed(await dinner(kitchen), "kitchen-ticket", "?round=1")

    async def test_before_anything_was_sent(self, kitchen: Venue) -> None:
        tab = await open_tab(kitchen, "burger")
        assert "sent to the kitchen" in await refused(tab, 409, "kitchen-ticket")

    @pytest.mark.parametrize("number", ["0", "-1", "one", "1.0", str(2**31)])
    async def test_what_is_no_round_is_named(self, kitchen: Venue, number: str) -> None:
        tab = await open_tab(kitchen, "burger")
        assert "round" in await refused(tab, 400, f"kitchen-ticket?round={number}")

    async def test_an_order_of_dojos_is_one_round(self, kitchen: Venue) -> None:
        dish = item("Pad Thai", quantity=2) | {
            "note": "No peanuts",
            "modifiers": [
                {"name": "Prawns", "plu": "2", "quantity": 1, "amountPerModifier": gbp(0)}
            ],
            "subItems": [
                {"name": "Rice", "plu": "3", "quantity": 1, "amountPerItem": gbp(0)},
            ],
        }
        await change_settings(kitchen, accepts_orders=False)
        body = order(2_900, items=[dish], note="Ring twice")
        tab = await at_till(kitchen, (await kitchen.ok("POST", "/v1/orders", body))["id"])
        ticket = await printed(tab, "kitchen-ticket")
        assert "NOT ACCEPTED YET" in ticket
        wanted = ["! Ring twice", "2 x Pad Thai\n  + Prawns\n  2 x Rice\n  ! No peanuts\n"]
        assert all(part in ticket for part in wanted), ticket
        await tab.do("accept")
        assert "ACCEPTED" not in await printed(tab, "kitchen-ticket", "?round=1")
        await refused(tab, 404, "kitchen-ticket?round=2")
        await tab.do("cancel", reason="No answer", approval=APPROVAL)
        assert "CANCELED" in await printed(tab, "kitchen-ticket")


class TestAnyPaper:
    async def test_nothing_is_wider_than_the_paper(self, kitchen: Venue) -> None:
        long = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz 👩‍🍳🏴󠁧󠁢󠁷󠁬󠁳󠁿 日本語のメニュー"
        await add_items(kitchen, ("long", long, 10**10, 2000), ("wide", long, 10**9, 0))
        await execute(
            kitchen, "UPDATE dining_table SET name = $2 WHERE venue_id = $1 AND id = 't1'", long
        )
        tab = await open_tab(kitchen, tableId="t1", note=f"{long}\n{long}")
        parts = [{"plu": "wide", "quantity": 9, "note": long}]
        dish = {"plu": "long", "quantity": 9, "subItems": parts, "note": long, "cover": 3}
        await tab.do("items", items=[dish])
        await tab.do("send")
        await pay(tab)
        widths = {"bill": WIDTH, "receipt": WIDTH, "kitchen-ticket": TICKET_WIDTH}
        for paper, width in widths.items():
            lines = (await printed(tab, paper)).splitlines()
            assert max(map(cells, lines)) <= width, paper
        receipt = await printed(tab, "receipt")
        assert "B 0%\n  Net            £810,000,000.00\n" in receipt, "too wide for a table"

    @pytest.mark.parametrize("paper", ["bill", "receipt", "kitchen-ticket"])
    async def test_as_a_page_everything_is_escaped(self, kitchen: Venue, paper: str) -> None:
        evil = "<script>alert('1')</script> & \"co\""
        await add_items(kitchen, ("evil", evil, 100, 2000))
        await change_settings(kitchen, name=evil, bill_message=evil)
        tab = await open_tab(kitchen, "evil", tableId="t1", note=evil)
        await tab.do("send")
        await pay(tab)
        response = await kitchen.till.call("GET", f"{tab.path}/{paper}?format=page")
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert "<script" not in response.text
        assert "&lt;script&gt;" in response.text
        assert "http" not in re.sub(r"https://kitchen\.example", "", response.text)
        assert "@media print" in response.text
        assert "style-src 'unsafe-inline'" in response.headers["content-security-policy"]

    async def test_another_form_is_refused(self, kitchen: Venue) -> None:
        tab = await open_tab(kitchen, "burger")
        assert "format must be text or page" in await refused(tab, 400, "bill?format=pdf")

    @pytest.mark.parametrize("paper", ["bill", "receipt", "kitchen-ticket"])
    async def test_only_those_who_may_see_the_tab(
        self, assigned_venue: Venue, other_venue: Venue, paper: str
    ) -> None:
        tab = await open_tab(assigned_venue, tableId="t3")
        path = f"{tab.path}/{paper}"
        await assigned_venue.till.refused(404, "GET", path, waiter_id="cleo")
        await other_venue.till.refused(404, "GET", path)
        await assigned_venue.refused(403, "GET", path)


class TestTheVatInvoice:
    """Above 250 only who is named gets an invoice; up to that the receipt is a simplified one."""

    async def test_above_250_it_names_the_customer(self, bistro: Venue) -> None:
        await execute(bistro, "UPDATE venue SET tax_number = 'GB 123 4567 89' WHERE id = $1")
        tab = await open_tab(bistro)
        await tab.add({"plu": "burger", "quantity": 21})
        await pay(tab)
        path = f"{tab.path}/receipt"
        plain = (await bistro.till.call("GET", path)).text
        assert "VAT invoice. Ask" in plain
        assert "VAT receipt" not in plain
        named = f"{path}?customerName=Ada+Ltd&customerAddress=1+Mill+Lane%2C+Ripley"
        invoice = (await bistro.till.call("GET", named)).text
        assert "VAT invoice" in invoice.splitlines()[invoice.splitlines().index("-" * 32) + 1]
        assert "To: Ada Ltd" in invoice
        assert "1 Mill Lane, Ripley" in invoice
        assert "not a VAT invoice" not in invoice
        answer = await bistro.till.call("GET", f"{path}?customerName=Ada+Ltd")
        assert answer.status_code == 400

    async def test_up_to_250_it_is_a_simplified_one(self, bistro: Venue) -> None:
        await execute(bistro, "UPDATE venue SET tax_number = 'GB 123 4567 89' WHERE id = $1")
        tab = await open_tab(bistro)
        await tab.add({"plu": "burger", "quantity": 20})
        await pay(tab)
        receipt = (await bistro.till.call("GET", f"{tab.path}/receipt")).text
        assert "VAT receipt" in receipt
        assert "not a VAT invoice" not in receipt
