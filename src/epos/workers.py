"""The processes of one server, and the one that starts them and starts them again."""

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
"""Longer than a worker takes to answer what is under way, and to say goodbye to Dojo and the database."""
_log = structlog.get_logger("epos.workers")


class Workers(Multiprocess):
    """uvicorn's supervisor, which never waits for a worker so that it hears no signal, nor for ever."""

    def __init__(self, config: Config, sockets: list[socket.socket]) -> None:
        hang_up = signal.getsignal(signal.SIGHUP)
        super().__init__(config, sockets)
        # uvicorn would start the workers anew, and hear nothing else meanwhile; we end, or stay (nohup).
        signal.signal(signal.SIGHUP, hang_up)
        self._asked: dict[Process, float] = {}
        """Since when a worker has not said that it lives."""

    def init_processes(self) -> None:
        with _interrupts_held():
            super().init_processes()

    def keep_subprocess_alive(self) -> None:
        """Start those again that have ended or hang. Called twice a second."""
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
            with _interrupts_held():
                self.processes[index].start()

    def _lives(self, process: Process) -> bool:
        """Whether it runs, and has said so not too long ago."""
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
        """One that does not end by itself is ended."""
        deadline = time.monotonic() + _END_SECONDS
        for process in self.processes:
            process.process.join(max(0.0, deadline - time.monotonic()))
            if process.process.is_alive():
                _log.warning("a worker process does not end and is killed", pid=process.pid)
                process.process.kill()
                process.process.join()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """A process that is started meanwhile holds them too, until it has an application to close: before that
    it could only die of Ctrl-C, and say so at length.
    """
    # Its start ends the holding; so it starts now, and not with the first process.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
