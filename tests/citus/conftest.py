"""A cluster of these tests' own, whose nodes they may stop."""

from collections.abc import Iterator

import pytest

from tests.support.cluster import OwnCluster, own_cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[OwnCluster]:
    with own_cluster() as cluster:
        yield cluster
