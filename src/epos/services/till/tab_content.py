"""A tab as the contract's order: its total, and the content that readers see."""

import json
from collections.abc import Iterator
from typing import Any

from epos.domain.money import WHOLE
from epos.domain.tab import Line, Modifier, SubItem, Tab
from epos.domain.tab_sums import Sums
from epos.services.mapping import money

Json = dict[str, Any]


def order_columns(tab: Tab, added: Sums, currency: str, customer: Json | None) -> Json:
    """The columns of an order that follow from its tab: its total, and the content that readers see."""
    return {
        "total_amount": added.total,
        "service_charge_amount": added.service_charge if tab.service_charge_rate else None,
        "refund_amount": added.refund,
        "content": json.dumps(_content(tab, added, currency, customer), ensure_ascii=False),
        "sales": json.dumps(_sales(added), ensure_ascii=False),
    }


def _content(tab: Tab, added: Sums, currency: str, customer: Json | None) -> Json:
    """Items, discounts and taxes in the contract's words. Void lines are left out: nobody pays for them."""
    shown: Json = {
        "items": [_content_item(line, currency) for line in tab.live_lines],
        "discounts": list(_content_discounts(tab, added, currency)),
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


def _sales(added: Sums) -> list[Json]:
    """The parts of the total, for the journal."""
    return [
        {
            "kind": row.kind,
            "category": row.category,
            "vat_rate": row.vat_rate,
            "amount": row.amount,
            "count": row.count,
            **({} if row.plu is None else {"plu": row.plu, "name": row.name}),
        }
        for row in added.sales
    ]


def _content_item(line: Line, currency: str) -> Json:
    if line.piece is not None:
        return _content_piece(line, currency)
    sub_items = [_content_product(item, currency) for item in line.sub_items]
    return _content_product(line, currency) | ({"subItems": sub_items} if sub_items else {})


def _content_piece(line: Line, currency: str) -> Json:
    """A part of a line at what the part comes to; one sub-item for each further category and VAT rate."""
    own, *others = line.parts
    names = {(part.category, part.vat_rate): part.name for part in reversed(line.sub_items)}
    sub_items = [
        _plain_product(line.plu, names[other.category, other.vat_rate], other.gross, currency)
        for other in others
    ]
    return {
        **_plain_product(line.plu, line.label, own.gross, currency),
        **({"note": line.note} if line.note else {}),
        **({"subItems": sub_items} if sub_items else {}),
    }


def _plain_product(plu: str, name: str, amount: int, currency: str) -> Json:
    return {
        "plu": plu,
        "name": name,
        "quantity": 1,
        "amountPerItem": money(amount, currency),
    }


def _content_product(thing: Line | SubItem, currency: str) -> Json:
    modifiers = [_content_modifier(modifier, currency) for modifier in thing.modifiers]
    return {
        "plu": thing.plu,
        "name": thing.name,
        "quantity": thing.quantity,
        "amountPerItem": money(thing.price, currency),
        **({"note": thing.note} if thing.note else {}),
        **({"modifiers": modifiers} if modifiers else {}),
    }


def _content_modifier(modifier: Modifier, currency: str) -> Json:
    return {
        "plu": modifier.plu,
        "name": modifier.name,
        "quantity": modifier.quantity,
        "amountPerModifier": money(modifier.price, currency),
    }


def _content_discounts(tab: Tab, added: Sums, currency: str) -> Iterator[Json]:
    plus = {line.id: line.plu for line in tab.live_lines}
    for given in added.discounts:
        shown: Json = {"name": given.name, "amountTotal": money(given.amount, currency)}
        if given.line_id is not None:
            shown["affectedPlu"] = plus[given.line_id]
        if given.percentage is not None:
            shown["amountPercentage"] = given.percentage
        yield shown
