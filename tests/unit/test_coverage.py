"""docs/coverage.md says what is so: `make coverage` writes it anew."""

import json
import re
from pathlib import Path

from epos.contract.operations import OPERATIONS
from openapi.coverage import ROOT, TARGET, coverage, evidence, unseen
from openapi.fields import ANSWERED, SENT, Fields
from tests.support.documents import epos_data_api

NOT_PRINTED = {
    *(
        "BillImage.svgImage",
        "BillImage.align",
        "BillLine.image",
        "BillLine.logo",
        "BillLogo.svgImage",
    ),
    "BillURL.description",
}
"""This server prints no picture, and nothing beside a link."""


def test_the_page_is_what_the_command_writes() -> None:
    assert TARGET.read_text(encoding="utf-8") == coverage(), "run `make coverage`"


def test_each_test_that_it_names_exists() -> None:
    tests = {test for kind in ("answers", SENT, ANSWERED) for test in evidence()[kind].values()}
    for test in tests:
        file, _, name = test.partition("::")
        text = (ROOT / file).read_text(encoding="utf-8")
        assert re.search(rf"def {name.rpartition('::')[2]}\b", text), f"{test}: run `make coverage`"


def test_each_operation_is_seen_by_a_test() -> None:
    seen = evidence()["answers"]
    assert [one.capability for one in OPERATIONS if f"{one.capability} 200" not in seen] == []


def test_each_property_is_sent_and_answered_in_a_test() -> None:
    fields = Fields(epos_data_api())
    assert fields.reachable(SENT) - evidence()[SENT].keys() == set()
    assert fields.reachable(ANSWERED) - evidence()[ANSWERED].keys() == NOT_PRINTED


def test_what_a_body_carries_is_named_by_its_schemas() -> None:
    fields = Fields(epos_data_api())
    money = {"value": 1, "currencyCode": "GBP"}
    item = {"name": "Pie", "amountPerItem": money, "subItems": [{"note": "Hot"}], "allergens": []}
    body = {"items": [item], "note": None, "details": {"dineIn": {"tableId": "t1"}}}
    assert fields.sent("POST", "/v1/orders", body) == {
        *("CreateOrderRequest.items", "CreateOrderRequest.details", "OrderDetailsInput.dineIn"),
        *("OrderItem.name", "OrderItem.amountPerItem", "OrderItem.subItems", "OrderSubItem.note"),
        *("Money.value", "Money.currencyCode", "DineInDetails.tableId"),
    }
    error = {"errorType": "NotFound"}
    assert fields.answered("GET", "/v1/orders/o1", 404, error) == {"EPOSError.errorType"}
    assert fields.answered("GET", "/v1/nowhere", 404, error) == set()


def test_what_a_run_has_not_seen_is_told(tmp_path: Path) -> None:
    seen = tmp_path / "evidence"
    what, test = next(iter(evidence()[SENT].items()))
    line = {"method": "POST", "path": "/v1/events", "status": 200, SENT: [what], ANSWERED: []}
    seen.write_text(json.dumps(line | {"test": test}) + "\n", "utf-8")
    missing = unseen(seen)
    assert f"{test}: {SENT} {what}" not in missing
    assert missing
