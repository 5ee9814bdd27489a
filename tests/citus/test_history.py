"""A short history: nodes are killed, venues move, connections are cut, while some venues trade. The long
one is `python -m benchmarks.citus_history`.
"""

from collections.abc import Iterator

import pytest

from benchmarks.citus_history.__main__ import DATABASE, play
from tests.support.cluster import OwnCluster, distributed_database

pytestmark = [pytest.mark.citus, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def url(cluster: OwnCluster) -> Iterator[str]:
    with distributed_database(cluster.nodes, DATABASE) as url:
        yield url


async def test_nothing_acknowledged_is_lost_doubled_or_torn(cluster: OwnCluster, url: str) -> None:
    told, faults = await play(cluster, url, 0, pause=0.2, calm=1, movers=1)
    assert faults == [], told
