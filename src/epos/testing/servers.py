"""The processes of one test run: the server and the simulated Dojo, shared by all its workers."""

import fcntl
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from epos.testing.errors import CannotStart

RUN = "EPOS_PYTEST_RUN"
"""Names the folder of the run. The first process sets it, and pytest-xdist's workers inherit it."""
_START_SECONDS = 120.0
_STOP_SECONDS = 20.0
_ADDRESS = re.compile(r"(?:EPOS server|Simulated Dojo) on (http://\S+)")


@dataclass(frozen=True, slots=True)
class RunningEpos:
    """Where the server is, its process, and the password of its control API."""

    url: str
    pid: int
    password: str


def name_run() -> None:
    """Call in the process that starts the run; nothing is made on disk yet."""
    os.environ[RUN] = str(Path(tempfile.gettempdir()) / f"epos-pytest-{uuid.uuid4().hex[:12]}")


def epos_server() -> RunningEpos:
    """The server of this run; the first who asks starts it. Raises CannotStart."""
    folder = _folder()
    with _locked(folder):
        known = _kept(folder, "epos")
        if known is None:
            password = secrets.token_hex(16)
            settings = {
                "EPOS_PORT": "0",
                "EPOS_TESTING": "true",
                "EPOS_TESTING_PASSWORD": password,
                "EPOS_DATA_DIR": str(folder / "data"),
                "EPOS_DEMO": "false",
                "EPOS_LOG_FORMAT": "json",
                "EPOS_LOG_LEVEL": "warning",
            }
            known = _start(folder, "epos", ["serve"], settings) | {"password": password}
            _keep(folder, "epos", known)
    return RunningEpos(known["url"], known["pid"], known["password"])


def dojo_server() -> str:
    """The URL of the simulated Dojo of this run; the first who asks starts it. Raises CannotStart."""
    folder = _folder()
    with _locked(folder):
        known = _kept(folder, "dojo")
        if known is None:
            known = _start(folder, "dojo", ["simulate", "dojo", "--port", "0"], {})
            _keep(folder, "dojo", known)
    url: str = known["url"]
    return url


def stop_all() -> None:
    """Stop what this run has started, and remove its folder. Call in the process that named the run."""
    named = os.environ.pop(RUN, None)
    if named is None or not Path(named).exists():
        return
    folder = Path(named)
    processes = [known["pid"] for name in ("dojo", "epos") if (known := _kept(folder, name))]
    for pid in processes:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
    for pid in processes:
        _wait_for_end(pid)
    shutil.rmtree(folder, ignore_errors=True)


def _folder() -> Path:
    folder = Path(os.environ[RUN])
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _kept(folder: Path, name: str) -> dict[str, Any] | None:
    try:
        known: dict[str, Any] = json.loads((folder / f"{name}.json").read_text("utf-8"))
    except FileNotFoundError:
        return None
    return known


def _keep(folder: Path, name: str, known: dict[str, Any]) -> None:
    (folder / f"{name}.json").write_text(json.dumps(known), "utf-8")


def _start(folder: Path, name: str, command: list[str], settings: dict[str, str]) -> dict[str, Any]:
    """Start `epos ...` in a session of its own: it outlives the worker that asked first."""
    log = folder / f"{name}.log"
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("EPOS_")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "epos", *command],
            env=inherited | settings,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        found = _ADDRESS.search(log.read_text("utf-8", "replace"))
        if found:
            process.returncode = 0  # it outlives this object, which would warn otherwise
            return {"url": found[1], "pid": process.pid}
        if process.poll() is not None:
            break
        time.sleep(0.02)
    process.kill()
    raise CannotStart(f"`epos {' '.join(command)}` did not start:\n{log.read_text('utf-8')}")


def _wait_for_end(pid: int) -> None:
    """It is a child of this process, or of a worker that has ended."""
    end = time.monotonic() + _STOP_SECONDS
    while time.monotonic() < end:
        try:
            if os.waitpid(pid, os.WNOHANG)[0] == pid:
                return
        except ChildProcessError:
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                return
        time.sleep(0.02)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
