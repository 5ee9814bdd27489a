"""Comparisons with the published documents that tests/api/test_deviations.py does not make."""

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
from epos.contract.errors import EPOSError, EPOSErrorType
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
from tests.support.documents import epos_data_api
from tests.unit.contract.samples import an_order, sample

Json = dict[str, Any]
pytestmark = pytest.mark.published

OURS: Json = epos_data_api()["components"]["schemas"]


def classes() -> dict[str, type]:
    modules = pkgutil.iter_modules(epos.contract.__path__, "epos.contract.")
    members = (inspect.getmembers(importlib.import_module(module.name)) for module in modules)
    return {
        name: value
        for name, value in itertools.chain.from_iterable(members)
        if inspect.isclass(value) and issubclass(value, BaseModel | StrEnum)
    }


def test_every_schema_has_a_model(published: Json) -> None:
    missing = set(published["components"]["schemas"]) - set(classes())
    assert missing == set()


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
    document = epos_data_api()
    for path, item in published["paths"].items():
        for method in item.keys() - {"parameters"}:
            theirs, ours = item[method], document["paths"][path][method]
            assert body_schema(ours.get("requestBody")) == body_schema(theirs.get("requestBody"))
            for status in theirs["responses"].keys() & {"200", "409"}:
                answer = body_schema(response_of(document, ours["responses"][status]))
                assert answer == body_schema(theirs["responses"][status]), (path, method)


def response_of(document: Json, response: Json) -> Json:
    name = response.get("$ref", "").rpartition("/")[2]
    found: Json = document["components"]["responses"][name] if name else response
    return found


def body_schema(body: Json | None) -> Json:
    schema: Json = (body or {}).get("content", {}).get("application/json", {}).get("schema", {})
    return {key: value for key, value in schema.items() if key != "example"}


def test_requester_headers(published: Json) -> None:
    theirs = published["components"]["parameters"]
    ours = epos_data_api()["components"]["parameters"]
    assert {key: value["name"] for key, value in ours.items()} == {
        key: value["name"] for key, value in theirs.items()
    }


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
    """The answer to a request that follows the examples wherever they differ from the schema."""
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
