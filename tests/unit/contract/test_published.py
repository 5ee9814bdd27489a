"""The mirror against the published specification, mechanically.

A difference is either a mistake of ours or stands below with its reason.
"""

import importlib
import inspect
import itertools
import json
import pkgutil
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

import epos.contract
from epos.contract.bills import BillLine, BillLineType, BillSection, BillURL, OrderBill
from epos.contract.codec import to_wire, validate
from epos.contract.errors import ContractViolation, EPOSError, EPOSErrorType
from epos.contract.openapi import openapi_document
from epos.contract.operations import OPERATIONS, by_capability
from epos.contract.orders import (
    CreateOrderRequest,
    ExtendOrderLockResponse,
    Order,
    PagedOrdersResponse,
    content_of,
)
from epos.contract.parties import Party
from epos.contract.reservations import Reservation
from epos.contract.tables import Table
from tests.unit.contract.samples import an_order, sample

Json = dict[str, Any]
pytestmark = pytest.mark.published

OURS: Json = openapi_document()["components"]["schemas"]

# (schema of ours, property): why it is there or missing.
EXTRA_PROPERTIES = {
    ("CollectionDetailsInput", "collectionTime"): "the published example has it for collectAt",
    ("DiscountInput", "amount"): "the published example has it for amountTotal",
}
# schema of ours: (what it requires, why).
REQUIRED = {
    "PaymentInput": ({"paidAmount"}, "the page's sample has no paymentIntentId"),
    "PartyDepositInput": ({"totalAmount"}, "the published example has no paymentIntentIds"),
    "DiscountInput": (set[str](), "the published example has neither amountTotal nor, maybe, name"),
    "PagedOrdersResponse": ({"data"}, "the AsyncAPI document requires it"),
    "PagedPartiesResponse": ({"data"}, "the AsyncAPI document requires it"),
    "PagedReservationsResponse": ({"data"}, "the AsyncAPI document requires it"),
    "PagedTablesResponse": ({"data"}, "the AsyncAPI document requires it"),
}
# (schema, property, keyword): why ours is another.
KEYWORDS = {
    ("Money", "currencyCode", "maxLength"): "GBP and EUR, as its description says",
    ("Money", "currencyCode", "minLength"): "GBP and EUR, as its description says",
    ("Money", "value", "format"): "bounded more closely than int64",
    ("Table", "maxCovers", "format"): "bounded as int32 is",
    ("CustomerInput", "phoneNumber", "type"): "the published example is a number",
    ("CustomerInput", "phoneNumber", "maxLength"): "stands in the alternative for text",
    ("CreatePartyRequest", "tableIds", "minLength"): "minItems is meant",
    ("CreateReservationRequest", "tableIds", "minLength"): "minItems is meant",
    ("UpdateReservationRequest", "tableIds", "minLength"): "minItems is meant",
    ("Reservation", "tableIds", "minLength"): "minItems is meant",
}
COMPARED = ("type", "format", "enum", "minLength", "maxLength", "minItems", "maximum")
INPUT_ANY_OF = "OrderDetailsInput"  # the page's sample has only orderType


def classes() -> dict[str, type]:
    modules = pkgutil.iter_modules(epos.contract.__path__, "epos.contract.")
    members = (inspect.getmembers(importlib.import_module(module.name)) for module in modules)
    return {
        name: value
        for name, value in itertools.chain.from_iterable(members)
        if inspect.isclass(value) and issubclass(value, BaseModel | StrEnum)
    }


def spec_name(name: str) -> str:
    return name.removesuffix("Input")


def compared(published: Json) -> list[tuple[str, Json, Json]]:
    schemas = published["components"]["schemas"]
    return [
        (name, schema, schemas[spec_name(name)])
        for name, schema in OURS.items()
        if spec_name(name) in schemas
    ]


def test_every_schema_has_a_model(published: Json) -> None:
    missing = set(published["components"]["schemas"]) - set(classes())
    assert missing == set()


def test_every_schema_is_in_our_document(published: Json) -> None:
    assert set(published["components"]["schemas"]) - set(map(spec_name, OURS)) == set()


def test_we_add_only_the_events(published: Json) -> None:
    added = set(map(spec_name, OURS)) - set(published["components"]["schemas"])
    assert added == {"Event", "PaymentIntentEvent", "PaymentIntentStatus", "CaptureMode"}


def test_property_names(published: Json) -> None:
    for name, ours, theirs in compared(published):
        extra = {field for schema, field in EXTRA_PROPERTIES if schema == name}
        names = set(ours.get("properties", ()))
        assert names - extra == set(theirs.get("properties", ())), name
        assert extra <= names, name


def test_required(published: Json) -> None:
    for name, ours, theirs in compared(published):
        expected = REQUIRED[name][0] if name in REQUIRED else set(theirs.get("required", ()))
        assert set(ours.get("required", ())) == expected, name


def test_one_of_several_members(published: Json) -> None:
    for name, ours, theirs in compared(published):
        if "anyOf" in theirs and name != INPUT_ANY_OF:
            expected = [{"required": choice["required"]} for choice in theirs["anyOf"]]
            assert ours["anyOf"] == expected, name


def test_enumerations(published: Json) -> None:
    for name, ours, theirs in compared(published):
        assert ours.get("enum") == theirs.get("enum"), name


def test_closed_objects(published: Json) -> None:
    for name, ours, theirs in compared(published):
        closed = theirs.get("additionalProperties") is False
        assert (ours.get("additionalProperties") is False) == closed, name


def test_keywords_of_properties(published: Json) -> None:
    for name, ours, theirs in compared(published):
        for field, published_field in theirs.get("properties", {}).items():
            our_field = ours["properties"][field]
            for keyword in COMPARED:
                excused = "$ref" in published_field or (name, field, keyword) in KEYWORDS
                if keyword in published_field and not excused:
                    expected = published_field[keyword]
                    assert our_field.get(keyword) == expected, (name, field, keyword)


def test_references(published: Json) -> None:
    for name, ours, theirs in compared(published):
        for field, published_field in theirs.get("properties", {}).items():
            our_field = ours["properties"][field]
            for schema, published_schema in (
                (our_field, published_field),
                (our_field.get("items", {}), published_field.get("items", {})),
            ):
                if "$ref" in published_schema:
                    assert spec_name(schema["$ref"]) == published_schema["$ref"], (name, field)


def test_every_deviation_is_one(published: Json) -> None:
    schemas = published["components"]["schemas"]
    for name, (required, _reason) in REQUIRED.items():
        assert required != set(schemas[spec_name(name)].get("required", ())), name
    for name, field, keyword in KEYWORDS:
        expected = schemas[spec_name(name)]["properties"][field][keyword]
        assert OURS[name]["properties"][field].get(keyword) != expected, (name, field, keyword)


def test_paths_and_methods(published: Json) -> None:
    theirs = {
        (method.upper(), path)
        for path, item in published["paths"].items()
        for method in item
        if method != "parameters"
    }
    ours = {(operation.http_method, operation.path) for operation in OPERATIONS}
    assert ours - theirs == {("POST", "/v1/events")}
    assert theirs - ours == set()


def test_operations_say_what_the_document_says(published: Json) -> None:
    for operation in OPERATIONS:
        if operation.tag == "Events":
            continue
        theirs = published["paths"][operation.path][operation.http_method.lower()]
        # SearchOrders has no id there.
        assert theirs.get("operationId", operation.operation_id) == operation.operation_id
        assert theirs["tags"] == [operation.tag]
        named = theirs["description"].replace("`", "").rsplit(":", 1)[1].strip()
        assert by_capability(named) is operation


def test_bodies_and_answers_are_the_published_schemas(published: Json) -> None:
    document = openapi_document()
    for path, item in published["paths"].items():
        for method in item.keys() - {"parameters"}:
            theirs, ours = item[method], document["paths"][path][method]
            assert body_schema(ours.get("requestBody")) == body_schema(theirs.get("requestBody"))
            for status in theirs["responses"].keys() & {"200", "409"}:
                answer = body_schema(ours["responses"][status])
                assert answer == body_schema(theirs["responses"][status]), (path, method)


def body_schema(body: Json | None) -> Json:
    schema: Json = (body or {}).get("content", {}).get("application/json", {}).get("schema", {})
    return {key: value for key, value in schema.items() if key != "example"}


def test_requester_headers(published: Json) -> None:
    theirs = published["components"]["parameters"]
    ours = openapi_document()["components"]["parameters"]
    assert {key: value["name"] for key, value in ours.items()} == {
        key: value["name"] for key, value in theirs.items()
    }


def test_websocket_methods(published_websocket: Json) -> None:
    ours = {operation.websocket_method for operation in OPERATIONS}
    assert ours == set(published_websocket["channels"])


def test_event_enumerations(published_websocket: Json) -> None:
    schemas = published_websocket["components"]["schemas"]
    found = classes()
    for name in ("EventType", "PaymentIntentStatus", "CaptureMode"):
        enumeration: Any = found[name]
        assert [member.value for member in enumeration] == schemas[name]["enum"]
    for name in ("Event", "PaymentIntentEvent"):
        assert OURS[name]["required"] == schemas[name]["required"]
        assert set(OURS[name]["properties"]) == set(schemas[name]["properties"])


def test_bill_urls_in_the_spelling_of_each_door(published: Json, published_websocket: Json) -> None:
    theirs = published_websocket["components"]["schemas"]["Url"]["properties"]
    model: Any = classes()["BillURL"]
    aliases = {field.serialization_alias or name for name, field in model.model_fields.items()}
    assert aliases == set(theirs)
    rest = published["components"]["schemas"]["BillURL"]["properties"]
    assert set(model.model_fields) == set(rest)


MONEY = {"value": 500, "currencyCode": "GBP"}
NOON = datetime(2024, 8, 12, 12, tzinfo=UTC)


def tolerated_order() -> Order:
    """The answer to a request that is in every respect as the examples are, not as the schema."""
    body = sample(
        "CreateOrderRequest",
        details={"orderType": "Collection"},
        customer={"phoneNumber": 448000443550},
        discounts=[{"isPercentage": True, "value": 2500, "amount": 500}, {}],
    )
    request = validate(CreateOrderRequest, body)
    return an_order(details=request.details, **content_of(request))


def a_bill() -> OrderBill:
    url = BillURL(url="https://example.com", showQr=True)
    section = BillSection(lines=[BillLine(lineType=BillLineType.URL, url=url)])
    return OrderBill.model_construct(header=section, order=an_order(), footer=section)


ANSWERS: dict[str, Callable[[], BaseModel]] = {
    "Order": an_order,
    "Order as tolerated": tolerated_order,
    "OrderBill": a_bill,
    "PagedOrdersResponse": lambda: PagedOrdersResponse.model_construct(data=[an_order()]),
    "ExtendOrderLockResponse": ExtendOrderLockResponse,
    "EPOSError": lambda: EPOSError(errorType=EPOSErrorType.NotFound, traceId="t"),
    "Table": lambda: Table(id="t", name="Table 1", maxCovers=4),
    "Party": lambda: Party.model_construct(
        id="p",
        tableIds=["t"],
        status="Seated",
        startTime=NOON,
        deposit={"totalAmount": MONEY, "paymentIntentIds": []},
    ),
    "Reservation": lambda: Reservation(
        id="r", name="Sasha", covers=2, startTime=NOON, endTime=NOON, tableIds=["t"]
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_are_valid_by_the_published_schema(published: Json, name: str) -> None:
    resource = Resource.from_contents(published, default_specification=DRAFT202012)
    validator = jsonschema.Draft202012Validator(
        {"$ref": f"urn:published#/components/schemas/{name.split(maxsplit=1)[0]}"},
        registry=Registry().with_resource("urn:published", resource),
        format_checker=jsonschema.FormatChecker(),
    )
    validator.validate(json.loads(to_wire(ANSWERS[name]())))


ACCEPTED_SAMPLES = {
    "Create an order": "CreateOrder",
    "Search orders": "SearchOrders",
    "Search parties": "SearchParties",
    "Create reservation": "CreateReservation",
    "Search reservations": "SearchReservations",
    "Search tables": "SearchTables",
    "Handle event": "HandleEvent",
}
REFUSED_SAMPLES = {
    "Create party": ("CreateParty", "dojoPartyId"),
    "Update party": ("UpdateParty", "dojoPartyId"),
    "Update reservation": ("UpdateReservation", "dojoReservationId"),
}


def request_of(capability: str) -> type[BaseModel]:
    operation = by_capability(capability)
    assert operation is not None
    assert operation.request is not None
    return operation.request


@pytest.mark.parametrize(("heading", "capability"), ACCEPTED_SAMPLES.items())
def test_samples_of_the_page(page_samples: dict[str, Json], heading: str, capability: str) -> None:
    validate(request_of(capability), page_samples[heading])


@pytest.mark.parametrize(("heading", "expected"), REFUSED_SAMPLES.items())
def test_samples_that_lack_the_dojo_id(
    page_samples: dict[str, Json], heading: str, expected: tuple[str, str]
) -> None:
    capability, field = expected
    with pytest.raises(ContractViolation) as refused:
        validate(request_of(capability), page_samples[heading])
    assert refused.value.field == field
    assert refused.value.message == f"{field} is required"


def test_no_sample_is_forgotten(page_samples: dict[str, Json]) -> None:
    assert set(page_samples) == ACCEPTED_SAMPLES.keys() | REFUSED_SAMPLES.keys()
