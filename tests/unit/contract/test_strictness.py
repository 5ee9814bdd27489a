"""Requests that are refused, and the error messages: strict where a mistake would cost money."""

import json
from typing import Any

import pytest

from epos.contract.codec import parse, validate
from epos.contract.errors import ContractViolation
from epos.contract.operations import OPERATIONS
from tests.unit.contract.samples import SAMPLES, sample

REQUESTS: dict[str, Any] = {
    operation.request.__name__: operation.request
    for operation in OPERATIONS
    if operation.request is not None
}


def refusal(name: str, body: Any) -> ContractViolation:
    with pytest.raises(ContractViolation) as refused:
        validate(REQUESTS[name], body)
    assert refused.value.message.startswith(refused.value.field or "the body")
    return refused.value


def put(body: Any, path: str, value: Any) -> Any:
    """`body` with another value at a path such as `items.0.name`; `...` removes it."""
    *steps, last = path.split(".")
    place = body
    for step in steps:
        place = place[int(step) if step.isdecimal() else step]
    if value is ...:
        del place[last]
    else:
        place[int(last) if last.isdecimal() else last] = value
    return body


def written(path: str) -> str:
    """`items.0.name` as an error message writes it: `items[0].name`."""
    return "".join(f"[{s}]" if s.isdecimal() else f".{s}" for s in path.split("."))[1:]


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_are_accepted_in_both_forms(name: str) -> None:
    body = sample(name)
    assert validate(REQUESTS[name], body) == parse(REQUESTS[name], json.dumps(body).encode())


def test_every_request_has_a_sample() -> None:
    assert REQUESTS.keys() == SAMPLES.keys()


NOT_AMOUNTS = ["12", 12.0, 12.5, True, False, [], {}, 10**12 + 1, -(10**12) - 1, 2**63, 10**400]
AMOUNTS = [
    "totalAmount",
    "items.0.amountPerItem",
    "items.0.modifiers.0.amountPerModifier",
    "items.0.subItems.0.amountPerItem",
    "items.0.subItems.0.modifiers.0.amountPerModifier",
    "discounts.0.amountTotal",
    "taxLines.0.amountTotal",
    "serviceChargeAmount",
    "payments.0.paidAmount",
    "payments.0.tipsAmount",
]
NOT_NEGATIVE = [path for path in AMOUNTS if "item" not in path.lower() and "disc" not in path]


@pytest.mark.parametrize("path", AMOUNTS)
@pytest.mark.parametrize("value", NOT_AMOUNTS)
def test_amounts_are_whole_numbers_in_bounds(path: str, value: Any) -> None:
    refused = refusal(
        "CreateOrderRequest", put(sample("CreateOrderRequest"), f"{path}.value", value)
    )
    assert refused.field == f"{written(path)}.value"
    assert "must be a whole number between" in refused.message


@pytest.mark.parametrize("path", AMOUNTS)
@pytest.mark.parametrize("code", ["gbp", "USD", "", "GB", 826])
def test_the_currency_is_pounds_or_euros(path: str, code: Any) -> None:
    body = put(sample("CreateOrderRequest"), f"{path}.currencyCode", code)
    refused = refusal("CreateOrderRequest", body)
    assert refused.field == f"{written(path)}.currencyCode"
    assert refused.message == f"{refused.field} must be GBP or EUR"


@pytest.mark.parametrize("path", AMOUNTS)
def test_only_prices_may_be_negative(path: str) -> None:
    body = put(sample("CreateOrderRequest"), f"{path}.value", -1)
    if path in NOT_NEGATIVE:
        refused = refusal("CreateOrderRequest", body)
        assert refused.field == f"{written(path)}.value"
        assert refused.message.endswith("must be a whole number between 0 and 1000000000000")
    else:
        validate(REQUESTS["CreateOrderRequest"], body)


@pytest.mark.parametrize("path", AMOUNTS)
@pytest.mark.parametrize("value", [0, 10**12])
def test_bounds_are_included(path: str, value: int) -> None:
    body = put(sample("CreateOrderRequest"), f"{path}.value", value)
    validate(REQUESTS["CreateOrderRequest"], body)


@pytest.mark.parametrize("path", ["paidAmount", "tipsAmount"])
@pytest.mark.parametrize("value", [-1, 1.0, "1", True])
def test_amounts_of_a_payment_to_record(path: str, value: Any) -> None:
    body = put(sample("PaymentWithLockId"), f"{path}.value", value)
    assert refusal("PaymentWithLockId", body).field == f"{path}.value"


COUNTS = [
    ("CreateOrderRequest", "items.0.quantity"),
    ("CreateOrderRequest", "items.0.modifiers.0.quantity"),
    ("CreateOrderRequest", "items.0.subItems.0.quantity"),
    ("CreatePartyRequest", "covers"),
    ("CreateReservationRequest", "covers"),
]


@pytest.mark.parametrize(("name", "path"), COUNTS)
@pytest.mark.parametrize("value", [-1, 1_000_001, 1.0, "1", True])
def test_counts(name: str, path: str, value: Any) -> None:
    assert refusal(name, put(sample(name), path, value)).field == written(path)


@pytest.mark.parametrize(("name", "path"), COUNTS)
@pytest.mark.parametrize("value", [0, 1_000_000])
def test_counts_in_bounds(name: str, path: str, value: int) -> None:
    validate(REQUESTS[name], put(sample(name), path, value))


IDS = [
    ("CreateOrderRequest", "dojoOrderId"),
    ("CreateOrderRequest", "payments.0.paymentIntentId"),
    ("CreateOrderRequest", "details.dineIn.tableId"),
    ("CreateOrderRequest", "details.dineIn.waiterId"),
    ("CreateOrderRequest", "details.dineIn.partyId"),
    ("CreateOrderRequest", "details.dineIn.reservationId"),
    ("PaymentWithLockId", "paymentIntentId"),
    ("PaymentWithLockId", "lockId"),
    ("CreateOrderLockRequest", "lockId"),
    ("SearchOrdersRequest", "dineIn.tableId"),
    ("SearchTablesRequest", "areaId"),
    ("CreatePartyRequest", "dojoPartyId"),
    ("CreatePartyRequest", "tableIds.0"),
    ("CreatePartyRequest", "reservationId"),
    ("CreatePartyRequest", "deposit.paymentIntentIds.0"),
    ("CreateReservationRequest", "dojoReservationId"),
    ("Event", "id"),
    ("Event", "data.paymentIntentId"),
]
NOT_IDS = ["", "x" * 201, "a\n", "\x00", "a\x1fb", "\x7f", "a\x85", "\ud800", 12, True, ["a"], {}]


@pytest.mark.parametrize(("name", "path"), IDS)
@pytest.mark.parametrize("value", NOT_IDS)
def test_ids(name: str, path: str, value: Any) -> None:
    refused = refusal(name, put(sample(name), path, value))
    assert refused.field == written(path)
    assert refused.message == (
        f"{refused.field} must be text of 1 to 200 characters without control characters"
    )


@pytest.mark.parametrize("value", ["x" * 200, "é" * 200, " ", "a/b?c", "\U0001f355"])
def test_ids_may_be_any_other_text(value: str) -> None:
    validate(REQUESTS["CreateOrderRequest"], sample("CreateOrderRequest", dojoOrderId=value))


TEXTS = [
    ("CreateOrderRequest", "note"),
    ("CreateOrderRequest", "reference"),
    ("CreateOrderRequest", "items.0.name"),
    ("CreateOrderRequest", "items.0.plu"),
    ("CreateOrderRequest", "customer.name"),
    ("CreateOrderRequest", "customer.emailAddress"),
    ("CreateOrderRequest", "customer.phoneNumber"),
    ("CreateOrderRequest", "taxLines.0.name"),
    ("CreatePartyRequest", "hostNotes"),
    ("UpdatePartyRequest", "status"),
    ("CreateReservationRequest", "name"),
]


@pytest.mark.parametrize(("name", "path"), TEXTS)
@pytest.mark.parametrize("value", ["a\x00b", "\ud800", "a\udfff", True, 1.5, [], {}])
def test_texts(name: str, path: str, value: Any) -> None:
    refused = refusal(name, put(sample(name), path, value))
    assert refused.field == written(path)
    assert "must be text" in refused.message


@pytest.mark.parametrize(("name", "path"), TEXTS)
def test_texts_may_have_lines(name: str, path: str) -> None:
    validate(REQUESTS[name], put(sample(name), path, "two\nlines \u2028 \x85"))


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("customer.emailAddress", 254),
        ("customer.phoneNumber", 50),
        ("taxLines.0.id", 60),
        ("taxLines.0.name", 100),
    ],
)
def test_lengths_that_the_specification_states(path: str, most: int) -> None:
    name = "CreateOrderRequest"
    validate(REQUESTS[name], put(sample(name), path, "x" * most))
    refused = refusal(name, put(sample(name), path, "x" * (most + 1)))
    assert refused.message == (
        f"{written(path)} must be text of at most {most} characters without NUL characters"
    )


NAMES, NOTES = 1_000, 10_000
LENGTHS = [
    ("CreateOrderRequest", "note", NOTES),
    ("CreateOrderRequest", "items.0.note", NOTES),
    ("CreateOrderRequest", "items.0.subItems.0.note", NOTES),
    ("CreateOrderRequest", "items.0.name", NAMES),
    ("CreateOrderRequest", "items.0.plu", NAMES),
    ("CreateOrderRequest", "items.0.modifiers.0.name", NAMES),
    ("CreateOrderRequest", "discounts.0.name", NAMES),
    ("CreateOrderRequest", "customer.name", NAMES),
    ("CreateOrderRequest", "reference", NAMES),
    ("CreateOrderRequest", "displayName", NAMES),
    ("CreatePartyRequest", "name", NAMES),
    ("CreatePartyRequest", "status", NAMES),
    ("CreatePartyRequest", "hostNotes", NOTES),
    ("CreatePartyRequest", "guestRequests", NOTES),
    ("CreatePartyRequest", "deposit.description", NAMES),
    ("CreateReservationRequest", "name", NAMES),
    ("CreateReservationRequest", "hostNotes", NOTES),
    ("UpdatePartyRequest", "status", NAMES),
    ("SearchOrdersRequest", "cursor.after", NOTES),
]


@pytest.mark.parametrize(("name", "path", "most"), LENGTHS)
def test_texts_have_a_length_that_no_bill_meets(name: str, path: str, most: int) -> None:
    validate(REQUESTS[name], put(sample(name), path, "é" * most))
    refused = refusal(name, put(sample(name), path, "é" * (most + 1)))
    assert refused.field == written(path)
    assert f"{most} characters" in refused.message


LISTS = [
    ("CreateOrderRequest", "items", 2_000),
    ("CreateOrderRequest", "discounts", 100),
    ("CreateOrderRequest", "taxLines", 100),
    ("CreateOrderRequest", "payments", 100),
    ("CreatePartyRequest", "tableIds", 200),
    ("CreatePartyRequest", "deposit.paymentIntentIds", 100),
    ("CreateReservationRequest", "tableIds", 200),
]


@pytest.mark.parametrize(("name", "path", "most"), LISTS)
def test_lists_have_a_length_that_no_bill_meets(name: str, path: str, most: int) -> None:
    body = sample(name)
    if path == "items":
        put(body, "items.0", {**PLAIN_ITEM})
    one: Any = body
    for step in path.split("."):
        one = one[step]
    validate(REQUESTS[name], put(body, path, one[:1] * most))
    refused = refusal(name, put(body, path, one[:1] * (most + 1)))
    assert refused.field == path
    assert refused.message.startswith(f"{path} must have at most {most} ")


PLAIN_ITEM = {
    "name": "Burger",
    "quantity": 1,
    "plu": "1",
    "amountPerItem": {"value": 1, "currencyCode": "GBP"},
}
MODIFIER = {
    "name": "Bacon",
    "quantity": 1,
    "plu": "2",
    "amountPerModifier": {"value": 1, "currencyCode": "GBP"},
}


def test_items_sub_items_and_modifiers_are_counted_together() -> None:
    full = {**PLAIN_ITEM, "modifiers": [MODIFIER] * 9}
    whole = {**full, "subItems": [full] * 9}
    validate(REQUESTS["CreateOrderRequest"], sample("CreateOrderRequest", items=[whole] * 20))
    body = sample("CreateOrderRequest", items=[whole] * 20 + [PLAIN_ITEM])
    refused = refusal("CreateOrderRequest", body)
    assert refused.message == (
        "items must have at most 2000 items, sub-items and modifiers together"
    )


@pytest.mark.parametrize(
    "value", [[0] * 101, dict.fromkeys(map(str, range(101))), [[0] * 50, [0] * 50]]
)
@pytest.mark.parametrize("path", ["items.0", "discounts.0"])
def test_unknown_content_is_not_large(path: str, value: Any) -> None:
    for extra in ({"extra": value}, dict.fromkeys("ab", [0] * 60)):
        body = sample(EXTRA)
        place = body[path.split(".", maxsplit=1)[0]][0]
        refused = refusal(EXTRA, put(body, path, {**place, **extra}))
        assert refused.message.endswith("must have at most 100 unknown values")
    validate(REQUESTS[EXTRA], put(sample(EXTRA), f"{path}.extra", [0] * 90))


def test_unknown_text_is_not_long() -> None:
    refused = refusal(EXTRA, put(sample(EXTRA), "items.0.extra", ["x" * 10_001]))
    assert refused.message == "items[0].extra[0] must be text of at most 10000 characters"


@pytest.mark.parametrize(
    ("name", "path", "value", "words"),
    [
        ("SearchOrdersRequest", "payableOnly", 1, "must be true or false"),
        ("SearchOrdersRequest", "payableOnly", "true", "must be true or false"),
        ("SearchPartiesRequest", "completedOnly", "yes", "must be true or false"),
        ("SearchOrdersRequest", "cursor", [], "must be an object"),
        ("SearchOrdersRequest", "cursor.limit", 0, "must be a whole number between 1 and 100"),
        ("SearchOrdersRequest", "cursor.limit", 101, "must be a whole number between 1 and 100"),
        ("SearchOrdersRequest", "cursor.limit", "5", "must be a whole number between 1 and 100"),
        ("CreateOrderRequest", "items", {}, "must be a list"),
        ("CreateOrderRequest", "items", "", "must be a list"),
        ("CreateOrderRequest", "items.0", 7, "must be an object"),
        ("CreateOrderRequest", "payments", ..., "is required"),
        ("CreateOrderRequest", "items", None, "is required and must not be null"),
        ("CreateOrderRequest", "items.0.name", None, "is required and must not be null"),
        ("CreateOrderRequest", "totalAmount.value", ..., "is required"),
        ("CreateOrderRequest", "details.orderType", "Delivery", "must be 'DineIn' or 'Collection'"),
        ("CreateOrderRequest", "customer.age", 7, "is not a property of this object"),
        ("CreateOrderRequest", "taxLines.0.rate", 7, "is not a property of this object"),
        (
            "CreateOrderLockRequest",
            "waiterId",
            True,
            "must be text of 1 to 200 characters without control characters",
        ),
        ("CreatePartyRequest", "tableIds", [], "must not be empty"),
        ("CreateReservationRequest", "tableIds", "t1", "must be a list"),
        ("CreateReservationRequest", "tableIds.1", None, "is required and must not be null"),
        (
            "UpdatePartyRequest",
            "status",
            "",
            "must be text of 1 to 1000 characters without NUL characters",
        ),
        ("Event", "data.captureMode", "Later", "must be 'Auto' or 'Manual'"),
        ("Event", "data", "Captured", "must be an object"),
    ],
)
def test_words(name: str, path: str, value: Any, words: str) -> None:
    refused = refusal(name, put(sample(name), path, value))
    assert refused.field == written(path)
    assert refused.message == f"{written(path)} {words}"


def test_a_cursor_goes_in_one_direction() -> None:
    body = sample("SearchOrdersRequest", cursor={"before": "a", "after": "b"})
    refused = refusal("SearchOrdersRequest", body)
    assert refused.field == "cursor.before"
    assert refused.message == "cursor.before must not be sent with after"


def test_the_status_of_a_payment_is_one_that_is_known() -> None:
    body = put(sample("Event"), "data.paymentStatus", "Declined")
    refused = refusal("Event", body)
    assert refused.field == "data.paymentStatus"
    assert "'Created'" in refused.message


def test_events_may_be_newer_than_we_are() -> None:
    validate(REQUESTS["Event"], sample("Event", event="string"))


EXTRA = "CreateOrderRequest"


@pytest.mark.parametrize(
    ("value", "below"),
    [
        ("\x00", ""),
        ("\ud800", ""),
        (["a", {"b": "\x00"}], "[1].b"),
        ({"a\x00": 1}, ""),
        ({"a": {"\udfff": 1}}, ".a"),
        (float("inf"), ""),
        (float("nan"), ""),
        (2**63, ""),
        (10**400, ""),
        ([-(2**63) - 1], "[0]"),
        (1e300, ""),
        ((1, 2), ""),
    ],
)
@pytest.mark.parametrize("path", ["items.0", "items.0.subItems.0", "discounts.0"])
def test_unknown_content_must_be_storable(path: str, value: Any, below: str) -> None:
    refused = refusal(EXTRA, put(sample(EXTRA), f"{path}.extra", value))
    assert refused.field == f"{written(path)}.extra{below}"


def test_unknown_content_must_not_be_deep() -> None:
    deep: Any = []
    for _ in range(150):
        deep = [deep]
    refused = refusal(EXTRA, put(sample(EXTRA), "items.0.extra", deep))
    assert refused.message == "items[0].extra must not be nested that deeply"


def test_names_of_unknown_properties_do_not_break_lines() -> None:
    for name in ("a\nb", "x" * 1000, "\ud800"):
        refused = refusal("CreateOrderRequest", sample("CreateOrderRequest", customer={name: 1}))
        assert refused.field == "customer.?"


SECRET = "Jane Doe 4929"


@pytest.mark.parametrize("name", SAMPLES)
def test_values_are_never_repeated(name: str) -> None:
    body = sample(name)
    for field in body:
        for value in (SECRET, [SECRET], {"x": SECRET}, SECRET + "\x00"):
            words = words_of(REQUESTS[name], {**body, field: value})
            assert SECRET not in words


def words_of(request_type: Any, body: Any) -> str:
    try:
        validate(request_type, body)
    except ContractViolation as refused:
        return f"{refused} {refused.field} {refused.message} {refused.__cause__}"
    return ""
