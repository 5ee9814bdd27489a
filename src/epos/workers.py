"""The processes of one server, and the one that starts them and starts them again."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker

import structlog
from uvicorn import Config
from uvicorn.supervisors import Multiprocess

_log = structlog.get_logger("epos.workers")


class Workers(Multiprocess):
    """uvicorn's supervisor, which hears of a worker's death at once and says so."""

    def __init__(self, config: Config, sockets: list[socket.socket]) -> None:
        hang_up = signal.getsignal(signal.SIGHUP)
        super().__init__(config, sockets)
        # uvicorn would start the workers anew, and hear nothing else meanwhile; we end, or stay (nohup).
        signal.signal(signal.SIGHUP, hang_up)

    def init_processes(self) -> None:
        with _interrupts_held():
            super().init_processes()

    def keep_subprocess_alive(self) -> None:
        before = [process.pid for process in self.processes]
        for process in self.processes:
            # The worker has its own. While ours is open a dead one's silence looks like patience: nothing
            # was done for a minute, and no signal heard.
            process.child_conn.close()
        with _interrupts_held():
            super().keep_subprocess_alive()
        after = {process.pid for process in self.processes}
        for pid in before:
            if pid not in after:
                _log.warning("a worker process has ended and is started again", pid=pid)


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
