"""What an earlier owner of the cluster left behind: processes to wait for, files to remove.

Only the owner of the data folder comes here, so whatever still runs on the cluster has lost its
own owner. postmaster.pid is no witness: the kernel may have given its pid to somebody else.
"""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from epos.store.embedded.errors import EmbeddedStartFailed
from epos.store.embedded.sockets import clear_sockets

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 30.0
_LAST_SECONDS = 5.0


def clear_away(cluster: Path, name: str, sockets: Path) -> None:
    """Leaves nobody at work on the cluster, and nothing that would stop PostgreSQL's start."""
    if not _gone(cluster, name, signal.SIGINT, PATIENCE_SECONDS):
        # It is past a clean end. This is a crash to PostgreSQL, which loses nothing committed.
        logger.warning("The earlier PostgreSQL in %s does not end; it is told to quit", cluster)
        if not _gone(cluster, name, signal.SIGQUIT, _LAST_SECONDS):
            raise EmbeddedStartFailed(cluster, "an earlier PostgreSQL on it does not end.")
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    clear_sockets(sockets)


def _gone(cluster: Path, name: str, request: signal.Signals, patience: float) -> bool:
    """Asks once and waits for them all to end.

    Where the kernel has passed on the news of the owner's death, asking changes nothing.
    """
    deadline = time.monotonic() + patience
    asked = False
    while processes := list(processes_on(cluster, name)):
        if time.monotonic() > deadline:
            return False
        if not asked:
            logger.info("Waiting for an earlier PostgreSQL in %s to end", cluster)
            for pid in processes:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, request)
            asked = True
        time.sleep(0.02)
    return True


def processes_on(cluster: Path, name: str) -> Iterator[int]:
    """Every PostgreSQL process on the cluster, a backend that has lost its postmaster included."""
    return _from_proc(cluster, name) if sys.platform == "linux" else _from_ps(name)


def _from_proc(cluster: Path, name: str) -> Iterator[int]:
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            with suppress(OSError):
                if _is_ours(process, cluster, name):
                    yield int(process.name)


def _is_ours(process: Path, cluster: Path, name: str) -> bool:
    """By its title or, should the data folder have been moved since, by where it works.

    Titles come first because a container's root may not see where other users' processes work.
    """
    words = (process / "cmdline").read_bytes().split(b"\0")
    if f"cluster_name={name}".encode() in words or words[0].startswith(
        f"postgres: {name}:".encode()
    ):
        return True
    is_postgres = (process / "comm").read_bytes().startswith(b"postgres")
    return is_postgres and (process / "cwd").readlink() == cluster.resolve()


def _from_ps(name: str) -> Iterator[int]:
    listing = subprocess.run(
        ["/bin/ps", "-axww", "-o", "pid=,command="],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    for line in listing.stdout.splitlines():
        pid, _, command = line.strip().partition(" ")
        if f"cluster_name={name}" in command.split() or command.startswith(f"postgres: {name}:"):
            yield int(pid)
