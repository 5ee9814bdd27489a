"""What a server makes of an error that names no state of its own: is a node away, or is it a fault?"""

import asyncpg
import pytest

from epos.store.failures import is_connection_lost, is_node_away, is_passing

LOST_BETWEEN_NODES = [
    "server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally",
    "could not receive data from server: Connection reset by peer",
    "FATAL:  terminating connection due to administrator command\nserver closed the connection",
    "failure on connection marked as essential: 10.0.0.2:5432",
    "could not find valid entry for shard 102345",
]


@pytest.mark.parametrize("words", LOST_BETWEEN_NODES)
def test_a_session_between_nodes_that_is_lost_is_a_node_that_is_away(words: str) -> None:
    error = asyncpg.InternalServerError(words)
    assert is_node_away(error)
    assert is_passing(error)
    assert not is_connection_lost(error), "our own session is well"


def test_any_other_internal_error_is_a_fault() -> None:
    error = asyncpg.InternalServerError("unexpected data beyond EOF in block 7")
    assert not is_node_away(error)
    assert not is_passing(error)
