"""Discounts and the service charge."""

from typing import Any

import pytest

from tests.support.pins import APPROVAL, WAITER_PIN
from tests.support.rows import execute
from tests.support.tabs import TillTab, open_tab
from tests.support.venues import Venue


@pytest.fixture
async def tab(bistro: Venue) -> TillTab:
    tab = await open_tab(bistro, who={"waiter_id": "anna"}, tableId="t1")
    await tab.add({"plu": "burger", "quantity": 2}, "milk")
    return tab


async def test_discounts_on_a_line_and_on_the_order(tab: TillTab) -> None:
    burger = tab.line("burger")
    await tab.discount(burger, name="Burger night", percentage=1000)
    await tab.discount(burger, name="Burnt bun", amount=100)
    assert tab.line("burger")["discounts"] == [
        {"name": "Burger night", "percentage": 1000, "amount": 250},
        {"name": "Burnt bun", "amount": 100},
    ]
    await tab.discount(name="Regular", percentage=5000)
    assert tab.shown["discount"] == {"name": "Regular", "percentage": 5000, "amount": 1138}
    assert tab.shown["total"] == 2500 - 250 - 100 + 125 - 1138
    order = await tab.as_guest_sees_it()
    assert [(off["name"], off.get("affectedPlu")) for off in order["discounts"]] == [
        ("Burger night", "burger"),
        ("Burnt bun", "burger"),
        ("Regular", None),
    ]
    await tab.add("chips")
    assert tab.shown["discount"]["amount"] == (2500 - 350 + 125 + 450 + 1) // 2


async def test_a_discount_takes_off_at_most_what_there_is(tab: TillTab) -> None:
    await tab.discount(tab.line("milk"), amount=10**6)
    assert tab.line("milk")["total"] == 0
    await tab.discount(amount=10**6)
    assert (tab.shown["total"], tab.shown["discount"]["amount"]) == (0, 2500)
    await tab.discount(percentage=10_000)
    assert tab.shown["total"] == 0
    await tab.discount(percentage=1)
    assert tab.shown["total"] == 2500


async def test_a_discount_is_taken_away_again(tab: TillTab) -> None:
    burger = tab.line("burger")
    assert "no discount to take away" in await tab.refused(409, "discount/remove")
    assert "no discount to take away" in await tab.refused(
        409, "discount/remove", lineId=burger["id"]
    )
    await tab.discount(percentage=1000)
    await tab.discount(burger, percentage=1000)
    await tab.do("discount/remove", lineId=burger["id"])
    assert (tab.shown["total"], "discount" in tab.shown) == (2625 - 263, True)
    await tab.do("discount/remove")
    assert (tab.shown["total"], "discount" in tab.shown) == (2625, False)


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, {"percentage": 0}, "percentage must be a whole number between 1 and 10000"),
        (400, {}, "discount must have either a percentage or an amount"),
        (400, {"percentage": 1, "amount": 1}, "discount must have either a percentage or an"),
        (400, {"percentage": 1, "lineId": "lin_x"}, "lineId lin_x is not on this tab"),
        (403, {"percentage": 1, "approval": {"waiterId": "max", "pin": "0000"}}, "PIN is wrong"),
        (403, {"percentage": 1, "approval": {"waiterId": "anna", "pin": WAITER_PIN}}, "may not do"),
    ],
)  # fmt: skip
async def test_a_discount_that_cannot_be(
    tab: TillTab, status: int, body: dict[str, Any], words: str
) -> None:
    named = {"name": "Regular", "approval": APPROVAL}
    assert words in await tab.refused(status, "discount", **{**named, **body})


async def test_a_void_line_has_no_discount(tab: TillTab) -> None:
    line = tab.line("milk")
    await tab.discount(line, percentage=5000)
    await tab.void(line)
    body: dict[str, Any] = {"name": "Late", "percentage": 1, "approval": APPROVAL}
    assert "Milk is void" in await tab.refused(409, "discount", **body, lineId=line["id"])
    assert tab.lines[1]["discounts"] == []


async def test_the_service_charge_on_and_off(bistro: Venue, tab: TillTab) -> None:
    await execute(
        bistro,
        """UPDATE venue SET service_charge_rate = 1250, service_charge_bears_vat = true
           WHERE id = $1""",
    )
    assert "serviceCharge" not in tab.shown
    await tab.do("service-charge")
    assert tab.shown["serviceCharge"] == {"rate": 1250, "bearsVat": True, "amount": 328}
    assert tab.shown["taxes"] == [
        {"vatRate": 2000, "gross": 2812, "vat": 469},
        {"vatRate": 0, "gross": 141, "vat": 0},
    ]
    await tab.do("service-charge", rate=1000)
    assert tab.shown["serviceCharge"]["amount"] == 263
    await tab.do("service-charge", rate=0)
    assert ("serviceCharge" in tab.shown, tab.shown["total"]) == (False, 2625)
    words = "rate must be a whole number between 0 and 10000"
    assert words in await tab.refused(400, "service-charge", rate=10_001)


async def test_nothing_brings_a_tab_below_what_is_paid(bistro: Venue, tab: TillTab) -> None:
    payment = {
        "paymentIntentId": f"pi-{tab.id}",
        "paidAmount": {"value": 2600, "currencyCode": "GBP"},
    }
    await bistro.ok("POST", f"/v1/orders/{tab.id}/record-payment", payment)
    await tab.refresh()
    body: dict[str, Any] = {"name": "Late", "approval": APPROVAL}
    words = "would come to 2362, and 2600 of it is paid; refund first"
    assert words in await tab.refused(409, "discount", **body, percentage=1000)
    burger = tab.line("burger")
    assert "refund first" in await tab.refused(409, "void", lineId=burger["id"], reason="Late")
    line = f"items/{burger['id']}"
    assert "refund first" in await tab.refused(409, line, method="PUT", quantity=1)
    await tab.discount(amount=25)
    assert (tab.shown["balance"], tab.shown["status"]) == (0, "Finalized")
    assert "The tab is Finalized" in await tab.refused(409, "items", items=[{"plu": "milk"}])
