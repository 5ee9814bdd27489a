"""Several processes on one port: they share the work, and stand in for one another."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.support.processes import descendants, epos, until_gone
from tests.support.server import (
    CERTIFICATES,
    RunningServer,
    free_port,
    running_server,
    start_server,
    until_all_listen,
    wait_until_ready,
)
from tests.support.sockets import connected

pytestmark = pytest.mark.slow

WORKERS = 2
MANY = 60
"""So many that a worker which gets a third of them by lot practically never gets fewer than FEW."""
FEW = 5


@pytest.fixture
async def server(database_url: str, tmp_path: Path) -> AsyncIterator[RunningServer]:
    log = tmp_path / "server.log"
    async with running_server(database_url, log, workers=str(WORKERS)) as server:
        await until_all_listen(server, WORKERS)
        yield server


async def ask(server: RunningServer, client: httpx.AsyncClient) -> int:
    return (await client.get(f"{server.base_url}/healthz")).status_code


async def test_connections_that_come_at_once_are_dealt_out(server: RunningServer) -> None:
    """From a socket that they had in common, the first to wake would take nearly all."""
    port, workers = server.port, server.workers
    assert len(workers) == WORKERS
    with ExitStack() as stack:
        for _ in range(MANY):
            stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        async with asyncio.timeout(60):
            while sum(shares := [connected(pid, port) for pid in workers]) < MANY:
                await asyncio.sleep(0.05)
    assert min(shares) >= FEW


async def test_while_one_is_gone_another_takes_all_that_comes(server: RunningServer) -> None:
    dead, _ = server.workers
    server.process.send_signal(signal.SIGSTOP)  # nobody starts it again
    try:
        os.kill(dead, signal.SIGKILL)
        await until_gone({dead})
        for _ in range(MANY):
            async with httpx.AsyncClient(verify=CERTIFICATES) as client:
                assert await ask(server, client) == 200
    finally:
        server.process.send_signal(signal.SIGCONT)


@pytest.mark.parametrize("after", [0, 0.1, 1])
async def test_ctrl_c_while_they_start(database_url: str, tmp_path: Path, after: float) -> None:
    """The terminal sends it to all of them, those that cannot answer yet too."""
    server = await start_server(database_url, tmp_path / "server.log", workers=str(WORKERS))
    async with asyncio.timeout(60):
        while len(server.workers) < WORKERS:
            await asyncio.sleep(0.01)
    await asyncio.sleep(after)
    server.hear_from_terminal(signal.SIGINT)
    assert await server.process.wait() == 0
    assert "Traceback" not in server.log.read_text()


async def test_another_server_is_refused_the_port(server: RunningServer, database_url: str) -> None:
    """Though one that says it wants to share could be given it."""
    port = str(server.port)
    refused = await epos("serve", port=port, database_url=database_url, workers=str(WORKERS))
    assert refused.code == 2
    assert f"port {port}: Address already in use" in refused.errors


async def test_of_two_that_start_at_once_one_has_the_port(
    database_url: str, tmp_path: Path
) -> None:
    port = free_port()
    logs = [tmp_path / "one.log", tmp_path / "other.log"]
    servers = [
        await start_server(database_url, log, port=port, workers=str(WORKERS)) for log in logs
    ]
    ends = [asyncio.ensure_future(server.process.wait()) for server in servers]
    try:
        async with asyncio.timeout(60):
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        (refused,) = [server for server, end in zip(servers, ends, strict=True) if end.done()]
        (serving,) = [server for server in servers if server is not refused]
        assert refused.process.returncode == 2
        target, line = refused.log.read_text().splitlines()
        assert target.startswith("epos: using ")
        assert f"port {port}: Address already in use" in line
        await wait_until_ready(serving)
    finally:
        for server in servers:
            await server.stop()
        await asyncio.gather(*ends)


async def test_one_that_dies_while_it_starts_is_replaced_at_once(server: RunningServer) -> None:
    """It was waited for like one that is slow, and no signal was heard meanwhile."""
    first, second = server.workers
    seen = {first, second}
    os.kill(first, signal.SIGKILL)
    async with asyncio.timeout(30):
        while not (starting := server.workers - seen):
            await asyncio.sleep(0.01)
        seen |= starting
        (pid,) = starting
        os.kill(pid, signal.SIGSTOP)
        await asyncio.sleep(2)  # by now it has been asked whether it lives, and has not answered
        os.kill(pid, signal.SIGKILL)
        while not server.workers - seen:
            await asyncio.sleep(0.05)
        while server.log.read_text().count("a worker process has ended and is started again") < 2:
            await asyncio.sleep(0.05)
    assert not {first, pid} & server.workers


async def test_one_that_hangs_makes_the_server_neither_deaf_nor_immortal(
    server: RunningServer,
) -> None:
    started = descendants(server.process.pid)
    hanging, _ = server.workers
    os.kill(hanging, signal.SIGSTOP)
    await asyncio.sleep(2)  # by now it has been asked whether it lives
    server.process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(100):
        assert await server.process.wait() == 0
    await until_gone(started)
    assert "does not end and is killed" in server.log.read_text()
