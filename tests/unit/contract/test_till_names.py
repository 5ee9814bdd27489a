"""Names that clients were written to before the server was: they stay, whatever else is added."""

import json
from pathlib import Path
from typing import Any

import pytest

from epos.domain.cash import CashMove
from epos.domain.incidents import IncidentKind

Json = dict[str, Any]
DOCUMENT: Json = json.loads(
    (Path(__file__).resolve().parents[3] / "openapi" / "till-api.json").read_text(encoding="utf-8")
)
T = "/till/v1"
REQUESTS = [
    ("post", f"{T}/tabs/{{tabId}}/payments/{{paymentId}}/refund", {"amount"}),
    ("put", f"{T}/days/{{day}}/float", {"amount", "reason", "approval"}),
    ("post", f"{T}/days/{{day}}/cash", {"type", "amount", "reason", "approval", "drawer"}),
    ("post", f"{T}/menu/items", {"takeaway"}),
    ("post", f"{T}/tabs/{{tabId}}/takeaway", {"version", "takeaway", "lineIds"}),
]
SCHEMAS = [
    ("Takeaway", {"price", "vatRate"}),
    ("NewItem", {"takeaway"}),
    ("DayReport", {"incidents", "cash"}),
    (
        "Incident",
        {
            *("kind", "tabId", "reference", "table", "amount"),
            *("count", "reason", "by", "approvedBy", "at"),
        },
    ),
    ("DayCash", {"float", "takings", "paidIn", "paidOut", "toSafe", "expected", "counted"}),
]


def properties(schema: Json) -> set[str]:
    return set(schema["properties"])


def body_of(operation: Json) -> Json:
    reference: str = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    found: Json = DOCUMENT["components"]["schemas"][reference.rpartition("/")[2]]
    return found


@pytest.mark.parametrize(("method", "path", "names"), REQUESTS)
def test_requests(method: str, path: str, names: set[str]) -> None:
    assert names <= properties(body_of(DOCUMENT["paths"][path][method]))


@pytest.mark.parametrize(("name", "names"), SCHEMAS)
def test_schemas(name: str, names: set[str]) -> None:
    assert names <= properties(DOCUMENT["components"]["schemas"][name])


def test_the_report_until_now() -> None:
    assert "get" in DOCUMENT["paths"][f"{T}/days/{{day}}/x-report"]


def test_every_write_takes_a_key() -> None:
    for operations in DOCUMENT["paths"].values():
        for method, operation in operations.items():
            if method in ("post", "put", "delete", "patch"):
                assert "key" in properties(body_of(operation)), operation["operationId"]
                assert "409" in operation["responses"], operation["operationId"]


def test_kinds_of_incidents_and_of_cash() -> None:

    kinds = {"void", "discount", "comp", "cancel", "refund", "correct", "reopen", "break-lock"}
    assert set(IncidentKind) == kinds | {"after-bill"}
    assert {"paid-in", "paid-out", "to-safe", "no-sale"} <= set(CashMove)
