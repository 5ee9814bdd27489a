"""The order that is read and created: ten lines, five of them with a modifier, tax and a payment."""

import json
from typing import Any

from epos.contract.codec import validate
from epos.contract.orders import CreateOrderRequest, content_of
from epos.domain.tab import Line, Tab
from epos.domain.tab_sums import sums
from epos.services.till.tab_content import order_columns

LINES = 10
PRICE, MODIFIER, PAID, TIP = 1150, 100, 1000, 100
TOTAL = LINES * PRICE + LINES // 2 * MODIFIER
TABLES = 40
UNIQUE = "@ID@"


def create_order() -> dict[str, Any]:
    """CreateOrder; `@ID@` stands for something unique."""
    return {
        "items": [_line(number) for number in range(LINES)],
        "taxLines": [
            {"name": "VAT 20%", "amountPercentage": 2000, "amountTotal": _money(TOTAL // 6)}
        ],
        "totalAmount": _money(TOTAL),
        "dojoOrderId": f"dojo_{UNIQUE}",
        "note": "Starters and mains together, please",
        "payments": [
            {
                "paymentIntentId": f"pi_{UNIQUE}",
                "paidAmount": _money(PAID),
                "tipsAmount": _money(TIP),
            }
        ],
        "details": {"orderType": "DineIn", "dineIn": {"tableId": "tbl_1", "waiterId": "w1"}},
    }


def refused_order() -> dict[str, Any]:
    """The same with a fault at its end: the table id is a number."""
    return create_order() | {"details": {"orderType": "DineIn", "dineIn": {"tableId": 1}}}


def content() -> str:
    """The JSON that the database keeps for this order."""
    request = validate(CreateOrderRequest, create_order())
    return json.dumps(content_of(request), ensure_ascii=False)


def tab_columns() -> dict[str, str | int]:
    """The columns of a seeded tab that follow from its four lines (sql/tabs.sql)."""
    names = ((f"PLU{number:03}", f"Spaghetti alla carbonara {number}") for number in range(4))
    tab = Tab(
        tuple(Line(plu, plu, name, PRICE, "Mains", 2000, sent_round=1) for plu, name in names)
    )
    columns = order_columns(tab, sums(tab), "GBP", None)
    return {
        "total": columns["total_amount"],
        "content": columns["content"],
        "sales": columns["sales"],
    }


def search(after: str | None = None) -> str:
    cursor = {"limit": 100} if after is None else {"limit": 100, "after": after}
    return json.dumps({"cursor": cursor})


def payment(intent: str, lock: str | None = None) -> dict[str, Any]:
    """As the load generator sends it (lua/pay.lua)."""
    body = {"paymentIntentId": intent, "paidAmount": _money(10), "tipsAmount": _money(1)}
    return body if lock is None else {**body, "lockId": lock}


def _money(value: int) -> dict[str, Any]:
    return {"value": value, "currencyCode": "GBP"}


def _line(number: int) -> dict[str, Any]:
    modifiers = [
        {
            "id": f"mod_{number}",
            "plu": f"MOD{number:03}",
            "name": "Extra parmesan",
            "quantity": 1,
            "amountPerModifier": _money(MODIFIER),
        }
    ]
    line = {
        "id": f"item_{number}",
        "plu": f"PLU{number:03}",
        "name": f"Spaghetti alla carbonara {number}",
        "category": "Mains",
        "quantity": 1,
        "amountPerItem": _money(PRICE),
    }
    return {**line, "modifiers": modifiers} if number % 2 else line
