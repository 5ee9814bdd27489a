"""Measure starts: CPU time of commands, CPU time until a server is ready, and its memory then."""

from pathlib import Path
from statistics import median

from benchmarks import servers
from benchmarks.postgres import Postgres
from benchmarks.processes import cpu_of_command, cpu_seconds, memory_megabytes
from benchmarks.servers import Server

Readings = dict[str, float]
"""Figures by what was measured, unit included."""
_COMMANDS = ("--help", "venue list")


def of_commands(postgres: Postgres, program: Path = servers.EPOS) -> Readings:
    """Run short commands; the second connects to the database."""
    settings = {"DATABASE_URL": postgres.url}
    return {
        f"`epos {arguments}`, CPU ms": 1e3
        * cpu_of_command([str(program), *arguments.split()], settings)
        for arguments in _COMMANDS
    }


def of_server(epos: Server) -> Readings:
    """Measure a server that has just become ready. Its database needed no migration."""
    return {
        "`epos serve` to ready, CPU ms": cpu_seconds(epos.pid) * 1e3,
        "its memory then, MB": memory_megabytes(epos.pid),
    }


def lines(postgres: Postgres, log: Path, rounds: int) -> list[str]:
    """The medians of several starts, for the report."""
    readings = []
    for _ in range(rounds):
        started = of_commands(postgres)
        with servers.epos(postgres.url, log) as epos:
            readings.append(started | of_server(epos))
    medians = {what: median(one[what] for one in readings) for what in readings[0]}
    return [f"- {what}: {figure:,.0f}" for what, figure in medians.items()]
