"""The server as users run it: a process."""

import asyncio
import os
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.support.patience import Patient
from tests.support.processes import command_line, descendants
from tests.support.secrets import remember_settings
from tests.support.sockets import listening

_START_SECONDS = 60
_PORTS = range(10_000, 30_000)
"""Of those that the system gives to no client."""
_given: set[int] = set()
# Every client would read the certificates of the world again, for tests that speak plain HTTP.
CERTIFICATES = httpx.create_ssl_context()


@dataclass
class RunningServer:
    """A server process; `log` is what it wrote to standard error and output."""

    base_url: str
    log: Path
    process: asyncio.subprocess.Process

    def transport(self) -> httpx.AsyncBaseTransport:
        limits = httpx.Limits(max_connections=200)
        return Patient(httpx.AsyncHTTPTransport(verify=CERTIFICATES, limits=limits))

    @property
    def port(self) -> int:
        return int(self.base_url.rpartition(":")[2])

    @property
    def workers(self) -> set[int]:
        """Its processes that answer, where they are several."""
        started = descendants(self.process.pid)
        return {pid for pid in started if "spawn_main" in command_line(pid)}

    def kill(self) -> None:
        self.process.kill()

    def hear_from_terminal(self, what: signal.Signals) -> None:
        """As a terminal sends it: to every process in its foreground, at the same time."""
        for pid in {self.process.pid} | self.workers:
            with suppress(ProcessLookupError):  # the first of them may have told the others
                os.kill(pid, what)

    async def stop(self) -> int:
        """Ctrl-C, as far as the process can tell."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGINT)
        return await self.process.wait()


def free_port() -> int:
    """Until it is used, nobody else takes it by chance; nor does it come twice."""
    while True:
        port = random.SystemRandom().choice(_own_ports())
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            if port not in _given:
                _given.add(port)
                return port


def _own_ports() -> range:
    """Each process of pytest-xdist draws from a share of its own."""
    shares = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    size = len(_PORTS) // shares
    first = number % shares * size  # one that took a crashed one's place has a higher number
    return _PORTS[first : first + size]


@asynccontextmanager
async def running_server(
    database_url: str | None,
    log: Path,
    *,
    port: int | None = None,
    prefix: tuple[str, ...] = (),
    **settings: str,
) -> AsyncIterator[RunningServer]:
    """`epos serve` until the block ends. `settings`: EPOS_* variables, named as in Settings. `prefix`: what
    stands before the command.
    """
    server = await start_server(database_url, log, port=port, prefix=prefix, **settings)
    try:
        await wait_until_ready(server)
        yield server
    finally:
        await server.stop()


async def start_server(
    database_url: str | None,
    log: Path,
    *,
    port: int | None = None,
    prefix: tuple[str, ...] = (),
    **settings: str,
) -> RunningServer:
    remember_settings(settings)
    port = port or free_port()
    chosen = {"port": str(port), "log_format": "json", "demo": "false"} | settings
    if database_url is not None:
        chosen["database_url"] = database_url
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("EPOS_")}
    environment = inherited | {f"EPOS_{key.upper()}": value for key, value in chosen.items()}
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *prefix,
            *(sys.executable, "-m", "epos", "serve"),
            env=environment,
            stdout=output,
            stderr=output,
        )
    return RunningServer(f"http://127.0.0.1:{port}", log, process)


async def wait_until_ready(server: RunningServer) -> None:
    async with asyncio.timeout(_START_SECONDS), httpx.AsyncClient(verify=CERTIFICATES) as client:
        while True:
            if server.process.returncode is not None:
                raise AssertionError(f"the server ended:\n{server.log.read_text()}")
            try:
                if (await client.get(f"{server.base_url}/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)


async def until_all_listen(server: RunningServer, workers: int) -> None:
    """The first to be ready has answered already. Several share the port's own socket beside theirs."""
    if workers == 1:
        return
    async with asyncio.timeout(_START_SECONDS):
        while sum(listening(pid, server.port) > 1 for pid in server.workers) < workers:
            await asyncio.sleep(0.05)
