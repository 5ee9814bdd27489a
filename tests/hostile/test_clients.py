"""HTTP clients as they come: what they send, no test of ours would think of."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.orders import order
from tests.support.raw_http import credential_of
from tests.support.server import RunningServer
from tests.support.venues import Venue

CLIENTS = Path(__file__).parent / "clients"
_SECONDS = 300


@pytest.mark.program("java")
@pytest.mark.slow
async def test_java(server: RunningServer, venue: Venue) -> None:
    """It is compiled in memory: no class file is left."""
    await run(server, venue, "java", str(CLIENTS / "Client.java"))


@pytest.mark.program("node")
async def test_node(server: RunningServer, venue: Venue) -> None:
    await run(server, venue, "node", str(CLIENTS / "client.mjs"))


@pytest.mark.program("go")
@pytest.mark.slow
async def test_go(server: RunningServer, venue: Venue, tmp_path: Path) -> None:
    program = tmp_path / "client"
    await output("go", "build", "-o", str(program), str(CLIENTS / "client.go"))
    await run(server, venue, str(program))


@pytest.mark.program("curl")
@pytest.mark.parametrize("option", ["--http2", "--http1.1", "--http1.0"])
async def test_curl(server: RunningServer, venue: Venue, option: str) -> None:
    """Twice on one connection."""
    url = f"{server.base_url}/v1/orders"
    lines = await output(
        *("curl", option, "--silent", "--write-out", " %{http_code}\n"),
        *("--header", f"authorization: {credential_of(venue)}"),
        *("--json", json.dumps(order(1_000)), url, url),
    )
    answers = [line.rpartition(" ") for line in lines]
    assert [int(status) for _, _, status in answers] == [200, 200]
    assert [total(json.loads(body)) for body, _, _ in answers] == [1_000, 1_000]


async def run(server: RunningServer, venue: Venue, *command: str) -> None:
    """Two rounds of: an order with a length, an order in chunks, the areas."""
    ordered = json.dumps(order(1_000))
    lines = await output(*command, server.base_url, credential_of(venue), ordered)
    answers = [line.split(" ", 1) for line in lines]
    assert [status for status, _ in answers] == ["200"] * 6, lines
    bodies = [json.loads(body) for _, body in answers]
    assert [total(made) for made in bodies if isinstance(made, dict)] == [1_000] * 4
    assert [len(areas) for areas in bodies if isinstance(areas, list)] == [2, 2]


async def output(*command: str) -> list[str]:
    """The lines that a program prints."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(_SECONDS):
        printed, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return printed.decode().splitlines()


def total(made: dict[str, Any]) -> int:
    value: int = made["totalAmount"]["value"]
    return value
