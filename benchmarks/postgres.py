"""The embedded PostgreSQL that everything is measured on, and its own programs."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from epos.store.embedded import EmbeddedPostgres
from epos.store.embedded.installation import Installation

_SCRIPTS = Path(__file__).parent / "sql"


@dataclass(frozen=True, slots=True)
class Postgres:
    """A database, and the pid of its postmaster."""

    url: str
    pid: int

    def program(self, name: str, *arguments: str) -> str:
        """Run one of PostgreSQL's own programs and return its output."""
        parts = urlsplit(self.url)
        where = parse_qs(parts.query)
        command = [Installation.find().program(name), *arguments]
        command += ["--host", where["host"][0], "--port", where["port"][0]]
        command += ["--username", parts.username or "postgres", parts.path.removeprefix("/")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{name} failed:\n{done.stderr[-2000:]}")
        return done.stdout

    def script(self, name: str, variables: Mapping[str, str | int]) -> str:
        """Run a file of sql/ with these psql variables."""
        return self._psql("--file", str(_SCRIPTS / name), variables=variables)

    def ask(self, sql: str) -> str:
        return self._psql("--command", sql)

    def _psql(self, *what: str, variables: Mapping[str, str | int] | None = None) -> str:
        options: Sequence[str] = ("--no-psqlrc", "--quiet", "--tuples-only", "--no-align")
        given = {"ON_ERROR_STOP": 1, **(variables or {})}
        settings = [f"--set={name}={value}" for name, value in given.items()]
        return self.program("psql", *options, *settings, *what).strip()


@contextmanager
def opened(folder: Path) -> Iterator[Postgres]:
    """Start it as the server does, with the usual settings: fsync is on."""
    with EmbeddedPostgres.open(folder) as embedded:
        unknown = Postgres(embedded.url, pid=0)
        first_line = "split_part(pg_read_file('postmaster.pid'), chr(10), 1)"
        yield replace(unknown, pid=int(unknown.ask(f"SELECT {first_line}")))
