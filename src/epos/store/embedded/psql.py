"""Ask PostgreSQL through its own client, psql, before the database driver is used."""

import subprocess
from pathlib import Path

from epos.store.embedded.errors import EmbeddedStartFailed
from epos.store.embedded.folder import DataFolder
from epos.store.embedded.installation import Installation
from epos.store.embedded.launcher import ENVIRONMENT
from epos.store.embedded.sockets import PORT

DATABASE = "epos"
_SECONDS = "10"


def answers(installation: Installation, sockets: Path) -> bool:
    """Whether the database accepts connections now."""
    return _ask(installation, sockets, DATABASE, "select 1").returncode == 0


def prepare_database(folder: DataFolder, installation: Installation, sockets: Path) -> None:
    """Create the database if it is missing. Refuse a PostgreSQL that could lose a payment."""
    question = "select current_setting('fsync'), string_agg(datname, ' ') from pg_database"
    fsync, _, databases = _answer(folder, installation, sockets, question).partition("|")
    if fsync != "on":
        raise EmbeddedStartFailed(folder.path, "its fsync is off.")
    if DATABASE not in databases.split():
        _answer(folder, installation, sockets, f"create database {DATABASE}")


def _answer(folder: DataFolder, installation: Installation, sockets: Path, sql: str) -> str:
    result = _ask(installation, sockets, "postgres", sql)
    if result.returncode != 0:
        reason = (result.stderr.strip().splitlines() or ["it does not answer."])[0]
        raise EmbeddedStartFailed(folder.path, reason)
    return result.stdout.strip()


def _ask(
    installation: Installation, sockets: Path, database: str, sql: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(installation.program("psql"), "--no-psqlrc", "--no-password", "--tuples-only"),
            *("--no-align", "--quiet", "--command", sql),
            *("--host", str(sockets), "--port", str(PORT), "--username=postgres", database),
        ],
        cwd="/",
        env=ENVIRONMENT | {"PGCONNECT_TIMEOUT": _SECONDS},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
