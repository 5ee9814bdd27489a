"""A bottle by two: a line is split between tabs by parts, and what the parts come to is the line."""

from typing import Any

import pytest

from tests.support.counter import pay
from tests.support.days import at, check_books, close, report
from tests.support.pins import APPROVAL
from tests.support.rows import execute
from tests.support.tabs import TABS, TillTab, open_tab
from tests.support.venues import Venue

Json = dict[str, Any]
DAY, NEXT = "2026-11-25", "2026-11-26"
WINE = 795


@pytest.fixture
async def evening(bistro: Venue) -> Venue:
    await at(bistro, f"{DAY} 19:00")
    return bistro


async def part(tab: TillTab, plu: str, taken: int = 1, of: int = 2) -> TillTab:
    """The tab that gets these parts of the line."""
    lines = [{"lineId": tab.line(plu)["id"], "quantity": taken, "parts": of}]
    said = await tab.do("split", lines=lines)
    return TillTab(tab.venue, said["taken"])


def parts(tab: TillTab) -> list[tuple[str, Json | None, int]]:
    return [(line["plu"], line.get("part"), line["gross"]) for line in tab.lines]


HALF = {"taken": 1, "of": 2}


async def test_a_bottle_by_two(evening: Venue) -> None:
    tab = await open_tab(evening, "wine", "milk")
    other = await part(tab, "wine")
    assert parts(tab) == [("wine", HALF, 398), ("milk", None, 125)]
    assert parts(other) == [("wine", HALF, 397)]
    taxes = [tax for one in (tab, other) for tax in one.shown["taxes"] if tax["vatRate"] == 2000]
    assert sum(tax["vat"] for tax in taxes) == 133, "as of the whole bottle"
    for one in (tab, other):
        bill = (await evening.till.call("GET", f"{one.path}/bill")).text
        assert "1/2 Wine" in bill
    day = await report(evening, DAY)
    drinks = {row["vatRate"]: row for row in day["categories"]}
    assert (drinks[2000]["count"], drinks[2000]["items"]) == (1, WINE)
    by_item = f"/till/v1/reports/sales?fromDay={DAY}&by=item"
    rows = {row["key"]: row for row in (await evening.till.ok("GET", by_item))["rows"]}
    assert (rows["wine"]["count"], rows["wine"]["items"]) == (1, WINE)


async def test_who_has_the_second_half_is_an_order_too(evening: Venue) -> None:
    """The bottle counts once, where its first half is; each of the two tabs has sold something."""
    tab = await open_tab(evening, "wine", "milk", tableId="t2", covers=2)
    await part(tab, "wine")
    day = await report(evening, DAY)
    assert (day["orders"], day["covers"]) == (2, 2)


async def test_parts_by_item_are_parts_by_category(evening: Venue) -> None:
    """Wine and nuts have one category and rate: a half of each, rounded by itself, is a penny more."""
    body = {"categoryId": "drinks", "name": "Nuts", "price": 101, "vatRate": 2000, "plu": "nuts"}
    await evening.admin.ok("POST", "/till/v1/menu/items", body)
    tab = await open_tab(evening)
    await tab.do("items", items=[{"plu": "wine", "subItems": [{"plu": "nuts"}]}, {"plu": "milk"}])
    other = await part(tab, "wine")
    await other.void(other.lines[0])
    first, second = [
        (await evening.till.ok("GET", f"/till/v1/reports/sales?fromDay={DAY}&by={by}"))["sum"]
        for by in ("item", "category")
    ]
    assert (first["items"], first["count"]) == (second["items"], second["count"]) == (573, 2)


async def test_by_three_again_by_two_and_together_again(evening: Venue) -> None:
    tab = await open_tab(evening, "wine", "milk")
    third = await part(tab, "wine", 1, 3)
    await third.add("milk")
    sixth = await part(third, "wine", 1, 2)
    found = [one.line("wine") for one in (tab, third, sixth)]
    assert [line["part"] for line in found] == [
        {"taken": 2, "of": 3},
        {"taken": 1, "of": 6},
        {"taken": 1, "of": 6},
    ]
    assert sum(line["gross"] for line in found) == WINE
    merged = await tab.do("merge", otherTabId=sixth.id, otherVersion=sixth.shown["version"])
    wine = [line["gross"] for line in merged["tab"]["lines"] if line["plu"] == "wine"]
    assert sum(wine) == WINE - third.line("wine")["gross"]


async def test_discounts_and_rates_go_with_the_parts(evening: Venue) -> None:
    tab = await open_tab(evening)
    await tab.do("items", items=[{"plu": "wine", "subItems": [{"plu": "cake"}], "quantity": 3}])
    await tab.discount(lineId=tab.lines[0]["id"], percentage=1_000)
    await tab.discount(amount=101)
    await tab.do("service-charge", rate=1_250)
    before = tab.shown
    await tab.add("mug")
    await tab.void(tab.line("mug"))
    lines = [{"lineId": tab.line("wine")["id"], "quantity": 2, "parts": 5}]
    said = await tab.do("split", lines=lines)
    both = (said["tab"], said["taken"])
    assert sum(one["total"] for one in both) == before["total"]
    vat: dict[int, int] = {}
    for tax in (tax for one in both for tax in one["taxes"]):
        vat[tax["vatRate"]] = vat.get(tax["vatRate"], 0) + tax["vat"]
    assert vat == {tax["vatRate"]: tax["vat"] for tax in before["taxes"]}


async def test_a_part_is_voided_and_given_back_without_losing_a_penny(evening: Venue) -> None:
    tab = await open_tab(evening, "wine", "milk")
    await tab.do("send")
    other = await part(tab, "wine")
    await tab.do("void", lineId=tab.line("wine")["id"], reason="Corked", approval=APPROVAL)
    [payment] = [await pay(other)]
    back = {"reason": "Corked", "approval": APPROVAL, "owedAgain": False}
    await other.do(f"payments/{payment['id']}/refund", back)
    day = await report(evening, DAY)
    [void] = day["voids"]
    assert (void["amount"], void["count"]) == (398, 1)
    drinks = next(row for row in day["categories"] if row["vatRate"] == 2000)
    assert (drinks["items"], drinks["refunds"], drinks["net"]) == (397, -397, 0)
    await pay(tab)
    check_books(await close(evening, DAY))


async def test_the_parts_of_a_line_stay_in_a_closed_day(evening: Venue) -> None:
    tab = await open_tab(evening, "wine", "milk")
    other = await part(tab, "wine")
    await pay(tab)
    await pay(other)
    closed = await close(evening, DAY)
    await at(evening, f"{NEXT} 12:00")
    assert await report(evening, DAY) == closed
    assert closed["sales"] == WINE + 125


async def test_a_part_has_no_quantity_of_its_own(evening: Venue) -> None:
    tab = await open_tab(evening)
    await tab.do("items", items=[{"plu": "wine", "quantity": 3}])
    await part(tab, "wine", 1, 2)
    line = tab.line("wine")
    words = "is a part of Wine"
    assert words in await tab.refused(409, f"items/{line['id']}", method="PUT", quantity=1)
    assert words in await tab.refused(409, "void", lineId=line["id"], quantity=1, reason="Corked")
    one = [{"lineId": line["id"], "quantity": 1}]
    await tab.add("milk")
    assert words in await tab.refused(409, "split", lines=one)
    await tab.do(f"items/{line['id']}", method="PUT", quantity=3, cover=2)


@pytest.mark.parametrize(
    ("quantity", "of", "status"),
    [(3, 2, 400), (1, 1, 400), (1, 101, 400), (2, 2, 409), (0, 2, 400)],
)
async def test_what_is_no_part(evening: Venue, quantity: int, of: int, status: int) -> None:
    tab = await open_tab(evening, "wine")
    line = {"lineId": tab.lines[0]["id"], "quantity": quantity, "parts": of}
    await tab.refused(status, "split", lines=[line])


async def test_the_guests_take_a_part_away(evening: Venue) -> None:
    """The other price of the whole is divided in the same parts."""
    body = {"categoryId": "food", "name": "Soup", "price": 601, "vatRate": 2000, "plu": "soup"}
    body |= {"takeaway": {"price": 501, "vatRate": 0}}
    await evening.admin.ok("POST", "/till/v1/menu/items", body)
    tab = await open_tab(evening, "soup", "milk")
    other = await part(tab, "soup")
    for one in (tab, other):
        await one.do("takeaway", takeaway=True)
    assert [one.line("soup")["gross"] for one in (tab, other)] == [251, 250]


async def test_dojo_reads_the_parts_with_their_sums(evening: Venue) -> None:
    await execute(evening, "UPDATE venue SET tax_number = 'GB 1' WHERE id = $1")
    tab = await open_tab(evening)
    await tab.do("items", items=[{"plu": "wine", "quantity": 3, "subItems": [{"plu": "cake"}]}])
    await tab.add("milk")
    other = await part(tab, "wine", 1, 2)
    read = await evening.ok("GET", f"/v1/orders/{other.id}")
    [item] = read["items"]
    amounts = [one["amountPerItem"]["value"] for one in (item, *item["subItems"])]
    assert (item["name"], item["quantity"]) == ("1/2 of 3 x Wine", 1)
    assert sum(amounts) == read["totalAmount"]["value"]
    await pay(other)
    receipt = (await evening.till.call("GET", f"{TABS}/{other.id}/receipt")).text
    assert "1/2 of 3 x Wine" in receipt
