"""A cluster of these tests' own, whose nodes they may stop."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cluster import OwnCluster, own_cluster


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnCluster]:
    folder: Path = tmp_path_factory.mktemp("citus")
    with own_cluster(folder) as cluster:
        yield cluster
