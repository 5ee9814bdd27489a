"""What is taken away has a price and a VAT rate of its own; deals have one price for several items."""

from typing import Any

import pytest

from tests.support.counter import pay
from tests.support.tabs import TillTab, open_tab
from tests.support.venues import Venue

Json = dict[str, Any]
ITEMS = "/till/v1/menu/items"


async def put(venue: Venue, plu: str, price: int | None, rate: int, **more: Any) -> Json:
    body = {"plu": plu, "categoryId": "food", "name": plu.title(), "price": price, "vatRate": rate}
    made: Json = await venue.admin.ok("POST", ITEMS, body | more)
    return made


@pytest.fixture
async def counter(bistro: Venue) -> Venue:
    """A salad: £9.60 at 20% here, £8.00 at 0% to take away; a soup at one price and two rates."""
    await put(bistro, "salad", 960, 2000, takeaway={"price": 800, "vatRate": 0})
    await put(bistro, "soup", 600, 2000, takeaway={"vatRate": 0})
    return bistro


def sold(tab: TillTab) -> list[tuple[str, int, int, bool]]:
    return [(line["plu"], line["price"], line["vatRate"], line["takeaway"]) for line in tab.lines]


def taxes(tab: TillTab) -> dict[int, tuple[int, int]]:
    return {tax["vatRate"]: (tax["gross"], tax["vat"]) for tax in tab.shown["taxes"]}


class TestALine:
    async def test_here_or_away(self, counter: Venue) -> None:
        tab = await open_tab(counter)
        await tab.add(
            "salad", {"plu": "salad", "takeaway": True}, {"plu": "soup", "takeaway": True}
        )
        assert sold(tab) == [
            ("salad", 960, 2000, False),
            ("salad", 800, 0, True),
            ("soup", 600, 0, True),
        ]
        assert tab.shown["total"] == 2_360
        assert taxes(tab) == {2000: (960, 160), 0: (1_400, 0)}

    async def test_an_item_without_a_second_price(self, counter: Venue) -> None:
        tab = await open_tab(counter)
        await tab.add({"plu": "burger", "takeaway": True})
        assert sold(tab) == [("burger", 1250, 2000, True)]

    async def test_collection_is_away(self, counter: Venue) -> None:
        tab = await open_tab(counter, "salad", collection={"asap": True})
        await tab.add({"plu": "salad", "takeaway": False})
        assert sold(tab) == [("salad", 800, 0, True), ("salad", 960, 2000, False)]

    async def test_its_parts_too(self, counter: Venue) -> None:
        tab = await open_tab(counter)
        await tab.add({"plu": "burger", "takeaway": True, "subItems": [{"plu": "salad"}]})
        assert [part["price"] for part in tab.lines[0]["subItems"]] == [800]
        await tab.do("takeaway", takeaway=False)
        assert [part["price"] for part in tab.lines[0]["subItems"]] == [960]

    async def test_the_menu_may_change_meanwhile(self, counter: Venue) -> None:
        tab = await open_tab(counter, "salad")
        body = {"categoryId": "food", "name": "Salad", "price": 1, "vatRate": 500}
        await counter.admin.ok("PUT", f"{ITEMS}/salad", body)
        await tab.do("takeaway", takeaway=True)
        assert sold(tab) == [("salad", 800, 0, True)]


class TestChanging:
    async def test_a_line_and_back(self, counter: Venue) -> None:
        tab = await open_tab(counter, "salad", "soup")
        before = tab.shown
        await tab.do("takeaway", takeaway=True, lineIds=[tab.lines[0]["id"]])
        assert sold(tab) == [("salad", 800, 0, True), ("soup", 600, 2000, False)]
        await tab.do("takeaway", takeaway=False, lineIds=[tab.lines[0]["id"]])
        assert (tab.lines, tab.shown["taxes"]) == (before["lines"], before["taxes"])

    async def test_the_tab_and_what_comes_later(self, counter: Venue) -> None:
        tab = await open_tab(counter, "salad")
        await tab.do("takeaway", takeaway=True)
        await tab.add("soup")
        assert sold(tab) == [("salad", 800, 0, True), ("soup", 600, 0, True)]

    async def test_what_was_sent_too(self, counter: Venue) -> None:
        tab = await open_tab(counter, "salad")
        await tab.do("send")
        await tab.do("takeaway", takeaway=True)
        ticket = (await counter.till.call("GET", f"{tab.path}/kitchen-ticket")).text
        assert "1 x Salad\n  + Take away\n" in ticket

    async def test_not_below_what_is_paid(self, counter: Venue) -> None:
        tab = await open_tab(counter, "salad")
        await pay(tab, amount=900)
        await tab.refused(409, "takeaway", takeaway=True)

    async def test_not_when_it_is_paid(self, counter: Venue) -> None:
        tab = await open_tab(counter, "salad")
        await pay(tab)
        await tab.refused(409, "takeaway", takeaway=True)

    async def test_a_line_of_another_tab(self, counter: Venue) -> None:
        tab = await open_tab(counter, "salad")
        assert "lineId" in await tab.refused(400, "takeaway", takeaway=True, lineIds=["nobody"])

    async def test_the_report_has_both_rates(self, counter: Venue) -> None:
        tab = await open_tab(counter, "salad", "salad")
        await tab.do("takeaway", takeaway=True, lineIds=[tab.lines[0]["id"]])
        await pay(tab)
        day = (await counter.till.ok("POST", "/till/v1/days/open", {"openingFloat": 0}))["day"]
        report = await counter.till.ok("GET", f"/till/v1/days/{day}/report")
        found = {tax["vatRate"]: (tax["gross"], tax["vat"]) for tax in report["vat"]}
        assert found == {2000: (960, 160), 0: (800, 0)}


@pytest.fixture
async def deal(counter: Venue) -> Venue:
    """A sandwich at £3.00 without VAT, crisps at £1.50 and a drink at £2.00 with 20%, for £5.00."""
    for plu, price, rate in (("sandwich", 300, 0), ("crisps", 150, 2000), ("drink", 200, 2000)):
        await put(counter, plu, price, rate)
    parts = [{"plu": plu} for plu in ("sandwich", "crisps", "drink")]
    await put(counter, "deal", 500, 2000, parts=parts)
    return counter


class TestADeal:
    async def test_its_vat_is_shared_by_list_price(self, deal: Venue) -> None:
        tab = await open_tab(deal, "deal")
        assert tab.shown["total"] == 500
        assert taxes(tab) == {0: (231, 0), 2000: (269, 45)}
        shares = {part["plu"]: part["price"] for part in tab.lines[0]["subItems"]}
        assert shares == {"sandwich": 231, "crisps": 115, "drink": 154}

    async def test_two_of_them_split(self, deal: Venue) -> None:
        tab = await open_tab(deal)
        await tab.add({"plu": "deal", "quantity": 2})
        line = tab.lines[0]["id"]
        both = await tab.do("split", lines=[{"lineId": line, "quantity": 1}])
        assert [both[side]["total"] for side in ("tab", "taken")] == [500, 500]

    async def test_several_of_a_part(self, deal: Venue) -> None:
        parts = [{"plu": "crisps", "quantity": 3}, {"plu": "drink"}]
        await put(deal, "party", 500, 2000, parts=parts)
        tab = await open_tab(deal, "party")
        assert tab.shown["total"] == 500
        assert len(tab.lines[0]["subItems"]) == 4

    async def test_taken_away(self, deal: Venue) -> None:
        """Each part has the rate of its way; the price of the deal stays."""
        await put(deal, "lunch", 700, 2000, parts=[{"plu": "salad"}, {"plu": "soup"}])
        tab = await open_tab(deal, "lunch")
        assert taxes(tab) == {2000: (700, 117)}
        await tab.do("takeaway", takeaway=True)
        assert (tab.shown["total"], taxes(tab)) == (700, {0: (700, 0)})
        await tab.do("takeaway", takeaway=False)
        assert taxes(tab) == {2000: (700, 117)}

    async def test_a_part_that_has_run_out(self, deal: Venue) -> None:
        await deal.till.ok("PUT", f"{ITEMS}/crisps/availability", {"available": False})
        tab = await open_tab(deal)
        assert "Crisps" in await tab.refused(409, "items", items=[{"plu": "deal"}])

    async def test_the_menu_shows_it_and_keeps_its_parts(self, deal: Venue) -> None:
        menu = await deal.till.ok("GET", "/till/v1/menu")
        items = {item["plu"]: item for part in menu["categories"] for item in part["items"]}
        assert items["deal"]["parts"][0] == {"plu": "sandwich", "quantity": 1}
        assert items["salad"]["takeaway"] == {"price": 800, "vatRate": 0}
        assert "takeaway" not in items["burger"]
        error = await deal.admin.refused(409, "DELETE", f"{ITEMS}/crisps")
        assert "deal" in error["debugMessage"]
        layout = await deal.admin.ok("GET", "/till/v1/layout")
        await deal.admin.ok("PUT", "/till/v1/layout", layout)
        assert await deal.admin.ok("GET", "/till/v1/layout") == layout

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"price": None, "parts": [{"plu": "burger"}]}, "price"),
            ({"parts": [{"plu": "nothing"}]}, "parts[0].plu"),
            ({"parts": [{"plu": "burger"}, {"plu": "market-fish"}]}, "parts[1].plu"),
            ({"parts": [{"plu": "deal"}]}, "parts[0].plu"),
            ({"parts": []}, "parts"),
        ],
    )
    async def test_what_is_wrong_is_named(self, deal: Venue, body: Json, field: str) -> None:
        sent = {"plu": "x", "categoryId": "food", "name": "X", "price": 500, "vatRate": 0} | body
        error = await deal.admin.refused(400, "POST", ITEMS, sent)
        assert error["debugMessage"].startswith(field)
