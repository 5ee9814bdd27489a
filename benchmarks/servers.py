"""What answers HTTP in this benchmark: the EPOS server, the smallest Starlette app, Prism's mock."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.children import child
from tests.support.server import free_port

_PRISM = "@stoplight/prism-cli"
PRISM_VERSION = "5.14.2"  # the newest that runs on Node 18 and 20
_INSTALL_SECONDS = 120


@contextmanager
def epos(
    database_url: str, log: Path, *, workers: int = 1, more: Mapping[str, str] | None = None
) -> Iterator[str]:
    """`epos serve` with its usual settings, the log at info included, and some more; the block gets its
    address.
    """
    port = free_port()
    settings = {"DATABASE_URL": database_url, "PORT": str(port), "WORKERS": str(workers)}
    chosen = {
        "DEMO": "false",
        "LOG_FORMAT": "json",
        "LOG_LEVEL": "info",
        **settings,
        **(more or {}),
    }
    environment = {f"EPOS_{name}": value for name, value in chosen.items()}
    base = f"http://127.0.0.1:{port}"
    with child([sys.executable, "-m", "epos", "serve"], log, f"{base}/readyz", environment):
        yield base


@contextmanager
def hello(log: Path) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}/hello"
    with child([sys.executable, "-m", "benchmarks.hello", str(port)], log, url):
        yield url


@contextmanager
def dojo(port: int, control_port: int, log: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "benchmarks.dojo", str(port), str(control_port)]
    with child(command, log, f"http://127.0.0.1:{control_port}/state"):
        yield


@contextmanager
def prism(program: Path, document: Path, log: Path) -> Iterator[str]:
    port = free_port()
    options = ["--host=127.0.0.1", f"--port={port}", "--multiprocess=false"]
    command = ["node", str(program), "mock", *options, "--verboseLevel=error", str(document)]
    url = f"http://127.0.0.1:{port}/v1/orders/ord_1"
    with child(command, log, url):
        yield url


def prism_program(folder: Path) -> Path | None:
    """Prism of the pinned version, from npm, in a folder of its own; None where it cannot be had.

    None of its packages may run a script of its own while it is installed.
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
