"""HTTP byte by byte: what no client library would send, and what came back."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from tests.support.refusals import Refusal
from tests.support.server import RunningServer
from tests.support.venues import SECRET, Venue

_SECONDS = 60.0


@dataclass(frozen=True)
class RawAnswer:
    """One answer, as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def refusal(self) -> Refusal:
        return Refusal(self.status, self.headers, self.json)


class RawConnection:
    """One connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, *pieces: bytes) -> None:
        """Each piece in a packet of its own."""
        for piece in pieces:
            self._writer.write(piece)
            await self._writer.drain()
            await asyncio.sleep(0.05)

    async def answer(self) -> RawAnswer:
        async with asyncio.timeout(_SECONDS):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            status, *lines = head.strip().split("\r\n")
            headers = {name.lower(): value for name, value in (ln.split(": ", 1) for ln in lines)}
            body = await self._reader.readexactly(int(headers.get("content-length", "0")))
        return RawAnswer(int(status.split()[1]), headers, body)

    async def rest(self) -> bytes:
        """What still comes until the server closes the connection."""
        async with asyncio.timeout(_SECONDS):
            return await self._reader.read()


@asynccontextmanager
async def raw_connection(server: RunningServer) -> AsyncIterator[RawConnection]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        yield RawConnection(reader, writer)
    finally:
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()


async def raw_answer(server: RunningServer, *pieces: bytes) -> RawAnswer:
    """The answer to a request on a connection of its own."""
    async with raw_connection(server) as connection:
        await connection.send(*pieces)
        return await connection.answer()


def head(first_line: str, *lines: str, credential: str | None = None) -> bytes:
    """The head of a request; `Host` only if a line has it."""
    authorization = [f"authorization: {credential}"] if credential else []
    return "".join(f"{line}\r\n" for line in (first_line, *authorization, *lines, "")).encode()


def credential_of(venue: Venue, role: str = "dojo") -> str:
    return "Basic " + base64.b64encode(f"{venue.id}.{role}:{SECRET}".encode()).decode()
