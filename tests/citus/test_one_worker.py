"""A usual write is one transaction on one worker, without two-phase commit: read from the logs of the
workers, while each operation of both doors is played once.
"""

import asyncio
import re
from collections import Counter
from pathlib import Path

import pytest

from openapi.make_examples import tell
from tests.support.cluster import OwnCluster, at, distributed_database, run

pytestmark = [pytest.mark.citus, pytest.mark.slow, pytest.mark.timeout(900)]

NAME = "one_worker"
STATEMENT = re.compile(
    r"^\S+ \S+ \S+ \[(\d+)\] LOG: +(?:statement|execute [^:]*): (.*)", re.MULTILINE
)
TRANSACTION = re.compile(r"assign_distributed_transaction_id\((\d+, \d+), ")


class Log:
    """What one node is asked from now on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._from = path.stat().st_size

    def statements(self) -> list[tuple[str, str]]:
        """Session and statement; of one with several lines, the first."""
        return STATEMENT.findall(self._path.read_bytes()[self._from :].decode(errors="replace"))


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


def test_each_operation_is_one_transaction_on_one_worker(
    cluster: OwnCluster, tmp_path: Path
) -> None:
    """The server is connected to the coordinator: whatever it asks goes to a worker."""
    with distributed_database(cluster.nodes, NAME) as url:
        logs = logs_of_workers(cluster)
        played = tell(tmp_path, url)
        asked = [log.statements() for log in logs]
    assert all(record.text for record in played.values()), "each operation of both doors"
    assert not [words for statements in asked for words in in_two_phases(statements)]
    begun = [
        transaction
        for statements in asked
        for _, statement in statements
        for transaction in TRANSACTION.findall(statement)
    ]
    writes = sum(len(record.operations) for record in played.values()) / 2
    assert len(begun) > writes, "what the workers were asked is in their logs"
    assert max(Counter(begun).values()) == 1, "a transaction in two places"


def test_two_phases_are_found_in_a_log(cluster: OwnCluster) -> None:
    """Rows of two venues in one transaction, which no request writes."""
    with distributed_database(cluster.nodes, NAME) as url:
        logs = logs_of_workers(cluster)
        several = ", ".join(f"('v{number}', 'V', 'GBP', 'Europe/London')" for number in range(8))
        asyncio.run(run(url, f"INSERT INTO venue (id, name, currency, time_zone) VALUES {several}"))
        found = [words for log in logs for words in in_two_phases(log.statements())]
    assert found
    assert "INSERT INTO public.venue" in found[0]
