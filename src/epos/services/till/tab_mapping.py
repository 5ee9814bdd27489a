"""Rows and sums into tabs as the till answers them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic_core import from_json

from epos.contract.orders import OrderType
from epos.domain.locks import is_live
from epos.domain.order_status import OrderOrigin, OrderStatus, is_payable
from epos.domain.tab import Discount, Line, Modifier, Off, SubItem, Tab
from epos.domain.tab_shares import shares_of
from epos.domain.tab_sums import Sums, sums
from epos.services.mapping import shown_name
from epos.services.till import tab_rows
from epos.store.statements import Record
from epos.store.tabs import Line as LineRow
from epos.till_contract import tabs as models


def tab(row: Record) -> models.Tab:
    """A tab, or an order of Dojo's, with all that is in it."""
    if row["origin"] == OrderOrigin.DOJO:
        parts = _of_dojo(row)
    else:
        lines = tab_rows.lines_of(row)
        parts = _of_till(tab_rows.tab(row, lines), {line["id"]: line for line in lines})
    return models.Tab.model_construct(
        **_summary(row),
        **parts,
        rounds=row["rounds"] or 0,
        payments=[_payment(payment) for payment in from_json(row["payments"] or "[]")],
        lock=_lock(row),
    )


def summary(row: Record) -> models.TabSummary:
    return models.TabSummary.model_construct(**_summary(row))


def _summary(row: Record) -> dict[str, Any]:
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
        "balance": balance,
        "payable": is_payable(status, balance=balance, held_by_till=held),
        "heldUntil": held_until if held else None,
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


def _of_dojo(row: Record) -> dict[str, Any]:
    content = from_json(row["dojo_content"])
    return {
        "lines": [],
        "taxes": [],
        "dojoContent": models.DojoContent.model_construct(
            items=content["items"],
            discounts=content.get("discounts"),
            taxLines=content.get("taxLines"),
        ),
        "serviceCharge": None,
    }


def _of_till(tab: Tab, rows: Mapping[str, LineRow]) -> dict[str, Any]:
    added, off = sums(tab), shares_of(tab).off
    by_order = sum(sum(taken[-1]) for taken in off.values())
    return {
        "lines": [_line(line, rows[line.id], off.get(line.id, ())) for line in tab.lines],
        "discount": None if tab.discount is None else _discount(tab.discount, by_order),
        "serviceCharge": _service_charge(tab, added),
        "taxes": [
            models.TabTax.model_construct(vatRate=tax.vat_rate, gross=tax.gross, vat=tax.vat)
            for tax in added.taxes
        ],
    }


def _discount(given: Discount, amount: int) -> models.TabDiscount:
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


def _line(line: Line, row: LineRow, off: Off) -> models.TabLine:
    """`off` has a row for each discount of the line, then the order's; a void line has none."""
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
        modifiers=_modifiers(line.modifiers),
        subItems=[_sub_item(item) for item in line.sub_items],
        note=line.note,
        cover=line.cover,
        discounts=[_discount(discount, amount) for discount, amount in given],
        sentRound=line.sent_round,
        sentAt=None if line.sent_round is None else datetime.fromisoformat(row["sent_at"]),
        void=None if line.void is None else _void(row),
        gross=line.gross,
        total=0 if line.void is not None else line.gross - sum(taken),
    )


def _void(row: LineRow) -> models.TabVoid:
    return models.TabVoid.model_construct(
        reason=row["void_reason"],
        by=row["voided_by"],
        at=datetime.fromisoformat(row["voided_at"]),
    )


def _sub_item(item: SubItem) -> models.TabSubItem:
    return models.TabSubItem.model_construct(
        plu=item.plu,
        name=item.name,
        category=item.category,
        vatRate=item.vat_rate,
        price=item.price,
        quantity=item.quantity,
        modifiers=_modifiers(item.modifiers),
        note=item.note,
    )


def _modifiers(modifiers: Iterable[Modifier]) -> list[models.TabModifier]:
    return [
        models.TabModifier.model_construct(
            plu=modifier.plu, name=modifier.name, price=modifier.price, quantity=modifier.quantity
        )
        for modifier in modifiers
    ]


def _payment(row: dict[str, Any]) -> models.TabPayment:
    tendered = row["tendered_amount"]
    paid, tips = row["paid_amount"], row["tips_amount"]
    return models.TabPayment.model_construct(
        id=row["id"],
        source=row["source"],
        method=row["method"],
        paymentIntentId=row["payment_intent_id"],
        paid=paid,
        tips=tips,
        tendered=tendered,
        change=None if tendered is None else tendered - paid - tips,
        refunded=row["refunded_amount"] or None,
        status=row["status"],
        recordedAt=datetime.fromisoformat(row["recorded_at"]),
        waiterId=row["waiter_id"],
    )


def _lock(row: Record) -> models.TabLock | None:
    if row["lock_id"] is None or not is_live(row["expires_at"], None, row["now"]):
        return None
    return models.TabLock.model_construct(
        lockId=row["lock_id"], until=row["expires_at"], holder=row["holder"]
    )
