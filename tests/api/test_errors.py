"""Whatever is wrong with a request, the answer is an EPOSError that names it."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from epos.contract.operations import OPERATIONS
from tests.support.guests import CUSTOMER, MARK
from tests.support.orders import gbp, item, order
from tests.support.refusals import Refusal, logged, send_raw
from tests.support.schemas import exported_document
from tests.support.server import RunningServer
from tests.support.venues import Venue
from tests.unit.contract.samples import sample

ORDERS = "/v1/orders"
SEARCH = "/v1/orders/search"
ONE_MIB = 1024 * 1024
JSON = {"content-type": "application/json"}
DEEP = 50_000


async def refusal(venue: Venue, method: str, path: str, **request: Any) -> Refusal:
    return Refusal.of(await venue.client.request(method, path, **request))


# --- bodies ---------------------------------------------------------------------------------------

NOT_JSON = {
    "nothing at all": b"",
    "half of it": b'{"items": [',
    "two of them": b"{} {}",
    "single quotes": b"{'items': []}",
    "NaN": b'{"limit": NaN}',
    "infinity": b'{"limit": Infinity}',
    "latin-1": '{"note": "café"}'.encode("latin-1"),
    "UTF-16": '{"note": "café"}'.encode("utf-16"),
    "half a surrogate pair": rb'{"note": "\ud83d"}',
    "a bare NUL": b'{"note": "a\0b"}',
    "lists without end": b"[" * DEEP,
    "objects without end": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
}
NOT_AN_OBJECT = {"a list": b"[]", "text": b'"text"', "a number": b"12", "null": b"null"}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
async def test_a_body_that_is_not_json(venue: Venue, body: bytes) -> None:
    answer = await refusal(venue, "POST", ORDERS, content=body, headers=JSON)
    answer.check(400, "InvalidRequest", "the body is not valid JSON")


@pytest.mark.parametrize("body", NOT_AN_OBJECT.values(), ids=NOT_AN_OBJECT)
async def test_a_body_that_is_not_an_object(venue: Venue, body: bytes) -> None:
    answer = await refusal(venue, "POST", ORDERS, content=body, headers=JSON)
    answer.check(400, "InvalidRequest", "the body must be a JSON object")


REQUIRED = [
    (operation.http_method, operation.path, operation.request.__name__, field)
    for operation in OPERATIONS
    if operation.request is not None
    for field, described in operation.request.model_fields.items()
    if described.is_required()
]


@pytest.mark.parametrize(("method", "path", "name", "field"), REQUIRED)
@pytest.mark.parametrize("value", ["missing", None])
async def test_a_field_that_is_required(
    venue: Venue, method: str, path: str, name: str, field: str, value: str | None
) -> None:
    body = {key: given for key, given in sample(name).items() if key != field}
    if value is None:
        body[field] = None
    path = path.format(orderId="o", lockId="l", partyId="p", reservationId="r")
    answer = await refusal(venue, method, path, json=body)
    words = "is required" if value else "is required and must not be null"
    answer.check(400, "InvalidRequest", f"{field} {words}")


# Property of CreateOrder: (what is wrong with it, the field that is named).
WRONG = {
    "a list that is none": ({"items": {}}, "items must be a list"),
    "an object that is none": ({"details": "DineIn"}, "details must be an object"),
    "a text that is none": ({"note": 5}, "note must be text"),
    "text as an amount": ({"totalAmount": gbp(0) | {"value": "12"}}, "totalAmount.value"),
    "a fraction of nothing": ({"totalAmount": gbp(0) | {"value": 12.0}}, "totalAmount.value"),
    "half a penny": ({"totalAmount": gbp(0) | {"value": 12.5}}, "totalAmount.value"),
    "an exponent": ({"totalAmount": gbp(0) | {"value": 1e3}}, "totalAmount.value"),
    "true as an amount": ({"totalAmount": gbp(0) | {"value": True}}, "totalAmount.value"),
    "a list as an amount": ({"totalAmount": gbp(0) | {"value": [1]}}, "totalAmount.value"),
    "a debt": ({"totalAmount": gbp(-1)}, "totalAmount.value"),
    "more than 10^12": ({"totalAmount": gbp(10**12 + 1)}, "totalAmount.value"),
    "more than 64 bits": ({"totalAmount": gbp(2**63)}, "totalAmount.value"),
    "more than any bits": ({"totalAmount": gbp(10**400)}, "totalAmount.value"),
    "dollars": ({"totalAmount": gbp(1, "USD")}, "totalAmount.currencyCode"),
    "small letters": ({"totalAmount": gbp(1, "gbp")}, "totalAmount.currencyCode"),
    "another currency": ({"totalAmount": gbp(1, "EUR")}, "totalAmount.currencyCode"),
    "a price too high": ({"items": [item(price=10**12 + 1)]}, "items[0].amountPerItem.value"),
    "a quantity too many": ({"items": [item(), item(quantity=1_000_001)]}, "items[1].quantity"),
    "a quantity too few": ({"items": [item(quantity=-1)]}, "items[0].quantity"),
    "NUL in an id": ({"dojoOrderId": "a\0b"}, "dojoOrderId"),
    "a control in an id": ({"dojoOrderId": "a\nb"}, "dojoOrderId"),
    "an id without letters": ({"dojoOrderId": ""}, "dojoOrderId"),
    "an id without end": ({"dojoOrderId": "x" * 201}, "dojoOrderId"),
    "NUL in a text": ({"note": f"a\0{MARK}"}, "note must be text without NUL"),
    "NUL deep inside": ({"items": [item() | {"house": {"a": ["\0"]}}]}, "items[0].house.a[0]"),
    "NUL in a name": ({"items": [item() | {"a\0b": 1}]}, "items[0]"),
    "a number deep inside": ({"items": [item() | {"house": 2**63}]}, "items[0].house"),
    "depth inside": ({"items": [item() | {"house": json.loads("[" * 99 + "]" * 99)}]}, "items[0]"),
    "an unknown table": (
        {"details": {"orderType": "DineIn", "dineIn": {"tableId": MARK}}},
        "table",
    ),
    "an unknown kind": ({"details": {"orderType": MARK}}, "details.orderType must be"),
    "an unknown property": ({"customer": CUSTOMER | {"shoe": MARK}}, "customer.shoe"),
    "an address without end": ({"customer": {"emailAddress": MARK * 30}}, "customer.emailAddress"),
    "a time without a zone": (
        {"details": {"orderType": "DineIn", "dineIn": {"readyAt": "2024-08-12T09:30:00"}}},
        "details.dineIn.readyAt",
    ),
    "the 30th of February": (
        {
            "details": {
                "orderType": "Collection",
                "collection": {"collectAt": "2024-02-30T09:30:00Z"},
            }
        },
        "details.collection.collectAt",
    ),
}


@pytest.mark.parametrize(("change", "words"), WRONG.values(), ids=WRONG)
async def test_a_field_that_is_wrong(venue: Venue, change: dict[str, Any], words: str) -> None:
    answer = await refusal(venue, "POST", ORDERS, json=order(customer=CUSTOMER) | change)
    answer.check(400, "InvalidRequest", words)
    assert (await venue.ok("POST", SEARCH, {}))["data"] == []


# --- sizes and kinds of bodies --------------------------------------------------------------------


def padded(size: int) -> bytes:
    """An order of exactly so many bytes."""
    body = order(note="")
    body["note"] = "x" * (size - len(json.dumps(body)))
    return json.dumps(body).encode()


async def in_chunks(body: bytes) -> AsyncIterator[bytes]:
    """Without a content-length."""
    for start in range(0, len(body), 64 * 1024):
        yield body[start : start + 64 * 1024]


async def test_a_body_of_one_mebibyte_is_enough(venue: Venue) -> None:
    for content in (padded(ONE_MIB), in_chunks(padded(ONE_MIB))):
        response = await venue.client.post(ORDERS, content=content, headers=JSON)
        assert response.status_code == 200


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_larger_body_is_too_large(venue: Venue, chunked: bool) -> None:
    body = padded(ONE_MIB + 1)
    content = in_chunks(body) if chunked else body
    answer = await refusal(venue, "POST", ORDERS, content=content, headers=JSON)
    answer.check(413, "InvalidRequest", "must not be larger than 1048576 bytes")


async def test_a_much_larger_body_is_refused_by_its_announcement(server: RunningServer) -> None:
    head = "POST /v1/orders HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000000000\r\n\r\n"
    answer = await send_raw(server, head.encode())
    answer.check(401, "InvalidRequest", "credentials")  # who it is comes before what it brings


OTHER_KINDS = ["text/plain", "application/xml", "multipart/form-data", "application/problem+json"]
NO_KINDS = ["application/json; charset=latin-1", "*/*", ""]


@pytest.mark.parametrize("content_type", [*OTHER_KINDS, *NO_KINDS])
async def test_another_kind_of_body(venue: Venue, content_type: str) -> None:
    headers = {"content-type": content_type}
    answer = await refusal(venue, "POST", SEARCH, content=b"{}", headers=headers)
    answer.check(415, "InvalidRequest", "application/json")


@pytest.mark.parametrize("content_type", ["APPLICATION/JSON", 'application/json;charset="UTF-8"'])
async def test_the_same_kind_written_otherwise(venue: Venue, content_type: str) -> None:
    headers = {"content-type": content_type}
    response = await venue.client.post(SEARCH, content=b"{}", headers=headers)
    assert response.status_code == 200


# --- paths and methods ----------------------------------------------------------------------------

PATHS = {
    path: {method.upper() for method in item} for path, item in exported_document()["paths"].items()
}
METHODS = {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"}


@pytest.mark.parametrize("path", PATHS)
async def test_a_method_that_is_not_served(venue: Venue, path: str) -> None:
    for method in METHODS - PATHS[path]:
        answer = await refusal(venue, method, path.format_map(Anything()))
        if method == "BREW":  # not even a method: refused before it is a request
            assert answer.status == 400
            continue
        answer.check(405, "InvalidRequest", "method")
        assert set(answer.headers["allow"].split(", ")) == PATHS[path]


class Anything(dict[str, str]):
    """A value for every parameter of a path."""

    def __missing__(self, name: str) -> str:
        return "no-such-thing"


@pytest.mark.parametrize("path", PATHS)
async def test_a_trailing_slash_is_another_path(venue: Venue, path: str) -> None:
    for method in PATHS[path]:
        answer = await refusal(venue, method, path.format_map(Anything()) + "/", json={})
        answer.check(404, "NotFound", "nothing at this path")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1",
        "/v2/areas",
        "/V1/areas",
        "//v1/areas",
        "/v1//areas",
        "/v1/orders/a/b",
        "/v1/tables",
    ],
)
async def test_a_path_that_leads_nowhere(venue: Venue, path: str) -> None:
    response = await venue.client.get(httpx.URL(venue.client.base_url, raw_path=path.encode()))
    Refusal.of(response).check(404, "NotFound", "nothing at this path")


NAMED = [
    (operation.http_method, operation.path, operation.request)
    for operation in OPERATIONS
    if "{" in operation.path and operation.path in PATHS
]
ODD_IDS = [
    "no-such-thing",
    "a%00b",
    "%F0%9F%8D%B0",
    "x" * 201,
    "%0A",
    "%FF",
    "' OR 1=1 --",
    "%C2%85",
]


@pytest.mark.parametrize("odd", ODD_IDS)
@pytest.mark.parametrize(("method", "path", "request_model"), NAMED)
async def test_an_id_that_nothing_has(
    venue: Venue, method: str, path: str, request_model: type[Any] | None, odd: str
) -> None:
    body = None if request_model is None else sample(request_model.__name__)
    if body is not None and "expiry" in body:
        body["expiry"] = "2100-01-01T00:00:00Z"
    path = path.replace("{lockId}", "lock-1")
    parameter = path[path.index("{") : path.index("}") + 1]
    answer = await refusal(venue, method, path.replace(parameter, odd), json=body)
    answer.check(404, "NotFound", "was not found")


# --- every refusal can be found -------------------------------------------------------------------


async def test_every_refusal_is_in_the_log(venue: Venue, server: RunningServer) -> None:
    for answer in [
        await refusal(venue, "POST", ORDERS, content=b"{", headers=JSON),
        await refusal(venue, "GET", "/v1/orders/no-such-thing"),
        await refusal(venue, "PUT", ORDERS),
        await refusal(venue, "GET", "/nowhere"),
        await refusal(venue, "POST", ORDERS, content=padded(ONE_MIB + 1), headers=JSON),
    ]:
        entry = await logged(server.log, answer.error["traceId"])
        assert (entry["trace_id"], entry["status"]) == (answer.error["traceId"], answer.status)


async def test_what_is_not_http_is_in_the_log_too(server: RunningServer) -> None:
    answer = await send_raw(server, b"GET /v1/areas HTTP/1.1\r\nhost: x\r\nwaiter-id: a\0b\r\n\r\n")
    answer.check(400, "InvalidRequest", "not valid HTTP")
    assert (await logged(server.log, answer.error["traceId"]))["status"] == 400
