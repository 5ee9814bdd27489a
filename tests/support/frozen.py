"""A node of a cluster that hangs: it takes connections and says nothing."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.support.cluster import OwnCluster
from tests.support.processes import descendants


@contextmanager
def frozen(cluster: OwnCluster, port: int) -> Iterator[None]:
    """Until the block ends, all processes of the node stand still."""
    pid_file = cluster.folder / str(port) / "postmaster.pid"
    postmaster = int(pid_file.read_text(encoding="utf-8").split()[0])
    stopped = descendants(postmaster)
    _tell(stopped, signal.SIGSTOP)
    try:
        yield
    finally:
        _tell(stopped | descendants(postmaster), signal.SIGCONT)


def _tell(pids: set[int], what: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, what)
