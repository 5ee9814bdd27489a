"""A tab between rows, the domain and the till's models. The view of the contract is in `tab_content`."""

import json
from collections.abc import Iterable
from dataclasses import astuple
from datetime import datetime
from typing import Any

from pydantic_core import from_json

from epos.contract.orders import OrderType
from epos.domain.derived_vat import derived_sums
from epos.domain.locks import is_live
from epos.domain.order_status import OrderOrigin, OrderStatus, is_payable
from epos.domain.payments import EFFECTIVE
from epos.domain.tab import (
    Discount,
    Line,
    Modifier,
    Off,
    Piece,
    Refunded,
    Shares,
    SubItem,
    Tab,
    Void,
    Way,
)
from epos.domain.tab_shares import shares_of
from epos.domain.tab_sums import Sums, sums
from epos.services.large_work import worked_out
from epos.services.mapping import shown_name
from epos.services.menu_checks import derived_of, prices_of
from epos.store.statements import Record
from epos.store.tabs import Line as LineRow
from epos.store.tabs import TabRow, tab_row
from epos.till_contract import tabs as models

Json = dict[str, Any]
_LEAST_CHARACTERS = 60
"""Of a modifier, the smallest piece, in a row as JSON."""

# --- rows to the domain, and back -----------------------------------------------------------------


def tab_of(row: TabRow) -> Tab:
    discount, as_split = row.discount, row.as_split
    return Tab(
        lines=tuple(map(line_of, row.lines.values())),
        discount=None if discount is None else _discount(from_json(discount)),
        service_charge_rate=row.service_charge_rate,
        service_charge_bears_vat=row.service_charge_bears_vat,
        as_split=None if as_split is None else _shares(from_json(as_split)),
        refund=row.refund,
        as_refunded=None if row.as_refunded is None else _refunded(from_json(row.as_refunded)),
    )


async def read_tab(row: TabRow) -> Tab:
    """The same; a large one in a thread."""
    return await worked_out(_pieces(row.lines.values()), tab_of, row)


def _pieces(lines: Iterable[LineRow]) -> int:
    """How many lines, sub-items and modifiers these are."""
    return sum(
        1 + len(line["modifiers"]) + sum(1 + len(item["modifiers"]) for item in line["sub_items"])
        for line in lines
    )


def tab_columns(tab: Tab) -> Json:
    """The columns of a tab's row that follow from the tab."""
    discount, as_split = tab.discount, tab.as_split
    return {
        "discount": None if discount is None else json.dumps(_discount_row(discount)),
        "as_split": None if as_split is None else json.dumps(_shares_row(as_split)),
        "as_refunded": refunded_column(tab),
        "service_charge_rate": tab.service_charge_rate,
        "service_charge_bears_vat": tab.service_charge_bears_vat,
    }


def refunded_column(tab: Tab) -> str | None:
    back = tab.as_refunded
    if back is None:
        return None
    amounts = [[*key, amount] for key, amount in back.amounts.items()]
    return json.dumps({"amounts": amounts, "vat": list(back.vat.items())})


def _refunded(row: Json) -> Refunded:
    amounts = {(category, rate): amount for category, rate, amount in row["amounts"]}
    return Refunded(amounts, dict(row["vat"]))


def line_of(row: LineRow) -> Line:
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
            SubItem(
                **{
                    **item,
                    "modifiers": _modifiers(item["modifiers"]),
                    "other": _way(item.get("other")),
                }
            )
            for item in row["sub_items"]
        ),
        discounts=tuple(map(_discount, row["discounts"])),
        note=row["note"],
        cover=row["cover"],
        sent_round=row["sent_round"],
        void=None if reason is None else Void(reason),
        takeaway=row["takeaway"],
        other=_way(row["other"]),
        piece=None if row["piece"] is None else Piece(*row["piece"]),
    )


def line_columns(line: Line) -> Json:
    """The columns of a line's row that follow from the line."""
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
        "takeaway": line.takeaway,
        "other": _way_row(line.other),
        "piece": None if line.piece is None else list(astuple(line.piece)),
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
        **({} if item.other is None else {"other": _way_row(item.other)}),
    }


def _way(row: Json | None) -> Way | None:
    return None if row is None else Way(**row)


def _way_row(way: Way | None) -> Json | None:
    return None if way is None else {"price": way.price, "vat_rate": way.vat_rate}


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
    """Pairs instead of objects: a rate is a number or null, and JSON keys are text."""
    return {
        "off": dict(shares.off),
        "service_charge": list(shares.service_charge.items()),
        "vat": list(shares.vat.items()),
    }


# --- rows to the till's models --------------------------------------------------------------------


def render_tab(row: Record) -> models.Tab:
    """A tab, or an order of Dojo's, with all its content."""
    parts = _dojo_parts(row) if row["origin"] == OrderOrigin.DOJO else _till_parts(tab_row(row))
    return models.Tab.model_construct(
        **_summary(row),
        **parts,
        rounds=row["rounds"] or 0,
        payments=[_payment(payment) for payment in from_json(row["payments"] or "[]")],
        lock=_lock(row),
    )


async def rendered_tab(row: Record) -> models.Tab:
    """The same; a large one in a thread."""
    return await worked_out(len(row["lines"] or "") // _LEAST_CHARACTERS, render_tab, row)


def render_summary(row: Record) -> models.TabSummary:
    return models.TabSummary.model_construct(**_summary(row))


def _summary(row: Record) -> Json:
    status, held_until = OrderStatus(row["status"]), row["held_until"]
    balance = row["total_amount"] - row["paid_amount"]
    held = held_until is not None and is_live(held_until, None, row["now"])
    return {
        "id": row["id"],
        "origin": row["origin"],
        "version": row["version"],
        "status": status,
        "statusReason": row["status_reason"],
        "reference": row["reference"],
        "displayName": shown_name(row),
        "tableId": row["table_id"],
        "partyId": row["party_id"],
        "reservationId": row["reservation_id"],
        "waiterId": row["waiter_id"],
        "covers": row["covers"],
        "note": row["note"],
        "collection": _collection(row),
        "total": row["total_amount"],
        "paid": row["paid_amount"],
        "tips": row["tips_amount"],
        "refunded": row["refund_amount"] or None,
        "balance": balance,
        "payable": is_payable(status, balance=balance, held_by_till=held),
        "heldUntil": held_until if held else None,
        "pricesDiffer": row["has_other_prices"] or None,
        "mergedInto": row["merged_into"],
        "openedAt": row["created_at"],
        "updatedAt": row["updated_at"],
    }


def _collection(row: Record) -> models.TabCollection | None:
    if row["order_type"] != OrderType.Collection:
        return None
    return models.TabCollection.model_construct(
        asap=row["asap"], collectAt=row["collect_at"], name=row["customer_name"]
    )


def _dojo_parts(row: Record) -> Json:
    content = from_json(row["dojo_content"])
    return {
        "lines": [],
        **_by_menu(row),
        "dojoContent": models.DojoContent.model_construct(
            items=content["items"],
            discounts=content.get("discounts"),
            taxLines=content.get("taxLines"),
        ),
        "serviceCharge": None,
    }


def _by_menu(row: Record) -> Json:
    """What the menu said of an order of Dojo's when it came."""
    derived = derived_of(row["derived"])
    found = None if derived is None else derived_sums(derived, row["refund_amount"])
    return {
        "taxes": [
            models.TabTax.model_construct(
                vatRate=tax.vat_rate, gross=tax.gross, vat=tax.vat, derived=True
            )
            for tax in (() if found is None else found.taxes)
        ],
        "unknownVat": None if found is None else found.unknown or None,
        "priceDifferences": [price_difference(one) for one in prices_of(row["derived"])] or None,
    }


def price_difference(one: Json) -> models.PriceDifference:
    return models.PriceDifference.model_construct(
        plu=one["plu"],
        name=one["name"],
        count=one["count"],
        price=one["price"],
        menuPrice=one["menu_price"],
    )


def _till_parts(row: TabRow) -> Json:
    tab = tab_of(row)
    added, off = sums(tab), shares_of(tab).off
    by_order = sum(sum(taken[-1]) for taken in off.values())
    return {
        "lines": [_tab_line(line, row.lines[line.id], off.get(line.id, ())) for line in tab.lines],
        "discount": None if tab.discount is None else _tab_discount(tab.discount, by_order),
        "serviceCharge": _service_charge(tab, added),
        "taxes": [
            models.TabTax.model_construct(vatRate=tax.vat_rate, gross=tax.gross, vat=tax.vat)
            for tax in added.taxes
        ],
    }


def _tab_discount(given: Discount, amount: int) -> models.TabDiscount:
    return models.TabDiscount.model_construct(
        name=given.name, percentage=given.percentage, amount=amount
    )


def _service_charge(tab: Tab, added: Sums) -> models.TabServiceCharge | None:
    if not tab.service_charge_rate:
        return None
    return models.TabServiceCharge.model_construct(
        rate=tab.service_charge_rate,
        bearsVat=tab.service_charge_bears_vat,
        amount=added.service_charge,
    )


def _tab_line(line: Line, row: LineRow, off: Off) -> models.TabLine:
    """`off` has a row for each discount of the line, then one for the order's; a void line has none."""
    taken = [sum(parts) for parts in off[:-1]]
    given = zip(line.discounts, taken, strict=False)
    return models.TabLine.model_construct(
        id=line.id,
        plu=line.plu,
        name=line.name,
        category=line.category,
        vatRate=line.vat_rate,
        price=line.price,
        quantity=line.quantity,
        part=_tab_line_part(line),
        modifiers=_tab_modifiers(line.modifiers),
        subItems=[_tab_sub_item(item) for item in line.sub_items],
        note=line.note,
        cover=line.cover,
        takeaway=line.takeaway,
        discounts=[_tab_discount(discount, amount) for discount, amount in given],
        sentRound=line.sent_round,
        sentAt=None if line.sent_round is None else datetime.fromisoformat(row["sent_at"]),
        void=None if line.void is None else _tab_void(row),
        gross=line.gross,
        total=0 if line.void is not None else line.gross - sum(taken),
    )


def _tab_line_part(line: Line) -> models.TabLinePart | None:
    if line.piece is None:
        return None
    taken, of = line.piece.size
    return models.TabLinePart.model_construct(taken=taken, of=of)


def _tab_void(row: LineRow) -> models.TabVoid:
    return models.TabVoid.model_construct(
        reason=row["void_reason"],
        by=row["voided_by"],
        at=datetime.fromisoformat(row["voided_at"]),
    )


def _tab_sub_item(item: SubItem) -> models.TabSubItem:
    return models.TabSubItem.model_construct(
        plu=item.plu,
        name=item.name,
        category=item.category,
        vatRate=item.vat_rate,
        price=item.price,
        quantity=item.quantity,
        modifiers=_tab_modifiers(item.modifiers),
        note=item.note,
    )


def _tab_modifiers(modifiers: Iterable[Modifier]) -> list[models.TabModifier]:
    return [
        models.TabModifier.model_construct(
            plu=modifier.plu, name=modifier.name, price=modifier.price, quantity=modifier.quantity
        )
        for modifier in modifiers
    ]


def _payment(row: Json) -> models.TabPayment:
    tendered = row["tendered_amount"]
    paid, tips = row["paid_amount"], row["tips_amount"]
    counts = row["status"] in EFFECTIVE
    return models.TabPayment.model_construct(
        id=row["id"],
        source=row["source"],
        method=row["method"],
        paymentIntentId=row["payment_intent_id"],
        paid=paid - row["refunded_paid"] * counts,
        tips=tips - row["refunded_tips"] * counts,
        tendered=tendered,
        change=None if tendered is None else tendered - paid - tips,
        refundedAmount=row["refunded_amount"] or None,
        status=row["status"],
        recordedAt=datetime.fromisoformat(row["recorded_at"]),
        waiterId=row["waiter_id"],
        deviceId=row["device_id"],
    )


def _lock(row: Record) -> models.TabLock | None:
    if row["lock_id"] is None or not is_live(row["expires_at"], None, row["now"]):
        return None
    return models.TabLock.model_construct(
        lockId=row["lock_id"], until=row["expires_at"], holder=row["holder"]
    )
