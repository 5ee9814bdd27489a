"""A request may look like the specification's examples, also where they do not match its schema."""

from typing import Any

import pytest

from epos.contract.codec import validate
from epos.contract.errors import ContractViolation
from epos.contract.orders import CreateOrderRequest, SearchOrdersRequest, content_of
from epos.contract.paging import Cursor
from epos.contract.parties import CreatePartyRequest
from tests.unit.contract.samples import sample

OLDER_DISCOUNT = {
    "isPercentage": True,
    "provider": "Order & Pay app",
    "name": "Spring Sale 25% off",
    "discountCode": "SPRING2023",
    "discountReference": "123456",
    "affectedPlu": "item_123",
    "value": 2500,
    "amount": 500,
}


def create(**changes: Any) -> CreateOrderRequest:
    return validate(CreateOrderRequest, sample("CreateOrderRequest", **changes))


def euros(value: int) -> dict[str, Any]:
    return {"value": value, "currencyCode": "EUR"}


def discount(**fields: Any) -> dict[str, Any]:
    request = create(discounts=[fields], totalAmount=euros(1000))
    answered: dict[str, Any] = content_of(request)["discounts"][0]
    return answered


def test_the_sample_of_the_page() -> None:
    request = create(
        payments=[{"paidAmount": euros(1)}],
        details={"orderType": "DineIn"},
        items=[{"amountPerItem": euros(1), "quantity": 0, "name": "string", "plu": "string"}],
    )
    assert request.payments[0].paymentIntentId is None
    assert request.items[0].quantity == 0


@pytest.mark.parametrize(
    "details",
    [
        {"orderType": "DineIn"},
        {"orderType": "DineIn", "dineIn": None},
        {"orderType": "DineIn", "collection": {"asap": True}},
    ],
)
def test_the_member_named_by_the_order_type_is_there(details: Any) -> None:
    answered = create(details=details).details.model_dump(exclude_none=True)
    assert answered["dineIn"] == {}
    assert ("collection" in answered) == ("collection" in details)


def test_collection_too() -> None:
    request = create(details={"orderType": "Collection"})
    assert request.details.model_dump(exclude_none=True)["collection"] == {}


def test_phone_number_as_a_number() -> None:
    request = create(customer={"phoneNumber": 448000443550})
    assert content_of(request)["customer"] == {"phoneNumber": "448000443550"}


@pytest.mark.parametrize("number", [True, -1, 1.5, 2**63])
def test_phone_numbers_that_are_none(number: Any) -> None:
    with pytest.raises(ContractViolation) as refused:
        create(customer={"phoneNumber": number})
    assert refused.value.field == "customer.phoneNumber"


def test_older_discounts_keep_their_fields() -> None:
    assert discount(**OLDER_DISCOUNT) == {**OLDER_DISCOUNT, "amountTotal": euros(500)}


@pytest.mark.parametrize(
    ("fields", "name", "total"),
    [
        ({}, "Discount", euros(0)),
        ({"amount": None, "name": None, "amountTotal": None}, "Discount", euros(0)),
        ({"amount": -5}, "Discount", euros(-5)),
        ({"amountTotal": euros(10)}, "Discount", euros(10)),
        ({"name": "Ten", "amount": {"value": 7, "currencyCode": "GBP"}}, "Ten", None),
    ],
)
def test_older_discounts(fields: Any, name: str, total: Any) -> None:
    answered = discount(**fields)
    assert answered["name"] == name
    assert answered["amountTotal"] == (total or fields["amount"])


def test_the_newer_amount_wins_and_the_older_is_only_kept() -> None:
    answered = discount(name="Ten", amountTotal=euros(10), amount="anything")
    assert answered == {"name": "Ten", "amountTotal": euros(10), "amount": "anything"}


@pytest.mark.parametrize(
    "amount", ["5", 5.0, True, [], 10**12 + 1, {}, {"value": 1, "currencyCode": "USD"}]
)
def test_an_older_amount_is_as_strict_as_any(amount: Any) -> None:
    with pytest.raises(ContractViolation) as refused:
        discount(amount=amount)
    assert refused.value.field == "discounts[0].amount"


def collect_at(**collection: Any) -> str | None:
    details = create(details={"orderType": "Collection", "collection": collection}).details
    assert details.collection is not None
    answered: str | None = details.collection.model_dump(mode="json")["collectAt"]
    return answered


def test_collection_time() -> None:
    older = "2024-02-21T14:39:21.6050276Z"
    newer = "2024-02-21T15:00:00Z"
    assert collect_at(collectionTime=older) == "2024-02-21T14:39:21.605Z"
    assert collect_at(collectionTime=older, collectAt=None) == "2024-02-21T14:39:21.605Z"
    assert collect_at(collectionTime=older, collectAt=newer) == "2024-02-21T15:00:00.000Z"
    assert collect_at(collectionTime=None) is None


def test_a_bad_collection_time_is_named_as_it_was_sent() -> None:
    with pytest.raises(ContractViolation) as refused:
        collect_at(collectionTime="soon")
    assert refused.value.field == "details.collection.collectionTime"
    assert "RFC 3339" in refused.value.message


@pytest.mark.parametrize("intents", [..., None])
def test_a_deposit_without_intents(intents: Any) -> None:
    deposit = {"totalAmount": euros(5000), "paymentIntentIds": intents}
    body = {key: value for key, value in deposit.items() if value is not ...}
    request = validate(CreatePartyRequest, sample("CreatePartyRequest", deposit=body))
    assert request.deposit is not None
    assert request.deposit.paymentIntentIds == []


def test_an_empty_status_of_a_new_party_is_none() -> None:
    request = validate(CreatePartyRequest, sample("CreatePartyRequest", status=""))
    assert request.status is None


@pytest.mark.parametrize("cursor", [..., None, {}, {"limit": None, "after": None}])
def test_the_first_page_is_what_is_meant_without_a_cursor(cursor: Any) -> None:
    request = validate(SearchOrdersRequest, sample("SearchOrdersRequest", cursor=cursor))
    assert request.cursor == Cursor(limit=50)


def test_null_is_absent() -> None:
    nulls = dict.fromkeys(("note", "customer", "discounts", "taxLines", "reference"))
    assert create(**nulls) == create(**dict.fromkeys(nulls, ...))


def test_content_has_no_nulls_and_keeps_what_is_unknown() -> None:
    item = sample("CreateOrderRequest")["items"][0]
    unknown = {"allergens": ["nuts", None], "gone": None, "course": {"n": 1.5, "x": None}}
    request = create(items=[{**item, "note": None, **unknown}], unknownAtTheTop="\x00")
    stored = content_of(request)["items"][0]
    kept = {"allergens": ["nuts", None], "course": {"n": 1.5, "x": None}}
    assert stored == {key: value for key, value in item.items() if key != "note"} | kept


def test_content_is_content_and_nothing_else() -> None:
    assert content_of(create()) == {
        key: value
        for key, value in sample("CreateOrderRequest").items()
        if key in ("items", "discounts", "taxLines", "customer")
    }
    assert content_of(create(discounts=..., taxLines=..., customer=...)).keys() == {"items"}
