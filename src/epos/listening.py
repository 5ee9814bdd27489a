"""The listening socket: one server owns the address, its processes share it."""

import resource
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_BACKLOG = 2048
_SOCKETS = 16
"""libuv accepts one connection of a socket in each turn of the event loop. In a rush a turn takes tens of
milliseconds, and then the last of a hundred clients that come together waits for seconds. So each process
listens on as many sockets as it shall accept connections in one turn.
"""
_MOST_DESCRIPTORS = 65_536


class CannotListen(Exception):
    """The server cannot listen. The message names the address, the reason and the remedy in one line."""


def raise_descriptor_limit() -> int:
    """Let this process and those that it starts have as many descriptors as it may. Returns how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _MOST_DESCRIPTORS)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return _MOST_DESCRIPTORS if soft == resource.RLIM_INFINITY else soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


@contextmanager
def bound(host: str, port: int) -> Iterator[socket.socket]:
    """Bind a socket to the address, without listening yet. Raises CannotListen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with _refused(host, port):
            listener.bind((host, port))
        yield listener


def listen(listener: socket.socket) -> None:
    """Start to listen. Raises CannotListen if another server has started to listen since the bind."""
    with _refused(*listener.getsockname()[:2]):
        listener.listen(_BACKLOG)


@contextmanager
def _refused(host: str, port: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotListen(
            f"cannot listen on {host} port {port}: {error.strerror}; "
            "set EPOS_PORT (or EPOS_HOST) to another"
        ) from None


def repeated(listener: socket.socket) -> list[socket.socket]:
    """The same socket, as often as one turn of the event loop shall accept from it."""
    return [listener, *(listener.dup() for _ in range(_SOCKETS - 1))]


def shared(listener: socket.socket) -> list[socket.socket]:
    """The sockets of the worker processes: one that they share, and some for each worker.

    From a shared socket, the first worker that wakes accepts all waiting connections: of 32 that came
    together, one worker got 32, and a second worker gained nothing. With sockets for each worker, the
    kernel distributes the connections. The shared socket keeps other servers away from the address, and
    queues connections while no worker runs.
    """
    listener.set_inheritable(True)
    if sys.platform != "linux":  # elsewhere SO_REUSEPORT does not distribute connections
        return repeated(listener)
    # Set it only after bind and listen: before, another server of the same user could share the address.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        _beside(listener.family, listener.getsockname()).close()
    except OSError:  # the manual promises this only if the option was set before bind
        return repeated(listener)
    own = (_SocketPerProcess(fileno=listener.dup().detach()) for _ in range(_SOCKETS - 1))
    return [listener, *own]


class _SocketPerProcess(socket.socket):
    """A socket that, sent to another process, becomes a new socket there with the same address."""

    def __reduce__(self) -> tuple[Callable[..., socket.socket], tuple[object, ...]]:
        return _beside, (self.family, self.getsockname())


def _beside(family: socket.AddressFamily, address: tuple[object, ...]) -> socket.socket:
    """Bind one more socket to the address. Its process listens on it as soon as it can answer."""
    own = socket.socket(family, socket.SOCK_STREAM)
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    own.bind(address)
    return own
