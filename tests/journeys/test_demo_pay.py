"""`epos demo pay`: the first thing that a reader of the README sees work."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.clock import LONG_AHEAD
from tests.support.databases import fresh_database
from tests.support.server import RunningServer, free_port, running_server

pytestmark = pytest.mark.slow

ALL = {"cursor": {"limit": 100}}


@dataclass
class Played:
    """What a run of the command left behind."""

    code: int | None
    output: str
    errors: str
    """Without the line that says which server is used."""


@pytest.fixture(scope="module")
def demo_url(postgresql_url: str) -> Iterator[str]:
    """A database of its own: the demo venue is there once, and these tests pay its orders."""
    with fresh_database(postgresql_url) as url:
        yield url


@pytest.fixture(scope="module")
async def demo_server(
    demo_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningServer]:
    log: Path = tmp_path_factory.mktemp("demo") / "server.log"
    async with running_server(demo_url, log, demo="true") as server:
        yield server


@pytest.fixture
async def client(demo_server: RunningServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=demo_server.base_url, auth=("demo", "demo")) as client:
        yield client


async def play(server: RunningServer | str, *options: str) -> Played:
    """The server is found by its port, as in the README, or by `--url`."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("EPOS_")}
    if isinstance(server, RunningServer):
        environment["EPOS_PORT"] = server.base_url.rpartition(":")[2]
    else:
        options = (*options, "--url", server)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "epos", "demo", "pay", *options),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    said, *others = errors.decode().splitlines(keepends=True)
    # Options that cannot be are refused before anything is said about a server.
    assert said.startswith(("epos: using the server http", "Usage: "))
    return Played(process.returncode, output.decode(), "".join(others))


async def post(client: httpx.AsyncClient, path: str, body: Any) -> Any:
    return (await client.post(path, json=body)).raise_for_status().json()


async def payable(client: httpx.AsyncClient) -> list[Any]:
    found: list[Any] = (await post(client, "/v1/orders/search", ALL | {"payableOnly": True}))[
        "data"
    ]
    return found


async def order_at(client: httpx.AsyncClient, table_id: str) -> Any:
    search = ALL | {"dineIn": {"tableId": table_id}}
    [order] = (await post(client, "/v1/orders/search", search))["data"]
    return order


async def assert_free(client: httpx.AsyncClient, order_id: str) -> None:
    """No lock was left behind."""
    lock = {"lockId": f"after-{order_id}", "expiry": LONG_AHEAD}
    await post(client, f"/v1/orders/{order_id}/lock", lock)
    (await client.delete(f"/v1/orders/{order_id}/locks/{lock['lockId']}")).raise_for_status()


async def test_without_options_it_pays_the_newest_open_order(
    demo_server: RunningServer, client: httpx.AsyncClient
) -> None:
    newest, *others = await payable(client)
    played = await play(demo_server)
    assert (played.code, played.errors) == (0, "")
    steps = ["Open orders", "Lock it", "The bill", "Card 1 of 1", "Unlock it", "The order now"]
    titles = [line for line in played.output.splitlines() if line[:1].isdigit()]
    assert titles == [f"{number}. {step}" for number, step in enumerate(steps, start=1)]
    assert newest["displayName"] in played.output
    assert played.output.count("The Heron & Hound") == 2  # the bill before and after
    paid = (await client.get(f"/v1/orders/{newest['id']}")).json()
    assert paid["paidAmount"] == paid["totalAmount"]
    assert not paid["payable"]
    assert await payable(client) == others


async def test_it_splits_and_tips(demo_server: RunningServer, client: httpx.AsyncClient) -> None:
    before = await order_at(client, "tbl_7")
    played = await play(demo_server, "--table", "table 7", "--split", "4", "--tip", "12.5")
    assert (played.code, played.errors) == (0, "")
    after = await order_at(client, "tbl_7")
    assert after["id"] == before["id"]
    assert after["paidAmount"] == after["totalAmount"] == before["totalAmount"]
    amounts = [payment["paidAmount"]["value"] for payment in after["payments"]]
    assert amounts == [2232, 2231, 2231, 2231]
    assert [payment["tipsAmount"]["value"] for payment in after["payments"]] == [279] * 4
    assert played.output.count("the lock is extended") == 3
    left = played.output.rpartition("The order now")[2]
    assert "£89.25 paid, £11.16 tips, £0.00 left to pay" in left
    assert "Left to pay                £0.00" in left


async def test_it_pays_what_is_left(demo_server: RunningServer, client: httpx.AsyncClient) -> None:
    before = await order_at(client, "tbl_5")
    assert before["paidAmount"]["value"] == 6000
    assert (await play(demo_server, "--table", "tbl_5", "--split", "2")).code == 0
    after = await order_at(client, "tbl_5")
    assert after["paidAmount"] == after["totalAmount"]
    assert after["payments"][0] == before["payments"][0]
    again = await play(demo_server, "--table", "Table 5")
    assert again.code == 2
    assert again.errors == "epos: there is no order to pay at Table 5\n"


async def test_what_cannot_be_split_leaves_the_order_free(
    demo_server: RunningServer, client: httpx.AsyncClient
) -> None:
    order = await order_at(client, "tbl_4")
    played = await play(demo_server, "--table", "Table 4", "--split", "20000")
    assert played.code == 2
    assert played.errors == "epos: £146.36 cannot be split 20000 ways\n"
    assert (await order_at(client, "tbl_4"))["payments"] == []
    await assert_free(client, order["id"])


async def test_a_locked_order_is_left_alone(
    demo_server: RunningServer, client: httpx.AsyncClient
) -> None:
    order = await order_at(client, "tbl_2")
    path = f"/v1/orders/{order['id']}"
    lock = {"lockId": "joe", "expiry": LONG_AHEAD}
    await post(client, f"{path}/lock", lock)
    played = await play(demo_server, "--table", "Table 2")
    assert played.code == 2
    assert played.errors.startswith("epos: could not lock the order: Conflict, ")
    assert len(played.errors.splitlines()) == 1
    (await client.delete(f"{path}/locks/joe")).raise_for_status()


async def test_no_such_table(demo_server: RunningServer) -> None:
    played = await play(demo_server, "--table", "Table 99")
    assert (played.code, played.errors) == (2, "epos: there is no table Table 99\n")


async def test_a_wrong_password(demo_server: RunningServer) -> None:
    played = await play(demo_server, "--password", "guess")
    assert played.code == 2
    assert played.errors == "epos: the server does not know this user and password\n"


async def test_no_server() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    played = await play(url)
    assert played.code == 2
    assert played.errors.startswith(f"epos: {url} does not answer")
    assert len(played.errors.splitlines()) == 1


async def test_another_kind_of_server(demo_server: RunningServer) -> None:
    played = await play(f"{demo_server.base_url}/nowhere")
    assert played.code == 2
    assert len(played.errors.splitlines()) == 1


@pytest.mark.parametrize(
    "options",
    [("--split", "0"), ("--tip", "-1"), ("--tip", "101"), ("--tip", "nan"), ("--tip", "x")],
)
async def test_wrong_options(options: tuple[str, str]) -> None:
    assert (await play("http://127.0.0.1:9", *options)).code == 2
