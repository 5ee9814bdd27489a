"""`epos simulate ...` as people run it."""

import asyncio
import signal
import socket
import sys
from pathlib import Path

import pytest

from epos.simulator.process import listen
from tests.support.dojo import DojoAccount, DojoProcess, dojo_account, running_dojo
from tests.support.fake_epos import dial
from tests.support.orders import order
from tests.support.venues import Venue


async def simulate(*arguments: str) -> tuple[int, str]:
    """The exit code and everything that was said."""
    command = [sys.executable, "-m", "epos", "simulate", *arguments]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


def at(dojo: DojoAccount) -> list[str]:
    return ["--url", dojo.dojo.url, "--account", dojo.id]


async def test_each_flow_shows_its_steps(dojo: DojoAccount, venue: Venue) -> None:
    for total in (1_000, 2_000, 3_000, 4_000):
        await venue.ok("POST", "/v1/orders", order(total, dine_in={"tableId": "t1"}))
    flows = [
        ["terminal", "pay-in-full"],
        ["terminal", "split"],
        ["terminal", "tip"],
        ["terminal", "reversal"],
        ["phone", "order", "--table", "t2", "--tip", "100"],
        ["bookings", "evening"],
    ]
    for flow in flows:
        code, said = await simulate(*flow, *at(dojo))
        assert code == 0, said
        assert said.splitlines()[-1].startswith("ok  "), said
    assert await dojo.violations() == []


async def test_a_flow_that_fails_says_so(dojo: DojoAccount) -> None:
    code, said = await simulate("terminal", "pay-in-full", *at(dojo))
    assert (code, said.splitlines()[-1]) == (1, "FAIL  terminal pay: nothing to pay")


@pytest.mark.slow
async def test_no_dojo_is_one_line() -> None:
    code, said = await simulate("phone", "order", "--url", "http://127.0.0.1:9")
    target, error = said.splitlines()
    assert (code, "http://127.0.0.1:9" in target) == (2, True)
    assert error.startswith("epos: no simulated Dojo at http://127.0.0.1:9")


async def test_a_taken_port_is_one_line(simulated_dojo: DojoProcess) -> None:
    port = simulated_dojo.url.rsplit(":", 1)[1]
    code, said = await simulate("dojo", "--port", port)
    assert (code, said) == (
        2,
        f"epos: cannot listen on 127.0.0.1 port {port}: Address already in use\n",
    )


def test_whoever_reads_the_address_can_connect() -> None:
    """The banner is printed before the server runs: a test that is quick must not be refused."""
    with listen("127.0.0.1", 0) as listener:
        socket.create_connection(listener.getsockname(), timeout=5).close()


@pytest.mark.slow
async def test_a_seed_gives_the_same_ids(tmp_path: Path) -> None:
    made = []
    for _ in range(2):
        async with running_dojo(tmp_path / "log", "--seed", "7") as dojo, dojo_account(dojo) as one:
            body = {"amount": {"value": 1, "currencyCode": "GBP"}, "reference": "x"}
            made.append((await one.api("POST", "/payment-intents", body)).json()["id"])
    assert made[0] == made[1]
    assert made[0].startswith("pi_sandbox_")


@pytest.mark.slow
async def test_it_ends_with_a_connection_open(tmp_path: Path) -> None:
    async with running_dojo(tmp_path / "log") as dojo, dojo_account(dojo) as account:
        connection = await dial(account)
        dojo.process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(dojo.process.wait(), 10) == 0
        await connection.wait_closed()
    assert "Traceback" not in (tmp_path / "log").read_text()
