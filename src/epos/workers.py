"""The worker processes of one server, and their supervisor, which starts them and restarts them."""

import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker

import structlog
from uvicorn import Config
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process

_END_SECONDS = 30.0
"""Longer than a worker needs to answer its open requests and to close its connections to Dojo and the
database."""
_log = structlog.get_logger("epos.workers")


class Workers(Multiprocess):
    """uvicorn's supervisor; but it never waits for a worker without limit, nor without handling signals."""

    def __init__(self, config: Config, sockets: list[socket.socket]) -> None:
        hang_up = signal.getsignal(signal.SIGHUP)
        super().__init__(config, sockets)
        # uvicorn would restart all workers and ignore other signals meanwhile. We end, or stay (nohup).
        signal.signal(signal.SIGHUP, hang_up)
        self._asked: dict[Process, float] = {}
        """When each worker was asked for a sign of life that it has not given yet."""

    def init_processes(self) -> None:
        with _interrupts_blocked():
            super().init_processes()

    def keep_subprocess_alive(self) -> None:
        """Restart the workers that have ended or are hanging. Called twice a second."""
        if self.should_exit.is_set():
            return
        for index, process in enumerate(self.processes):
            if self._lives(process):
                continue
            process.kill()
            process.join()
            self._asked.pop(process, None)
            if process.exitcode == STARTUP_FAILURE:
                _log.error("a worker process cannot start", pid=process.pid)
                self.should_exit.set()
                return
            _log.warning("a worker process has ended and is started again", pid=process.pid)
            self.processes[index] = Process(self.config, self.sockets)
            with _interrupts_blocked():
                self.processes[index].start()

    def _lives(self, process: Process) -> bool:
        """Whether the process runs and has answered in time."""
        if not process.process.is_alive():
            return False
        try:
            if process not in self._asked:
                self._asked[process] = time.monotonic()
                process.parent_conn.send(b"ping")
            elif process.parent_conn.poll():
                process.parent_conn.recv()
                del self._asked[process]
                return True
        except (OSError, EOFError):
            return False
        return time.monotonic() - self._asked[process] < self.config.timeout_worker_healthcheck

    def join_all(self) -> None:
        """Wait for the workers to end; kill those that do not."""
        deadline = time.monotonic() + _END_SECONDS
        for process in self.processes:
            process.process.join(max(0.0, deadline - time.monotonic()))
            if process.process.is_alive():
                _log.warning("a worker process does not end and is killed", pid=process.pid)
                process.process.kill()
                process.process.join()


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Block SIGINT. A process that is started meanwhile inherits this, and unblocks it when its application
    can be closed: before, Ctrl-C would only end it with a long traceback.
    """
    # The start of the resource tracker unblocks SIGINT: start it now, not with the first process.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
