"""The Z page and the spreadsheet of a day have all that its report has, and name it as staff would."""

import csv
import io
import json
import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest

from epos.till.day_page import render
from epos.till_contract.days import DayReport
from tests.support.counter import end, give_back, pay
from tests.support.days import DAYS, at, close, report
from tests.support.orders import payment
from tests.support.pins import APPROVAL
from tests.support.recording import record
from tests.support.refunds import dojo_refunds
from tests.support.rows import execute
from tests.support.tabs import TillTab, open_tab
from tests.support.venues import Venue

Json = dict[str, Any]
DAY = "2026-11-25"


@pytest.fixture
async def evening(bistro: Venue) -> Venue:
    await at(bistro, f"{DAY} 19:00")
    await execute(bistro, "UPDATE venue SET tax_number = 'GB 1', name = 'The Oak' WHERE id = $1")
    return bistro


@pytest.fixture
async def burger(evening: Venue) -> TillTab:
    """Anna's tab with a burger for 12.50. A voucher for 30.00 paid an equal one."""
    body = {"code": "GIFT-1", "amount": 3_000, "type": "cash"}
    await evening.till.ok("POST", "/till/v1/vouchers", body)
    tab = await open_tab(evening, "burger", waiterId="anna")
    await pay(tab, type="other", method="voucher", voucher="GIFT-1")
    return await open_tab(evening, "burger", who={"waiter_id": "anna"}, tableId="t1")


@pytest.fixture
async def closed(burger: TillTab) -> Venue:
    """Of the second burger, paid in cash, 3.50 went back before the day was closed."""
    await give_back(burger, await pay(burger, tip=100), 350)
    await close(burger.venue, DAY)
    return burger.venue


async def page_of(venue: Venue) -> str:
    return (await venue.till.call("GET", f"{DAYS}/{DAY}/report?format=page")).text


def table(page: str, caption: str) -> list[list[str]]:
    """The texts of the cells of a section, row by row. No rows if the page does not have it."""
    _, found, rest = page.partition(f"<caption>{caption}</caption>")
    rows = rest.partition("</table>")[0].split("</tr>") if found else []
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]
    return [[unescape(cell) for cell in row] for row in cells if row]


async def figures_of(venue: Venue) -> list[Json]:
    text = (await venue.till.call("GET", f"{DAYS}/{DAY}/report?format=csv")).text
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def test_the_page_names_the_venue(closed: Venue) -> None:
    page = await page_of(closed)
    for text in ("The Oak", "VAT No. GB 1", "Z 1", "Anna", "Max"):
        assert text in page


async def test_the_page_has_the_vouchers(closed: Venue) -> None:
    assert table(await page_of(closed), "Vouchers") == [
        ["Sold, not in the sales", "£30.00"],
        ["Redeemed, in the takings", "£12.50"],
        ["Owed for all vouchers", "£17.50"],
    ]


async def test_a_day_without_vouchers_has_no_section_for_them(evening: Venue) -> None:
    await pay(await open_tab(evening, "burger"))
    assert table(await page_of(evening), "Vouchers") == []


async def test_the_page_has_what_was_refunded_of_the_sales(closed: Venue) -> None:
    """Items, discounts and refunds of a row add up to its net; every row has a cell for each column."""
    head, *rows = table(await page_of(closed), "Sales, VAT in them")
    assert head[-4:] == ["Items", "Discounts", "Refunds", "Net"]
    assert rows[0][-4:] == ["£25.00", "£0.00", "-£3.50", "£21.50"]
    assert {len(row) for row in rows} == {len(head)}


class TestRefundsInPart:
    """Each is named by its tab, and by what it went back as."""

    async def test_in_cash(self, closed: Venue, burger: TillTab) -> None:
        page = await page_of(closed)
        assert table(page, "Refunded in part")[1:] == [
            [burger.shown["reference"], "Cash", "today", "£3.50"]
        ]
        assert "by Dojo</caption>" not in page

    async def test_by_dojo_beside_cash(self, burger: TillTab) -> None:
        card = payment(1_000)
        await record(burger.venue, burger.id, card)
        await burger.refresh()
        await give_back(burger, await pay(burger), 100)
        await dojo_refunds(burger.venue, card, 250)
        assert table(await page_of(burger.venue), "Refunded in part")[1:] == [
            [burger.shown["reference"], "Cash", "today", "£1.00"],
            [burger.shown["reference"], "Card, by Dojo", "today", "£2.50"],
        ]

    async def test_a_tip_that_is_corrected(self, burger: TillTab) -> None:
        paid = await pay(burger, tip=300)
        body = {"tip": 100, "reason": "A slip", "approval": APPROVAL}
        await burger.do(f"payments/{paid['id']}/tip", body)
        [part] = table(await page_of(burger.venue), "Refunded in part")[1:]
        assert part[1:] == ["Cash", "today", "£2.00"]

    async def test_as_a_voucher_beside_cash(self, burger: TillTab) -> None:
        cash = await pay(burger, amount=1_000)
        voucher = await pay(burger, type="other", method="voucher", voucher="GIFT-1")
        await give_back(burger, cash, 100)
        await give_back(burger, voucher, 50)
        rows = table(await page_of(burger.venue), "Refunded in part")[1:]
        assert [(row[1], row[-1]) for row in rows] == [("Cash", "£1.00"), ("voucher", "£0.50")]

    async def test_without_an_incident(self, burger: TillTab) -> None:
        """An older version noted a refund of Dojo's without an incident; cash went back too."""
        card = payment(1_000)
        await record(burger.venue, burger.id, card)
        await burger.refresh()
        await give_back(burger, await pay(burger), 100)
        await execute(
            burger.venue,
            "UPDATE payment SET refunded_amount = 300 WHERE venue_id = $1 AND payment_intent_id = $2",
            card["paymentIntentId"],
        )
        rows = table(await page_of(burger.venue), "Refunded in part")[1:]
        assert [row[1] for row in rows] == ["Cash", "Card, by Dojo"]

    async def test_of_a_day_that_an_older_version_closed(self, closed: Venue) -> None:
        """Its report does not say what the payment was, and never changes."""
        told = await report(closed, DAY)
        assert told["partialRefunds"][0].pop("source") == "cash"
        page = render(DayReport.model_validate_json(json.dumps(told)))
        assert table(page, "Refunded in part")[1][1] == ""


async def test_the_page_names_an_ended_payment_by_its_tab(burger: TillTab) -> None:
    await end(burger, await pay(burger, tip=100))
    page = await page_of(burger.venue)
    assert table(page, "Payments that ended")[1:] == [
        [
            burger.shown["reference"],
            "Cash",
            "refunded",
            "today",
            "Cold food, Max",
            "£12.50",
            "£1.00",
        ]
    ]
    assert "pay_" not in page


async def test_a_spreadsheet_has_single_values(closed: Venue) -> None:
    values = [row["value"] for row in await figures_of(closed)]
    assert not [value for value in values if value.startswith(("[", "{"))]


async def test_a_spreadsheet_has_the_zs_of_a_drawer(burger: TillTab) -> None:
    """Each Z has rows of its own: the sums of the drawer's Zs are the drawer's."""
    venue = burger.venue
    await venue.till.ok("POST", f"{DAYS}/{DAY}/drawers/main/close", {"countedCash": 3_000})
    await pay(burger)
    await close(venue, DAY)
    told, rows = await report(venue, DAY), await figures_of(venue)
    expected = {row["of"]: row["value"] for row in rows if is_z(row, "expected")}
    assert expected == {"main 1": "30.00", "main 2": "42.50"}
    takings = [Decimal(row["value"]) for row in rows if is_z(row, "takings")]
    assert sum(takings) * 100 == told["cash"]["drawers"][0]["takings"]
    assert {row["value"] for row in rows if is_z(row, "closedBy")} == {"Max"}


async def test_the_page_has_each_z_of_a_drawer(burger: TillTab) -> None:
    venue, counted = burger.venue, {"countedCash": 2_990}
    await venue.till.ok("POST", f"{DAYS}/{DAY}/drawers/main/close", counted, waiter_id="anna")
    await pay(burger)
    await close(venue, DAY)
    assert table(await page_of(venue), "Each time a drawer was closed")[1:] == [
        ["main", "Z 1", "19:00", "Anna", "£0.00", "£30.00", "£29.90", "-£0.10"],
        ["main", "Z 2", "19:00", "Max", "£29.90", "£42.40", "", ""],
    ]


async def test_a_drawer_that_only_the_day_closed_is_one_of_the_cash_table(closed: Venue) -> None:
    assert table(await page_of(closed), "Each time a drawer was closed") == []


async def test_the_page_has_the_z_of_a_drawer_that_was_closed_by_itself(burger: TillTab) -> None:
    """Also where it is the only one: somebody counted it, and wants to print that again."""
    venue, counted = burger.venue, {"countedCash": 2_990}
    await venue.till.ok("POST", f"{DAYS}/{DAY}/drawers/main/close", counted, waiter_id="anna")
    z = [["main", "Z 1", "19:00", "Anna", "£0.00", "£30.00", "£29.90", "-£0.10"]]
    assert table(await page_of(venue), "Each time a drawer was closed")[1:] == z
    await at(venue, f"{DAY} 23:00")
    await close(venue, DAY)
    assert table(await page_of(venue), "Each time a drawer was closed")[1:] == z


async def test_the_page_has_the_zs_of_several_drawers(evening: Venue) -> None:
    await execute(evening, "UPDATE venue SET has_drawer_per_device = true WHERE id = $1")
    for device in ("bar", "hall"):
        await pay(await open_tab(evening, "burger", who={"device_id": device}))
    assert table(await page_of(evening), "Each time a drawer was closed") == []
    await close(evening, DAY)
    rows = table(await page_of(evening), "Each time a drawer was closed")[1:]
    assert [row[:2] for row in rows] == [["bar", "Z 1"], ["hall", "Z 1"]]


def is_z(row: Json, figure: str) -> bool:
    return (row["section"], row["figure"]) == ("drawerZs", figure)
