"""The printable bill: on the wire, and as the text that people read."""

import asyncio
import re
import sys
from typing import Any

import pytest

from epos.domain.paper import WIDTH, WIDTHS, cells
from tests.architecture.source_tree import ROOT
from tests.support.clock import LONG_AHEAD
from tests.support.floor import coffee, open_coffee, seat
from tests.support.venue_settings import AUGUST, change_settings, fill_settings
from tests.support.venues import Venue, client_at

Json = dict[str, Any]
TEXT = {"accept": "text/plain"}


def money(value: int) -> Json:
    return {"value": value, "currencyCode": "GBP"}


def item(name: str, quantity: int, each: int, **more: Any) -> Json:
    return {"name": name, "plu": "1", "quantity": quantity, "amountPerItem": money(each)} | more


async def bill(venue: Venue, order_id: str, **headers: str) -> Json:
    answer: Json = await venue.ok("GET", f"/v1/orders/{order_id}/bill", **headers)
    return answer


async def text_of(venue: Venue, order_id: str, accept: str = "text/plain") -> str:
    """By a client that does not hold the answer against the contract, of which it is no part."""
    async with client_at(venue.target, venue.client.auth) as client:
        response = await client.get(f"/v1/orders/{order_id}/bill", headers={"accept": accept})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    return response.text


async def pay(venue: Venue, order_id: str, paid: int, tip: int = 0) -> None:
    intent = f"pi_{order_id}_{paid}"
    body = {"paymentIntentId": intent, "paidAmount": money(paid), "tipsAmount": money(tip)}
    await venue.ok("POST", f"/v1/orders/{order_id}/record-payment", body)


def texts(section: Json) -> list[str]:
    return [line["text"]["value"] for line in section["lines"] if line["lineType"] == "Text"]


def kinds(section: Json) -> list[str]:
    return [line["lineType"] for line in section["lines"]]


def row(name: str, amount: str) -> str:
    return f"{name}{amount:>{WIDTH - len(name)}}"


class TestOnTheWire:
    async def test_the_order_is_the_one_that_is_read(self, venue: Venue) -> None:
        order_id = await open_coffee(venue, tableId="t1")
        answer = await bill(venue, order_id)
        assert list(answer) == ["header", "order", "footer"]
        assert answer["order"] == await venue.ok("GET", f"/v1/orders/{order_id}")

    async def test_the_header_of_a_venue_that_says_everything(self, venue: Venue) -> None:
        await fill_settings(venue)
        await seat(venue, "t1", covers=4)
        order_id = await open_coffee(venue, tableId="t1", waiterId="anna")
        answer = await bill(venue, order_id)
        lines = answer["header"]["lines"]
        assert lines[:6] == [
            {"lineType": "MerchantName", "merchantName": {"name": "The Test Kitchen"}},
            {
                "lineType": "MerchantAddress",
                "merchantAddress": {
                    "addressLines": ["12 Mill Lane", "Barton-under-Weir"],
                    "postcode": "GL7 3QX",
                },
            },
            {
                "lineType": "MerchantPhoneNumber",
                "merchantPhoneNumber": {"phoneNumber": "01632 960 144"},
            },
            {
                "lineType": "MerchantEmailAddress",
                "merchantEmailAddress": {"emailAddress": "hello@kitchen.example"},
            },
            {"lineType": "TaxNumber", "taxNumber": {"name": "VAT", "number": "GB 123 4567 89"}},
            {"lineType": "HorizontalLine", "horizontalLine": {"line": "Single"}},
        ]
        table = {"value": "Table 1", "size": "Header1", "align": "Center", "bold": True}
        assert lines[6] == {"lineType": "Text", "text": table}
        assert texts(answer["header"])[1:] == [
            "Covers: 4",
            "Waiter: Anna",
            f"Reference: {answer['order']['reference']}",
            "Date: 12 Aug 2024 19:30",
        ]

    async def test_a_venue_that_says_nothing(self, venue: Venue) -> None:
        answer = await bill(venue, await open_coffee(venue, waiterId="nobody we know"))
        assert kinds(answer["header"]) == [
            "MerchantName",
            "HorizontalLine",
            "Text",
            "Text",
            "Text",
            "HorizontalLine",
        ]
        assert texts(answer["header"])[0] == "Waiter: nobody we know"
        assert texts(answer["footer"])[-1] == "Thank you, see you again soon"

    async def test_the_footer_says_what_is_paid_and_what_is_left(self, venue: Venue) -> None:
        await fill_settings(venue)
        body = coffee(tableId="t1") | {
            "totalAmount": money(11250),
            "serviceChargeAmount": money(1250),
            "taxLines": [
                {"name": "VAT", "amountPercentage": 500, "amountTotal": money(40)},
                {"name": "VAT", "amountPercentage": 2000, "amountTotal": money(1000)},
                {"amountPercentage": 2000, "amountTotal": money(500)},
            ],
        }
        order_id = (await venue.ok("POST", "/v1/orders", body))["id"]
        await pay(venue, order_id, 5000, 500)
        await pay(venue, order_id, 1250)
        footer = (await bill(venue, order_id))["footer"]
        assert texts(footer) == [
            row("VAT 20%", "£15.00"),
            row("VAT 5%", "£0.40"),
            "Includes service charge £12.50",
            row("Payment 1", "£50.00"),
            row("  and a tip of", "£5.00"),
            row("Payment 2", "£12.50"),
            row("Left to pay", "£50.00"),
            "Merci à tous",
            "and come again",
        ]
        url = {"url": "https://kitchen.example", "showQr": True, "showUrl": True}
        assert footer["lines"][-1] == {"lineType": "URL", "url": url}

    async def test_a_canceled_order_asks_for_nothing(self, venue: Venue) -> None:
        order_id = await open_coffee(venue, tableId="t1")
        await venue.ok("DELETE", f"/v1/orders/{order_id}")
        footer = (await bill(venue, order_id))["footer"]
        assert "Canceled" in texts(footer)
        assert not any("Left" in text for text in texts(footer))

    async def test_texts_keep_to_their_size(self, venue: Venue) -> None:
        await change_settings(venue, bill_message="麻婆豆腐 " * 20 + "x" * 80)
        body = coffee(waiterId="w" * 90) | {"reference": "r" * 90}
        body["taxLines"] = [{"name": "Ü" * 100, "amountTotal": money(1)}]
        answer = await bill(venue, (await venue.ok("POST", "/v1/orders", body))["id"])
        for section in (answer["header"], answer["footer"]):
            for line in section["lines"]:
                if line["lineType"] == "Text":
                    assert cells(line["text"]["value"]) <= WIDTHS[line["text"]["size"]]

    async def test_a_lock_does_not_matter(self, venue: Venue) -> None:
        order_id = await open_coffee(venue, tableId="t1")
        before = await bill(venue, order_id)
        lock = {"lockId": "l1", "expiry": LONG_AHEAD}
        await venue.ok("POST", f"/v1/orders/{order_id}/lock", lock)
        assert await bill(venue, order_id) == before


class TestAccess:
    async def test_no_order_no_bill(self, venue: Venue, other_venue: Venue) -> None:
        elsewhere = await open_coffee(other_venue)
        for order_id in ("ord_0", elsewhere, "%00"):
            await venue.refused(404, "GET", f"/v1/orders/{order_id}/bill")
            await venue.refused(404, "GET", f"/v1/orders/{order_id}/bill", **TEXT)

    async def test_what_is_hidden_has_none(self, assigned_venue: Venue) -> None:
        venue = assigned_venue
        path = f"/v1/orders/{await open_coffee(venue, tableId='t3')}/bill"
        await venue.ok("GET", path, waiter_id="ben")
        await venue.ok("GET", path)
        for headers in ({}, TEXT):
            await venue.refused(404, "GET", path, waiter_id="cleo", **headers)

    async def test_nobody_in_particular(self, venue: Venue) -> None:
        path = f"/v1/orders/{await open_coffee(venue)}/bill"
        response = await venue.client.get(path, headers=TEXT, auth=("", ""))
        assert response.status_code == 401


class TestForPeople:
    @pytest.mark.parametrize(
        "accept", ["*/*", "application/json", "application/json, text/plain, */*", "text/html"]
    )
    async def test_json_unless_text_is_wanted_more(self, venue: Venue, accept: str) -> None:
        path = f"/v1/orders/{await open_coffee(venue)}/bill"
        response = await venue.call("GET", path, accept=accept)
        assert response.headers["content-type"] == "application/json"

    async def test_text_is_wanted_more(self, venue: Venue) -> None:
        order_id = await open_coffee(venue)
        await change_settings(venue, clock_frozen_at=AUGUST)
        plain = await text_of(venue, order_id)
        assert await text_of(venue, order_id, "text/plain, */*;q=0.1") == plain
        assert row("1 x Coffee", "£3.00") in plain.splitlines()

    async def test_another_method_is_still_refused(self, venue: Venue) -> None:
        path = f"/v1/orders/{await open_coffee(venue)}/bill"
        await venue.refused(405, "POST", path, **TEXT)

    @pytest.mark.slow
    async def test_the_command(self, venue: Venue, database_url: str) -> None:
        order_id = await open_coffee(venue, tableId="t1")
        await change_settings(venue, clock_frozen_at=AUGUST)
        printed = await epos_bill(order_id, venue.id, database_url)
        assert printed == (0, await text_of(venue, order_id), "")

    @pytest.mark.slow
    async def test_the_command_without_an_order(self, venue: Venue, database_url: str) -> None:
        refused = await epos_bill("ord_0", venue.id, database_url)
        assert refused == (2, "", "epos: The order was not found\n")


async def epos_bill(order_id: str, venue_id: str, database_url: str) -> tuple[int | None, str, str]:
    """Exit code, output and errors of the command."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "epos", "bill", order_id, "--venue", venue_id),
        *("--database-url", database_url),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    said, *others = errors.decode().splitlines(keepends=True)
    assert said.endswith(f", venue {venue_id}\n")
    return process.returncode, output.decode(), "".join(others)


# --- a hard one -----------------------------------------------------------------------------------

DISHES = [
    ("Sourdough & Marmite Butter", 3, 475),
    ("Soupe à l'oignon gratinée", 2, 795),
    ("Pâté en croûte, cornichons & moutarde à l'ancienne", 1, 1150),
    ("Œuf mayonnaise", 1, 650),
    ("Beetroot & Goat's Curd", 2, 850),
    ("Potted Shrimp, Toast", 1, 995),
    ("Haddock & Chips", 2, 1795),
    ("Steak & Ale Pie", 1, 1850),
    ("Ragù alla bolognese", 1, 1695),
    ("麻婆豆腐 Mapo Tofu", 1, 1450),
    ("Smørrebrød", 1, 1295),
    ("Żurek", 1, 925),
    ("Jalapeño 🌶️ Mac & Cheese", 1, 1375),
    ("Little Fish & Chips", 2, 895),
    ("Buttered Greens", 3, 475),
    ("Apple & Bramble Crumble", 3, 795),
    ("Crème brûlée", 2, 850),
    ("Ice Cream, per Scoop", 4, 225),
    ("British Cheese Board", 1, 1150),
    ("Château Pétrus, Pomerol, Magnum", 1, 345000),
    ("Rioja, Bottle", 2, 3250),
    ("Pint of Best Bitter", 12, 560),
    ("Cloudy Lemonade", 3, 375),
    ("Sparkling Water 750ml", 2, 450),
    ("Tap Water", 6, 0),
    ("Pot of Tea", 2, 325),
    ("Flat White", 4, 375),
    ("Gift Voucher", 1, -2500),
]


NOTE = "no onions for the guest in the corner"


def hard_order() -> Json:
    """30 lines, modifiers and parts."""
    side = item("Triple-Cooked Chips", 1, 450)
    cheese = {"name": "Extra Cheddar", "plu": "2", "quantity": 2, "amountPerModifier": money(150)}
    rare = {"name": "Medium Rare", "plu": "3", "quantity": 1, "amountPerModifier": money(0)}
    items = [item(name, quantity, each, note=NOTE) for name, quantity, each in DISHES]
    items += [
        item("Heron Burger", 2, 1650, modifiers=[cheese, rare], subItems=[side]),
        item("Roast for Two", 1, 4200, subItems=[side | {"modifiers": [cheese]}]),
    ]
    return coffee(tableId="t10", waiterId="anna") | {"items": items, "reference": "K7QD"}


def added_up(body: Json) -> Json:
    """With three rates of VAT, a discount and a service charge."""
    goods = sum(line_total(line) for line in body["items"])
    off, charge = 1963, 49590
    rates = {2000: 62787, 500: 667, 0: 0}
    return body | {
        "discounts": [
            {"name": "Neighbours' Card, 10% off mains on Mondays", "amountTotal": money(off)}
        ],
        "serviceChargeAmount": money(charge),
        "taxLines": [
            {"name": "VAT", "amountPercentage": rate, "amountTotal": money(value)}
            for rate, value in rates.items()
        ],
        "totalAmount": money(goods - off + charge),
    }


def line_total(line: Json) -> int:
    parts = sum(line_total(part) for part in line.get("subItems", ()))
    extras = sum(m["quantity"] * m["amountPerModifier"]["value"] for m in line.get("modifiers", ()))
    total: int = line["quantity"] * (line["amountPerItem"]["value"] + extras + parts)
    return total


async def test_a_hard_bill(venue: Venue) -> None:
    await fill_settings(venue)
    await seat(venue, "t10", covers=8)
    created = await venue.ok("POST", "/v1/orders", added_up(hard_order()))
    await pay(venue, created["id"], 100000, 12500)
    await pay(venue, created["id"], 200050)
    text = await text_of(venue, created["id"])
    assert all(cells(line) <= WIDTH for line in text.splitlines())
    amounts = [line for line in text.splitlines() if re.search(r"£[\d,]+\.\d\d$", line)]
    assert all(cells(line) == WIDTH for line in amounts)
    assert sum("x " in line for line in text.splitlines()) >= 30
    assert any(line.startswith("Subtotal") for line in amounts)
    assert NOTE not in text
    shown = (ROOT / "docs" / "bill.md").read_text(encoding="utf-8")
    assert f"```\n{text}```" in shown, text
