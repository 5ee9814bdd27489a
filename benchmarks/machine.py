"""Describe the machine and the versions, without which a figure says nothing."""

import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks import servers, wrk
from benchmarks.postgres import Postgres

_PACKAGES = ("starlette", "uvicorn", "uvloop", "httptools", "pydantic", "asyncpg", "sqlalchemy")


def facts(postgres: Postgres, arguments: list[str]) -> Iterator[str]:
    environment = [f"{key}={os.environ[key]}" for key in ("BENCH_LARGE",) if key in os.environ]
    yield f"- Date: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    yield f"- Command: {shlex.join([*environment, 'python', '-m', 'benchmarks', *arguments])}"
    yield f"- Machine: {_cores()} cores of {_processor()}, {platform.platform(terse=True)}"
    yield f"- Load when it began: {os.getloadavg()[0]:.2f} (on a busy machine compare CPU time alone)"
    settings = ("fsync", "synchronous_commit", "full_page_writes", "shared_buffers")
    said = [f"{name}={postgres.ask(f'SHOW {name}')}" for name in settings]
    yield f"- PostgreSQL {postgres.ask('SHOW server_version')}, embedded: {', '.join(said)}"
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    yield f"- Python {platform.python_version()}, {packages}"
    yield f"- {wrk.version()}, node {_node()}, prism {servers.PRISM_VERSION}"
    yield (
        "- The EPOS server runs with its usual settings: authentication, request context, access "
        "rules, audit and the log (info, to a file) are on, and each request names waiter, device "
        "and product."
    )


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _node() -> str:
    try:
        said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "none"
    return said.stdout.strip().removeprefix("v")
