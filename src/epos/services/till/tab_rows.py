"""The domain's Tab as rows, and back."""

import json
from collections.abc import Iterable
from typing import Any

from pydantic_core import from_json

from epos.domain.tab import Discount, Line, Modifier, Shares, SubItem, Tab, Void
from epos.store import tabs as rows
from epos.store.statements import Record

Json = dict[str, Any]


def lines_of(row: Record) -> list[rows.Line]:
    """The lines that came with the row of a tab."""
    aggregated: str | None = row["lines"]
    lines: list[rows.Line] = [] if aggregated is None else from_json(aggregated)
    return lines


def tab(row: Record, lines: Iterable[rows.Line]) -> Tab:
    discount, as_split = row["discount"], row["as_split"]
    return Tab(
        lines=tuple(map(line, lines)),
        discount=None if discount is None else _discount(from_json(discount)),
        service_charge_rate=row["service_charge_rate"],
        service_charge_bears_vat=row["service_charge_bears_vat"],
        as_split=None if as_split is None else _shares(from_json(as_split)),
    )


def tab_columns(tab: Tab) -> Json:
    """What the row of a tab has of it."""
    discount, as_split = tab.discount, tab.as_split
    return {
        "discount": None if discount is None else json.dumps(_discount_row(discount)),
        "as_split": None if as_split is None else json.dumps(_shares_row(as_split)),
        "service_charge_rate": tab.service_charge_rate,
        "service_charge_bears_vat": tab.service_charge_bears_vat,
    }


def line(row: rows.Line) -> Line:
    reason = row["void_reason"]
    return Line(
        id=row["id"],
        plu=row["plu"],
        name=row["name"],
        price=row["price"],
        category=row["category"],
        vat_rate=row["vat_rate"],
        quantity=row["quantity"],
        modifiers=_modifiers(row["modifiers"]),
        sub_items=tuple(
            SubItem(**{**item, "modifiers": _modifiers(item["modifiers"])})
            for item in row["sub_items"]
        ),
        discounts=tuple(map(_discount, row["discounts"])),
        note=row["note"],
        cover=row["cover"],
        sent_round=row["sent_round"],
        void=None if reason is None else Void(reason),
    )


def line_columns(line: Line) -> Json:
    """What the row of a line has of it."""
    return {
        "id": line.id,
        "plu": line.plu,
        "name": line.name,
        "price": line.price,
        "category": line.category,
        "vat_rate": line.vat_rate,
        "quantity": line.quantity,
        "modifiers": [_modifier_row(modifier) for modifier in line.modifiers],
        "sub_items": [_sub_item_row(item) for item in line.sub_items],
        "discounts": [_discount_row(discount) for discount in line.discounts],
        "note": line.note,
        "cover": line.cover,
        "sent_round": line.sent_round,
        "void_reason": None if line.void is None else line.void.reason,
    }


def _modifiers(rows: list[Json]) -> tuple[Modifier, ...]:
    return tuple(Modifier(**row) for row in rows)


def _modifier_row(modifier: Modifier) -> Json:
    return {
        "plu": modifier.plu,
        "name": modifier.name,
        "price": modifier.price,
        "quantity": modifier.quantity,
    }


def _sub_item_row(item: SubItem) -> Json:
    return {
        "plu": item.plu,
        "name": item.name,
        "price": item.price,
        "category": item.category,
        "vat_rate": item.vat_rate,
        "quantity": item.quantity,
        "modifiers": [_modifier_row(modifier) for modifier in item.modifiers],
        "note": item.note,
    }


def _discount(row: Json) -> Discount:
    return Discount(**row)


def _discount_row(discount: Discount) -> Json:
    return {
        "name": discount.name,
        "percentage": discount.percentage,
        "amount": discount.amount,
    }


def _shares(row: Json) -> Shares:
    return Shares(
        off={line_id: tuple(map(tuple, off)) for line_id, off in row["off"].items()},
        service_charge=dict(row["service_charge"]),
        vat=dict(row["vat"]),
    )


def _shares_row(shares: Shares) -> Json:
    """Rates are keys of the shares and numbers, or null; JSON has neither as keys."""
    return {
        "off": dict(shares.off),
        "service_charge": list(shares.service_charge.items()),
        "vat": list(shares.vat.items()),
    }
