"""`epos venue move`, with the URL of a worker, as servers have it: moves are the coordinator's alone."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest
from typer.testing import CliRunner

from epos.commands.app import app
from epos.store.placement import at_coordinator
from tests.support.cluster import HOST, OwnCluster, at, distributed_database, run, tried_in_turn
from tests.support.processes import Finished

pytestmark = [pytest.mark.citus, pytest.mark.slow, pytest.mark.timeout(900)]

NAME = "venue_move"
SHARDS_OF_VENUES = """
    SELECT shardid, shardminvalue, shardmaxvalue, nodeport
    FROM pg_dist_shard JOIN pg_dist_placement USING (shardid) JOIN pg_dist_node USING (groupid)
    ORDER BY shardid
"""


@pytest.fixture(scope="module")
def url(cluster: OwnCluster) -> Iterator[str]:
    """With two venues, `anchor` and `bell`."""
    with distributed_database(cluster.nodes, NAME) as url:
        rows = ", ".join(f"('{name}', 'V', 'GBP', 'Europe/London')" for name in ("anchor", "bell"))
        asyncio.run(run(url, f"INSERT INTO venue (id, name, currency, time_zone) VALUES {rows}"))
        yield url


@pytest.fixture
def worker(cluster: OwnCluster, url: str) -> str:
    return at(cluster.nodes[1], NAME)


def move(url: str, *arguments: str) -> Finished:
    variables: dict[str, str | None] = {"EPOS_DATABASE_URL": url}
    result = CliRunner().invoke(app, ["venue", "move", *arguments], env=variables)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return Finished(result.exit_code, result.stdout, result.stderr)


def moved(url: str, *arguments: str) -> str:
    finished = move(url, *arguments)
    assert finished.code == 0, finished.errors
    return finished.output


def refused(url: str, *arguments: str) -> str:
    finished = move(url, *arguments)
    assert finished.code == 2, finished.output
    assert finished.output == ""
    (line,) = finished.complaint.splitlines()
    return line


def shards(url: str) -> list[tuple[object, ...]]:
    async def ask() -> list[tuple[object, ...]]:
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(SHARDS_OF_VENUES)]
        finally:
            await connection.close()

    return asyncio.run(ask())


def test_it_says_where_a_venue_is(url: str, worker: str) -> None:
    assert moved(worker, "anchor") == moved(url, "anchor")


def test_it_moves_a_venue_and_back(cluster: OwnCluster, worker: str) -> None:
    here = moved(worker, "anchor")
    for place in (other_place(cluster, here), here.split()[-1]):
        assert moved(worker, "anchor", place) == f"anchor is on {place}\n"


def test_it_gives_a_venue_a_shard_of_its_own(cluster: OwnCluster, url: str, worker: str) -> None:
    """Through hosts that are tried in turn, of which the first is away."""
    before = len(shards(url))
    place = other_place(cluster, moved(url, "bell"))
    hosts = tried_in_turn(cluster.nodes[1], NAME, 1, *cluster.ports[1:])
    assert moved(hosts, "bell", place, "--alone") == f"bell is on {place}\n"
    assert len(shards(url)) > before


def other_place(cluster: OwnCluster, told: str) -> str:
    """The worker that the command does not name."""
    places = (f"{HOST}:{port}" for port in cluster.ports[1:])
    return next(place for place in places if place != told.rsplit(maxsplit=1)[-1])


async def test_the_coordinator_is_asked_with_what_the_url_says(
    cluster: OwnCluster, url: str, worker: str
) -> None:
    connection = await at_coordinator(f"{worker}?options=-cwork_mem%3D1234kB")
    try:
        asked = "SELECT inet_server_port(), current_user, current_database()"
        (answer,) = await connection.fetch(asked)
        assert tuple(answer) == (cluster.port, "epos", NAME)
        assert await connection.fetchval("SHOW work_mem") == "1234kB"
    finally:
        await connection.close()


@pytest.mark.parametrize("alone", [[], ["--alone"]])
def test_what_is_not_there_is_refused_in_one_line_and_nothing_changes(
    url: str, worker: str, alone: list[str]
) -> None:
    before = shards(url)
    node = f"{HOST}:1"
    assert node in refused(worker, "anchor", node, *alone)
    there = moved(url, "anchor").split()[-1]
    assert "not found" in refused(worker, "cellar", there, *alone)
    assert "host:port" in refused(worker, "anchor", "somewhere", *alone)
    assert shards(url) == before


def test_a_coordinator_that_is_away_is_named(cluster: OwnCluster, url: str, worker: str) -> None:
    """Where a venue is, the worker knows itself."""
    here = moved(url, "anchor")
    cluster.kill(cluster.port)
    try:
        assert f"{HOST}:{cluster.port}" in refused(worker, "anchor", here.split()[-1])
        assert moved(worker, "anchor") == here
    finally:
        cluster.start(cluster.port)
