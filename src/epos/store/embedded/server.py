"""Owning a data folder's PostgreSQL, or joining the owner's."""

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
    """The PostgreSQL of a data folder, owned and kept running by this process until it stops.

    However this process ends, PostgreSQL ends with it, and recovers at the next start.
    """

    def __init__(self, folder: DataFolder, sockets: Path, held: ExitStack) -> None:
        self._folder = folder
        self._sockets = sockets
        self._held = held
        self._process = os.getpid()
        atexit.register(self.stop)

    @classmethod
    def open(cls, data_dir: Path) -> Self:
        """Owns the folder and returns once PostgreSQL serves, however long it has to recover.

        Raises DataFolderInUse, EmbeddedUnavailable or EmbeddedStartFailed.
        """
        wheel = Installation.find()
        folder = DataFolder.at(data_dir)
        folder.create()
        with ExitStack() as held:
            ownership = Ownership.take(folder)
            held.callback(ownership.release)
            try:
                sockets = _start(folder, wheel, ownership, held)
            except OSError as error:
                raise unusable(folder.path, error) from error
            logger.info("PostgreSQL %s serves %s", wheel.version, folder.path)
            return cls(folder, sockets, held.pop_all())

    @property
    def url(self) -> str:
        """Where to connect, as asyncpg takes it."""
        return url(self._sockets, DATABASE)

    def stop(self) -> None:
        """Ends PostgreSQL in good order and lets go of the folder. Does nothing a second time."""
        # A forked child has a copy of this object, but not the PostgreSQL.
        if os.getpid() == self._process:
            atexit.unregister(self.stop)
            self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _start(folder: DataFolder, wheel: Installation, ownership: Ownership, held: ExitStack) -> Path:
    """Starts PostgreSQL and leaves with `held` all that has to be undone."""
    account = account_for(folder.cluster(wheel.major), folder.path)
    launcher, installation = choose(account, wheel)
    cluster = ensure_cluster(folder, launcher, installation)
    sockets = make_socket_folder(folder.name, account)
    held.callback(remove_socket_folder, sockets)
    log = held.enter_context(LogFile.of(folder))
    postmaster = Postmaster(folder, cluster, sockets, installation, launcher, log)
    supervisor = Supervisor(postmaster)
    held.callback(supervisor.stop)
    supervisor.start()
    prepare_database(folder, wheel, sockets)
    ownership.publish(sockets)
    return sockets


def attach(data_dir: Path) -> str | None:
    """Where to connect to the PostgreSQL of the server running on a folder; None without one."""
    folder = DataFolder.at(data_dir)
    sockets = Ownership.sockets(folder)
    if sockets and answers(Installation.find(), sockets):
        return url(sockets, DATABASE)
    return None


@contextmanager
def running(data_dir: Path) -> Iterator[str]:
    """A PostgreSQL on the folder while the block runs: the running server's, or else our own."""
    with ExitStack() as held:
        yield _join_or_open(data_dir, held)


def _join_or_open(data_dir: Path, held: ExitStack) -> str:
    deadline = time.monotonic() + _JOIN_SECONDS
    while True:
        if found := _join(data_dir, held):
            return found
        try:
            return _open_to_guests(data_dir, held)
        except DataFolderInUse:
            # Its owner is starting or stopping.
            if time.monotonic() > deadline:
                raise


def _open_to_guests(data_dir: Path, held: ExitStack) -> str:
    with ExitStack() as mine:
        server = mine.enter_context(EmbeddedPostgres.open(data_dir))
        guests = Guests.host(DataFolder.at(data_dir))
        # From the last to the first: the guests leave, PostgreSQL stops, others may be hosts.
        mine.callback(guests.see_off)
        stop = mine.pop_all()
    held.callback(guests.close)
    held.push(stop)
    return server.url


def _join(data_dir: Path, held: ExitStack) -> str | None:
    if not attach(data_dir):
        return None
    with ExitStack() as mine:
        if not mine.enter_context(Guests.joined(DataFolder.at(data_dir))):
            return None
        # Now that it waits for us, is it still there?
        found = attach(data_dir)
        if found:
            held.push(mine.pop_all())
        return found
