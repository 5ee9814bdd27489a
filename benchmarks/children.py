"""Programs that are started for the benchmark, each in a process group of its own."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.processes import environment

_START_SECONDS = 60
_STOP_SECONDS = 20


class DidNotStart(Exception):
    """A program ended, or did not answer; its log says why."""


@contextmanager
def child(
    command: Sequence[str],
    log: Path,
    ready_url: str,
    *,
    settings: Mapping[str, str] | None = None,
) -> Iterator[int]:
    """Start a program, wait until it answers at `ready_url`, and stop it at the end of the block.

    The block gets its pid. `settings` are its EPOS_* variables.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            env=environment(settings or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait_until_ready(process, ready_url, log)
        yield process.pid
    finally:
        _stop(process)


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if _answers(url):
            return
        time.sleep(0.05)
    raise DidNotStart(f"{process.args!r} did not answer; see {log}")


def _answers(url: str) -> bool:
    """Whether there is any HTTP answer other than "not ready"."""
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stop it as Ctrl-C does, then kill what is left of its process group."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
