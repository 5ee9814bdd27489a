"""A small client: it lets a guest pay a table, as a payments product does.

It locks the order, records the payment, and unlocks; when an answer does not come, it sends the same
request again, which is safe.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

ATTEMPTS = 3


class Refused(Exception):
    """The EPOS has said no; its own words."""


@dataclass(frozen=True)
class Receipt:
    order_id: str
    payment_intent_id: str
    paid: int
    tip: int


class Payments:
    """Speaks Dojo's EPOS Data API to one EPOS."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def payable(self, table_id: str) -> list[dict[str, Any]]:
        """The orders of a table that can be paid."""
        wish = {"payableOnly": True, "dineIn": {"tableId": table_id}, "cursor": {"limit": 100}}
        return self._ask("POST", "/v1/orders/search", wish)["data"]

    def pay(self, order_id: str, payment_intent_id: str, tip: int = 0) -> Receipt:
        """Pay what is left of an order. The intent's id makes a retry safe."""
        lock_id = f"lock_{uuid.uuid4().hex}"
        expiry = datetime.now(UTC) + timedelta(seconds=60)
        lock = {"lockId": lock_id, "expiry": expiry.isoformat()}
        order = self._ask("POST", f"/v1/orders/{order_id}/lock", lock)
        left = order["totalAmount"]["value"] - order["paidAmount"]["value"]
        currency = order["totalAmount"]["currencyCode"]
        payment = {
            "paymentIntentId": payment_intent_id,
            "paidAmount": {"value": left, "currencyCode": currency},
            "lockId": lock_id,
        }
        if tip:
            payment["tipsAmount"] = {"value": tip, "currencyCode": currency}
        try:
            self._ask("POST", f"/v1/orders/{order_id}/record-payment", payment)
        finally:
            self._ask("DELETE", f"/v1/orders/{order_id}/locks/{lock_id}")
        return Receipt(order_id, payment_intent_id, left, tip)

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                response = self._http.request(method, path, json=body)
            except httpx.TransportError:
                if attempt == ATTEMPTS:
                    raise
                continue
            if response.status_code >= 500 and attempt < ATTEMPTS:
                continue
            if response.status_code != 200:
                raise Refused(response.json()["debugMessage"])
            return response.json() if response.content else None
        raise AssertionError("the last attempt has returned or raised")
