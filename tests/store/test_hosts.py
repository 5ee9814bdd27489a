"""A database's URL may name several hosts: one that takes connections and says nothing stops nobody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import make_url

from epos.store import hosts
from epos.store.hosts import Hosts
from tests.support.proxy import proxy_to


class Silent:
    """Takes connections, and never says anything."""

    def __init__(self) -> None:
        self.port = 0
        self.came = 0

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Silent"]:
        ends = asyncio.Event()

        async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.came += 1
            await ends.wait()
            writer.close()

        server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        yield self
        ends.set()
        server.close()


async def test_the_next_host_is_asked_and_then_the_first_is_left_out_for_a_while(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts, "_LEFT_OUT_SECONDS", 3600.0)
    async with Silent().listening() as silent, proxy_to(database_url) as proxy:
        good = make_url(proxy.url)
        both = proxy.url.replace(
            f"{good.host}:{good.port}", f"127.0.0.1:{silent.port},{good.host}:{good.port}"
        )
        ways = Hosts(both)
        connections = [await ways.connect() for _ in range(3)]
        assert [await one.fetchval("SELECT 1") for one in connections] == [1, 1, 1]
        assert {ways.of(one) for one in connections} == {proxy.url}
        assert silent.came == 1
        for one in connections:
            one.terminate()


async def test_a_host_that_refuses_is_passed_over(database_url: str) -> None:
    async with proxy_to(database_url) as proxy, proxy_to(database_url) as cut:
        refusing, good = make_url(cut.url), make_url(proxy.url)
        await cut.cut()
        ways = Hosts(
            proxy.url.replace(
                f"{good.host}:{good.port}",
                f"{refusing.host}:{refusing.port},{good.host}:{good.port}",
            )
        )
        connection = await ways.connect()
        assert await connection.fetchval("SELECT 1") == 1
        assert ways.of(connection) == proxy.url
        connection.terminate()


async def test_one_host_has_no_other(database_url: str) -> None:
    ways = Hosts(database_url)
    connection = await ways.connect()
    assert ways.of(connection) is None
    connection.terminate()


@pytest.mark.parametrize(
    ("url", "each"),
    [
        (
            "postgresql://u:p@a:1,b:2/d?x=y",
            ["postgresql://u:p@a:1/d?x=y", "postgresql://u:p@b:2/d?x=y"],
        ),
        ("postgresql://a,b/d", ["postgresql://a/d", "postgresql://b/d"]),
        ("postgresql://u@/d?host=/tmp,/run", ["postgresql://u@/d?host=/tmp,/run"]),
        ("postgresql://u:a,b@h/d", ["postgresql://u:a,b@h/d"]),
    ],
)
def test_a_url_is_taken_apart(url: str, each: list[str]) -> None:
    assert Hosts(url).urls == each
