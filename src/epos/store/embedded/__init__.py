"""The zero-configuration PostgreSQL: the programs of a wheel, supervised by the EPOS server.

A data folder has one owner at a time, the process that holds the lock on it:

    with EmbeddedPostgres.open(Path("data")) as postgres:
        ...  # postgres.url

A command beside a running server joins its PostgreSQL, and otherwise runs one for itself:

    with running(Path("data")) as url:
        ...

Linux (glibc) keeps every promise made here. On macOS a PostgreSQL whose owner was killed runs on
until the next owner of the folder stops it.
"""

from epos.store.embedded.errors import (
    DataFolderInUse,
    EmbeddedError,
    EmbeddedStartFailed,
    EmbeddedUnavailable,
)
from epos.store.embedded.server import EmbeddedPostgres, attach, running

__all__ = [
    "DataFolderInUse",
    "EmbeddedError",
    "EmbeddedPostgres",
    "EmbeddedStartFailed",
    "EmbeddedUnavailable",
    "attach",
    "running",
]
