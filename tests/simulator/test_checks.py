"""What the judge calls a violation, and what it does not."""

from typing import Any

import pytest

from epos.contract.operations import by_capability
from epos.simulator.checks import answer_violations, error_violations
from epos.simulator.journal import MessageTransport

Json = dict[str, Any]


def gbp(value: object) -> Json:
    return {"value": value, "currencyCode": "GBP"}


def an_order(**changes: Any) -> Json:
    fields = {
        "id": "o1",
        "status": "New",
        "details": {"orderType": "DineIn", "dineIn": {"tableId": "t1"}},
        "totalAmount": gbp(1000),
        "paidAmount": gbp(400),
        "tipsAmount": gbp(50),
        "payments": [
            {"paymentIntentId": "p1", "paidAmount": gbp(400), "tipsAmount": gbp(50)},
        ],
        "payable": True,
        "createdAt": "2024-08-12T09:30:00.000Z",
    }
    return {name: value for name, value in (fields | changes).items() if value != "absent"}


def violations(
    answer: Any,
    capability: str = "GetOrderById",
    body: Json | None = None,
    transport: MessageTransport = MessageTransport.REST,
    **ids: str,
) -> list[str]:
    operation = by_capability(capability)
    assert operation is not None
    return answer_violations(operation, answer, ids, body or {}, transport)


def test_a_good_order_is_good() -> None:
    assert violations(an_order(), orderId="o1") == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"id": "absent"}, "id: Field required"),
        ({"id": "o2"}, "id: is not the one that was asked for"),
        ({"status": "Created"}, "status: "),
        ({"payable": "yes"}, "payable: "),
        ({"note": None}, "note: is null; what is absent is left out"),
        ({"totalAmount": gbp("1000")}, "totalAmount.value: "),
        ({"totalAmount": gbp(1000.0)}, "totalAmount.value: "),
        ({"totalAmount": gbp(1000) | {"currencyCode": "USD"}}, "totalAmount.currencyCode: "),
        ({"createdAt": "2024-08-12T09:30:00"}, "createdAt: "),
        ({"createdAt": 1723455000}, "createdAt: "),
        ({"details": {"orderType": "DineIn"}}, "details: has no dineIn"),
        ({"customer": {"phoneNumber": 44}}, "customer.phoneNumber: is not text"),
        ({"paidAmount": gbp(500)}, "paidAmount: is not the sum of the payments"),
        ({"tipsAmount": gbp(0)}, "tipsAmount: is not the sum of the payments"),
        ({"totalAmount": gbp(399)}, "paidAmount: is more than totalAmount"),
        ({"totalAmount": gbp(400)}, "payable: nothing is left to pay"),
    ],
)
def test_what_is_wrong_with_an_order_is_found(changes: Json, found: str) -> None:
    said = violations(an_order(**changes), orderId="o1")
    assert any(one.startswith(found) for one in said), said


def test_pages() -> None:
    page = {"data": [an_order(), an_order()]}
    body = {"cursor": {"limit": 1}}
    assert violations(page, "SearchOrders", body) == [
        "data: is longer than the limit",
        "data: has the same id twice",
    ]
    unpayable = {"data": [an_order(payable=False)]}
    assert violations(unpayable, "SearchOrders", {"payableOnly": True}) == [
        "data[0]: is not payable"
    ]


def test_tables_are_an_array_over_rest_and_a_page_on_the_websocket() -> None:
    page: Json = {"data": [{"id": "t1", "name": "Table 1"}]}
    assert violations([page], "SearchTables") == []
    assert violations(page, "SearchTables") != []
    assert violations(page, "SearchTables", transport=MessageTransport.WEBSOCKET) == []
    assert violations([page], "SearchTables", transport=MessageTransport.WEBSOCKET) != []


def test_nothing_is_an_object_on_the_websocket() -> None:
    assert violations(None, "HandleEvent") == violations({}, "HandleEvent") == []
    assert violations({}, "HandleEvent", transport=MessageTransport.WEBSOCKET) == []
    assert violations(None, "HandleEvent", transport=MessageTransport.WEBSOCKET) != []
    assert violations({"ok": True}, "ExtendOrderLock") != []


def test_errors() -> None:
    good = {"errorType": "Conflict", "debugMessage": "Locked", "traceId": "t"}
    assert error_violations(good, 409) == error_violations(good) == []
    assert error_violations(good, 400) == ["status 400 does not suit Conflict"]
    assert error_violations({"errorType": "Busy"}) != []
    assert error_violations({"detail": "Not Found"}, 404) != []
    assert error_violations(good | {"traceId": None}) != []
    assert error_violations(None, 500) != []
