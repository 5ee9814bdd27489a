"""What "the same content" means for a retry."""

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epos.contract.codec import fingerprint, validate
from epos.contract.currencies import currencies
from epos.contract.operations import OPERATIONS
from epos.contract.orders import CreateOrderRequest
from tests.unit.contract.samples import SAMPLES, sample

REQUESTS: dict[str, Any] = {
    operation.request.__name__: operation.request
    for operation in OPERATIONS
    if operation.request is not None
}
KEYED = sorted(SAMPLES.keys() - {"SearchOrdersRequest", "SearchTablesRequest"})


def of(name: str, body: Any) -> str:
    return fingerprint(validate(REQUESTS[name], body))


def shuffled(value: Any, chance: random.Random) -> Any:
    if isinstance(value, list):
        return [shuffled(element, chance) for element in value]
    if not isinstance(value, dict):
        return value
    names = list(value)
    chance.shuffle(names)
    return {name: shuffled(value[name], chance) for name in names}


@given(st.sampled_from(KEYED), st.randoms())
def test_the_order_of_properties_does_not_matter(name: str, chance: random.Random) -> None:
    assert of(name, shuffled(sample(name), chance)) == of(name, sample(name))


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, index))
    else:
        yield path


OTHER_VALUES = {
    "GBP": "EUR",
    "DineIn": "Collection",
    "Captured": "Refunded",
    "Auto": "Manual",
    "payment_intent.status_updated": "payment_intent.created",
}


def other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if value.startswith("2024-"):
        return value.replace("2024-", "2023-")
    return OTHER_VALUES.get(value, value + "x")


@pytest.mark.parametrize("name", KEYED)
def test_any_other_value_is_other_content(name: str) -> None:
    seen = {of(name, sample(name))}
    for path in leaves(SAMPLES[name]):
        body = sample(name)
        place = body
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = other(place[path[-1]])
        assert of(name, body) not in seen, path
        seen.add(of(name, body))


@pytest.mark.parametrize("name", KEYED)
def test_unknown_properties_at_the_top_do_not_count(name: str) -> None:
    if "Lock" not in name or name == "PaymentWithLockId":
        assert of(name, sample(name, headers={"waiterId": "7"})) == of(name, sample(name))


def test_unknown_properties_of_content_count() -> None:
    body = sample("CreateOrderRequest")
    body["items"][0]["course"] = {"b": 2, "a": [1, 2]}
    with_unknown = of("CreateOrderRequest", body)
    assert with_unknown != of("CreateOrderRequest", sample("CreateOrderRequest"))
    body["items"][0]["course"] = {"a": [1, 2], "b": 2}
    assert of("CreateOrderRequest", body) == with_unknown
    body["items"][0]["course"] = {"a": [2, 1], "b": 2}
    assert of("CreateOrderRequest", body) != with_unknown


def test_null_is_absent() -> None:
    name = "CreatePartyRequest"
    assert of(name, sample(name, hostNotes=None)) == of(name, sample(name, hostNotes=...))
    name = "CreateOrderRequest"
    body = sample(name)
    without = copy.deepcopy(body)
    body["items"][0]["note"] = None
    body["items"][0]["unknown"] = None
    del without["items"][0]["note"]
    assert of(name, body) == of(name, without)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2024-08-12T10:30:00+01:00", True),
        ("2024-08-12t09:30:00z", True),
        ("2024-08-12T09:30:00.000000999Z", True),  # beyond the microsecond: cut
        ("2024-08-12T09:30:00.000001Z", False),
        ("2024-08-12T09:30:00+01:00", False),
    ],
)
def test_times_are_instants(text: str, same: bool) -> None:
    name = "CreateOrderLockRequest"
    expected = of(name, sample(name))
    assert (of(name, sample(name, expiry=text)) == expected) == same


def test_older_spellings_are_what_they_stand_for() -> None:
    name = "CreateOrderRequest"
    older = sample(name, details={"orderType": "DineIn"}, customer={"phoneNumber": 800})
    newer = sample(
        name, details={"orderType": "DineIn", "dineIn": {}}, customer={"phoneNumber": "800"}
    )
    assert of(name, older) == of(name, newer)


def test_a_tip_of_nothing_is_not_an_absent_tip() -> None:
    name = "PaymentWithLockId"
    nothing = sample(name, tipsAmount={"value": 0, "currencyCode": "GBP"})
    assert of(name, nothing) != of(name, sample(name, tipsAmount=...))


def test_it_is_stable() -> None:
    # Stored in databases for ever: a change here would make retries of older orders a Conflict.
    kept = {
        "ExtendOrderLockRequest": "d41f91a5aebe817263ce7a455d6f6b677938fdc356eacbb079b72ea0aa567082",
        "CreateOrderRequest": "99912e940a97fc796e036246cc337fca70a4f410079a809ad94a9ef6a3bd5860",
    }
    assert {name: of(name, sample(name)) for name in kept} == kept


def test_currencies() -> None:
    request = validate(CreateOrderRequest, sample("CreateOrderRequest"))
    assert dict(currencies(request)) == dict.fromkeys(
        [
            "totalAmount.currencyCode",
            "items[0].amountPerItem.currencyCode",
            "items[0].modifiers[0].amountPerModifier.currencyCode",
            "items[0].subItems[0].amountPerItem.currencyCode",
            "items[0].subItems[0].modifiers[0].amountPerModifier.currencyCode",
            "discounts[0].amountTotal.currencyCode",
            "taxLines[0].amountTotal.currencyCode",
            "serviceChargeAmount.currencyCode",
            "payments[0].paidAmount.currencyCode",
            "payments[0].tipsAmount.currencyCode",
        ],
        "GBP",
    )
    assert next(iter(currencies(request))) == ("totalAmount.currencyCode", "GBP")
