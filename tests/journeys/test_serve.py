"""`epos serve` as its owner meets it: it starts with one command, and stops without a trace."""

import asyncio
import os
import re
import shlex
import shutil
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from tests.support.databases import fresh_database, with_database
from tests.support.orders import order
from tests.support.processes import (
    Finished,
    descendants,
    epos,
    on_data_folder,
    running,
    until_gone,
)
from tests.support.server import (
    CERTIFICATES,
    RunningServer,
    free_port,
    running_server,
    start_server,
    until_all_listen,
    wait_until_ready,
)

pytestmark = pytest.mark.slow

DEMO = ("demo", "demo")


def one_line(refused: Finished) -> str:
    """What a command said that did not start."""
    assert refused.code == 2, refused.errors
    (line,) = refused.complaint.splitlines()
    return line.removeprefix("epos: ")


async def start(folder: Path, log: Path, **settings: Any) -> RunningServer:
    """The server of a data folder, with the demo venue."""
    server = await start_server(None, log, data_dir=str(folder), demo="true", **settings)
    await wait_until_ready(server)
    return server


async def next_worker(server: RunningServer) -> int:
    """The first worker process, caught before it has done anything."""
    async with asyncio.timeout(60):
        while True:
            for pid in server.workers:
                return pid
            await asyncio.sleep(0.002)


async def make_order(server: RunningServer) -> str:
    async with httpx.AsyncClient(auth=DEMO, verify=CERTIFICATES) as client:
        made = await client.post(f"{server.base_url}/v1/orders", json=order())
    assert made.status_code == 200, made.text
    order_id: str = made.json()["id"]
    return order_id


async def has_order(server: RunningServer, order_id: str) -> bool:
    async with httpx.AsyncClient(auth=DEMO, verify=CERTIFICATES) as client:
        found = await client.get(f"{server.base_url}/v1/orders/{order_id}")
    return found.status_code == 200


@pytest.fixture
def careless_url(postgresql_url: str) -> Iterator[str]:
    """A database that says its fsync is off; turning it off in earnest would be for all tests."""
    with fresh_database(postgresql_url) as url:
        asyncio.run(_pretend(url, "fsync"))
        yield url


@pytest.fixture
def forgetful_url(postgresql_url: str) -> Iterator[str]:
    """A database whose sessions do not get the synchronous_commit that they ask for."""
    with fresh_database(postgresql_url) as url:
        asyncio.run(_pretend(url, "synchronous_commit"))
        yield url


async def _pretend(url: str, setting: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(
        f"""SET LOCAL citus.enable_ddl_propagation = off;  -- on Citus, on this node alone
            CREATE FUNCTION public.current_setting(text) RETURNS text LANGUAGE sql AS
            $$ SELECT CASE $1 WHEN '{setting}' THEN 'off' ELSE pg_catalog.current_setting($1) END $$"""
    )
    name = await connection.fetchval("SELECT current_database()")
    await connection.execute(f"ALTER DATABASE {name} SET search_path = public, pg_catalog")
    await connection.close()


class TestRefusesToStart:
    async def test_on_a_port_that_is_taken(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = str(taken.getsockname()[1])
            line = one_line(await epos("serve", port=port, database_url="postgresql://nowhere/x"))
        assert f"127.0.0.1 port {port}" in line
        assert "EPOS_PORT" in line

    @pytest.mark.parametrize("how", ["variable", "flag"])
    async def test_on_a_port_that_is_no_number(self, how: str) -> None:
        if how == "variable":
            assert one_line(await epos("serve", port="abc")).startswith("EPOS_PORT: ")
        else:
            refused = await epos("serve", "--port", "abc")
            assert refused.code == 2
            assert "--port" in refused.errors

    async def test_with_the_demo_password_beyond_this_machine(self, tmp_path: Path) -> None:
        folder = str(tmp_path / "data")
        refused = await epos("serve", demo="true", host="0.0.0.0", data_dir=folder)
        line = one_line(refused)
        assert "EPOS_HOST=0.0.0.0" in line
        assert "demo/demo" in line
        assert "public password" in line
        assert not (tmp_path / "data").exists(), "it has not begun anything"

    async def test_without_its_database(self, postgresql_url: str) -> None:
        nobody = f"postgresql://postgres@127.0.0.1:{free_port()}/epos"
        line = one_line(await epos("serve", port="0", database_url=nobody))
        assert line.startswith("the database cannot be used: ")
        nowhere = with_database(postgresql_url, "nowhere")
        line = one_line(await epos("serve", port="0", database_url=nowhere))
        assert 'database "nowhere" does not exist' in line

    async def test_on_a_database_that_was_not_migrated(self, postgresql_url: str) -> None:
        empty = with_database(postgresql_url, "postgres")
        refused = await epos("serve", port="0", database_url=empty, migrate="false")
        assert "epos migrate" in one_line(refused)

    async def test_on_a_database_that_may_forget_payments(self, careless_url: str) -> None:
        refused = await epos("serve", port="0", database_url=careless_url)
        assert "fsync=off" in one_line(refused)

    async def test_on_a_database_that_does_not_wait_for_the_disk(self, forgetful_url: str) -> None:
        refused = await epos("serve", port="0", database_url=forgetful_url)
        assert "synchronous_commit=off" in one_line(refused)


async def test_one_data_folder_has_one_server(tmp_path: Path) -> None:
    folder, log = tmp_path / "data", tmp_path / "server.log"
    first = await start(folder, log)
    try:
        line = one_line(await epos("serve", port="0", data_dir=str(folder)))
        assert str(folder) in line
        order_id = await make_order(first)
        assert await has_order(first, order_id), "the first is not disturbed"
    finally:
        await first.stop()


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_it_stops_without_a_trace_and_comes_back_with_everything(
    tmp_path: Path, workers: str
) -> None:
    folder, log = tmp_path / "data", tmp_path / "server.log"
    made: list[str] = []
    endings: list[Callable[[RunningServer], None]] = [
        lambda server: server.process.send_signal(signal.SIGINT),
        lambda server: server.process.send_signal(signal.SIGTERM),
        lambda server: server.process.kill(),
    ]
    for end in endings:
        server = await start(folder, log, workers=workers)
        assert all([await has_order(server, order_id) for order_id in made])
        made += [await make_order(server) for _ in range(3)]
        started = descendants(server.process.pid) | on_data_folder(folder)
        assert len(running(started)) > int(workers) + 1, "its workers and its PostgreSQL"
        end(server)
        await until_gone(started)
        assert on_data_folder(folder) == set()
        assert await server.process.wait() in (0, -signal.SIGKILL)
    assert "Traceback" not in log.read_text()


async def test_a_worker_that_was_only_starting_does_not_outlive_a_killed_server(
    tmp_path: Path,
) -> None:
    """It would keep the port, with no database behind it."""
    folder, log = tmp_path / "data", tmp_path / "server.log"
    server = await start_server(None, log, workers="2", data_dir=str(folder), demo="true")
    starting = await next_worker(server)
    os.kill(starting, signal.SIGSTOP)
    await wait_until_ready(server)
    started = descendants(server.process.pid) | on_data_folder(folder)
    server.process.kill()
    await until_gone(on_data_folder(folder))
    os.kill(starting, signal.SIGCONT)
    await until_gone(started)
    assert await server.process.wait() == -signal.SIGKILL
    await (await start(folder, log, workers="2")).stop()


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize(
    "typed",
    [
        pytest.param([signal.SIGINT], id="Ctrl-C"),
        pytest.param([signal.SIGINT] * 2, id="Ctrl-C twice"),
        pytest.param([signal.SIGHUP], id="closed"),
    ],
)
async def test_a_terminal_ends_it_without_a_word(
    tmp_path: Path, typed: list[signal.Signals], workers: str
) -> None:
    folder, log = tmp_path / "data", tmp_path / "server.log"
    server = await start(folder, log, workers=workers)
    await until_all_listen(server, int(workers))
    started = descendants(server.process.pid) | on_data_folder(folder)
    for what in typed:
        server.hear_from_terminal(what)
        await asyncio.sleep(0.05)
    await until_gone(started)
    assert await server.process.wait() == 0
    said = log.read_text()
    assert "Traceback" not in said
    assert "started again" not in said


async def test_a_worker_that_is_slow_to_answer_is_not_killed(tmp_path: Path) -> None:
    """On a busy machine it takes its time, above all to start."""
    server = await start(tmp_path / "data", tmp_path / "server.log", workers="2")
    try:
        workers = server.workers
        slow = max(workers)
        os.kill(slow, signal.SIGSTOP)
        await asyncio.sleep(8)
        os.kill(slow, signal.SIGCONT)
        await make_order(server)
        assert server.workers == workers
    finally:
        await server.stop()


class TestBanner:
    async def test_its_curl_line_works_when_pasted(self, database_url: str, tmp_path: Path) -> None:
        log = tmp_path / "server.log"
        async with running_server(database_url, log, demo="true") as server:
            banner = log.read_text()
            assert f"EPOS server on {server.base_url}" in banner
            assert "demo / demo" in banner
            (line,) = re.findall(r"^ +try +(curl .*)$", banner, re.MULTILINE)
            areas = await _pasted(line)
            docs = re.findall(r"docs +(\S+)", banner)
            async with httpx.AsyncClient(auth=DEMO, verify=CERTIFICATES) as client:
                assert (await client.get(docs[0])).status_code == 200
        assert areas.startswith('[{"id":')

    async def test_without_the_demo_it_says_how_to_get_in(
        self, database_url: str, tmp_path: Path
    ) -> None:
        log = tmp_path / "server.log"
        async with running_server(database_url, log, demo="false") as server:
            banner = log.read_text()
            assert "demo" not in banner
            assert "epos credential create" in banner
            async with httpx.AsyncClient(auth=DEMO, verify=CERTIFICATES) as client:
                refused = await client.get(f"{server.base_url}/v1/areas")
        assert refused.status_code == 401


async def _pasted(line: str) -> str:
    """What a shell says to the line; without curl, what curl would say."""
    if shutil.which("curl"):
        process = await asyncio.create_subprocess_shell(
            line, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        output, _ = await process.communicate()
        return output.decode()
    _, _, credential, url = shlex.split(line)
    username, _, password = credential.partition(":")
    async with httpx.AsyncClient(auth=(username, password)) as client:
        return (await client.get(url)).text
