"""Orders from Dojo get the menu's VAT where Dojo says none, and show prices that are not the menu's."""

from typing import Any

import pytest

from tests.support.counter import end, give_back, pay
from tests.support.days import at, close, report
from tests.support.orders import gbp, order, payment
from tests.support.pins import APPROVAL
from tests.support.recording import record
from tests.support.rows import execute
from tests.support.tabs import TABS, at_till
from tests.support.venues import Venue

Json = dict[str, Any]
DAY, NEXT = "2026-11-25", "2026-11-26"


def product(plu: str, price: int, quantity: int = 1, **more: Any) -> Json:
    return {
        "plu": plu,
        "name": plu.title(),
        "quantity": quantity,
        "amountPerItem": gbp(price),
        **more,
    }


def change(plu: str, price: int, quantity: int = 1) -> Json:
    return {"plu": plu, "name": plu, "quantity": quantity, "amountPerModifier": gbp(price)}


def sent(total: int, *items: Json, **more: Any) -> Json:
    dine_in = more.pop("dine_in", {"tableId": "t1"})
    return order(total, items=list(items), dine_in=dine_in, **more)


DINNER = (
    product("burger", 1300, 2, modifiers=[change("cheese", 100)], subItems=[product("milk", 125)]),
    product("special", 500),
)
"""Burgers at £13.00 are £12.50 in the menu; milk has no VAT; the menu has no special."""


async def come(venue: Venue, body: Json) -> Json:
    created: Json = await venue.ok("POST", "/v1/orders", body)
    return created


async def shown(venue: Venue, order_id: str) -> Json:
    tab: Json = await venue.till.ok("GET", f"{TABS}/{order_id}")
    return tab


def rates(tab: Json) -> dict[int, tuple[int, int]]:
    assert all(tax["derived"] for tax in tab["taxes"])
    return {tax["vatRate"]: (tax["gross"], tax["vat"]) for tax in tab["taxes"]}


@pytest.fixture
async def evening(bistro: Venue) -> Venue:
    await at(bistro, f"{DAY} 19:00")
    return bistro


class TestVat:
    async def test_by_the_menu_where_it_knows_the_product(self, evening: Venue) -> None:
        created = await come(evening, sent(3_550, *DINNER))
        assert "taxLines" not in created, "the order is what Dojo sent"
        tab = await shown(evening, created["id"])
        assert rates(tab) == {2000: (2_800, 467), 0: (250, 0)}
        assert tab["unknownVat"] == 500
        dojo = (await report(evening, DAY))["dojoOrders"]
        assert (dojo["orders"], dojo["amount"], dojo["unknownVat"]) == (1, 3_550, 500)
        assert dojo["vat"] == [
            {"vatRate": 2000, "vat": 467, "derived": True, "gross": 2_800},
            {"vatRate": 0, "vat": 0, "derived": True, "gross": 250},
        ]

    async def test_what_dojo_says_of_its_vat_counts(self, evening: Venue) -> None:
        taxes = [{"amountPercentage": 2000, "amountTotal": gbp(100)}]
        created = await come(evening, sent(3_550, *DINNER, taxLines=taxes))
        tab = await shown(evening, created["id"])
        assert (tab["taxes"], "unknownVat" in tab) == ([], False)
        dojo = (await report(evening, DAY))["dojoOrders"]
        assert dojo["vat"] == [{"vatRate": 2000, "vat": 100}]
        assert "unknownVat" not in dojo

    async def test_a_later_menu_changes_nothing(self, evening: Venue) -> None:
        created = await come(evening, sent(3_550, *DINNER))
        before = await report(evening, DAY)
        body = {"categoryId": "food", "name": "Burger", "price": 1300, "vatRate": 0}
        await evening.admin.ok("PUT", "/till/v1/menu/items/burger", body)
        assert rates(await shown(evening, created["id"]))[2000] == (2_800, 467)
        assert await report(evening, DAY) == before

    async def test_what_is_collected_has_the_rate_of_taking_away(self, evening: Venue) -> None:
        body = {"categoryId": "food", "name": "Salad", "price": 960, "vatRate": 2000}
        body |= {"plu": "salad", "takeaway": {"price": 800, "vatRate": 0}}
        await evening.admin.ok("POST", "/till/v1/menu/items", body)
        away = await come(evening, sent(800, product("salad", 800), dine_in=None))
        here = await come(evening, sent(960, product("salad", 960)))
        away_tab, here_tab = await shown(evening, away["id"]), await shown(evening, here["id"])
        assert (rates(away_tab), rates(here_tab)) == ({0: (800, 0)}, {2000: (960, 160)})
        assert "pricesDiffer" not in away_tab

    async def test_a_deal_has_the_rates_of_its_parts(self, evening: Venue) -> None:
        body = {"categoryId": "food", "name": "Lunch", "price": 500, "vatRate": 2000}
        body |= {"plu": "lunch", "parts": [{"plu": "cake"}, {"plu": "chips"}]}
        await evening.admin.ok("POST", "/till/v1/menu/items", body)
        inside = [product("cake", 0), product("chips", 0)]
        created = await come(evening, sent(500, product("lunch", 500, subItems=inside)))
        tab = await shown(evening, created["id"])
        assert rates(tab) == {2000: (287, 48), 0: (213, 0)}
        assert "priceDifferences" not in tab, "in a deal its parts cost nothing more"

    @pytest.mark.parametrize(
        ("total", "more", "expected", "unknown"),
        [
            # A discount of the whole, of one product, and one that nobody listed.
            (900, {"discounts": [{"name": "Ten", "amountTotal": gbp(100)}]}, (675, 225), None),
            (
                700,
                {"discounts": [{"name": "Free", "amountTotal": gbp(999), "affectedPlu": "free"}]},
                (700, 0),
                None,
            ),
            (500, {}, (375, 125), None),
            # A delivery that no line says, and a voluntary service charge.
            (1_250, {}, (750, 250), 250),
            (1_100, {"serviceChargeAmount": gbp(100)}, (750, 250), None),
        ],
    )
    async def test_discounts_and_what_no_line_says(
        self,
        evening: Venue,
        total: int,
        more: Json,
        expected: tuple[int, int],
        unknown: int | None,
    ) -> None:
        """A mug at 20 % is £7.50, and cake at 0 % £2.50."""
        items = (product("mug", 750), product("cake", 250))
        if "discounts" in more and "affectedPlu" in more["discounts"][0]:
            items = (product("mug", 700), product("free", 999))
        created = await come(evening, sent(total, *items, **more))
        tab = await shown(evening, created["id"])
        gross = {rate: gross for rate, (gross, _) in rates(tab).items()}
        assert (gross.get(2000, 0), gross.get(0, 0)) == expected
        assert tab.get("unknownVat") == unknown
        await report(evening, DAY)

    async def test_a_compulsory_service_charge_has_the_rates_of_the_goods(
        self, evening: Venue
    ) -> None:
        await execute(evening, "UPDATE venue SET service_charge_bears_vat = true WHERE id = $1")
        items = (product("mug", 750), product("cake", 250))
        created = await come(evening, sent(1_100, *items, serviceChargeAmount=gbp(100)))
        assert rates(await shown(evening, created["id"])) == {2000: (825, 138), 0: (275, 0)}

    async def test_a_refund_is_shared_over_the_rates_on_its_own_day(self, evening: Venue) -> None:
        created = await come(evening, sent(3_550, *DINNER))
        tab = await at_till(evening, created["id"])
        paid = await pay(tab)
        closed = await close(evening, DAY)
        await at(evening, f"{NEXT} 12:00")
        back = {"amount": 355, "owedAgain": False, "reason": "Cold", "approval": APPROVAL}
        await tab.do(f"payments/{paid['id']}/refund", back)
        assert rates(tab.shown) == {2000: (2_520, 420), 0: (225, 0)}
        assert tab.shown["unknownVat"] == 450
        assert await report(evening, DAY) == closed
        dojo = (await report(evening, NEXT))["dojoOrders"]
        assert (dojo["orders"], dojo["amount"], dojo["unknownVat"]) == (0, -355, -50)
        assert [(tax["gross"], tax["vat"]) for tax in dojo["vat"]] == [(-280, -47), (-25, 0)]

    async def test_a_cancelled_order_takes_its_vat_with_it(self, evening: Venue) -> None:
        created = await come(evening, sent(3_550, *DINNER))
        await evening.ok("DELETE", f"/v1/orders/{created['id']}")
        dojo = (await report(evening, DAY))["dojoOrders"]
        assert (dojo["orders"], dojo["amount"], dojo["vat"]) == (0, 0, [])
        assert "priceDifferences" not in dojo

    async def test_the_bookkeepers_journal_has_it(self, evening: Venue) -> None:
        created = await come(evening, sent(3_550, *DINNER))
        await record(evening, created["id"], payment(3_550))
        journal = await evening.till.ok("GET", f"/till/v1/reports/journal?fromDay={DAY}")
        credited = {line["name"]: line["credit"] for line in journal["lines"]}
        assert (credited["vat-output"], credited["sales-dojo"]) == (467, 3_550 - 467)
        assert journal["debits"] == journal["credits"]
        by_rate = f"/till/v1/reports/sales?fromDay={DAY}&by=vat-rate"
        rows = (await evening.till.ok("GET", by_rate))["rows"]
        assert {row.get("key"): row["vat"] for row in rows}["2000"] == 467


class TestPaper:
    """Two mugs at 20 % and a cake at 0 %, of which Dojo does not say the VAT."""

    ITEMS = (product("mug", 750, 2), product("cake", 250))

    @pytest.fixture
    async def registered(self, evening: Venue) -> Venue:
        await execute(evening, "UPDATE venue SET tax_number = 'GB 123 4567 89' WHERE id = $1")
        return evening

    async def test_a_receipt_has_the_vat_by_the_menu(self, registered: Venue) -> None:
        paper = await receipt(registered, sent(1_750, *self.ITEMS))
        assert ["VAT", "receipt"] in paper
        assert ["20%", "12.50", "2.50", "15.00"] in paper
        assert ["0%", "2.50", "0.00", "2.50"] in paper
        assert ["VAT", "by", "the", "rates", "of", "the", "menu"] in paper

    async def test_an_invoice_has_it_too(self, registered: Venue) -> None:
        items = (product("mug", 750, 40), product("cake", 250))
        ada = "?customerName=Ada&customerAddress=1+Mill+Lane"
        paper = await receipt(registered, sent(30_250, *items), query=ada)
        assert ["VAT", "invoice"] in paper
        assert ["20%", "250.00", "50.00", "300.00"] in paper

    @pytest.mark.parametrize("customer", ["", "?customerName=Ada&customerAddress=1+Mill+Lane"])
    async def test_without_all_of_its_vat_it_is_no_vat_receipt(
        self, registered: Venue, customer: str
    ) -> None:
        items = (*self.ITEMS, product("special", 500))
        paper = await receipt(registered, sent(2_250, *items), query=customer)
        assert ["Receipt"] in paper
        assert ["VAT", "not", "known", "£5.00"] in paper
        assert ["20%", "12.50", "2.50", "15.00"] in paper
        assert ["This", "is", "not", "a", "VAT", "invoice:", "its"] in paper
        unknown = await receipt(registered, sent(500, product("special", 500)), query=customer)
        assert ["Receipt"] in unknown

    async def test_a_credit_note_has_its_vat(self, registered: Venue) -> None:
        created = await come(registered, sent(1_750, *self.ITEMS))
        tab = await at_till(registered, created["id"])
        await give_back(tab, await pay(tab), 350, owedAgain=False)
        paper = await lines_of(registered, created["id"], "refund-receipt")
        assert ["Credit", "note"] in paper
        assert ["20%", "2.50", "0.50", "3.00"] in paper
        assert ["0%", "0.50", "0.00", "0.50"] in paper
        assert ["VAT", "by", "the", "rates", "of", "the", "menu"] in paper

    @pytest.mark.parametrize("all_at_last", [False, True])
    async def test_what_dojo_sent_is_shared_in_proportion(
        self, registered: Venue, all_at_last: bool
    ) -> None:
        """£3.00 and £1.00 of £20.00. Each credit note has its part, to the penny, as the day's report."""
        taxes = [
            {"amountPercentage": 500, "amountTotal": gbp(100)},
            {"amountPercentage": 2000, "amountTotal": gbp(300)},
        ]
        created = await come(registered, sent(2_000, *self.ITEMS, taxLines=taxes))
        tab = await at_till(registered, created["id"])
        paid, vat = await pay(tab), []
        for amount in (333, 333, *((1_334,) if all_at_last else ())):
            if amount > 333:
                await end(tab, paid, owedAgain=False)
            else:
                await give_back(tab, paid, amount, owedAgain=False)
            paper = await lines_of(registered, created["id"], "refund-receipt")
            assert ["Credit", "note"] in paper
            vat += [
                [words[-1] for words in paper if words[:1] == ["VAT"] and words[1:2] != ["No."]]
            ]
        last = [["£2.00", "£0.67"]] if all_at_last else []
        assert vat == [["£0.50", "£0.17"], ["£0.50", "£0.16"], *last]
        told = (await report(registered, DAY))["dojoOrders"]["vat"]
        left = [] if all_at_last else [67, 200]
        assert sorted(row["vat"] for row in told) == left

    async def test_what_is_owed_again_has_it_below_nothing(self, registered: Venue) -> None:
        taxes = [{"amountPercentage": 2000, "amountTotal": gbp(300)}]
        created = await come(registered, sent(2_000, *self.ITEMS, taxLines=taxes))
        tab = await at_till(registered, created["id"])
        paid = await pay(tab)
        await give_back(tab, paid, 500, owedAgain=False)
        first = await lines_of(registered, created["id"], "refund-receipt")
        assert ["VAT", "20%", "£0.75"] in first
        await end(tab, paid, owedAgain=True)
        again = await lines_of(registered, created["id"], "refund-receipt")
        assert ["On", "the", "bill", "again", "£5.00"] in again
        assert ["VAT", "20%", "-£0.75"] in again

    @pytest.mark.parametrize("lines", [[], [{"amountPercentage": 2000, "amountTotal": gbp(2_001)}]])
    async def test_what_nobody_knows_is_said(self, registered: Venue, lines: list[Json]) -> None:
        """A product that the menu does not have, and taxes of more than the order comes to."""
        body = sent(2_000, product("special", 2_000), taxLines=lines)
        created = await come(registered, body)
        tab = await at_till(registered, created["id"])
        await give_back(tab, await pay(tab), 350, owedAgain=False)
        paper = await lines_of(registered, created["id"], "refund-receipt")
        assert ["VAT", "not", "known", "£3.50"] in paper


async def receipt(venue: Venue, body: Json, query: str = "") -> list[list[str]]:
    """The words of each line of the receipt of an order that is paid."""
    created = await come(venue, body)
    await pay(await at_till(venue, created["id"]))
    return await lines_of(venue, created["id"], f"receipt{query}")


async def lines_of(venue: Venue, order_id: str, paper: str) -> list[list[str]]:
    answer = await venue.till.call("GET", f"{TABS}/{order_id}/{paper}")
    assert answer.status_code == 200, answer.text
    return [line.split() for line in answer.text.splitlines()]


class TestPrices:
    async def test_another_price_is_accepted_and_shown(self, evening: Venue) -> None:
        created = await come(evening, sent(3_550, *DINNER))
        tab = await shown(evening, created["id"])
        burger = {"plu": "burger", "name": "Burger", "count": 2, "price": 1300, "menuPrice": 1250}
        assert (tab["pricesDiffer"], tab["priceDifferences"]) == (True, [burger])
        [listed] = (await evening.till.ok("GET", TABS))["data"]
        assert listed["pricesDiffer"]
        told = await report(evening, DAY)
        named = {"tabId": created["id"], "reference": tab["reference"]}
        assert told["dojoOrders"]["priceDifferences"] == {
            "count": 1,
            "differences": [burger | named],
        }
        path = f"/till/v1/days/{DAY}/report"
        table = (await evening.till.call("GET", f"{path}?format=csv")).text
        assert "priceDifferences" in table
        page = (await evening.till.call("GET", f"{path}?format=page")).text
        assert "at another price" in page
        assert "by the menu 20%" in page

    async def test_modifiers_and_sub_items_too(self, evening: Venue) -> None:
        cheap = product(
            "burger", 1250, modifiers=[change("cheese", 50, 2)], subItems=[product("milk", 100, 3)]
        )
        created = await come(evening, sent(1_650, cheap))
        found = (await shown(evening, created["id"]))["priceDifferences"]
        assert [(one["plu"], one["count"], one["price"], one["menuPrice"]) for one in found] == [
            ("cheese", 2, 50, 100),
            ("milk", 3, 100, 125),
        ]

    async def test_the_menus_price_and_an_open_price_are_no_difference(
        self, evening: Venue
    ) -> None:
        items = (product("chips", 450), product("market-fish", 2_000))
        tab = await shown(evening, (await come(evening, sent(2_450, *items)))["id"])
        assert not {"pricesDiffer", "priceDifferences", "unknownVat"} & tab.keys()


class TestSoldOut:
    """Oysters and truffle have run out."""

    SOLD_OUT = (
        product("oysters", 1_800),
        product("burger", 1_250, modifiers=[change("truffle", 500)]),
        product("burger", 1_250, subItems=[product("oysters", 1_800)]),
    )

    @pytest.mark.parametrize("item", SOLD_OUT)
    async def test_it_is_accepted_by_default(self, evening: Venue, item: Json) -> None:
        await come(evening, sent(2_000, item))

    @pytest.mark.parametrize("item", SOLD_OUT)
    async def test_it_is_a_conflict_if_the_venue_wants_that(
        self, evening: Venue, item: Json
    ) -> None:
        await execute(evening, "UPDATE venue SET refuses_sold_out_orders = true WHERE id = $1")
        error = await evening.refused(409, "POST", "/v1/orders", sent(2_000, item))
        assert "is not available" in error["debugMessage"]
        assert (await evening.till.ok("GET", TABS))["data"] == []

    async def test_the_same_order_sent_again_is_answered(self, evening: Venue) -> None:
        """What ran out since does not refuse an order that was accepted."""
        await execute(evening, "UPDATE venue SET refuses_sold_out_orders = true WHERE id = $1")
        body = sent(450, product("chips", 450))
        created = await come(evening, body)
        path = "/till/v1/menu/items/chips/availability"
        await evening.till.ok("PUT", path, {"available": False})
        assert (await come(evening, body))["id"] == created["id"]
        again = sent(450, product("chips", 450))
        await evening.refused(409, "POST", "/v1/orders", again)
