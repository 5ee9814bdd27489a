"""CPU time and memory of programs, as Linux counts them."""

import os
import resource
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.support.processes import descendants

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_USER_TIME = slice(11, 15)
"""In /proc/PID/stat, after the name: user and system time of the process and of its ended children."""


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and of all that it has started, ended ones included."""
    return sum(_ticks(process) for process in descendants(pid)) / _TICKS_PER_SECOND


def memory_megabytes(pid: int) -> float:
    """The proportional set size: shared memory is divided among the processes that share it."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith("Pss:"))
    return int(kilobytes) / 1024


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of a started program: these EPOS_* settings and no others. Compiled modules are
    kept, because compiling them again would be most of the cost of a start.
    """
    dropped = {"PYTHONDONTWRITEBYTECODE"}
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("EPOS_") and name not in dropped
    }
    return inherited | {f"EPOS_{name}": value for name, value in settings.items()}


def cpu_of_command(command: Sequence[str], settings: Mapping[str, str]) -> float:
    """Run a command to its end and return its CPU time in seconds."""
    before = _ended_children()
    subprocess.run(command, env=environment(settings), stdout=subprocess.DEVNULL, check=True)
    return _ended_children() - before


def _ticks(pid: int) -> int:
    """0 for a process that has just ended: its parent has counted it."""
    with suppress(OSError):
        behind_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2]
        return sum(map(int, behind_name.split()[_USER_TIME]))
    return 0


def _ended_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
