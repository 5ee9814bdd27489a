"""An offer of HTTP/2 in the clear, as Java's HttpClient and `curl --http2` make it, is ignored."""

import json

import pytest

from tests.support.orders import order
from tests.support.raw_http import credential_of, head, raw_answer, raw_connection
from tests.support.server import RunningServer
from tests.support.venues import Venue

OFFER = (
    "connection: Upgrade, HTTP2-Settings",
    "upgrade: h2c",
    "http2-settings: AAMAAABkAAQAAP__",
)
HOST = "host: 127.0.0.1"
SEARCH = b'{"limit": 1}'


def search(venue: Venue, *lines: str) -> bytes:
    return head(
        "POST /v1/orders/search HTTP/1.1",
        HOST,
        "content-type: application/json",
        *lines,
        credential=credential_of(venue),
    )


async def test_the_body_is_read_and_not_taken_for_the_next_request(
    server: RunningServer, venue: Venue
) -> None:
    """The body comes in a packet of its own, and is a request of somebody else by its looks."""
    smuggled = json.dumps(order(1_000)).encode()
    creating = head(
        "POST /v1/orders HTTP/1.1",
        HOST,
        "content-type: application/json",
        f"content-length: {len(smuggled)}",
        *OFFER,
        credential=credential_of(venue),
    )
    async with raw_connection(server) as connection:
        for pieces in ([creating, smuggled], [creating + smuggled]):
            await connection.send(*pieces)
            answer = await connection.answer()
            assert answer.status == 200, answer.body
            found = await venue.ok("GET", f"/v1/orders/{answer.json['id']}")
            assert found["totalAmount"]["value"] == 1_000


@pytest.mark.parametrize("offer", ["h2c", "websocket", "TLS/1.2", "h2c, websocket"])
async def test_whatever_is_offered(server: RunningServer, venue: Venue, offer: str) -> None:
    lines = (
        f"content-length: {len(SEARCH)}",
        "connection: keep-alive, upgrade",
        f"Upgrade: {offer}",
    )
    assert (await raw_answer(server, search(venue, *lines) + SEARCH)).status == 200


async def test_chunks_and_requests_sent_ahead_are_answered_in_order(
    server: RunningServer, venue: Venue
) -> None:
    chunked = search(venue, "transfer-encoding: chunked", *OFFER)
    chunked += b"%x\r\n%b\r\n0\r\n\r\n" % (len(SEARCH), SEARCH)
    reading = head("GET /v1/areas HTTP/1.1", HOST, *OFFER, credential=credential_of(venue))
    nothing = head("GET /v1/nothing HTTP/1.1", HOST, *OFFER, credential=credential_of(venue))
    async with raw_connection(server) as connection:
        await connection.send(chunked + reading + nothing + chunked)
        assert [(await connection.answer()).status for _ in range(4)] == [200, 200, 404, 200]


async def test_a_client_that_wants_to_close_is_heard(server: RunningServer, venue: Venue) -> None:
    """What else `Connection` says counts."""
    lines = ("connection: close, Upgrade", "upgrade: h2c", f"content-length: {len(SEARCH)}")
    async with raw_connection(server) as connection:
        await connection.send(search(venue, *lines) + SEARCH)
        assert (await connection.answer()).status == 200
        assert await connection.rest() == b""


async def test_this_is_no_proxy(server: RunningServer) -> None:
    answer = await raw_answer(
        server, b"CONNECT example.org:443 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
    )
    answer.refusal.check(400, "InvalidRequest", "CONNECT")


async def test_http_2_without_an_offer_is_refused(server: RunningServer) -> None:
    answer = await raw_answer(server, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    answer.refusal.check(400, "InvalidRequest", "not valid HTTP")
