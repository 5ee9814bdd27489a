"""Whoever has no credential costs little: nothing is kept of what never becomes a request."""

import asyncio
import base64
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

import pytest

from tests.support.orders import order, payment, unique
from tests.support.refusals import send_raw
from tests.support.server import RunningServer
from tests.support.sockets import is_kept
from tests.support.venues import SECRET, Venue

_SECONDS = 40
_PIECE = 16 * 1024
_MOST_PIECES = 1_000


@asynccontextmanager
async def connected(
    server: RunningServer,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    address = urlsplit(server.base_url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        async with asyncio.timeout(_SECONDS):
            yield reader, writer
    finally:
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()


@pytest.mark.parametrize(
    "beginning",
    [
        b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ",
        b"GET /",
        b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n",
    ],
    ids=["one header", "the path", "headers"],
)
async def test_a_head_that_never_ends(server: RunningServer, beginning: bytes) -> None:
    piece = b"a: b\r\n" * 3_000 if beginning.endswith(b"\r\n") else b"a" * _PIECE
    answer = await send_raw(server, beginning + piece * 8)
    answer.check(431, "InvalidRequest", "headers are too large")


async def test_trailers_that_never_end(server: RunningServer) -> None:
    head = (
        b"POST /v1/orders HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx: "
    )
    async with connected(server) as (_, writer):
        writer.write(head)
        with pytest.raises(ConnectionError):
            for _ in range(_MOST_PIECES):
                writer.write(b"a" * _PIECE)
                await writer.drain()
                await asyncio.sleep(0.001)


async def test_requests_sent_far_ahead(server: RunningServer) -> None:
    async with connected(server) as (reader, writer):
        writer.write(b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n" * 5_000)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            while True:
                await reader.readuntil(b"\r\n\r\n")


async def test_a_few_requests_sent_ahead_are_answered(server: RunningServer) -> None:
    async with connected(server) as (reader, writer):
        writer.write(b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n" * 8)
        for _ in range(8):
            assert b"200" in await reader.readuntil(b"\r\n")
            await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(len(b'{"status":"ok"}'))


async def test_a_request_that_comes_in_drops(server: RunningServer) -> None:
    """A drop every second does not keep the connection."""
    async with connected(server) as (reader, writer):
        closed = asyncio.create_task(reader.read())
        writer.write(b"GET / HTTP/1.1\r\nx: ")
        while not closed.done():
            writer.write(b"a")
            await asyncio.wait({closed}, timeout=1)
        assert closed.exception() is not None or closed.result() == b""


@pytest.mark.slow
async def test_a_client_that_does_not_read_its_answers(server: RunningServer, venue: Venue) -> None:
    credential = base64.b64encode(f"{venue.id}.till:{SECRET}".encode())
    asked = (
        b"GET /till/openapi.json HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Basic %b\r\n\r\n"
        % credential
    )
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", server.port))
        # More than the kernel keeps of answers, and not too many sent ahead.
        client.sendall(asked * 30)
        assert is_kept(server.port, client)
        async with asyncio.timeout(_SECONDS):
            while is_kept(server.port, client):
                await asyncio.sleep(0.5)


async def test_garbage_behind_a_payment_is_not_its_answer(
    server: RunningServer, venue: Venue
) -> None:
    """A client would believe that it was refused, and it is recorded."""
    created = await venue.ok("POST", "/v1/orders", order(1_000))
    request = venue.client.build_request(
        "POST", f"/v1/orders/{created['id']}/record-payment", json=payment(1_000, 0, unique("pi"))
    )
    signed = next(venue.client.auth.sync_auth_flow(request)) if venue.client.auth else request
    head = f"POST {signed.url.path} HTTP/1.1\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in signed.headers.items())
    async with connected(server) as (reader, writer):
        writer.write(head.encode() + b"\r\n" + signed.content + b"\0garbage\r\n\r\n")
        answered = await reader.read()
    assert b" 400 " not in answered
    async with asyncio.timeout(_SECONDS):
        while True:
            paid = (await venue.ok("GET", f"/v1/orders/{created['id']}"))["paidAmount"]["value"]
            if paid == 1_000:
                break
            await asyncio.sleep(0.05)
