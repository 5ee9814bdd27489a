"""The hosts that a database's URL names: any of them will do."""

import asyncio
import re
from typing import Any
from weakref import WeakKeyDictionary

import asyncpg

from epos.store.statements import Connection

_LEFT_OUT_SECONDS = 5.0
_SECONDS_OF_ONE = 5.0
_SECONDS_OF_SEVERAL = 2.0
_SEVERAL = re.compile(
    r"(?P<before>\w+://(?:[^/?]*@)?)(?P<hosts>[^/?@]*,[^/?@]*)(?P<after>(?:[/?].*)?)"
)
_NEXT_ONE = (
    OSError,
    TimeoutError,
    asyncpg.CannotConnectNowError,
    asyncpg.TargetServerAttributeNotMatched,
)


class Hosts:
    """Connects to the first that answers. asyncpg would wait for the first alone as long as for all."""

    def __init__(self, url: str) -> None:
        self.urls = _each(url)
        self._left_out: dict[str, float] = {}
        """Until when, in the loop's time."""
        self._of: WeakKeyDictionary[Connection, str] = WeakKeyDictionary()

    async def connect(self, **arguments: Any) -> Connection:
        """Raises as asyncpg does for the last one."""
        seconds = _SECONDS_OF_SEVERAL if len(self.urls) > 1 else _SECONDS_OF_ONE
        *others, last = self._in_turn()
        for url in others:
            try:
                return await self._connect(url, timeout=seconds, **arguments)
            except _NEXT_ONE:
                self.leave_out(url)
        return await self._connect(last, timeout=seconds, **arguments)

    async def _connect(self, url: str, **arguments: Any) -> Connection:
        connection: Connection = await asyncpg.connect(url, **arguments)
        self._of[connection] = url
        return connection

    def of(self, connection: Connection) -> str | None:
        """The URL of the host that the connection goes to; None if there is no other."""
        return self._of.get(connection) if len(self.urls) > 1 else None

    def leave_out(self, url: str) -> None:
        """Try the other hosts first for a while."""
        self._left_out[url] = asyncio.get_running_loop().time() + _LEFT_OUT_SECONDS

    def _in_turn(self) -> list[str]:
        if not self._left_out:
            return self.urls
        now = asyncio.get_running_loop().time()
        return sorted(self.urls, key=lambda url: self._left_out.get(url, now) > now)


def _each(url: str) -> list[str]:
    """A URL for each host that it names before the database's name."""
    found = _SEVERAL.fullmatch(url)
    if found is None:
        return [url]
    return [f"{found['before']}{host}{found['after']}" for host in found["hosts"].split(",")]
