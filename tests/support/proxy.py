"""A way to a PostgreSQL that can be cut and mended."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import URL, make_url

_CHUNK = 64 * 1024


class Proxy:
    """Passes bytes to and fro until it is cut; then connections break and new ones are refused."""

    def __init__(self, target: URL) -> None:
        self._target = target
        self._server: asyncio.Server | None = None
        self._port = 0
        self._ways: set[asyncio.Task[None]] = set()

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
        for way in self._ways:
            way.cancel()
        await asyncio.gather(*self._ways, return_exceptions=True)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await self._connect()
        ways = asyncio.gather(_pump(reader, back), _pump(there, writer))
        task = asyncio.ensure_future(_until_done(ways, writer, back))
        self._ways.add(task)
        task.add_done_callback(self._ways.discard)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host = str(self._target.host or self._target.query["host"])
        port = int(str(self._target.port or self._target.query.get("port", 5432)))
        if host.startswith("/"):  # the folder of its socket
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)


async def _until_done(ways: asyncio.Future[tuple[None, None]], *ends: asyncio.StreamWriter) -> None:
    try:
        await ways
    except (OSError, asyncio.CancelledError):
        ways.cancel()
    finally:
        for end in ends:
            end.transport.abort()


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
