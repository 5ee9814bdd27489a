"""A request that is wrong: the first fault is named, and nothing of what a guest wrote is repeated."""

import json
from typing import Any

import pytest

from epos.contract.codec import parse
from epos.contract.errors import ContractViolation
from epos.contract.operations import OPERATIONS
from epos.contract.orders import CreateOrderRequest
from tests.support.guests import CUSTOMER, MARK, MARKS
from tests.support.orders import gbp, item, order
from tests.unit.contract.samples import sample


def refusal(request: type[Any], body: Any) -> str:
    with pytest.raises(ContractViolation) as refused:
        parse(request, json.dumps(body).encode())
    message = refused.value.message
    assert not any(mark in message for mark in MARKS)
    return message


REQUIRED = [
    (operation.request, field)
    for operation in OPERATIONS
    if operation.request is not None
    for field, described in operation.request.model_fields.items()
    if described.is_required()
]


@pytest.mark.parametrize(("request_model", "field"), REQUIRED)
@pytest.mark.parametrize("value", ["missing", None])
def test_a_field_that_is_required(request_model: type[Any], field: str, value: str | None) -> None:
    body = {key: given for key, given in sample(request_model.__name__).items() if key != field}
    if value is None:
        body[field] = None
    words = "is required" if value else "is required and must not be null"
    assert f"{field} {words}" in refusal(request_model, body)


# Property of CreateOrder: (what is wrong with it, the field that is named).
WRONG = {
    "a list that is none": ({"items": {}}, "items must be a list"),
    "an object that is none": ({"details": "DineIn"}, "details must be an object"),
    "a text that is none": ({"note": 5}, "note must be text"),
    "text as an amount": ({"totalAmount": gbp(0) | {"value": "12"}}, "totalAmount.value"),
    "a fraction of nothing": ({"totalAmount": gbp(0) | {"value": 12.0}}, "totalAmount.value"),
    "half a penny": ({"totalAmount": gbp(0) | {"value": 12.5}}, "totalAmount.value"),
    "an exponent": ({"totalAmount": gbp(0) | {"value": 1e3}}, "totalAmount.value"),
    "true as an amount": ({"totalAmount": gbp(0) | {"value": True}}, "totalAmount.value"),
    "a list as an amount": ({"totalAmount": gbp(0) | {"value": [1]}}, "totalAmount.value"),
    "a debt": ({"totalAmount": gbp(-1)}, "totalAmount.value"),
    "more than 10^12": ({"totalAmount": gbp(10**12 + 1)}, "totalAmount.value"),
    "more than 64 bits": ({"totalAmount": gbp(2**63)}, "totalAmount.value"),
    "more than any bits": ({"totalAmount": gbp(10**400)}, "totalAmount.value"),
    "dollars": ({"totalAmount": gbp(1, "USD")}, "totalAmount.currencyCode"),
    "small letters": ({"totalAmount": gbp(1, "gbp")}, "totalAmount.currencyCode"),
    "a price too high": ({"items": [item(price=10**12 + 1)]}, "items[0].amountPerItem.value"),
    "a quantity too many": ({"items": [item(), item(quantity=1_000_001)]}, "items[1].quantity"),
    "a quantity too few": ({"items": [item(quantity=-1)]}, "items[0].quantity"),
    "NUL in an id": ({"dojoOrderId": "a\0b"}, "dojoOrderId"),
    "a control in an id": ({"dojoOrderId": "a\nb"}, "dojoOrderId"),
    "an id without letters": ({"dojoOrderId": ""}, "dojoOrderId"),
    "an id without end": ({"dojoOrderId": "x" * 201}, "dojoOrderId"),
    "NUL in a text": (
        {"note": f"a\0{MARK}"},
        "note must be text of at most 10000 characters without NUL",
    ),
    "NUL deep inside": ({"items": [item() | {"house": {"a": ["\0"]}}]}, "items[0].house.a[0]"),
    "NUL in a name": ({"items": [item() | {"a\0b": 1}]}, "items[0]"),
    "a number deep inside": ({"items": [item() | {"house": 2**63}]}, "items[0].house"),
    "depth inside": ({"items": [item() | {"house": json.loads("[" * 99 + "]" * 99)}]}, "items[0]"),
    "an unknown kind": ({"details": {"orderType": MARK}}, "details.orderType must be"),
    "an unknown property": ({"customer": CUSTOMER | {"shoe": MARK}}, "customer.shoe"),
    "an address without end": ({"customer": {"emailAddress": MARK * 30}}, "customer.emailAddress"),
    "a time without a zone": (
        {"details": {"orderType": "DineIn", "dineIn": {"readyAt": "2024-08-12T09:30:00"}}},
        "details.dineIn.readyAt",
    ),
    "the 30th of February": (
        {
            "details": {
                "orderType": "Collection",
                "collection": {"collectAt": "2024-02-30T09:30:00Z"},
            }
        },
        "details.collection.collectAt",
    ),
}


@pytest.mark.parametrize(("change", "words"), WRONG.values(), ids=WRONG)
def test_an_order_that_is_wrong(change: dict[str, Any], words: str) -> None:
    assert words in refusal(CreateOrderRequest, order(customer=CUSTOMER) | change)
