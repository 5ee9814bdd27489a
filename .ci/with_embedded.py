"""Runs a command with EPOS_DATABASE_URL naming a throwaway embedded PostgreSQL."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from epos.store.embedded import EmbeddedPostgres


def main() -> int:
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedPostgres.open(Path(folder) / "data") as postgres,
    ):
        environment = {**os.environ, "EPOS_DATABASE_URL": postgres.url}
        return subprocess.run(sys.argv[1:], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
