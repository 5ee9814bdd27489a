"""`python -m benchmarks.citus_moves`, as root, where Citus has been built: how long writes to a venue stop
while `epos venue move` moves it.

Two venues, one with few orders and one with many, on a cluster that has nothing else to do. Four clients of
the venue write one order after the other; what is not acknowledged is sent again every 50 ms.
"""

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks import servers
from benchmarks.citus_costs import Venue, bodies_of_an_order
from benchmarks.processes import environment
from benchmarks.report import line
from epos import logs
from epos.choices import LogFormat, LogLevel
from epos.store.database import Database
from epos.store.placement import patiently, place_of
from tests.support.application import Application, running_application
from tests.support.cluster import HOST, OwnCluster, at, distributed_database, own_cluster
from tests.support.orders import order
from tests.support.venues import SECRET, make_venue

_NAME = "moves"
_CLIENTS = 4
_BETWEEN_SECONDS = 0.02
_AGAIN_SECONDS = 0.05
_AROUND_SECONDS = 2.0


@dataclass
class Writer:
    """One client of a venue: orders, one after the other."""

    http: httpx.AsyncClient
    venue_id: str
    goes_on: bool = True
    acknowledged: int = 0
    refused: int = 0
    longest: float = 0.0
    """Seconds from the first attempt of a write until it was acknowledged."""

    async def run(self) -> None:
        while self.goes_on:
            body, began = order(1_000), time.monotonic()
            while not await self._sent(body):
                self.refused += 1
                await asyncio.sleep(_AGAIN_SECONDS)
            self.acknowledged += 1
            self.longest = max(self.longest, time.monotonic() - began)
            await asyncio.sleep(_BETWEEN_SECONDS)

    async def _sent(self, body: object) -> bool:
        auth = (f"{self.venue_id}.dojo", SECRET)
        answer = await self.http.post("/v1/orders", json=body, auth=auth)
        if answer.status_code not in (200, 503):
            answer.raise_for_status()
        return answer.status_code == 200


@asynccontextmanager
async def writing(url: str, venue_id: str) -> AsyncIterator[list[Writer]]:
    async with httpx.AsyncClient(base_url=url, timeout=60) as http:
        writers = [Writer(http, venue_id) for _ in range(_CLIENTS)]
        tasks = [asyncio.create_task(writer.run()) for writer in writers]
        try:
            yield writers
        finally:
            for writer in writers:
                writer.goes_on = False
            await asyncio.gather(*tasks)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.citus_moves", description=__doc__)
    parser.add_argument("--orders", type=int, default=5_000, help="of the larger venue")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    logs.configure(LogFormat.JSON, LogLevel.ERROR)
    with ExitStack() as running:
        cluster = running.enter_context(own_cluster())
        url = running.enter_context(distributed_database(cluster.nodes, _NAME))
        venues = asyncio.run(_made(url, (10, options.orders)))
        log = Path(running.enter_context(tempfile.TemporaryDirectory())) / "epos.log"
        server = running.enter_context(servers.epos(at(cluster.nodes[1], _NAME), log))
        print("\n".join(asyncio.run(_told(cluster, url, server.url, venues))))
    return 0


async def _made(url: str, sizes: tuple[int, ...]) -> list[Venue]:
    database = Database(url)
    async with running_application(url) as application:
        found = [await _venue(database, application, size) for size in sizes]
    await database.close()
    return found


async def _venue(database: Database, application: Application, size: int) -> Venue:
    async with make_venue(database, application) as venue:
        made = Venue(venue.id)

        async def work(numbers: Iterator[int]) -> None:
            for _ in numbers:
                made.orders.append(
                    (await venue.ok("POST", "/v1/orders", bodies_of_an_order()))["id"]
                )

        numbers = iter(range(size))
        await asyncio.gather(*(work(numbers) for _ in range(_CLIENTS)))
    return made


async def _told(cluster: OwnCluster, url: str, server: str, venues: list[Venue]) -> list[str]:
    told = [
        line(["move", "command s", "longest stop of a write s", "writes", "answers 503"]),
        line(["---", "---:", "---:", "---:", "---:"]),
    ]
    for venue in venues:
        for kind, options in (
            ("out of a shard with others", ["--alone"]),
            ("a shard of its own", []),
        ):
            what = f"{len(venue.orders):,} orders, {kind}"
            told.append(line([what, *await _move(cluster, url, server, venue.id, options)]))
    return told


async def _move(
    cluster: OwnCluster, url: str, server: str, venue_id: str, options: list[str]
) -> list[str]:
    """To the other worker."""
    connection = await patiently(url)
    here = await place_of(connection, venue_id)
    await connection.close()
    there = next(port for port in cluster.ports[1:] if port != here.port)
    async with writing(server, venue_id) as writers:
        await asyncio.sleep(_AROUND_SECONDS)
        began = time.monotonic()
        words = ["venue", "move", venue_id, f"{HOST}:{there}", *options]
        command = await asyncio.create_subprocess_exec(
            servers.EPOS,
            *words,
            env=environment({"DATABASE_URL": url}),
            stdout=asyncio.subprocess.DEVNULL,
        )
        if await command.wait():
            raise RuntimeError(f"epos {' '.join(words)} failed")
        took = time.monotonic() - began
        await asyncio.sleep(_AROUND_SECONDS)
    return [
        f"{took:.1f}",
        f"{max(writer.longest for writer in writers):.2f}",
        f"{sum(writer.acknowledged for writer in writers):,}",
        f"{sum(writer.refused for writer in writers):,}",
    ]


if __name__ == "__main__":
    sys.exit(main())
