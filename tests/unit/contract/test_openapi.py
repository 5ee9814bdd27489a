"""The document that we export."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
import schemathesis
from pydantic import BaseModel
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from epos.contract.codec import to_wire, validate
from epos.contract.errors import EPOSError, EPOSErrorType
from epos.contract.money import Money
from epos.contract.operations import by_capability
from epos.contract.orders import CreateOrderRequest
from tests.support.documents import epos_data_api
from tests.unit.contract.samples import SAMPLES, an_order, sample

DOCUMENT = epos_data_api()


def operation(capability: str) -> dict[str, Any]:
    found = by_capability(capability)
    assert found is not None
    described: dict[str, Any] = DOCUMENT["paths"][found.path][found.http_method.lower()]
    return described


def validator(schema: str) -> jsonschema.Draft202012Validator:
    resource = Resource.from_contents(DOCUMENT, default_specification=DRAFT202012)
    return jsonschema.Draft202012Validator(
        {"$ref": f"urn:document#/components/schemas/{schema}"},
        registry=Registry().with_resource("urn:document", resource),
        format_checker=jsonschema.FormatChecker(),
    )


def test_it_is_openapi_3_1() -> None:
    schemathesis.openapi.from_dict(epos_data_api()).validate()
    assert DOCUMENT["openapi"] == "3.1.0"
    assert DOCUMENT["info"]["title"] == "EPOS Data API (REST)"
    assert DOCUMENT["info"]["version"] == "1.0"


def test_every_schema_is_json_schema() -> None:
    for schema in DOCUMENT["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_every_reference_leads_somewhere_and_everything_is_used() -> None:
    used = set(references(DOCUMENT))
    there = {
        f"#/components/{kind}/{name}"
        for kind, named in DOCUMENT["components"].items()
        if kind != "securitySchemes"
        for name in named
    }
    assert used == there


def test_it_is_the_same_every_time() -> None:
    assert json.dumps(epos_data_api()) == json.dumps(epos_data_api())
    schemas = list(DOCUMENT["components"]["schemas"])
    assert schemas == sorted(schemas)


def test_names_are_those_of_the_specification() -> None:
    names = set(DOCUMENT["components"]["schemas"])
    assert {name for name in names if name.endswith("Input")} == {
        "CollectionDetailsInput",
        "CustomerInput",
        "DiscountInput",
        "OrderDetailsInput",
        "PartyDepositInput",
        "PaymentInput",
    }
    assert not any("-" in name or "Output" in name for name in names)


def test_nothing_is_null_and_nothing_has_pydantics_titles() -> None:
    text = json.dumps(DOCUMENT["components"])
    assert '"null"' not in text
    assert '"title"' not in text


@pytest.mark.parametrize("capability", ["DeletePartyById", "DeleteReservationById", "HandleEvent"])
def test_answers_without_content(capability: str) -> None:
    assert "content" not in operation(capability)["responses"]["200"]


def test_parameters_bodies_and_responses() -> None:
    lock = operation("CreateOrderLock")
    errors = ["400", "401", "403", "404", "409", "413", "415", "4XX", "503", "5XX"]
    assert list(lock["responses"]) == ["200", *errors]
    assert lock["requestBody"]["required"] is True
    assert lock["parameters"][0]["name"] == "orderId"
    assert lock["parameters"][0]["schema"]["maxLength"] == 200
    assert len(lock["parameters"]) == 5
    assert "`CreateOrderLock`" in lock["description"]
    assert "X-Trace-Id" in lock["responses"]["200"]["headers"]


def test_tables_are_a_list_of_pages() -> None:
    content = operation("SearchTables")["responses"]["200"]["content"]
    schema = content["application/json"]["schema"]
    assert schema["type"] == "array"
    assert schema["items"]["$ref"].endswith("/PagedTablesResponse")


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_are_what_the_document_allows(name: str) -> None:
    validator(name).validate(sample(name))


@pytest.mark.parametrize(
    ("name", "model"),
    [("Order", an_order()), ("EPOSError", EPOSError(errorType=EPOSErrorType.Conflict))],
)
def test_answers_are_what_the_document_promises(name: str, model: BaseModel) -> None:
    validator(name).validate(json.loads(to_wire(model)))


@pytest.mark.parametrize(
    "details", [{"orderType": "DineIn"}, {"orderType": "Collection", "collection": {"asap": True}}]
)
def test_tolerances_are_in_the_document(details: dict[str, Any]) -> None:
    body = sample(
        "CreateOrderRequest",
        details=details,
        discounts=[{"amount": 5}],
        customer={"phoneNumber": 448000443550},
        payments=[{"paidAmount": {"value": 1, "currencyCode": "GBP"}}],
    )
    validator("CreateOrderRequest").validate(body)
    read = validate(CreateOrderRequest, body)
    assert read.details.orderType == details["orderType"]
    assert [one.amountTotal for one in read.discounts or []] == [Money(value=5, currencyCode="GBP")]
    assert read.customer is not None
    assert read.customer.phoneNumber == "448000443550"
