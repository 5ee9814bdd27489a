"""Which process has which TCP connection (Linux: read from /proc)."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_ESTABLISHED, _LISTEN = "01", "0A"


def listening(pid: int, port: int) -> int:
    """On how many sockets the process listens on the port."""
    return len(set(_inodes(port, _LISTEN)) & set(_open_sockets(pid)))


def connected(pid: int, port: int) -> int:
    """How many connections the process has accepted on the port."""
    return len(set(_inodes(port, _ESTABLISHED)) & set(_open_sockets(pid)))


def is_kept(port: int, client: socket.socket) -> bool:
    """Whether the server on the port still has its end of the client's connection."""
    local, remote = f":{port:04X}", f":{client.getsockname()[1]:04X}"
    return any(
        fields[3] == _ESTABLISHED and fields[1].endswith(local) and fields[2].endswith(remote)
        for fields in _connections()
    )


def _inodes(port: int, state: str) -> Iterator[str]:
    for fields in _connections():
        if fields[3] == state and fields[1].endswith(f":{port:04X}"):
            yield fields[9]


def _connections() -> Iterator[list[str]]:
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        yield line.split()


def _open_sockets(pid: int) -> Iterator[str]:
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            target = str(descriptor.readlink())
            if target.startswith("socket:["):
                yield target[len("socket:[") : -1]
