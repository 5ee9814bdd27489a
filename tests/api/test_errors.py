"""Whatever is wrong with a request, the answer is an EPOSError that names it."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from epos.contract.operations import OPERATIONS
from tests.support.clock import LONG_AHEAD
from tests.support.guests import CUSTOMER, MARK
from tests.support.orders import gbp, order
from tests.support.refusals import Refusal, logged, send_raw
from tests.support.schemas import exported_document
from tests.support.server import RunningServer
from tests.support.venues import Venue
from tests.unit.contract.samples import sample

ORDERS = "/v1/orders"
SEARCH = "/v1/orders/search"
ONE_MIB = 1024 * 1024
JSON = {"content-type": "application/json"}
DEEP = 30_000


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
async def test_a_body_that_is_not_json(quiet_venue: Venue, body: bytes) -> None:
    answer = await refusal(quiet_venue, "POST", ORDERS, content=body, headers=JSON)
    answer.check(400, "InvalidRequest", "the body is not valid JSON")


@pytest.mark.parametrize("body", NOT_AN_OBJECT.values(), ids=NOT_AN_OBJECT)
async def test_a_body_that_is_not_an_object(quiet_venue: Venue, body: bytes) -> None:
    answer = await refusal(quiet_venue, "POST", ORDERS, content=body, headers=JSON)
    answer.check(400, "InvalidRequest", "the body must be a JSON object")


# One case for each operation with a body: the codec is asked about the rest in tests/unit/contract.
BODIES = [
    (operation.http_method, operation.path, operation.request.__name__)
    for operation in OPERATIONS
    if operation.request is not None
]


@pytest.mark.parametrize(("method", "path", "name"), BODIES)
async def test_a_field_that_is_wrong(quiet_venue: Venue, method: str, path: str, name: str) -> None:
    field = next(iter(sample(name)))
    body = sample(name) | {field: [5]}
    path = path.format(orderId="o", lockId="l", partyId="p", reservationId="r")
    answer = await refusal(quiet_venue, method, path, json=body)
    answer.check(400, "InvalidRequest", field)


# Property of CreateOrder: (what is wrong with it, the field that is named).
WRONG = {
    "half a penny": ({"totalAmount": gbp(0) | {"value": 12.5}}, "totalAmount.value"),
    "an unknown property": ({"customer": CUSTOMER | {"shoe": MARK}}, "customer.shoe"),
    "another currency": ({"totalAmount": gbp(1, "EUR")}, "totalAmount.currencyCode"),
    "an unknown table": (
        {"details": {"orderType": "DineIn", "dineIn": {"tableId": MARK}}},
        "table",
    ),
}


@pytest.mark.parametrize(("change", "words"), WRONG.values(), ids=WRONG)
async def test_an_order_that_is_wrong(venue: Venue, change: dict[str, Any], words: str) -> None:
    answer = await refusal(venue, "POST", ORDERS, json=order(customer=CUSTOMER) | change)
    answer.check(400, "InvalidRequest", words)
    assert (await venue.ok("POST", SEARCH, {}))["data"] == []


# --- sizes and kinds of bodies --------------------------------------------------------------------


def padded(size: int) -> bytes:
    """An order of exactly so many bytes. What fills it is ignored: a note has its own limit."""
    body = order(unknown="")
    body["unknown"] = "x" * (size - len(json.dumps(body)))
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
async def test_a_larger_body_is_too_large(quiet_venue: Venue, chunked: bool) -> None:
    body = padded(ONE_MIB + 1)
    content = in_chunks(body) if chunked else body
    answer = await refusal(quiet_venue, "POST", ORDERS, content=content, headers=JSON)
    answer.check(413, "InvalidRequest", "must not be larger than 1048576 bytes")


async def test_a_much_larger_body_is_refused_by_its_announcement(server: RunningServer) -> None:
    head = "POST /v1/orders HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1000000000000\r\n\r\n"
    answer = await send_raw(server, head.encode())
    answer.check(401, "InvalidRequest", "credentials")  # who it is comes before what it brings


OTHER_KINDS = ["text/plain", "application/xml", "multipart/form-data", "application/problem+json"]
NO_KINDS = ["application/json; charset=latin-1", "*/*", ""]


@pytest.mark.parametrize("content_type", [*OTHER_KINDS, *NO_KINDS])
async def test_another_kind_of_body(quiet_venue: Venue, content_type: str) -> None:
    headers = {"content-type": content_type}
    answer = await refusal(quiet_venue, "POST", SEARCH, content=b"{}", headers=headers)
    answer.check(415, "InvalidRequest", "application/json")


@pytest.mark.parametrize("content_type", ["APPLICATION/JSON", 'application/json;charset="UTF-8"'])
async def test_the_same_kind_written_otherwise(quiet_venue: Venue, content_type: str) -> None:
    headers = {"content-type": content_type}
    response = await quiet_venue.client.post(SEARCH, content=b"{}", headers=headers)
    assert response.status_code == 200


# --- paths and methods ----------------------------------------------------------------------------

PATHS = {
    path: {method.upper() for method in item} for path, item in exported_document()["paths"].items()
}
METHODS = {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"}


@pytest.mark.parametrize("path", PATHS)
async def test_a_method_that_is_not_served(quiet_venue: Venue, path: str) -> None:
    for method in METHODS - PATHS[path]:
        answer = await refusal(quiet_venue, method, path.format_map(Anything()))
        answer.check(405, "InvalidRequest", "method")
        assert set(answer.headers["allow"].split(", ")) == PATHS[path]


async def test_what_is_not_even_a_method(server: RunningServer) -> None:
    """Refused before it is a request."""
    answer = await send_raw(server, b"BREW /v1/areas HTTP/1.1\r\nhost: x\r\n\r\n")
    answer.check(400, "InvalidRequest", "not valid HTTP")


class Anything(dict[str, str]):
    """A value for every parameter of a path."""

    def __missing__(self, name: str) -> str:
        return "no-such-thing"


@pytest.mark.parametrize("path", PATHS)
async def test_a_trailing_slash_is_another_path(quiet_venue: Venue, path: str) -> None:
    for method in PATHS[path]:
        answer = await refusal(quiet_venue, method, path.format_map(Anything()) + "/", json={})
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
async def test_a_path_that_leads_nowhere(quiet_venue: Venue, path: str) -> None:
    response = await quiet_venue.client.get(
        httpx.URL(quiet_venue.client.base_url, raw_path=path.encode())
    )
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
    quiet_venue: Venue, method: str, path: str, request_model: type[Any] | None, odd: str
) -> None:
    body = None if request_model is None else sample(request_model.__name__)
    if body is not None and "expiry" in body:
        body["expiry"] = LONG_AHEAD
    path = path.replace("{lockId}", "lock-1")
    parameter = path[path.index("{") : path.index("}") + 1]
    answer = await refusal(quiet_venue, method, path.replace(parameter, odd), json=body)
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
    answer = await send_raw(
        server, b"GET /v1/areas HTTP/1.1\r\nhost: 127.0.0.1\r\nwaiter-id: a\0b\r\n\r\n"
    )
    answer.check(400, "InvalidRequest", "not valid HTTP")
    assert (await logged(server.log, answer.error["traceId"]))["status"] == 400
