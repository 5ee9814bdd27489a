"""A tab as the contract shows an order: its content, and what its total consists of."""

import json
from collections.abc import Iterator
from typing import Any

from epos.domain.splits import WHOLE
from epos.domain.tab import Line, Modifier, SubItem, Tab
from epos.domain.tab_sums import Sums
from epos.services.mapping import money

Json = dict[str, Any]


def amounts(tab: Tab, added: Sums, currency: str, customer: Json | None) -> Json:
    """What the row of an order has of its tab: its total, and all that readers see of it."""
    return {
        "total_amount": added.total,
        "service_charge_amount": added.service_charge if tab.service_charge_rate else None,
        "content": json.dumps(content(tab, added, currency, customer), ensure_ascii=False),
        "sales": json.dumps(sales(added), ensure_ascii=False),
    }


def content(tab: Tab, added: Sums, currency: str, customer: Json | None) -> Json:
    """Items, discounts and taxes in the contract's words. What is void is not shown: nobody shall pay
    for it.
    """
    shown: Json = {
        "items": [_item(line, currency) for line in tab.live_lines],
        "discounts": list(_discounts(tab, added, currency)),
        "taxLines": [
            {
                "name": f"VAT {tax.vat_rate * 100 / WHOLE:g}%, included",
                "amountPercentage": tax.vat_rate,
                "amountTotal": money(tax.vat, currency),
            }
            for tax in added.taxes
        ],
        "customer": customer,
    }
    return {name: value for name, value in shown.items() if value or name == "items"}


def sales(added: Sums) -> list[Json]:
    """For the journal: the parts of the total."""
    return [
        {
            "kind": row.kind,
            "category": row.category,
            "vat_rate": row.vat_rate,
            "amount": row.amount,
            "count": row.count,
        }
        for row in added.sales
    ]


def _item(line: Line, currency: str) -> Json:
    sub_items = [_product(item, currency) for item in line.sub_items]
    return _product(line, currency) | ({"subItems": sub_items} if sub_items else {})


def _product(thing: Line | SubItem, currency: str) -> Json:
    modifiers = [_modifier(modifier, currency) for modifier in thing.modifiers]
    return {
        "plu": thing.plu,
        "name": thing.name,
        "quantity": thing.quantity,
        "amountPerItem": money(thing.price, currency),
        **({"note": thing.note} if thing.note else {}),
        **({"modifiers": modifiers} if modifiers else {}),
    }


def _modifier(modifier: Modifier, currency: str) -> Json:
    return {
        "plu": modifier.plu,
        "name": modifier.name,
        "quantity": modifier.quantity,
        "amountPerModifier": money(modifier.price, currency),
    }


def _discounts(tab: Tab, added: Sums, currency: str) -> Iterator[Json]:
    plus = {line.id: line.plu for line in tab.live_lines}
    for given in added.discounts:
        shown: Json = {"name": given.name, "amountTotal": money(given.amount, currency)}
        if given.line_id is not None:
            shown["affectedPlu"] = plus[given.line_id]
        if given.percentage is not None:
            shown["amountPercentage"] = given.percentage
        yield shown
