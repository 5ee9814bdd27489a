"""The examples of both documents: each operation has what it takes, and each is valid."""

from typing import Any

import jsonschema_rs
import pytest

from tests.support.documents import epos_data_api, till_api

Json = dict[str, Any]
DOCUMENTS = {"EPOS Data API": epos_data_api(), "Till API": till_api()}
WITHOUT_CONTENT = {
    "v1-delete-parties-partyId",
    "v1-delete-reservations-reservationId",
    "v1-post-events",
    "cancel-reservation",
    "remove-area",
    "remove-category",
    "remove-item",
    "remove-table",
    "remove-waiter",
}
AS_TEXT_ONLY = {
    "print-bill",
    "print-copy",
    "print-kitchen-ticket",
    "print-receipt",
    "print-refund-receipt",
}
JSON = "application/json"
PARTS = [
    pytest.param(document, part, id=f"{operation['operationId']}-{kind}")
    for document in DOCUMENTS.values()
    for item in document["paths"].values()
    for operation in item.values()
    for kind, part in (
        ("request", operation.get("requestBody")),
        ("answer", operation["responses"]["200"]),
    )
    if part is not None and JSON in part.get("content", {})
]


@pytest.mark.parametrize(("document", "part"), PARTS)
def test_it_has_a_valid_example(document: Json, part: Json) -> None:
    content = part["content"][JSON]
    schema = content["schema"] | {"components": document["components"]}
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    assert not [fault.message for fault in validator.iter_errors(content["example"])]


def test_only_some_answers_have_no_json() -> None:
    without = {
        operation["operationId"]
        for document in DOCUMENTS.values()
        for item in document["paths"].values()
        for operation in item.values()
        if JSON not in operation["responses"]["200"].get("content", {})
    }
    assert without == WITHOUT_CONTENT | AS_TEXT_ONLY
