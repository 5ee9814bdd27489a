"""A tab added up again, and held against what the contract shows of it."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

Json = dict[str, Any]
_EFFECTIVE = ("recorded", "captured")


def check_sums(tab: Json) -> None:
    live = [line for line in tab["lines"] if "void" not in line]
    for line in tab["lines"]:
        sides = sum(side["quantity"] * _each(side) for side in line["subItems"])
        whole = line["quantity"] * (_each(line) + sides)
        part = line.get("part", {"taken": 1, "of": 1})
        rates = 1 + len(line["subItems"])
        fair = Fraction(whole * part["taken"], part["of"])
        assert line["gross"] == whole or abs(line["gross"] - fair) < rates, "of each rate a penny"
        assert line["gross"] == whole or "part" in line
    for line in live:
        off = sum(discount["amount"] for discount in line["discounts"])
        assert line["total"] == line["gross"] - off >= 0
    assert all(line["total"] == 0 for line in tab["lines"] if "void" in line)
    goods = sum(line["total"] for line in live) - tab.get("discount", {"amount": 0})["amount"]
    charge = tab.get("serviceCharge", {"amount": 0, "bearsVat": False})
    back = tab.get("refunded", 0)
    assert tab["total"] == goods + charge["amount"] - back
    taxed = goods + charge["amount"] if charge["bearsVat"] else goods
    gross = sum(tax["gross"] for tax in tab["taxes"])
    bears_none = goods + charge["amount"] - taxed
    assert taxed - back <= gross <= min(taxed, taxed + bears_none - back)
    effective = [payment for payment in tab["payments"] if payment["status"] in _EFFECTIVE]
    assert tab["paid"] == sum(payment["paid"] for payment in effective)
    assert tab["tips"] == sum(payment["tips"] for payment in effective)
    assert tab["balance"] == tab["total"] - tab["paid"] >= 0


def check_order(tab: Json, order: Json) -> None:
    """The contract's view of a tab: void lines are not in it."""
    live = [line for line in tab["lines"] if "void" not in line]
    assert [item["plu"] for item in order["items"]] == [line["plu"] for line in live]
    items = sum(
        item["quantity"] * (_price(item) + sum(side["quantity"] * _price(side) for side in sides))
        for item in order["items"]
        for sides in [item.get("subItems", [])]
    )
    off = sum(discount["amountTotal"]["value"] for discount in order.get("discounts", []))
    charge = order.get("serviceChargeAmount", {"value": 0})["value"]
    assert order["totalAmount"]["value"] == items - off + charge == tab["total"]
    vat = [line["amountTotal"]["value"] for line in order.get("taxLines", [])]
    assert vat == [tax["vat"] for tax in tab["taxes"]]
    same = ("status", "payable", "reference", "displayName")
    assert [order[name] for name in same] == [tab[name] for name in same]
    assert order["paidAmount"]["value"] == tab["paid"]
    assert order["tipsAmount"]["value"] == tab["tips"]


def _each(thing: Json) -> int:
    added: int = sum(m["quantity"] * m["price"] for m in thing["modifiers"])
    return added + int(thing["price"])


def _price(item: Json) -> int:
    modifiers: Sequence[Json] = item.get("modifiers", [])
    added: int = sum(m["quantity"] * m["amountPerModifier"]["value"] for m in modifiers)
    return added + int(item["amountPerItem"]["value"])
