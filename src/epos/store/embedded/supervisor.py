"""Keep PostgreSQL running until it is told to stop."""

import logging
import signal
import subprocess
import threading
import time
from contextlib import suppress

from epos.store.embedded.errors import EmbeddedError, EmbeddedStartFailed
from epos.store.embedded.postmaster import Postmaster

logger = logging.getLogger(__name__)

_FIRST_ATTEMPTS = 3
_SHORT_LIFE_SECONDS = 60.0
_SHORTEST_PAUSE = 0.25
_LONGEST_PAUSE = 10.0
_STOP_SECONDS = 60.0
_SAY_SECONDS = 5.0


class Supervisor:
    """Start and restart PostgreSQL, in a thread of its own.

    The kernel sends the death signal when the *thread* that forked PostgreSQL ends. So this thread makes
    all forks, and ends only after PostgreSQL.
    """

    def __init__(self, postmaster: Postmaster) -> None:
        self._postmaster = postmaster
        self._process: subprocess.Popen[bytes] | None = None
        self._forking = threading.Lock()
        self._stopping = threading.Event()
        self._decided = threading.Event()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._supervise, name="epos-postgresql", daemon=True)

    def start(self) -> None:
        """Wait until PostgreSQL accepts connections. After a crash this may take long."""
        self._thread.start()
        self._decided.wait()
        if self._error:
            raise self._error

    def stop(self) -> None:
        """Stop PostgreSQL and its sessions."""
        self._stopping.set()
        deadline = time.monotonic() + _STOP_SECONDS
        while self._thread.is_alive():
            # Repeat the signal: one that comes before PostgreSQL handles signals may be lost.
            self._signal(signal.SIGINT if time.monotonic() < deadline else signal.SIGQUIT)
            self._thread.join(1.0)

    def _signal(self, request: signal.Signals) -> None:
        with self._forking:
            if self._process:
                self._process.send_signal(request)

    def _supervise(self) -> None:
        try:
            self._open()
            self._decided.set()
            self._keep_open()
        except Exception as error:  # noqa: BLE001 - start() raises it
            self._error = error
        finally:
            self._decided.set()

    def _open(self) -> None:
        """Start for the first time. Raises EmbeddedStartFailed."""
        for attempt in range(_FIRST_ATTEMPTS):
            self._stopping.wait(attempt * _SHORTEST_PAUSE)
            if self._launch() or self._stopping.is_set():
                return
        raise EmbeddedStartFailed(self._postmaster.folder.path, self._postmaster.log.last_error())

    def _keep_open(self) -> None:
        """Restart PostgreSQL whenever it ends; failures are only logged. Return when it has ended after
        `stop`, also if it had only just started.
        """
        pause = 0.0
        while True:
            began = time.monotonic()
            self._reap()
            if self._stopping.is_set():
                return
            lived_long = time.monotonic() - began > _SHORT_LIFE_SECONDS
            pause = 0.0 if lived_long else min(max(pause * 2, _SHORTEST_PAUSE), _LONGEST_PAUSE)
            self._stopping.wait(pause)
            self._relaunch()

    def _relaunch(self) -> None:
        try:
            if self._launch():
                logger.info("PostgreSQL in %s serves again", self._postmaster.folder.path)
        except (OSError, EmbeddedError) as error:
            logger.warning("PostgreSQL could not be restarted: %s", error)

    def _reap(self) -> None:
        if self._process:
            code = self._process.wait()
            if not self._stopping.is_set():
                logger.warning(
                    "PostgreSQL in %s ended (%s); it is restarted",
                    self._postmaster.folder.path,
                    code,
                )

    def _launch(self) -> bool:
        """Start PostgreSQL and wait while it runs. Whether it accepts connections."""
        self._postmaster.clear_way()
        process = self._fork()
        if not process:
            return False
        spoken, pause = time.monotonic(), 0.005
        while not self._postmaster.serves(process.pid):
            with suppress(subprocess.TimeoutExpired):
                process.wait(pause)
                return False
            pause = min(pause * 1.5, 0.2)
            if time.monotonic() - spoken > _SAY_SECONDS:
                spoken = time.monotonic()
                logger.info("PostgreSQL in %s is still starting", self._postmaster.folder.path)
        return True

    def _fork(self) -> subprocess.Popen[bytes] | None:
        with self._forking:
            self._process = None if self._stopping.is_set() else self._postmaster.start()
            return self._process
