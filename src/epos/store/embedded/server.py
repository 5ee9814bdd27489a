"""Own the PostgreSQL of a data folder, or join its owner's."""

import atexit
import logging
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from epos.store.embedded.accounts import account_for, choose
from epos.store.embedded.cluster import ensure_cluster
from epos.store.embedded.errors import DataFolderInUse
from epos.store.embedded.folder import DataFolder, Guests, Ownership, unusable
from epos.store.embedded.installation import Installation
from epos.store.embedded.logfile import LogFile
from epos.store.embedded.postmaster import Postmaster
from epos.store.embedded.psql import DATABASE, answers, prepare_database
from epos.store.embedded.sockets import make_socket_folder, remove_socket_folder, url
from epos.store.embedded.supervisor import Supervisor

logger = logging.getLogger(__name__)

_JOIN_SECONDS = 30.0


class EmbeddedPostgres:
    """The PostgreSQL of a data folder. This process owns it and keeps it running.

    However this process ends, PostgreSQL ends with it, and recovers at the next start if necessary.
    """

    def __init__(self, folder: DataFolder, sockets: Path, cleanup: ExitStack) -> None:
        self._folder = folder
        self._sockets = sockets
        self._cleanup = cleanup
        self._process = os.getpid()
        atexit.register(self.stop)

    @classmethod
    def open(cls, data_dir: Path) -> Self:
        """Lock the folder, start PostgreSQL, and wait until it accepts connections, also during a recovery.

        Raises DataFolderInUse, EmbeddedUnavailable or EmbeddedStartFailed.
        """
        wheel = Installation.find()
        folder = DataFolder.at(data_dir)
        folder.create()
        with ExitStack() as cleanup:
            ownership = Ownership.take(folder)
            cleanup.callback(ownership.release)
            try:
                sockets = _start(folder, wheel, ownership, cleanup)
            except OSError as error:
                raise unusable(folder.path, error) from error
            logger.info("PostgreSQL %s serves %s", wheel.version, folder.path)
            return cls(folder, sockets, cleanup.pop_all())

    @property
    def url(self) -> str:
        """The URL to connect to, for asyncpg."""
        return url(self._sockets, DATABASE)

    def stop(self) -> None:
        """Stop PostgreSQL in good order and unlock the folder. A second call does nothing."""
        # A forked child has a copy of this object, but does not own PostgreSQL.
        if os.getpid() == self._process:
            atexit.unregister(self.stop)
            self._cleanup.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _start(
    folder: DataFolder, wheel: Installation, ownership: Ownership, cleanup: ExitStack
) -> Path:
    """Start PostgreSQL, and register in `cleanup` how to undo each step."""
    account = account_for(folder.cluster(wheel.major), folder.path)
    launcher, installation = choose(account, wheel)
    cluster = ensure_cluster(folder, launcher, installation)
    sockets = make_socket_folder(folder.name, account)
    cleanup.callback(remove_socket_folder, sockets)
    log = cleanup.enter_context(LogFile.of(folder))
    postmaster = Postmaster(folder, cluster, sockets, installation, launcher, log)
    supervisor = Supervisor(postmaster)
    cleanup.callback(supervisor.stop)
    supervisor.start()
    prepare_database(folder, wheel, sockets)
    ownership.publish(sockets)
    return sockets


def attach(data_dir: Path) -> str | None:
    """The URL of the PostgreSQL that a running server has started on a folder; None without one."""
    folder = DataFolder.at(data_dir)
    sockets = Ownership.sockets(folder)
    if sockets and answers(Installation.find(), sockets):
        return url(sockets, DATABASE)
    return None


@contextmanager
def running(data_dir: Path) -> Iterator[str]:
    """Use the PostgreSQL of the running server, or start one, while the block runs."""
    with ExitStack() as cleanup:
        yield _join_or_open(data_dir, cleanup)


def _join_or_open(data_dir: Path, cleanup: ExitStack) -> str:
    deadline = time.monotonic() + _JOIN_SECONDS
    while True:
        if found := _join(data_dir, cleanup):
            return found
        try:
            return _open_to_guests(data_dir, cleanup)
        except DataFolderInUse:
            # The owner is starting or stopping.
            if time.monotonic() > deadline:
                raise


def _open_to_guests(data_dir: Path, cleanup: ExitStack) -> str:
    with ExitStack() as own:
        server = own.enter_context(EmbeddedPostgres.open(data_dir))
        guests = Guests.host(DataFolder.at(data_dir))
        # Undone from the last to the first: wait for the guests, stop PostgreSQL, let others be hosts.
        own.callback(guests.wait_until_gone)
        stop = own.pop_all()
    cleanup.callback(guests.close)
    cleanup.push(stop)
    return server.url


def _join(data_dir: Path, cleanup: ExitStack) -> str | None:
    if not attach(data_dir):
        return None
    with ExitStack() as own:
        if not own.enter_context(Guests.joined(DataFolder.at(data_dir))):
            return None
        # The host waits for us from here on, but it may have stopped before.
        found = attach(data_dir)
        if found:
            cleanup.push(own.pop_all())
        return found
