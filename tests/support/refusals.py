"""What every refusal has: an EPOSError in plain words, and a line in the log under its trace id."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.support.guests import MARKS
from tests.support.server import RunningServer

Json = dict[str, Any]

# What would show that something of the inside got out: stack traces, SQL, names of libraries.
_INSIDE = ("Traceback", "File ", "SELECT ", "INSERT ", "asyncpg", "pydantic", "sqlalchemy", "psql")
_PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Refusal:
    """An answer that is not a success, in whatever way it was asked for."""

    status: int
    headers: dict[str, str]
    error: Json

    @property
    def message(self) -> str:
        message: str = self.error["debugMessage"]
        return message

    @classmethod
    def of(cls, response: httpx.Response) -> "Refusal":
        assert response.is_error, response.text
        return cls(response.status_code, dict(response.headers), response.json())

    def check(self, status: int, kind: str, words: str) -> None:
        """It is the expected one, and says nothing that it should not."""
        assert (self.status, self.error["errorType"]) == (status, kind), self.error
        assert words in self.message
        assert self.error.keys() == {"errorType", "debugMessage", "traceId"}
        assert self.error["traceId"] == self.headers["x-trace-id"]
        assert self.headers["content-type"] == "application/json"
        for text in (*_INSIDE, *MARKS):
            assert text not in self.message


async def logged(log: Path, trace_id: str) -> Json:
    """The line of a request in the server's log, which is written after the answer has left."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while True:
            for line in reversed(log.read_text(encoding="utf-8").splitlines()):
                if trace_id not in line or '"request"' not in line:
                    continue
                entry: Json = json.loads(line)
                if entry["trace_id"] == trace_id:  # it may also stand in what another one sent
                    return entry
            await asyncio.sleep(0.02)


async def send_raw(server: RunningServer, request: bytes) -> Refusal:
    """What is answered to bytes that no HTTP client would send."""
    address = urlsplit(server.base_url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(request)
    async with asyncio.timeout(_PATIENCE_SECONDS):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        body = await reader.readexactly(int(headers["content-length"]))
    writer.close()
    return Refusal(int(status.split()[1]), headers, json.loads(body))
