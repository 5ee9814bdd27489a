"""A way to a PostgreSQL that can be cut and mended."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import URL, make_url

_CHUNK = 64 * 1024


class Proxy:
    """Passes bytes to and fro until it is cut; then connections break and new ones are refused."""

    def __init__(self, target: URL) -> None:
        self._target = target
        self._server: asyncio.Server | None = None
        self._port = 0
        self._ways: set[asyncio.Task[Any]] = set()

    @property
    def url(self) -> str:
        """The same database by way of this proxy."""
        through = self._target.set(host="127.0.0.1", port=self._port, query={})
        return through.render_as_string(hide_password=False)

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        ways = list(self._ways)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its first moment to its last: whatever ends it closes both ends."""
        way = asyncio.current_task()
        assert way is not None
        self._ways.add(way)
        ends = [writer]
        try:
            if self._server is None:  # accepted just before the cut
                return
            there, back = await self._connect()
            ends.append(back)
            await _pump_both((reader, back), (there, writer))
        except (
            OSError,
            asyncio.CancelledError,
        ):  # asyncio would report a handler that was cancelled
            pass
        finally:
            for end in ends:
                end.transport.abort()
            self._ways.discard(way)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host = str(self._target.host or self._target.query["host"])
        port = int(str(self._target.port or self._target.query.get("port", 5432)))
        if host.startswith("/"):  # the folder of its socket
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)


async def _pump_both(*ways: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
    """Until either ends."""
    pumps = [asyncio.ensure_future(_pump(reader, writer)) for reader, writer in ways]
    try:
        await asyncio.gather(*pumps)
    finally:
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_CHUNK):
        writer.write(data)
        await writer.drain()
    raise ConnectionResetError


@asynccontextmanager
async def proxy_to(database_url: str) -> AsyncIterator[Proxy]:
    proxy = Proxy(make_url(database_url))
    await proxy.mend()
    try:
        yield proxy
    finally:
        await proxy.cut()
