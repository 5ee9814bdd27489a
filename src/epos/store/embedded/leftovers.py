"""Remove what an earlier owner of the cluster has left: running processes and files.

Only the owner of the data folder calls this, so a process that still runs on the cluster has lost its
owner. postmaster.pid proves nothing: the kernel may have given its pid to another process.
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

STOP_TIMEOUT_SECONDS = 30.0
_QUIT_TIMEOUT_SECONDS = 5.0


def clear_away(cluster: Path, name: str, sockets: Path) -> None:
    """Stop every process on the cluster, and remove the files that would prevent a start."""
    if not _gone(cluster, name, signal.SIGINT, STOP_TIMEOUT_SECONDS):
        # It cannot stop in good order. SIGQUIT is like a crash: nothing that was committed is lost.
        logger.warning("The earlier PostgreSQL in %s does not end; it is told to quit", cluster)
        if not _gone(cluster, name, signal.SIGQUIT, _QUIT_TIMEOUT_SECONDS):
            raise EmbeddedStartFailed(cluster, "an earlier PostgreSQL on it does not end.")
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    clear_sockets(sockets)


def _gone(cluster: Path, name: str, request: signal.Signals, timeout: float) -> bool:
    """Signal all processes once, and wait until they have ended.

    If the kernel has already sent the death signal, ours changes nothing.
    """
    deadline = time.monotonic() + timeout
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
    """Every PostgreSQL process on the cluster, also a backend without a postmaster."""
    return _from_proc(cluster, name) if sys.platform == "linux" else _from_ps(name)


def _from_proc(cluster: Path, name: str) -> Iterator[int]:
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            with suppress(OSError):
                if _is_ours(process, cluster, name):
                    yield int(process.name)


def _is_ours(process: Path, cluster: Path, name: str) -> bool:
    """Recognise a process by its title or, if the data folder was moved, by its working directory.

    The title is checked first: root in a container may not see the working directories of other users.
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
