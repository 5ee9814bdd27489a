"""A simulated Dojo as users run it, and what a test says to it."""

import asyncio
import os
import signal
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from epos.contract.operations import OPERATIONS
from tests.support.secrets import remember_secret
from tests.support.server import CERTIFICATES, free_port

Json = dict[str, Any]
ALL = [name for operation in OPERATIONS for name in operation.registrable_names]
_START_SECONDS = 60
_PATIENCE_SECONDS = 120
"""Twice as long as Dojo takes to settle at most."""


@dataclass
class DojoProcess:
    """A process that any test may have accounts in."""

    url: str
    process: asyncio.subprocess.Process

    @property
    def socket_url(self) -> str:
        return self.url.replace("http://", "ws://") + "/epos"


class DojoAccount:
    """One API key: what its EPOS says to Dojo's API, and what the test says to the control API."""

    def __init__(self, dojo: DojoProcess, client: httpx.AsyncClient, account_id: str) -> None:
        self.dojo = dojo
        self.client = client
        self.id = account_id

    @property
    def key(self) -> str:
        return self.headers["authorization"].removeprefix("Basic ")

    @property
    def headers(self) -> dict[str, str]:
        """What an EPOS sends to Dojo's API."""
        return dict(self.client.headers)

    async def api(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """As the EPOS."""
        return await self.client.request(method, path, json=body, headers=headers)

    async def register(
        self, *capabilities: str, url: str, username: str, password: str
    ) -> httpx.Response:
        """REST; all capabilities, unless some are named."""
        auth = {"authType": "basic", "basic": {"username": username, "password": password}}
        return await self.api(
            "PUT",
            "/epos/integrations/rest",
            {"url": url, "auth": auth, "capabilities": named(*capabilities or ALL)},
        )

    async def register_socket(self, *capabilities: str) -> httpx.Response:
        body = {"capabilities": named(*capabilities or ALL)}
        return await self.api("PUT", "/epos/integrations/ws", body)

    async def sim(self, method: str, path: str, body: Any = None, /, **params: str) -> Any:
        """As whoever watches and drives."""
        response = await self.client.request(
            method, f"/sim/{path}", json=body, params={"account": self.id, **params}
        )
        assert response.status_code == 200, response.text
        return response.json()

    async def fault(self, target: str, action: str, **more: Any) -> None:
        await self.sim("POST", "faults", {"target": target, "action": action, **more})

    async def settle(self) -> None:
        assert (await self.sim("POST", "settle"))["settled"]

    async def violations(self) -> list[list[str]]:
        return [one["violations"] for one in await self.sim("GET", "violations")]

    async def statuses(self) -> dict[str, str]:
        """The status of every payment."""
        return {one["id"]: one["status"] for one in await self.sim("GET", "intents")}


def named(*capabilities: str) -> list[Json]:
    return [{"name": name, "version": "v1"} for name in capabilities]


@asynccontextmanager
async def running_dojo(log: Path, *flags: str) -> AsyncIterator[DojoProcess]:
    """`epos simulate dojo` until the block ends."""
    port = free_port()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("EPOS_")}
    command = [sys.executable, "-m", "epos", "simulate", "dojo", "--port", str(port), *flags]
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *command, env=environment, stdout=output, stderr=output
        )
    dojo = DojoProcess(f"http://127.0.0.1:{port}", process)
    try:
        await _wait_until_ready(dojo, log)
        yield dojo
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await process.wait()


def dojo_key() -> str:
    return remember_secret(f"sk_sandbox_{uuid.uuid4().hex}")


@asynccontextmanager
async def dojo_account(dojo: DojoProcess) -> AsyncIterator[DojoAccount]:
    """An account of a test's own."""
    key = dojo_key()
    headers = {
        "Authorization": f"Basic {key}",
        "version": "2026-02-27",
        "software-house-id": "test-house",
        "reseller-id": "test-reseller",
    }
    async with httpx.AsyncClient(
        base_url=dojo.url, headers=headers, timeout=_PATIENCE_SECONDS, verify=CERTIFICATES
    ) as client:
        made = await client.post("/sim/accounts", json={"apiKey": key})
        yield DojoAccount(dojo, client, made.json()["id"])


async def _wait_until_ready(dojo: DojoProcess, log: Path) -> None:
    async with asyncio.timeout(_START_SECONDS), httpx.AsyncClient(verify=CERTIFICATES) as client:
        while True:
            if dojo.process.returncode is not None:
                raise AssertionError(f"the simulated Dojo ended:\n{log.read_text()}")
            try:
                if (await client.get(f"{dojo.url}/sim/accounts")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)
