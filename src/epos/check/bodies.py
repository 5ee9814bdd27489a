"""What the checks send, as Dojo would."""

from collections.abc import Sequence
from typing import Any

from epos.simulator.formats import in_seconds, now_text

Json = dict[str, Any]
NAME = "epos check"
_DAY = 86_400.0


def money(value: Any, currency: str) -> Json:
    return {"value": value, "currencyCode": currency}


def order(
    dojo_id: str, currency: str, total: int, table_id: str | None, payments: Sequence[Json] = ()
) -> Json:
    """CreateOrder: two of one item, whose prices are the total."""
    details: Json = {"orderType": "Collection", "collection": {"asap": True}}
    if table_id is not None:
        details = {"orderType": "DineIn", "dineIn": {"tableId": table_id}}
    item = {
        "name": "Burger",
        "plu": "2001",
        "quantity": 2,
        "amountPerItem": money(total // 2, currency),
    }
    return {
        "items": [item],
        "totalAmount": money(total, currency),
        "dojoOrderId": dojo_id,
        "payments": list(payments),
        "details": details,
        "displayName": NAME,
        "note": "Made by epos check",
    }


def payment(
    intent: str, currency: str, paid: Any, tip: int = 0, lock_id: str | None = None
) -> Json:
    """RecordOrderPaymentById, or a payment in CreateOrder."""
    body: Json = {"paymentIntentId": intent, "paidAmount": money(paid, currency)}
    if tip:
        body["tipsAmount"] = money(tip, currency)
    return body if lock_id is None else body | {"lockId": lock_id}


def lock(lock_id: str, seconds: float) -> Json:
    return {"lockId": lock_id, "expiry": in_seconds(seconds)}


def party(dojo_id: str, tables: list[str]) -> Json:
    return {
        "dojoPartyId": dojo_id,
        "name": NAME,
        "covers": 2,
        "tableIds": tables,
        "status": "Seated",
        "startTime": now_text(),
        "guestRequests": "No nuts",
    }


def reservation(dojo_id: str, tables: list[str], days: float) -> Json:
    """For two hours, so many days from now."""
    return {
        "dojoReservationId": dojo_id,
        "name": NAME,
        "covers": 2,
        "startTime": in_seconds(days * _DAY),
        "endTime": in_seconds(days * _DAY + 7200),
        "tableIds": tables,
        "guestRequests": "No nuts",
    }


def event(event_id: str, intent: str, status: str) -> Json:
    """HandleEvent: the intent has this status now."""
    kind = "created" if status == "Created" else "status_updated"
    return {
        "id": event_id,
        "accountId": "acc_epos_check",
        "event": f"payment_intent.{kind}",
        "data": {"paymentIntentId": intent, "paymentStatus": status, "captureMode": "Auto"},
        "createdAt": now_text(),
    }
