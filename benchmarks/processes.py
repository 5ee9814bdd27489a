"""CPU time and memory of programs, as Linux counts them."""

import os
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


def pin(pid: int, core: int) -> None:
    """Let a process and all that it has started run on one core, with their threads, and what they start
    from now on.
    """
    for process in descendants(pid):
        with suppress(OSError):  # it may have just ended
            for thread in Path(f"/proc/{process}/task").iterdir():
                os.sched_setaffinity(int(thread.name), [core])


def memory_megabytes(pid: int) -> float:
    """The resident set size of one process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


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
    with subprocess.Popen(command, env=environment(settings), stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return used.ru_utime + used.ru_stime


def _ticks(pid: int) -> int:
    """0 for a process that has just ended: its parent has counted it."""
    with suppress(OSError):
        behind_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2]
        return sum(map(int, behind_name.split()[_USER_TIME]))
    return 0
