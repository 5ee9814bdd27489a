"""Commands run to their end, and what is left running (Linux: read from /proc)."""

import asyncio
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from epos.store.embedded.folder import DataFolder
from tests.support.secrets import remember_settings

_PATIENCE_SECONDS = 60
_BETWEEN_LOOKS = 0.2


@dataclass(frozen=True)
class Finished:
    """A command that has ended."""

    code: int
    output: str
    errors: str

    @property
    def complaint(self) -> str:
        """`errors` without what the command said that it acts on."""
        lines = self.errors.splitlines(keepends=True)
        return "".join(line for line in lines if not line.startswith("epos: using "))


async def epos(*arguments: str, given: str | None = None, **settings: str) -> Finished:
    """`epos ...` to its end. `settings`: EPOS_* variables, named as in Settings; `given` is typed."""
    remember_settings(settings)
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("EPOS_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "epos", *arguments),
        env=inherited | {f"EPOS_{name.upper()}": value for name, value in settings.items()},
        stdin=asyncio.subprocess.DEVNULL if given is None else asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(_PATIENCE_SECONDS):
        output, errors = await process.communicate(None if given is None else f"{given}\n".encode())
    assert process.returncode is not None
    return Finished(process.returncode, output.decode(), errors.decode())


@contextmanager
def watched() -> Iterator[set[str]]:
    """Every command line that `ps` would have shown meanwhile."""
    seen: set[str] = set()
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(_BETWEEN_LOOKS):
            seen.update(command_line(int(path.name)) for path in Path("/proc").glob("[0-9]*"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        ended.set()
        watcher.join()


def descendants(pid: int) -> set[int]:
    """The process and all that it has started, and they."""
    found = {pid}
    parents = {int(path.name): _parent(path) for path in Path("/proc").glob("[0-9]*")}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def command_line(pid: int) -> str:
    return _read(Path(f"/proc/{pid}/cmdline")).replace(b"\0", b" ").decode(errors="replace")


def running(pids: set[int]) -> set[int]:
    """Those that still do something or hold a file; a zombie only waits to be buried.

    The first thread of a killed process can be one while others have not ended, and its sockets with them.
    """
    return {pid for pid in pids if any(_alive(thread) for thread in _threads(pid))}


def on_data_folder(folder: Path) -> set[int]:
    """The PostgreSQL processes of a data folder, which carry its name."""
    name = DataFolder.at(folder).name.encode()
    return {
        int(path.name)
        for path in Path("/proc").glob("[0-9]*")
        if name in _read(path / "cmdline") and b"postgres" in _read(path / "cmdline")
    }


async def until_gone(pids: set[int]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while left := running(pids):
        assert time.monotonic() < deadline, [command_line(pid) for pid in left]
        await asyncio.sleep(0.02)


def _fields(path: Path) -> list[str]:
    """`/proc/PID/stat` behind the name, which may have spaces in it."""
    return _read(path / "stat").decode(errors="replace").rpartition(")")[2].split()


def _threads(pid: int) -> list[Path]:
    with suppress(OSError):
        return list(Path(f"/proc/{pid}/task").iterdir())
    return []


def _alive(path: Path) -> bool:
    fields = _fields(path)
    return bool(fields) and fields[0] not in ("Z", "X")


def _parent(path: Path) -> int | None:
    fields = _fields(path)
    return int(fields[1]) if fields else None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
