"""Start PostgreSQL on a cluster, and tell when it accepts connections."""

import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from epos.store.embedded.folder import DataFolder
from epos.store.embedded.installation import Installation
from epos.store.embedded.launcher import Launcher
from epos.store.embedded.leftovers import clear_away
from epos.store.embedded.logfile import LogFile
from epos.store.embedded.sockets import PORT

# Given on the command line, so that no file in the cluster and no ALTER SYSTEM can change them.
_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    # Statements, parameters and errors can contain guests' data. Errors go to the client only; the log
    # contains only what PostgreSQL does by itself.
    "log_destination": "stderr",
    "logging_collector": "off",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_duration": "off",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
}


@dataclass(frozen=True)
class Postmaster:
    """All that is needed to start PostgreSQL on a cluster, any number of times."""

    folder: DataFolder
    cluster: Path
    sockets: Path
    installation: Installation
    launcher: Launcher
    log: LogFile

    def clear_way(self) -> None:
        """Remove what would prevent a start. Call it before each start."""
        clear_away(self.cluster, self.folder.name, self.sockets)

    def start(self) -> subprocess.Popen[bytes]:
        """Start PostgreSQL. It does not accept connections yet."""
        data = self.launcher.data_argument(self.cluster)
        program = [self.installation.program("postgres"), "-D", data, *self._options()]
        return self.launcher.start(program, self.cluster, self.log.file)

    def _options(self) -> list[str]:
        settings = _SETTINGS | {
            "cluster_name": self.folder.name,
            "unix_socket_directories": str(self.sockets),
        }
        return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]

    def serves(self, pid: int) -> bool:
        """Whether the PostgreSQL with this pid has written that it accepts connections."""
        with suppress(OSError, IndexError):
            lines = (self.cluster / "postmaster.pid").read_text(errors="replace").splitlines()
            return lines[0] == str(pid) and lines[7].strip() == "ready"
        return False
