"""A usual write is one transaction on one worker, without two-phase commit: read from the logs of the
workers, while each operation of both doors is played once.
"""

import asyncio
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from openapi import recorder
from openapi.make_examples import tell
from tests.support.cluster import OwnCluster, at, distributed_database, run

pytestmark = [pytest.mark.citus, pytest.mark.slow, pytest.mark.timeout(900)]

NAME = "one_worker"
STATEMENT = re.compile(
    r"^\S+ \S+ \S+ \[(\d+)\] LOG: +(?:statement|execute [^:]*): (.*)", re.MULTILINE
)
TRANSACTION = re.compile(r"assign_distributed_transaction_id\((\d+, \d+), ")
CHANGED = re.compile(r"(?:INSERT INTO|UPDATE|DELETE FROM) public\.(\w+)_\d+")
BESIDE = {"pin_attempts": "a wrong PIN counts, whatever becomes of what it was for"}
"""Written in transactions of their own, with the reason."""
Asked = list[tuple[int, str, str]]
"""Worker, session and statement."""


class Log:
    """What one node is asked from now on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._from = path.stat().st_size

    def statements(self) -> list[tuple[str, str]]:
        """Session and statement; of one with several lines, the first."""
        return STATEMENT.findall(self._path.read_bytes()[self._from :].decode(errors="replace"))

    def news(self) -> list[tuple[str, str]]:
        """What it was asked since the last news."""
        written = self._path.read_bytes()[self._from :]
        self._from += len(written)
        return STATEMENT.findall(written.decode(errors="replace"))


def logs_of_workers(cluster: OwnCluster) -> list[Log]:
    """They write down every statement from now on."""
    for node in cluster.nodes[1:]:
        # From another database: in this one Citus takes it for a change of all nodes.
        told = f"ALTER DATABASE {NAME} SET log_statement = 'all'"
        asyncio.run(run(at(node, "postgres"), told))
    return [Log(cluster.log(port)) for port in cluster.ports[1:]]


def in_two_phases(statements: list[tuple[str, str]]) -> list[str]:
    """For each transaction that was prepared: all that was done in it."""
    open_ones: dict[str, list[str]] = {}
    prepared = []
    for session, statement in statements:
        if statement.startswith("BEGIN"):
            open_ones[session] = []
        open_ones.setdefault(session, []).append(statement)
        if statement.startswith("PREPARE TRANSACTION"):
            prepared.append("\n".join(open_ones[session]))
    return prepared


def changed(asked: Asked) -> dict[tuple[int, str], set[str]]:
    """The tables that each transaction changed, by its worker and number."""
    running: dict[tuple[int, str], str] = {}
    found = defaultdict[tuple[int, str], set[str]](set)
    for place, (worker, session, statement) in enumerate(asked):
        if begun := TRANSACTION.search(statement):
            running[worker, session] = begun[1]
        if table := CHANGED.match(statement):
            alone = f"statement {place}"
            found[worker, running.get((worker, session), alone)].add(table[1])
        if statement.startswith(("COMMIT", "ROLLBACK")):
            running.pop((worker, session), None)
    return {
        where: tables - BESIDE.keys() for where, tables in found.items() if tables - BESIDE.keys()
    }


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> tuple[list[Log], list[tuple[str, Asked]]]:
    """The logs of the workers, to be filled, and what they are asked in each call of an operation."""
    logs: list[Log] = []
    seen: list[tuple[str, Asked]] = []
    call = recorder.Venue._call

    def watched(venue: recorder.Venue, name: str, *arguments: Any) -> Any:
        for log in logs:
            log.news()
        answer = call(venue, name, *arguments)
        asked = [(worker, *what) for worker, log in enumerate(logs) for what in log.news()]
        seen.append((name, asked))
        return answer

    monkeypatch.setattr(recorder.Venue, "_call", watched)
    return logs, seen


def test_each_operation_is_one_transaction_on_one_worker(
    cluster: OwnCluster, tmp_path: Path, calls: tuple[list[Log], list[tuple[str, Asked]]]
) -> None:
    """The server is connected to the coordinator: whatever it asks goes to a worker."""
    logs, seen = calls
    with distributed_database(cluster.nodes, NAME) as url:
        logs += logs_of_workers(cluster)
        played = tell(tmp_path, url)
    assert all(record.text for record in played.values()), "each operation of both doors"
    for name, asked in seen:
        statements = [(f"{worker} {session}", what) for worker, session, what in asked]
        assert not in_two_phases(statements), name
        assert len(changed(asked)) <= 1, f"{name}: {changed(asked)}"
    writing = {name for name, asked in seen if changed(asked)}
    assert len(writing) > len({name for name, _ in seen}) / 2, "the logs have what was asked"


def test_a_second_transaction_is_found_in_a_log() -> None:
    begin = "BEGIN;SELECT assign_distributed_transaction_id(0, {}, '2026-11-30')"
    change = "UPDATE public.tab_102152 SET version = 2"
    once = [(0, "1", begin.format(7)), (0, "1", change), (0, "1", change), (0, "1", "COMMIT")]
    again = [(0, "1", begin.format(8)), (0, "1", change)]
    elsewhere = [(1, "4", begin.format(7)), (1, "4", change)]
    counted = [(0, "1", begin.format(9)), (0, "1", "UPDATE public.pin_attempts_102064 SET n = 1")]
    assert len(changed([*counted, *once])) == 1
    assert len(changed([*once, *again])) == len(changed([*once, *elsewhere])) == 2
    assert len(changed([*once, (0, "1", change)])) == 2, "a change by itself"


def test_two_phases_are_found_in_a_log(cluster: OwnCluster) -> None:
    """Rows of two venues in one transaction, which no request writes."""
    with distributed_database(cluster.nodes, NAME) as url:
        logs = logs_of_workers(cluster)
        several = ", ".join(f"('v{number}', 'V', 'GBP', 'Europe/London')" for number in range(8))
        asyncio.run(run(url, f"INSERT INTO venue (id, name, currency, time_zone) VALUES {several}"))
        found = [words for log in logs for words in in_two_phases(log.statements())]
    assert found
    assert "INSERT INTO public.venue" in found[0]
