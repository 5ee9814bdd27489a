"""The embedded PostgreSQL: the programs come from a wheel, the EPOS server supervises them.

A data folder has one owner at a time: the process that has locked it.

    with EmbeddedPostgres.open(Path("data")) as postgres:
        ...  # postgres.url

A command joins the PostgreSQL of a running server; without a server, it starts one for itself:

    with running(Path("data")) as url:
        ...

All of this holds on Linux (glibc). On macOS, if the owner is killed, PostgreSQL runs on until the next
owner of the folder stops it.
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
