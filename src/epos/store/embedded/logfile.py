"""PostgreSQL's log file, limited in size."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from epos.store.embedded.errors import EmbeddedError
from epos.store.embedded.folder import DataFolder

_LARGEST = 5_000_000
_EVERY_SECONDS = 60.0


class LogFile:
    """The file that PostgreSQL writes to. When it is too large, it starts anew; one older part is kept."""

    def __init__(self, folder: DataFolder, file: IO[bytes]) -> None:
        self._folder = folder
        self.file = file
        self._closing = threading.Event()

    @classmethod
    @contextmanager
    def of(cls, folder: DataFolder) -> Iterator["LogFile"]:
        """Open the log of a data folder, and limit its size while it is open."""
        fd = folder.open(folder.log.name, os.O_RDWR | os.O_APPEND)
        with os.fdopen(fd, "ab", buffering=0) as file:
            log = cls(folder, file)
            keeper = threading.Thread(
                target=log._keep_short, name="epos-postgresql-log", daemon=True
            )
            keeper.start()
            try:
                yield log
            finally:
                log._closing.set()
                keeper.join()

    def last_error(self) -> str:
        """The last error that PostgreSQL logged, without time and process."""
        size = os.fstat(self.file.fileno()).st_size
        tail = os.pread(self.file.fileno(), 4096, max(0, size - 4096)).decode(errors="replace")
        lines = [line for line in tail.splitlines() if line.strip()] or [f"see {self._folder.log}"]
        fatal = [line for line in lines if "FATAL:" in line or "PANIC:" in line]
        return (fatal or lines)[-1].partition("] ")[2] or lines[-1]

    def _keep_short(self) -> None:
        closing = False
        while not closing:
            with suppress(OSError, EmbeddedError):
                self.shorten()
            closing = self._closing.wait(_EVERY_SECONDS)

    def shorten(self, largest: int = _LARGEST) -> None:
        """Copy the end and truncate the file. PostgreSQL keeps it open, and goes on appending."""
        size = os.fstat(self.file.fileno()).st_size
        if size <= largest:
            return
        older = self._folder.open(f"{self._folder.log.name}.1", os.O_WRONLY | os.O_TRUNC)
        with os.fdopen(older, "wb") as copy:
            copy.write(os.pread(self.file.fileno(), largest, size - largest))
        os.truncate(self.file.fileno(), 0)
