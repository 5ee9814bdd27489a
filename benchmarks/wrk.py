"""The load generator: Debian's wrk, one short run at a time."""

import itertools
import re
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.samples import Sample

PROGRAM = shutil.which("wrk")
CONNECTIONS = 32
TAGS = (f"{time.time_ns():x}{number:x}" for number in itertools.count())
"""Each run that writes takes one, so that its ids are new."""
_SCRIPTS = Path(__file__).parent / "lua"
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True, slots=True)
class Load:
    """The requests that wrk sends; `arguments` go to the script."""

    url: str
    script: str | None = None
    arguments: Sequence[str] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    connections: int = CONNECTIONS
    threads: int = 1
    writes: bool = False
    """The script gets one more argument, the first: a tag that no other run has."""
    refused: bool = False
    """Every request is to be refused."""


def run(load: Load, seconds: int) -> Sample:
    assert PROGRAM is not None, "looked for before anything is planned"
    command = [PROGRAM, "--latency", "--timeout", "10s", f"--duration={seconds}s"]
    command += [f"--threads={load.threads}", f"--connections={load.connections}"]
    for name, value in load.headers.items():
        command += ["--header", f"{name}: {value}"]
    if load.script is not None:
        command += ["--script", str(_SCRIPTS / load.script)]
    tag = [next(TAGS)] if load.writes else []
    command += [load.url, "--", *tag, *load.arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"wrk failed:\n{done.stderr[-2000:]}")
    return _parsed(done.stdout, refused=load.refused)


def version() -> str:
    if PROGRAM is None:
        return "none"
    said = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=False)
    return said.stdout.split("[")[0].strip()


def _parsed(output: str, *, refused: bool) -> Sample:
    return Sample(
        rate=float(_found(r"Requests/sec:\s+([\d.]+)", output)),
        p50=_milliseconds(_found(r"50%\s+([\d.]+\w+)", output)),
        p99=_milliseconds(_found(r"99%\s+([\d.]+\w+)", output)),
        requests=_requests(output),
        errors=_errors(output, refused=refused),
    )


def _found(pattern: str, output: str) -> str:
    match = re.search(pattern, output)
    if match is None:
        raise ValueError(f"wrk said something unexpected:\n{output}")
    return match.group(1)


def _milliseconds(duration: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(\w+)", duration).groups()  # type: ignore[union-attr]
    return float(number) * _UNITS[unit]


def _requests(output: str) -> int:
    return int(_found(r"(\d+) requests in", output))


def _errors(output: str, *, refused: bool) -> int:
    """Answers of the wrong kind, and requests without an answer."""
    found = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    broken = re.search(r"Socket errors: (.*)", output)
    count = int(found.group(1)) if found else 0
    if refused:
        count = _requests(output) - count
    return count + sum(map(int, re.findall(r"\d+", broken.group(1) if broken else "")))
