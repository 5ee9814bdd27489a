"""Our document is the published one, but for what tests/api/known_deviations.py names."""

import copy
from typing import Any

import pytest

from tests.api.known_deviations import DEVIATIONS
from tests.support.deviations import deviations
from tests.support.documents import epos_data_api
from tests.support.schemas import published_document

Json = dict[str, Any]
pytestmark = pytest.mark.published


@pytest.fixture(scope="module")
def published() -> Json:
    document = published_document()
    assert document is not None
    return document


def test_every_deviation_has_a_reason(published: Json) -> None:
    found = deviations(epos_data_api(), published)
    assert sorted(found - DEVIATIONS.keys()) == []


def test_no_deviation_is_stale(published: Json) -> None:
    found = deviations(epos_data_api(), published)
    assert sorted(DEVIATIONS.keys() - found) == []


def test_a_document_does_not_deviate_from_itself(published: Json) -> None:
    assert deviations(published, published) == set()


def test_what_counts_as_a_deviation(published: Json) -> None:
    """A property, a bound, an enumeration, an operation, an answer: each is found by its name."""
    changed = copy.deepcopy(published)
    schemas = changed["components"]["schemas"]
    del schemas["Area"]["properties"]["waiterIds"]
    schemas["Area"]["required"].append("waiterIds")
    schemas["Cursor"]["properties"]["limit"]["maximum"] = 50
    schemas["OrderStatus"] = {"type": "string", "enum": ["New"]}
    schemas["Customer"]["additionalProperties"] = True
    schemas["Weather"] = {"type": "string"}
    del changed["paths"]["/v1/areas"]
    del changed["paths"]["/v1/orders/{orderId}"]["get"]["responses"]["4XX"]
    assert deviations(changed, published) >= {
        "Area.waiterIds without exists",
        "Area.waiterIds required",
        "Cursor.limit maximum=50",
        "Cursor.limit without maximum=100",
        'OrderStatus enum=["New"]',
        "Customer additionalProperties=true",
        "Customer without additionalProperties=false",
        "schema Weather",
        "without operation GET /v1/areas",
        "GET /v1/orders/{orderId} answer without 4XX",
    }
