"""Requests that are almost HTTP: each is answered with an EPOSError, and none is guessed at."""

import gzip

import pytest

from tests.support.raw_http import credential_of, head, raw_answer
from tests.support.server import RunningServer
from tests.support.venues import Venue

HOST = "host: 127.0.0.1"
JSON = "content-type: application/json"
BODY = b'{"limit": 1}'
CHUNKS = b"c\r\n" + BODY + b"\r\n0\r\n\r\n"
LENGTH = f"content-length: {len(BODY)}"


@pytest.mark.parametrize(
    ("hosts", "words"),
    [
        ((), "one Host"),
        ((HOST, HOST), "one Host"),
        ((HOST, "host: evil.example"), "one Host"),
        (("host: ",), "must be a name"),
        (("host: a b",), "must be a name"),
        (("host: 127.0.0.1, evil.example",), "must be a name"),
        (("host: user@127.0.0.1",), "must be a name"),
        (("host: 127.0.0.1:http",), "must be a name"),
    ],
)
async def test_host_must_be_one(
    server: RunningServer, venue: Venue, hosts: tuple[str, ...], words: str
) -> None:
    request = head("GET /v1/areas HTTP/1.1", *hosts, credential=credential_of(venue))
    (await raw_answer(server, request)).refusal.check(400, "InvalidRequest", words)


async def test_http_1_0_has_no_host(server: RunningServer, venue: Venue) -> None:
    request = head("GET /v1/areas HTTP/1.0", credential=credential_of(venue))
    assert (await raw_answer(server, request)).status == 200


@pytest.mark.parametrize(
    "codings",
    [
        ("transfer-encoding: xchunked",),
        ("transfer-encoding: gzip, chunked",),
        ("transfer-encoding: chunked, chunked",),
        ("transfer-encoding: chunked", "transfer-encoding: chunked"),
        ("transfer-encoding: identity",),
        ("transfer-encoding:",),
        ("transfer-encoding: chunked", LENGTH),
        (LENGTH, "transfer-encoding: chunked"),
        (LENGTH, "content-length: 3"),
    ],
)
async def test_a_length_that_is_not_clear(
    server: RunningServer, venue: Venue, codings: tuple[str, ...]
) -> None:
    request = search(venue, JSON, *codings) + CHUNKS
    answer = await raw_answer(server, request)
    answer.refusal.check(400, "InvalidRequest", "")
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip"])
async def test_a_compressed_body(server: RunningServer, venue: Venue, coding: str) -> None:
    sent = gzip.compress(BODY)
    lines = (JSON, f"content-length: {len(sent)}", f"content-encoding: {coding}")
    answer = await raw_answer(server, search(venue, *lines) + sent)
    answer.refusal.check(415, "InvalidRequest", "compressed")
    assert answer.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("sent", [(LENGTH,), ("transfer-encoding: chunked",)])
async def test_a_body_without_a_type(
    server: RunningServer, venue: Venue, sent: tuple[str, ...]
) -> None:
    body = BODY if sent == (LENGTH,) else CHUNKS
    answer = await raw_answer(server, search(venue, *sent) + body)
    answer.refusal.check(415, "InvalidRequest", "Content-Type: application/json")


@pytest.mark.parametrize("lines", [(LENGTH,), ("transfer-encoding: Chunked",)])
async def test_what_is_right_is_read(
    server: RunningServer, venue: Venue, lines: tuple[str, ...]
) -> None:
    body = BODY if lines == (LENGTH,) else CHUNKS
    request = search(venue, JSON, "content-encoding: identity", *lines) + body
    assert (await raw_answer(server, request)).status == 200


def search(venue: Venue, *lines: str) -> bytes:
    first_line = "POST /v1/orders/search HTTP/1.1"
    return head(first_line, HOST, *lines, credential=credential_of(venue))
