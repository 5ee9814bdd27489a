"""The data folder, and who may use it: a `flock` says so, never postmaster.pid."""

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

# Looking whether the lock is taken means taking it for a moment.
_GLANCE_SECONDS = 0.5


@dataclass(frozen=True)
class DataFolder:
    """Where everything of one server lies. Its path is absolute and free of links."""

    path: Path

    @classmethod
    def at(cls, path: Path) -> "DataFolder":
        """The folder, whether it exists or not."""
        return cls(path.expanduser().resolve())

    @property
    def name(self) -> str:
        """Short and plain, unlike the path: for sockets and process titles."""
        return "epos-" + hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]

    @property
    def log(self) -> Path:
        """What PostgreSQL has to say."""
        return self.path / "postgresql.log"

    def cluster(self, major: str) -> Path:
        """PostgreSQL's own files; another major version cannot read them."""
        return self.path / f"pgdata-{major}"

    def create(self) -> None:
        """Makes the folder if it is missing, for its owner alone."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise unusable(self.path, error) from error

    def open(self, name: str, flags: int) -> int:
        """A file of the folder, of whose owner it becomes even when root makes it.

        Links are not followed: the folder may belong to somebody whom root must not obey.
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
    """The folder cannot be written, or not by us."""
    return EmbeddedUnavailable(f"The data folder {folder} cannot be used: {error.strerror}.")


class Ownership:
    """The lock on a data folder, which the owning process holds for its life.

    The file tells others where to find the owner's PostgreSQL; it counts only while it is locked.
    """

    FILE = "epos.lock"

    def __init__(self, fd: int) -> None:
        self._fd = fd

    @classmethod
    def take(cls, folder: DataFolder) -> "Ownership":
        """Raises DataFolderInUse when another process, or another part of this one, has it."""
        fd = folder.open(cls.FILE, os.O_RDWR)
        deadline = time.monotonic() + _GLANCE_SECONDS
        while not _lock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB):
            if time.monotonic() > deadline:
                owner = _read(fd).get("pid")
                os.close(fd)
                raise DataFolderInUse(folder.path, owner)
            time.sleep(0.02)
        return cls(fd)

    def publish(self, sockets: Path) -> None:
        """Tells where PostgreSQL listens."""
        self._write(json.dumps({"pid": os.getpid(), "sockets": str(sockets)}).encode())

    def release(self) -> None:
        """Lets the next owner in."""
        self._write(b"")
        os.close(self._fd)

    def _write(self, record: bytes) -> None:
        os.truncate(self._fd, 0)
        os.pwrite(self._fd, record, 0)

    @classmethod
    def sockets(cls, folder: DataFolder) -> Path | None:
        """Where the PostgreSQL of the running owner listens; None without an owner."""
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
    """The commands that have joined the PostgreSQL of another command, which waits for them."""

    FILE = "epos.guests"

    @classmethod
    @contextmanager
    def joined(cls, folder: DataFolder) -> Iterator[bool]:
        """As a guest; False when the host is leaving."""
        fd = folder.open(cls.FILE, os.O_RDWR)
        try:
            yield _lock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        finally:
            os.close(fd)

    @classmethod
    def host(cls, folder: DataFolder) -> "Guests":
        """For a command with a PostgreSQL of its own, which it may have to share."""
        return cls(folder.open(cls.FILE, os.O_RDWR))

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def see_off(self) -> None:
        """Returns once the last guest has left. No more come until `close`."""
        if not _lock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB):
            logger.info("Waiting for other commands that use the same data folder")
            fcntl.flock(self._fd, fcntl.LOCK_EX)

    def close(self) -> None:
        """Lets guests in again, whose host will be somebody else."""
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
