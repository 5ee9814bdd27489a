"""The data folder and its owner. A `flock` decides who owns it, not postmaster.pid."""

import hashlib
import json
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from epos.store.embedded.errors import DataFolderInUse, EmbeddedUnavailable

if sys.platform != "win32":
    import fcntl

logger = logging.getLogger(__name__)

# Whoever checks whether the folder is locked, locks it for a moment. Wait longer than that.
_CHECK_SECONDS = 0.5


@dataclass(frozen=True)
class DataFolder:
    """The folder with all files of one server. Its path is absolute and contains no links."""

    path: Path

    @classmethod
    def at(cls, path: Path) -> "DataFolder":
        """The folder at a path. It need not exist."""
        return cls(path.expanduser().resolve())

    @property
    def name(self) -> str:
        """A short name without special characters, for sockets and process titles."""
        return "epos-" + hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]

    @property
    def log(self) -> Path:
        """The log file of PostgreSQL."""
        return self.path / "postgresql.log"

    def cluster(self, major: str) -> Path:
        """The folder of PostgreSQL's files. Another major version cannot read them."""
        return self.path / f"pgdata-{major}"

    def create(self) -> None:
        """Create the folder if it is missing. Only its owner can enter it."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise unusable(self.path, error) from error

    def open(self, name: str, flags: int) -> int:
        """Open a file of the folder. If root creates it, it belongs to the owner of the folder.

        Do not follow links: the folder may belong to a user whom root must not trust.
        """
        path = self.path / name
        flags |= os.O_NOFOLLOW
        try:
            with suppress(FileExistsError):
                fd = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
                if os.geteuid() == 0:
                    owner = self.path.stat()
                    os.fchown(fd, owner.st_uid, owner.st_gid)
                return fd
            return os.open(path, flags)
        except OSError as error:
            raise unusable(self.path, error) from error


def unusable(folder: Path, error: OSError) -> EmbeddedUnavailable:
    """The error for a folder that we cannot write to."""
    return EmbeddedUnavailable(f"The data folder {folder} cannot be used: {error.strerror}.")


class Ownership:
    """The lock on a data folder. The owning process keeps it until it ends.

    The file tells others where the owner's PostgreSQL listens. It is valid only while it is locked.
    """

    FILE = "epos.lock"

    def __init__(self, fd: int) -> None:
        self._fd = fd

    @classmethod
    def take(cls, folder: DataFolder) -> "Ownership":
        """Lock the folder. Raises DataFolderInUse if it is locked, also by another part of this process."""
        fd = folder.open(cls.FILE, os.O_RDWR)
        deadline = time.monotonic() + _CHECK_SECONDS
        while not _lock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB):
            if time.monotonic() > deadline:
                owner = _read(fd).get("pid")
                os.close(fd)
                raise DataFolderInUse(folder.path, owner)
            time.sleep(0.02)
        return cls(fd)

    def publish(self, sockets: Path) -> None:
        """Write down where PostgreSQL listens."""
        self._write(json.dumps({"pid": os.getpid(), "sockets": str(sockets)}).encode())

    def release(self) -> None:
        """Unlock the folder for the next owner."""
        self._write(b"")
        os.close(self._fd)

    def _write(self, record: bytes) -> None:
        os.truncate(self._fd, 0)
        os.pwrite(self._fd, record, 0)

    @classmethod
    def sockets(cls, folder: DataFolder) -> Path | None:
        """The socket folder of the running owner's PostgreSQL; None without an owner."""
        try:
            fd = os.open(folder.path / cls.FILE, os.O_RDONLY)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise unusable(folder.path, error) from error
        try:
            sockets = _read(fd).get("sockets")
            if not sockets or _lock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB):
                return None
            return Path(sockets)
        finally:
            os.close(fd)


class Guests:
    """The commands that use the PostgreSQL of another command, the host. The host waits for them."""

    FILE = "epos.guests"

    @classmethod
    @contextmanager
    def joined(cls, folder: DataFolder) -> Iterator[bool]:
        """Join as a guest. False if the host is about to stop."""
        fd = folder.open(cls.FILE, os.O_RDWR)
        try:
            yield _lock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        finally:
            os.close(fd)

    @classmethod
    def host(cls, folder: DataFolder) -> "Guests":
        """Open the list of guests, for the command that has started PostgreSQL."""
        return cls(folder.open(cls.FILE, os.O_RDWR))

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def wait_until_gone(self) -> None:
        """Wait until the last guest has left. No other can join until `close`."""
        if not _lock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB):
            logger.info("Waiting for other commands that use the same data folder")
            fcntl.flock(self._fd, fcntl.LOCK_EX)

    def close(self) -> None:
        """Let guests join again; another process will be their host."""
        os.close(self._fd)


def _lock(fd: int, how: int) -> bool:
    try:
        fcntl.flock(fd, how)
    except BlockingIOError:
        return False
    return True


def _read(fd: int) -> dict[str, Any]:
    try:
        record = json.loads(os.pread(fd, 4096, 0))
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}
