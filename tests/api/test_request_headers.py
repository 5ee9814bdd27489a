"""Headers: whatever bytes arrive in them, the request is read or refused in plain words."""

import re
from typing import Any

import pytest

from tests.support.refusals import Refusal, logged, send_raw
from tests.support.server import RunningServer
from tests.support.venues import Venue

AREAS = "/v1/areas"
REQUESTER = ["waiter-id", "dojo-requesting-product", "device-id", "device-type"]
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE_ID}-b7ad6b7169203331-01"

READABLE = {
    "ascii": (b"42", "42"),
    "emoji": ("🍰".encode(), "🍰"),
    "latin-1": (b"Zo\xeb", "Zoë"),
    "UTF-8": ("Zoë".encode(), "Zoë"),
    "half an emoji": (b"\xf0\x9f", "ð\x9f"),
    "200 letters": (b"x" * 200, "x" * 80),
}


async def get(venue: Venue, name: str, value: bytes) -> Any:
    return await venue.client.get(AREAS, headers=[(name.encode(), value)])


@pytest.mark.parametrize("name", REQUESTER)
@pytest.mark.parametrize(
    ("value", "read"),
    [READABLE[name] for name in READABLE if name != "half an emoji"],
    ids=[name for name in READABLE if name != "half an emoji"],
)
async def test_what_can_be_read(
    venue: Venue, server: RunningServer, name: str, value: bytes, read: str
) -> None:
    response = await get(venue, name, value)
    assert response.status_code == 200
    entry = await logged(server.log, response.headers["x-trace-id"])
    field = {"dojo-requesting-product": "product"}.get(name, name.replace("-", "_"))
    assert entry[field] == read


async def test_an_empty_header_is_none(venue: Venue, server: RunningServer) -> None:
    response = await get(venue, "waiter-id", b"")
    assert "waiter_id" not in await logged(server.log, response.headers["x-trace-id"])


@pytest.mark.parametrize("name", REQUESTER)
@pytest.mark.parametrize(
    "value",
    [
        b"x" * 201,
        b"x" * 10_240,
        "🍰".encode() * 2560,
        b"\xeb" * 10_240,
        b"a\x7fb",
        b"a\x01b",
        b"\xc2\x85",
    ],
    ids=[
        "201",
        "10 KB",
        "10 KB of emoji",
        "10 KB of latin-1",
        "delete",
        "a control",
        "a C1 control",
    ],
)
async def test_what_is_no_id(quiet_venue: Venue, name: str, value: bytes) -> None:
    answer = Refusal.of(await get(quiet_venue, name, value))
    if answer.message == "The request is not valid HTTP":  # control characters end at the parser
        assert answer.status == 400
        return
    answer.check(400, "InvalidRequest", f"header {name} must be 1 to 200 characters")


@pytest.mark.parametrize("size", [16 * 1024, 100_000])
async def test_headers_beyond_16_kib(quiet_venue: Venue, size: int) -> None:
    answer = Refusal.of(await get(quiet_venue, "x-anything", b"x" * size))
    answer.check(431, "InvalidRequest", "16384 bytes")


async def test_headers_of_nearly_16_kib(quiet_venue: Venue) -> None:
    assert (await get(quiet_venue, "x-anything", b"x" * 15_000)).status_code == 200


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /v1/areas HTTP/1.1\r\nhost: 127.0.0.1\r\nwaiter-id: a\0b\r\n\r\n",
        b"GET /v1/areas HTTP/1.1\r\nhost: 127.0.0.1\r\nwai\0ter-id: ab\r\n\r\n",
        b"GET /v1/ar\0eas HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n",
        b"GET /v1/areas HTTP/9.9\r\nhost: 127.0.0.1\r\n\r\n",
        b"POST /v1/orders HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: many\r\n\r\n",
        b"Good evening, a table for two.\r\n\r\n",
    ],
    ids=["NUL in a value", "in a name", "in a path", "another protocol", "no length", "no HTTP"],
)
async def test_what_is_not_http(server: RunningServer, request_bytes: bytes) -> None:
    (await send_raw(server, request_bytes)).check(400, "InvalidRequest", "not valid HTTP")


async def test_there_is_no_websocket_to_upgrade_to(server: RunningServer, venue: Venue) -> None:
    """Such a request is one like any other: it is authenticated, answered and logged."""
    upgrade = {
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in upgrade.items())
    request_bytes = f"GET {AREAS} HTTP/1.1\r\nhost: 127.0.0.1\r\n{head}\r\n".encode()
    (await send_raw(server, request_bytes)).check(401, "InvalidRequest", "credentials")
    assert (await venue.client.get(AREAS, headers=upgrade)).status_code == 200


# --- trace ids ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("x-trace-id", "till-7.order_42", "till-7.order_42"),
        ("x-trace-id", "x" * 64, "x" * 64),
        ("traceparent", PARENT, TRACE_ID),
        ("traceparent", f"{PARENT}-more", TRACE_ID),
    ],
)
async def test_a_trace_id_comes_back(
    venue: Venue, server: RunningServer, name: str, value: str, accepted: str
) -> None:
    response = await venue.client.get("/v1/orders/no-such-thing", headers={name: value})
    assert response.headers["x-trace-id"] == response.json()["traceId"] == accepted
    assert (await logged(server.log, accepted))["status"] == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-trace-id", ""),
        ("x-trace-id", "short"),
        ("x-trace-id", "x" * 65),
        ("x-trace-id", "twelve letters"),
        ("x-trace-id", '","status":500,"'),
        ("traceparent", "00-zz"),
        ("traceparent", f"00-{'0' * 32}-b7ad6b7169203331-01"),
    ],
)
async def test_what_is_no_trace_id_is_replaced(quiet_venue: Venue, name: str, value: str) -> None:
    response = await quiet_venue.client.get(AREAS, headers={name: value})
    assert re.fullmatch("[0-9a-f]{32}", response.headers["x-trace-id"])
