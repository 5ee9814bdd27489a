"""The connections that clients have to this process: how many, and which one goes when there is no room.

Each takes a file descriptor, and so does each of the database's. So clients together never have so many
that the database gets none. When there is no room, the oldest connection that has not yet sent right
credentials makes way: whoever is known keeps theirs, however many strangers come. A venue keeps a quarter
of them: what it has beyond that makes way as a stranger's does, the one that was used least lately first.
"""

import resource
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import structlog

Client = tuple[str, int]
"""The address and the port at the other end."""
_FOR_ALL_ELSE = 40
"""Descriptors for files, pipes, Dojo, and connections that are accepted and not counted yet."""
_LEAST = 16
_LOG_SECONDS = 60.0
_log = structlog.get_logger("epos.connections")


class ClientTransport(Protocol):
    """What is needed of asyncio's."""

    def abort(self) -> None:
        """Close the connection at once."""


def room_for_clients(for_the_database: int) -> int:
    """How many connections clients may have, after those that the process has and needs itself."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        limit = 65_536
    opened = sum(1 for _ in Path("/dev/fd").iterdir())
    return max(_LEAST, limit - opened - for_the_database - _FOR_ALL_ELSE)


@dataclass(slots=True)
class _Address:
    """What one address has."""

    connections: int = 0
    strangers: dict[Client, None] = field(default_factory=dict)


class Connections:
    """Those of one process. An address has half of them at most, and a venue keeps half of that."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._most_of_address = max(1, most // 2)
        self._most_of_venue = max(1, most // 4)
        self._open: dict[Client, ClientTransport] = {}
        self._strangers: dict[Client, None] = {}
        """Those without right credentials so far, and those of a venue beyond its share: in the order in
        which they came or were used last.
        """
        self._venue_of: dict[Client, str] = {}
        """Those that make way for nobody."""
        self._kept: dict[str, int] = {}
        """How many of them each venue has."""
        self._addresses: dict[str, _Address] = {}
        self._log_again = 0.0

    def add(self, client: Client, transport: ClientTransport) -> None:
        """Count a new connection, and close an old one, or the new one itself, if there is no room.

        A client may use one port for two connections, to two addresses of this machine. The second takes
        the place of the first.
        """
        self.forget(client)
        address = self._addresses.setdefault(client[0], _Address())
        too_many_of_address = address.connections >= self._most_of_address
        too_many = too_many_of_address or len(self._open) >= self._most
        victims = address.strangers if too_many_of_address else self._strangers
        self._open[client] = transport
        address.connections += 1
        address.strangers[client] = self._strangers[client] = None
        if too_many:
            self._close(next(iter(victims)))

    def know(self, client: Client, venue_id: str) -> None:
        """Its request had right credentials: it makes way for nobody, unless the venue has its share."""
        if client not in self._strangers:
            return
        strangers = self._addresses[client[0]].strangers
        del self._strangers[client]
        del strangers[client]
        kept = self._kept.get(venue_id, 0)
        if kept < self._most_of_venue:
            self._kept[venue_id] = kept + 1
            self._venue_of[client] = venue_id
        else:
            strangers[client] = self._strangers[client] = None

    def cut(self, client: Client) -> None:
        """Close a connection at once."""
        if client in self._open:
            self._open[client].abort()

    def forget(self, client: Client) -> None:
        """The connection has ended."""
        if self._open.pop(client, None) is None:
            return
        address = self._addresses[client[0]]
        address.connections -= 1
        self._strangers.pop(client, None)
        address.strangers.pop(client, None)
        if address.connections == 0:
            del self._addresses[client[0]]
        venue_id = self._venue_of.pop(client, None)
        if venue_id is not None:
            self._kept[venue_id] -= 1
            if not self._kept[venue_id]:
                del self._kept[venue_id]

    def _close(self, client: Client) -> None:
        transport = self._open[client]
        self.forget(client)
        transport.abort()
        now = time.monotonic()
        if now >= self._log_again:
            self._log_again = now + _LOG_SECONDS
            _log.warning(
                "connections are closed: there is no room for more",
                address=client[0],
                limit=self._most,
                limit_of_address=self._most_of_address,
            )
