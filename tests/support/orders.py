"""Bodies of requests, as short as a story needs them."""

import uuid
from typing import Any


def unique(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


def gbp(value: int, currency: str = "GBP") -> dict[str, Any]:
    return {"value": value, "currencyCode": currency}


def item(name: str = "Fish & chips", price: int = 1450, quantity: int = 1) -> dict[str, Any]:
    return {"name": name, "plu": "1001", "quantity": quantity, "amountPerItem": gbp(price)}


def payment(paid: int, tips: int | None = None, intent: str | None = None) -> dict[str, Any]:
    """A payment of CreateOrder or of RecordOrderPayment, of an intent of its own."""
    body = {"paymentIntentId": intent or unique("pi"), "paidAmount": gbp(paid)}
    return body if tips is None else body | {"tipsAmount": gbp(tips)}


def order(
    total: int = 10_000,
    payments: list[dict[str, Any]] | None = None,
    dojo_order_id: str | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A CreateOrder body; `dine_in={...}` becomes its details, without it it is a collection."""
    dine_in = more.pop("dine_in", None)
    details = (
        {"orderType": "Collection", "collection": {"asap": True}}
        if dine_in is None
        else {"orderType": "DineIn", "dineIn": dine_in}
    )
    return {
        "dojoOrderId": dojo_order_id or unique("dojo-order"),
        "items": [item(price=total)],
        "totalAmount": gbp(total),
        "payments": payments or [],
        "details": details,
        **more,
    }


def event(intent: str, status: str, event_id: str | None = None) -> dict[str, Any]:
    """A HandleEvent body."""
    return {
        "id": event_id or unique("evt"),
        "accountId": "acc_test",
        "event": "payment_intent.status_updated",
        "data": {"paymentIntentId": intent, "paymentStatus": status, "captureMode": "Auto"},
        "createdAt": "2026-11-23T12:00:00.000Z",
    }
