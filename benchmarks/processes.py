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
"""Of /proc/PID/stat behind the name: user and system time, its own and that of children that ended."""


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and of all that it has started, also of those that ended."""
    return sum(_ticks(process) for process in descendants(pid)) / _TICKS_PER_SECOND


def memory_megabytes(pid: int) -> float:
    """The proportional set size: what processes share counts in equal parts."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith("Pss:"))
    return int(kilobytes) / 1024


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """That of this process, with these EPOS_* settings alone, and with compiled modules kept: to compile
    them again at each start would be most of what a start costs.
    """
    dropped = {"PYTHONDONTWRITEBYTECODE"}
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("EPOS_") and name not in dropped
    }
    return inherited | {f"EPOS_{name}": value for name, value in settings.items()}


def cpu_of_command(command: Sequence[str], folder: Path, settings: Mapping[str, str]) -> float:
    """The seconds of CPU time that a command takes from its start to its end."""
    before = _ended_children()
    subprocess.run(
        command, cwd=folder, env=environment(settings), stdout=subprocess.DEVNULL, check=True
    )
    return _ended_children() - before


def _ticks(pid: int) -> int:
    """None for a process that has ended meanwhile: its parent has them now."""
    with suppress(OSError):
        behind_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2]
        return sum(map(int, behind_name.split()[_USER_TIME]))
    return 0


def _ended_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
