"""`python -m benchmarks.citus_history [--minutes 60]`, as root, where Citus has been built.

Two server processes on a cluster of a coordinator and two workers; the program makes it and removes it.
Prints the table of what clients saw. The exit code is 1 if anything was lost, doubled or torn.
"""

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
from sqlalchemy import URL

from benchmarks.citus_history import books
from benchmarks.citus_history.clients import Clients
from benchmarks.citus_history.events import Events
from benchmarks.citus_history.record import CALM, LOST, Record, Seen
from benchmarks.report import line
from epos.store.database import Database
from epos.store.placement import Place, patiently, place_of
from tests.support.cluster import OwnCluster, distributed_database, own_cluster
from tests.support.menus import write_menu
from tests.support.proxy import Proxy, proxy_to
from tests.support.server import RunningServer, start_server, wait_until_ready
from tests.support.venues import make_venue

DATABASE = "history"
_VENUES_OF_A_WORKER = 3
_MOST_FAULTS = 50
_HEADINGS = (
    "what happened",
    "times",
    "its venues: answers",
    "their slowest answer s",
    "their longest stop of a write s",
    "other venues: answers",
    "slowest answer s",
    "longest stop of a write s",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.citus_history", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="at least one of each event")
    pause = "seconds between the writes of a client; a venue has three clients"
    parser.add_argument("--pause", type=float, default=0.5, help=pause)
    calm = "seconds between two events"
    parser.add_argument("--calm", type=float, default=10.0, help=calm)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with own_cluster() as cluster, distributed_database(cluster.nodes, DATABASE) as url:
        told, faults = asyncio.run(
            play(cluster, url, options.minutes * 60, pause=options.pause, calm=options.calm)
        )
    print("\n".join([*told, "", *faults[:_MOST_FAULTS]]))
    return int(bool(faults))


async def play(
    cluster: OwnCluster, url: str, seconds: float, *, pause: float, calm: float, movers: int = 2
) -> tuple[list[str], list[str]]:
    """The table of what clients saw, and the faults that were found. `url`: of DATABASE, distributed.
    `pause` and `calm`: see the command. `movers`: how many venues move.
    """
    record, ends = Record(), time.monotonic() + seconds
    async with AsyncExitStack() as running:
        logs = Path(running.enter_context(tempfile.TemporaryDirectory()))
        proxy = await running.enter_async_context(proxy_to(_on(cluster.nodes[2])))
        servers = [
            await _server(running, cluster, logs / f"{number}.log", urls)
            for number, urls in enumerate(_ways(cluster, proxy))
        ]
        venues = await _venues(running, url, servers[0])
        told = [server.base_url for server in servers]
        clients = [Clients(venue_id, told, record, pause) for venue_id in venues]
        trading = [asyncio.create_task(one.run()) for one in clients]
        events = Events(cluster, DATABASE, venues, record, proxy, calm, _say, movers)
        try:
            await events.run(ends)
        finally:
            for one in clients:
                one.goes_on = False
            await asyncio.gather(*trading)
        faults = _of_servers(servers, logs) + await _faults(url, clients)
    count = sum(one.acknowledged for one in clients)
    found = sum(one.promised.count for one in clients)
    head = (
        f"{seconds / 60:.0f} minutes, {len(venues)} venues, {count:,} acknowledged writes, which left "
        f"{found:,} orders, payments, locks, parties and tabs; faults: {len(faults)}."
    )
    failed = [f"A command failed: {words}" for words in events.failed]
    return [head, *failed, "", *_table(record)], faults


def _on(node: URL) -> str:
    return node.set(database=DATABASE).render_as_string(hide_password=False)


def _ways(cluster: OwnCluster, proxy: Proxy) -> Iterator[str]:
    """Each server has a worker of its own, and goes to another node when that is away. The second's way can
    be cut.
    """
    coordinator, first, second = (f"{node.host}:{node.port}" for node in cluster.nodes)
    through = proxy.url.rpartition("@")[2].partition("/")[0]
    for hosts in ((first, second, coordinator), (through, first, coordinator)):
        yield f"postgresql://epos@{','.join(hosts)}/{DATABASE}"


async def _server(
    running: AsyncExitStack, cluster: OwnCluster, log: Path, url: str
) -> RunningServer:
    told_at = _on(cluster.nodes[0])
    server = await start_server(url, log, migrate="false", notify_database_url=told_at)
    running.push_async_callback(server.stop)
    await wait_until_ready(server)
    return server


async def _venues(running: AsyncExitStack, url: str, server: RunningServer) -> list[str]:
    """As many on each worker."""
    database, connection = Database(url), await patiently(url)
    by_place: dict[Place, list[str]] = {}
    while len(by_place) < 2 or min(map(len, by_place.values())) < _VENUES_OF_A_WORKER:
        venue = await running.enter_async_context(make_venue(database, server))
        here = by_place.setdefault(await place_of(connection, venue.id), [])
        if len(here) < _VENUES_OF_A_WORKER:
            await write_menu(database, venue.id)
            here.append(venue.id)
    await connection.close()
    await database.close()
    return [venue_id for here in by_place.values() for venue_id in here]


async def _faults(url: str, clients: list[Clients]) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        return [
            fault
            for one in clients
            for fault in await books.faults(connection, one.venue_id, one.promised)
        ]
    finally:
        await connection.close()


def _of_servers(servers: list[RunningServer], logs: Path) -> list[str]:
    """A server that ended, or that met what it did not expect."""
    ended = [f"{one.base_url} ended" for one in servers if one.process.returncode is not None]
    unexpected = {
        words[:2000]
        for log in logs.glob("*.log")
        for words in log.read_text(encoding="utf-8").splitlines()
        if '"level":"error"' in words.replace(" ", "")
    }
    return [*ended, *sorted(unexpected)[:20]]


def _table(record: Record) -> Iterator[str]:
    yield line(list(_HEADINGS))
    yield line(["---", "---:"] + ["---", "---:", "---:"] * 2)
    for kind in (CALM, *record.happened):
        count = "" if kind == CALM else f"{record.happened[kind]}"
        yield line([kind, count, *_cells(record.hit.get(kind)), *_cells(record.others.get(kind))])


def _cells(seen: Seen | None) -> list[str]:
    if seen is None:
        return ["", "", ""]
    answers = ", ".join(
        f"{'no answer' if status == LOST else status}: {count:,}"
        for status, count in sorted(seen.answers.items())
    )
    return [answers, f"{seen.slowest:.1f}", f"{seen.longest_stop:.1f}"]


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
