"""The port that the server listens on: taken by one server alone, and shared by its processes."""

import resource
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_BACKLOG = 2048
_MOST_DESCRIPTORS = 65_536


class CannotListen(Exception):
    """The address cannot be had: which, why, and what to do, in one line."""


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
    """A socket that has the address and does not listen yet. Raises CannotListen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with _refused(host, port):
            listener.bind((host, port))
        yield listener


def listen(listener: socket.socket) -> None:
    """Raises CannotListen when another server has begun to listen since the address was taken."""
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


def shared(listener: socket.socket) -> list[socket.socket]:
    """What worker processes listen on: one socket that all of them have, and one for each alone.

    From a socket that several processes have, the first to wake takes all that waits: of 32
    connections that come at once one worker got 32, and a second gained nothing. So the kernel deals
    connections out to sockets of their own. The one that all have holds the address against other
    servers, and keeps what comes while no worker runs.
    """
    listener.set_inheritable(True)
    if sys.platform != "linux":  # elsewhere the option does not deal them out
        return [listener]
    # Not before it was bound and listens: another server of the same user could share the address then.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        _beside(listener.family, listener.getsockname()).close()
    except OSError:  # the manual promises it only where the option was there before
        return [listener]
    return [listener, _OfEachProcess(fileno=listener.dup().detach())]


class _OfEachProcess(socket.socket):
    """Sent to another process it becomes a socket there of its own, with the same address."""

    def __reduce__(self) -> tuple[Callable[..., socket.socket], tuple[object, ...]]:
        return _beside, (self.family, self.getsockname())


def _beside(family: socket.AddressFamily, address: tuple[object, ...]) -> socket.socket:
    """It listens as soon as its process is ready to answer, and no longer than that lives."""
    own = socket.socket(family, socket.SOCK_STREAM)
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    own.bind(address)
    return own
