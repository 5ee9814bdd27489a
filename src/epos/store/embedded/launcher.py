"""How PostgreSQL's programs are started: as whom, and so that they do not outlive us."""

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

# Nothing of the caller's environment may reach PostgreSQL: a locale that is not installed stops
# initdb, and PGPORT, PGOPTIONS and their like would change what is started or asked.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

# PostgreSQL looks for its own programs with access(2), which ignores the capabilities of a user
# other than root unless the secure bit is set. It is without effect on anything else here.
_READING = (
    "--securebits=+no_setuid_fixup",
    "--inh-caps=+dac_read_search",
    "--ambient-caps=+dac_read_search",
)

# Our death between the fork and the kernel being told of it would go unnoticed, hence the look at
# the parent afterwards.
_GUARD = '[ "$PPID" = "$0" ] && exec "$@"'

# Does the same where util-linux is missing. Changing the user clears the death signal, so it
# comes second.
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
    """The setpriv of util-linux; the one of busybox knows no death signal."""
    setpriv = shutil.which("setpriv", path=os.defpath) or shutil.which("setpriv")
    if not setpriv or sys.platform != "linux":
        return None
    probe = [setpriv, "--pdeathsig", "KILL", "/bin/sh", "-c", ":"]
    knows_it = subprocess.run(probe, capture_output=True, check=False)
    return setpriv if knows_it.returncode == 0 else None


@dataclass(frozen=True)
class Account:
    """A user by number; it need not be listed in the system's user database."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Launcher:
    """Starts programs as ourselves or, with an account, as that user and nothing more.

    `reading` adds the one capability that lets the user enter folders which are closed to it.
    """

    account: Account | None = None
    reading: bool = False
    setpriv: str | None = field(default_factory=find_setpriv)

    def command(self, program: Sequence[str], on_death: signal.Signals) -> list[str]:
        """The command line that runs a program which gets a signal when we die.

        Only Linux can do that. Elsewhere a PostgreSQL whose owner was killed runs on until the
        next owner of its data folder stops it.
        """
        parent = str(os.getpid())
        if self.setpriv:
            switches = [*self._identity(), "--pdeathsig", on_death.name.removeprefix("SIG")]
            return [self.setpriv, *switches, "/bin/sh", "-c", _GUARD, parent, *program]
        account = self.account or Account(0, 0)
        numbers = [parent, str(int(on_death)), str(account.uid), str(account.gid)]
        return [sys.executable, "-I", "-S", "-c", _SHIM, *numbers, *program]

    def _identity(self) -> list[str]:
        if not self.account:
            return []
        user = [f"--reuid={self.account.uid}", f"--regid={self.account.gid}", "--clear-groups"]
        return [*user, *_READING] if self.reading else user

    def data_argument(self, cluster: Path) -> str:
        """What to give as `-D` to a program started with the cluster as its working directory.

        A user we dropped to may not be able to enter the folders above the cluster. The working
        directory it inherits needs no way in, and /proc names it.
        """
        return "/proc/self/cwd" if self.account and sys.platform == "linux" else str(cluster)

    def run(self, program: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
        """Runs a program to its end; it is killed should we die before."""
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
        """Starts a server, which is asked to stop should the calling thread end before it."""
        return subprocess.Popen(
            self.command(program, signal.SIGINT),
            cwd=folder,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            umask=0o077,
            # Ctrl-C at the terminal is for us, and PostgreSQL has to outlive our last request.
            start_new_session=True,
        )
