"""Start PostgreSQL's programs: as which user, and so that they end when we end."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO

# The programs get no variable of the caller's environment: a locale that is not installed stops initdb, and
# PGPORT, PGOPTIONS and similar variables would change what is started or asked.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

# PostgreSQL looks for its programs with access(2), which ignores the capabilities of users other than
# root unless this secure bit is set. The bit changes nothing else here.
_READING = (
    "--securebits=+no_setuid_fixup",
    "--inh-caps=+dac_read_search",
    "--ambient-caps=+dac_read_search",
)

# Check the parent after the death signal is set: if we died between the fork and that call, none comes.
_GUARD = '[ "$PPID" = "$0" ] && exec "$@"'

# Does the same without util-linux. Set the death signal last: a change of the user clears it.
_SHIM = """
import ctypes, os, sys
parent, death, uid, gid = map(int, sys.argv[1:5])
if uid:
    os.setgroups([]); os.setgid(gid); os.setuid(uid)
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, death, 0, 0, 0)
if os.getppid() == parent:
    os.execv(sys.argv[5], sys.argv[5:])
"""


@cache
def find_setpriv() -> str | None:
    """Find the setpriv of util-linux; the one of busybox cannot set a death signal."""
    setpriv = shutil.which("setpriv", path=os.defpath) or shutil.which("setpriv")
    if not setpriv or sys.platform != "linux":
        return None
    probe = [setpriv, "--pdeathsig", "KILL", "/bin/sh", "-c", ":"]
    knows_it = subprocess.run(probe, capture_output=True, check=False)
    return setpriv if knows_it.returncode == 0 else None


@dataclass(frozen=True)
class OsUser:
    """A user and a group by number. The system's user database need not list them."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Launcher:
    """Start programs as our own user or, with an account, as that user without other privileges.

    `reading` adds one capability: to read all folders and files.
    """

    account: OsUser | None = None
    reading: bool = False
    setpriv: str | None = field(default_factory=find_setpriv)

    def command(self, program: Sequence[str], on_death: signal.Signals) -> list[str]:
        """The command line for a program that gets a signal when we die.

        Only Linux sends such a signal. Elsewhere, if we are killed, PostgreSQL runs on until the next owner
        of its data folder stops it.
        """
        parent = str(os.getpid())
        if self.setpriv:
            switches = [*self._identity(), "--pdeathsig", on_death.name.removeprefix("SIG")]
            return [self.setpriv, *switches, "/bin/sh", "-c", _GUARD, parent, *program]
        account = self.account or OsUser(0, 0)
        numbers = [parent, str(int(on_death)), str(account.uid), str(account.gid)]
        return [sys.executable, "-I", "-S", "-c", _SHIM, *numbers, *program]

    def _identity(self) -> list[str]:
        if not self.account:
            return []
        user = [f"--reuid={self.account.uid}", f"--regid={self.account.gid}", "--clear-groups"]
        return [*user, *_READING] if self.reading else user

    def data_argument(self, cluster: Path) -> str:
        """The value of `-D` for a program whose working directory is the cluster.

        The account may have no right to enter the folders above the cluster. It can still use the working
        directory that it inherits, under its name in /proc.
        """
        return "/proc/self/cwd" if self.account and sys.platform == "linux" else str(cluster)

    def run(self, program: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
        """Run a program to its end. If we die before, it is killed."""
        return subprocess.run(
            self.command(program, signal.SIGKILL),
            cwd=folder,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            umask=0o077,
            check=False,
        )

    def start(
        self, program: Sequence[str], folder: Path, log: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        """Start a server. If the calling thread ends before it, it gets the signal to stop."""
        return subprocess.Popen(
            self.command(program, signal.SIGINT),
            cwd=folder,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            umask=0o077,
            # Only we react to Ctrl-C at the terminal: PostgreSQL must run until our last request has ended.
            start_new_session=True,
        )
