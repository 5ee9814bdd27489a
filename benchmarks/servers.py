"""Start what answers HTTP: the EPOS server, the smallest Starlette app, a Prism mock, a Dojo."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.children import child
from tests.support.server import free_port

EPOS = Path(sys.executable).with_name("epos")
"""The command line of this checkout."""
_PRISM = "@stoplight/prism-cli"
PRISM_VERSION = "5.14.2"  # the newest that runs on Node 18 and 20
_INSTALL_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Server:
    url: str
    pid: int
    """The first process, which has started the others."""


@contextmanager
def epos(
    database_url: str,
    log: Path,
    *,
    program: Path = EPOS,
    workers: int = 1,
    more: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Run `epos serve` with its usual settings, the log included, and with `more`."""
    port = free_port()
    settings = {"DATABASE_URL": database_url, "PORT": str(port), "WORKERS": str(workers)}
    chosen = {
        "DEMO": "false",
        "LOG_FORMAT": "json",
        "LOG_LEVEL": "info",
        **settings,
        **(more or {}),
    }
    url = f"http://127.0.0.1:{port}"
    with child([str(program), "serve"], log, f"{url}/readyz", settings=chosen) as pid:
        yield Server(url, pid)


@contextmanager
def hello(log: Path) -> Iterator[Server]:
    port = free_port()
    url = f"http://127.0.0.1:{port}/hello"
    with child([sys.executable, "-m", "benchmarks.hello", str(port)], log, url) as pid:
        yield Server(url, pid)


@contextmanager
def dojo(port: int, control_port: int, log: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "benchmarks.dojo", str(port), str(control_port)]
    with child(command, log, f"http://127.0.0.1:{control_port}/state"):
        yield


@contextmanager
def prism(program: Path, document: Path, log: Path) -> Iterator[Server]:
    port = free_port()
    options = ["--host=127.0.0.1", f"--port={port}", "--multiprocess=false"]
    command = ["node", str(program), "mock", *options, "--verboseLevel=error", str(document)]
    url = f"http://127.0.0.1:{port}/v1/orders/ord_1"
    with child(command, log, url) as pid:
        yield Server(url, pid)


def prism_program(folder: Path) -> Path | None:
    """Install the pinned version of Prism with npm; None where that is not possible.

    No package may run a script while it is installed.
    """
    if shutil.which("node") is None or shutil.which("npm") is None:
        return None
    place = folder / f"prism-{PRISM_VERSION}"
    program = place / "node_modules" / _PRISM / "dist" / "index.js"
    if not program.exists():
        options = [
            "--no-audit",
            "--no-fund",
            "--silent",
            "--ignore-scripts",
            "--prefix",
            str(place),
        ]
        command = ["npm", "install", *options, f"{_PRISM}@{PRISM_VERSION}"]
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(
                command, check=False, stdout=subprocess.DEVNULL, timeout=_INSTALL_SECONDS
            )
    return program if program.exists() else None
