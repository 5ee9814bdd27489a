"""The simulated Dojo's own page, followed word for word: three terminals, over either transport."""

import asyncio
import os
import re
import shlex
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.contract import contract_dir
from tests.support.databases import fresh_database
from tests.support.server import free_port
from tests.support.waiting import until

_PAGE = Path(__file__).resolve().parents[2] / "src" / "epos" / "simulator" / "README.md"
_PYTHON = [sys.executable, "-m", "epos"]
_WORDS = {"make serve": [*_PYTHON, "serve"], ".venv/bin/epos": _PYTHON}
_PATIENCE = 90
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def documented(pattern: str) -> list[str]:
    """The commands of the page that match, continued lines as one."""
    blocks = re.findall(r"```\n(.*?)```", _PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    lines = [line for block in blocks for line in re.sub(r"\\\n\s*", "", block).splitlines()]
    return [line for line in lines if re.search(pattern, line)]


class Terminals:
    """Runs documented commands; the page's ports are others here, and so is the database."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self._folder = folder
        self._database_url = database_url
        self._dojo_port, self._epos_port = free_port(), free_port()
        self.dojo = f"http://127.0.0.1:{self._dojo_port}"

    @asynccontextmanager
    async def running(self, command: str, *more: str) -> AsyncIterator[None]:
        """In the background, until Ctrl-C."""
        log = self._folder / f"{len(list(self._folder.iterdir()))}.log"
        with log.open("wb") as output:
            process = await self._start(command, *more, stdout=output, stderr=output)
        try:
            yield
        finally:
            process.send_signal(signal.SIGINT)
            assert await process.wait() == 0, log.read_text()

    async def said(self, command: str) -> list[str]:
        """The lines of a command that ends well."""
        process = await self._start(
            command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()
        return said.decode().splitlines()

    async def _start(self, command: str, *more: str, **streams: Any) -> asyncio.subprocess.Process:
        for ours, theirs in ((self._dojo_port, 8090), (self._epos_port, 8080)):
            command = command.replace(f"127.0.0.1:{theirs}", f"127.0.0.1:{ours}")
        given = re.match(r"(?:[A-Z_]+=\S+ )*", command)
        assert given is not None
        settings = dict(word.split("=", 1) for word in shlex.split(given[0]))
        words = command[given.end() :]
        (start,) = (start for start in _WORDS if words.startswith(start))
        arguments = [*_WORDS[start], *shlex.split(words.removeprefix(start)), *more]
        inherited = {k: value for k, value in os.environ.items() if not k.startswith("EPOS_")}
        ours_alone = {
            "EPOS_DATABASE_URL": self._database_url,
            "EPOS_PORT": str(self._epos_port),
            "EPOS_SIMULATOR_URL": self.dojo,
        }
        return await asyncio.create_subprocess_exec(
            *arguments, env=inherited | ours_alone | settings, **streams
        )


async def sim(terminals: Terminals, path: str) -> Any:
    async with httpx.AsyncClient(base_url=terminals.dojo) as client:
        try:
            response = await client.get(f"/sim/{path}")
        except httpx.TransportError:
            return None
    return response.json() if response.is_success else None


@pytest.mark.parametrize("transport", ["websocket", "rest"])
def test_every_flow_ends_in_success(transport: str, postgresql_url: str, tmp_path: Path) -> None:
    with fresh_database(postgresql_url) as database_url:
        asyncio.run(follow(Terminals(tmp_path, database_url), transport))


async def follow(terminals: Terminals, transport: str) -> None:
    (dojo,) = documented(r"simulate dojo$")
    (serve,) = documented(rf"TRANSPORT={transport} .* make serve$")
    folder = contract_dir()
    flags = ["--port", terminals.dojo.rsplit(":", 1)[1]]
    flags += ["--contract", str(folder)] if folder else []

    async def answers() -> bool:
        return await sim(terminals, "accounts") is not None

    async def is_connected() -> bool:
        known = await sim(terminals, "account")
        open_enough = transport == "rest" or (known and known["connected"])
        return bool(known and len(known["capabilities"]) == 23 and open_enough)

    async with terminals.running(dojo, *flags):
        await until(answers, _PATIENCE)
        async with terminals.running(serve):
            await until(is_connected, _PATIENCE)
            flows = documented(r"simulate (terminal|phone|bookings)")
            assert len(flows) == 7
            for flow in flows:
                steps = await terminals.said(flow)
                assert len(steps) > 5, steps
                assert steps[-1].startswith("ok  "), steps
            assert await sim(terminals, "violations") == []
            journal = await sim(terminals, "journal?limit=20000")
            used = {one["transport"] for one in journal if one["direction"] == "to-epos"}
            assert used == {transport}
