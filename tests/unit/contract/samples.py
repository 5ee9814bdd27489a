"""Small valid requests, as JSON values, and orders to answer."""

import copy
from datetime import UTC, datetime
from typing import Any

from epos.contract.money import Money
from epos.contract.orders import DineInDetails, Order, OrderDetails, OrderStatus, OrderType
from epos.contract.payments import Payment

Json = dict[str, Any]

SAMPLES: dict[str, Json] = {
    "CreateOrderRequest": {
        "items": [
            {
                "amountPerItem": {"value": 1090, "currencyCode": "GBP"},
                "quantity": 1,
                "note": "well done",
                "name": "Burger",
                "plu": "234",
                "subItems": [
                    {
                        "amountPerItem": {"value": 250, "currencyCode": "GBP"},
                        "quantity": 1,
                        "name": "Chips",
                        "plu": "235",
                        "modifiers": [
                            {
                                "name": "Salt",
                                "quantity": 1,
                                "amountPerModifier": {"value": 0, "currencyCode": "GBP"},
                                "plu": "1",
                            }
                        ],
                    }
                ],
                "modifiers": [
                    {
                        "name": "Bacon",
                        "quantity": 2,
                        "amountPerModifier": {"value": 100, "currencyCode": "GBP"},
                        "plu": "872",
                    }
                ],
            }
        ],
        "note": "by the window",
        "customer": {
            "id": "c1",
            "emailAddress": "a@example.com",
            "phoneNumber": "0800",
            "name": "Ann",
        },
        "discounts": [
            {
                "name": "10%",
                "affectedPlu": "234",
                "discountReference": "r",
                "code": "TEN",
                "amountTotal": {"value": 109, "currencyCode": "GBP"},
                "amountPercentage": 1000,
            }
        ],
        "totalAmount": {"value": 1431, "currencyCode": "GBP"},
        "taxLines": [
            {
                "id": "VAT",
                "name": "VAT",
                "affectedPlu": "234",
                "amountPercentage": 2000,
                "amountTotal": {"value": 238, "currencyCode": "GBP"},
            }
        ],
        "serviceChargeAmount": {"value": 100, "currencyCode": "GBP"},
        "reference": "A7",
        "dojoOrderId": "dojo-1",
        "payments": [
            {
                "paymentIntentId": "pi_1",
                "paidAmount": {"value": 1431, "currencyCode": "GBP"},
                "tipsAmount": {"value": 50, "currencyCode": "GBP"},
            }
        ],
        "details": {
            "orderType": "DineIn",
            "dineIn": {
                "tableId": "t1",
                "waiterId": "w1",
                "partyId": "p1",
                "reservationId": "r1",
                "readyAt": "2024-08-12T09:30:00.000Z",
            },
        },
        "displayName": "Window",
    },
    "PaymentWithLockId": {
        "paymentIntentId": "pi_1",
        "paidAmount": {"value": 1000, "currencyCode": "GBP"},
        "tipsAmount": {"value": 100, "currencyCode": "GBP"},
        "lockId": "lock-1",
    },
    "CreateOrderLockRequest": {"lockId": "lock-1", "expiry": "2024-08-12T09:30:00.000Z"},
    "ExtendOrderLockRequest": {"expiry": "2024-08-12T09:30:00.000Z"},
    "SearchOrdersRequest": {
        "dineIn": {"tableId": "t", "waiterId": "w", "partyId": "p", "reservationId": "r"},
        "payableOnly": True,
        "cursor": {"limit": 10, "after": "x"},
    },
    "SearchTablesRequest": {"areaId": "a", "waiterId": "w", "cursor": {"before": "x"}},
    "CreatePartyRequest": {
        "name": "Martin B.",
        "covers": 4,
        "tableIds": ["table-01-001", "table-01-002"],
        "status": "Seated",
        "startTime": "2024-08-12T09:30:00.000Z",
        "expectedEndTime": "2024-08-12T11:00:00.000Z",
        "hostNotes": "quiet table",
        "guestRequests": "nut allergy",
        "reservationId": "rsv_1",
        "deposit": {
            "totalAmount": {"value": 5000, "currencyCode": "GBP"},
            "description": "Sunday lunch",
            "paymentIntentIds": ["pi_9"],
        },
        "dojoPartyId": "dojo-party",
        "dojoReservationId": "dojo-reservation",
    },
    "UpdatePartyRequest": {
        "dojoPartyId": "dojo-party",
        "startTime": "2024-08-12T09:30:00.000Z",
        "endTime": "2024-08-12T11:30:00.000Z",
        "status": "Ordered",
        "tableIds": ["table-01-001"],
    },
    "SearchPartiesRequest": {"completedOnly": True, "tableId": "t"},
    "CreateReservationRequest": {
        "dojoReservationId": "dojo-res-210345",
        "name": "Sasha J.",
        "covers": 3,
        "startTime": "2024-08-12T13:00:00.000Z",
        "endTime": "2024-08-12T15:00:00.000Z",
        "tableIds": ["table-02-003", "table-02-004"],
        "guestRequests": "we'll be bringing our dog",
        "hostNotes": "dog may be given little snacks",
    },
    "UpdateReservationRequest": {
        "dojoReservationId": "dojo-res-210345",
        "name": "Sasha J.",
        "covers": 3,
        "startTime": "2024-08-12T13:00:00.000Z",
        "endTime": "2024-08-12T15:00:00.000Z",
        "tableIds": ["table-02-003"],
    },
    "SearchReservationsRequest": {
        "tableId": "t",
        "fromTime": "2024-08-12T00:00:00Z",
        "toTime": "2024-08-13T00:00:00Z",
    },
    "Event": {
        "id": "evt_1",
        "accountId": "acc_1",
        "event": "payment_intent.status_updated",
        "data": {
            "paymentIntentId": "pi_1",
            "paymentStatus": "Captured",
            "captureMode": "Auto",
        },
        "createdAt": "2024-08-12T09:30:00.000Z",
    },
}


def sample(name: str, **changes: Any) -> Json:
    """A copy of a sample with changes; `...` removes a property."""
    body = {**copy.deepcopy(SAMPLES[name]), **changes}
    return {key: value for key, value in body.items() if value is not ...}


def an_order(**changes: Any) -> Order:
    """An order built as services build it: content straight from the database."""
    amount = {"value": 1000, "currencyCode": "GBP"}
    item = {"amountPerItem": amount, "quantity": 1, "name": "Pizza", "plu": "1"}
    fields: Json = {
        "id": "ord_1",
        "items": [dict(item) for _ in range(10)],
        "status": OrderStatus.Accepted,
        "createdAt": datetime(2024, 8, 12, 9, 30, tzinfo=UTC),
        "updatedAt": datetime(2024, 8, 12, 9, 30, 0, 999999, tzinfo=UTC),
        "totalAmount": Money.model_construct(value=1000, currencyCode="GBP"),
        "payments": [Payment.model_construct(paymentIntentId="pi_1", paidAmount=amount)],
        "payable": True,
        "paidAmount": amount,
        "tipsAmount": Money.model_construct(value=0, currencyCode="GBP"),
        "reference": "A7",
        "details": OrderDetails.model_construct(
            orderType=OrderType.DineIn, dineIn=DineInDetails.model_construct(tableId="t1")
        ),
        "displayName": "Table 1",
    }
    return Order.model_construct(**{**fields, **changes})
