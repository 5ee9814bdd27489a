"""`python -m benchmarks.citus_costs`, as root, where Citus has been built: what a request costs on Citus.

CPU time per request of the server and of each node, and all of it as a ratio to plain PostgreSQL in the
same run: a database without the extension, on the coordinator's own PostgreSQL. And what a tab leaves on
the disk.
"""

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count, cycle
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
import httpx
from sqlalchemy import Table, make_url

from benchmarks import bodies, servers
from benchmarks.processes import cpu_seconds
from benchmarks.report import line
from benchmarks.servers import Server
from epos import logs
from epos.choices import LogFormat, LogLevel
from epos.store.database import Database
from epos.store.migrate import migrate
from epos.store.placement import patiently, place_of
from epos.store.tables import metadata
from tests.support.application import running_application
from tests.support.cluster import OwnCluster, at, distributed_database, own_cluster, run
from tests.support.menus import write_menu
from tests.support.orders import gbp, order, unique
from tests.support.venues import SECRET, make_venue

_PLAIN, _CITUS = "costs_plain", "costs"
_AT_ONCE = 4
_ORDERS_OF_ONE, _ORDERS_OF_EACH = 300, 4
_TABS, _BATCHES = 100, 4
Json = dict[str, Any]


@dataclass(slots=True)
class Venue:
    id: str
    port: int = 0
    """Of the node where it is; 0 on plain PostgreSQL."""
    orders: list[str] = field(default_factory=list)
    day: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """A server process on one node of a database, and the venues that it is asked for."""

    name: str
    server: Server
    venues: Sequence[Venue]


class Asking:
    """Requests to one server, some at a time."""

    def __init__(self, server: Server) -> None:
        self._http = httpx.AsyncClient(base_url=server.url, timeout=60)

    async def send(self, method: str, path: str, user: str, body: Json | None = None) -> Json:
        headers = {"waiter-id": "max"}
        answer = await self._http.request(
            method, path, json=body, auth=(user, SECRET), headers=headers
        )
        answer.raise_for_status()
        said: Json = answer.json()
        return said

    async def all(self, requests: Sequence[Callable[["Asking"], Awaitable[Any]]]) -> None:
        waiting = iter(requests)

        async def work() -> None:
            for request in waiting:
                await request(self)

        await asyncio.gather(*(work() for _ in range(_AT_ONCE)))

    async def close(self) -> None:
        await self._http.aclose()


# --- what is asked --------------------------------------------------------------------------------


async def get_order(asking: Asking, venue: Venue, number: int) -> None:
    """Any of the newer orders, which nobody pays."""
    half = len(venue.orders) // 2
    path = f"/v1/orders/{venue.orders[half + number % half]}"
    await asking.send("GET", path, f"{venue.id}.dojo")


async def pay(asking: Asking, venue: Venue, number: int) -> None:
    path = f"/v1/orders/{venue.orders[number % (len(venue.orders) // 2)]}/record-payment"
    body = {"paymentIntentId": unique("pi"), "paidAmount": gbp(1), "tipsAmount": gbp(1)}
    await asking.send("POST", path, f"{venue.id}.dojo", body)


async def search(asking: Asking, venue: Venue, **_: int) -> None:
    body = {"cursor": {"limit": 100}}
    await asking.send("POST", "/v1/orders/search", f"{venue.id}.dojo", body)


async def report(asking: Asking, venue: Venue, **_: int) -> None:
    await asking.send("GET", f"/till/v1/days/{venue.day}/report", f"{venue.id}.till")


async def tab(asking: Asking, venue: Venue, **_: int) -> None:
    """A tab as a pub has them: six drinks in three rounds, sent, paid by card in two parts."""
    user = f"{venue.id}.till"
    shown = await asking.send("POST", "/till/v1/tabs", user, {"tableId": "t1"})
    path = f"/till/v1/tabs/{shown['id']}"
    for _round in range(3):
        items = [{"plu": "wine"}, {"plu": "milk"}]
        said = {"version": shown["version"], "items": items}
        shown = await asking.send("POST", f"{path}/items", user, said)
        shown = await asking.send("POST", f"{path}/send", user, {"version": shown["version"]})
    left = 3 * (795 + 125)
    for paid in (left // 2, left - left // 2):
        body = {"paymentIntentId": unique("pi"), "paidAmount": gbp(paid), "tipsAmount": gbp(50)}
        dojo = f"{venue.id}.dojo"
        await asking.send("POST", f"/v1/orders/{shown['id']}/record-payment", dojo, body)


_KINDS: dict[str, tuple[Callable[..., Awaitable[None]], int]] = {
    "GET order": (get_order, 800),
    "record-payment": (pay, 200),
    "search, 100 a page": (search, 80),
    "report of the day": (report, 80),
    "a tab, nine writes": (tab, 40),
}
"""And how many requests a sample has."""


# --- venues ---------------------------------------------------------------------------------------


async def made(nodes: Sequence[str], count: int) -> list[Venue]:
    """Venues with a menu and an open day, and orders that can be paid; the first has many, the others are
    copies of one. `nodes`: the database on each, first where it is asked.
    """
    url = nodes[0]
    database, found = Database(url), []
    async with running_application(url) as application:
        for orders in (_ORDERS_OF_ONE, _ORDERS_OF_EACH):
            async with make_venue(database, application) as venue:
                await write_menu(database, venue.id)
                day = await venue.till.ok("POST", "/till/v1/days/open", {"openingFloat": 5_000})
                one = Venue(venue.id, day=day["day"])
                for _ in range(orders):
                    body = bodies_of_an_order()
                    one.orders.append((await venue.ok("POST", "/v1/orders", body))["id"])
                found.append(one)
    await database.close()
    await _copy(nodes, found[1], count - 2)
    copies = [replace(found[1], id=f"{found[1].id}-{number}") for number in range(1, count - 1)]
    return found + copies


async def _copy(nodes: Sequence[str], model: Venue, count: int) -> None:
    """All rows of a venue again under other venues. Without triggers and foreign keys: they have run."""
    name = make_url(nodes[0]).database
    at_once = f"ALTER DATABASE {name} SET session_replication_role"
    for node in nodes:
        await run(_maintenance(node), f"{at_once} = replica")
    connection = await patiently(nodes[0])
    try:
        for table in metadata.sorted_tables:
            await connection.execute(_copy_sql(table), model.id, count)
    finally:
        await connection.close()
        for node in nodes:
            await run(_maintenance(node), f"{at_once} = DEFAULT")
    await run(nodes[0], "ANALYZE")


def _copy_sql(table: Table) -> str:
    key = "id" if table.name == "venue" else "venue_id"
    kept = [
        f'"{column.name}"'
        for column in table.columns
        if column.computed is None and column.name != key
    ]
    chosen = ", ".join(f"r.{column}" for column in kept)
    return (
        f"INSERT INTO {table.name} ({key}, {', '.join(kept)}) OVERRIDING SYSTEM VALUE "
        f"SELECT r.{key} || '-' || copies.turn, {chosen} "
        f"FROM {table.name} AS r, generate_series(1, $2::integer) AS copies (turn) WHERE r.{key} = $1"
    )


def _maintenance(url: str) -> str:
    """From another database: of a setting of this one Citus would tell all nodes."""
    return make_url(url).set(database="postgres").render_as_string(hide_password=False)


def bodies_of_an_order() -> Json:
    """As the other benchmarks have it: ten lines. It can be paid many times."""
    content = bodies.create_order()
    kept = {name: content[name] for name in ("items", "taxLines", "note")}
    return order(bodies.TOTAL) | kept


async def bytes_of_a_tab(url: str, way: Way) -> float:
    """How much the database grows, with its indexes and the audit trail, without the log. The room of old
    versions of rows is used again, as where autovacuum runs.
    """
    connection, asking = await asyncpg.connect(url), Asking(way.server)
    sizes: list[int] = []
    for _batch in range(_BATCHES + 1):
        await asking.all([partial(tab, venue=way.venues[0])] * _TABS)
        await connection.execute("VACUUM")
        sizes.append(await connection.fetchval("SELECT pg_database_size(current_database())"))
    await asking.close()
    await connection.close()
    return (sizes[-1] - sizes[0]) / _TABS / _BATCHES


# --- figures --------------------------------------------------------------------------------------


class Costs:
    """Microseconds of CPU time per request, by kind and way: of the server, then of each node."""

    def __init__(self, cluster: OwnCluster) -> None:
        pid_files = [cluster.folder / str(port) / "postmaster.pid" for port in cluster.ports]
        self._nodes = [int(file.read_text(encoding="utf-8").split()[0]) for file in pid_files]
        self.found: dict[tuple[str, str], list[list[float]]] = {}

    async def measure(self, kind: str, way: Way, rounds: int) -> None:
        request, times = _KINDS[kind]
        asking, turn = Asking(way.server), cycle(way.venues)
        numbers = count()
        for _ in range(rounds):
            batch = [partial(request, venue=next(turn), number=next(numbers)) for _ in range(times)]
            before = self._cpu(way)
            await asking.all(batch)
            used = [
                (now - then) * 1e6 / times for now, then in zip(self._cpu(way), before, strict=True)
            ]
            self.found.setdefault((kind, way.name), []).append(used)
        await asking.close()

    def _cpu(self, way: Way) -> list[float]:
        return [cpu_seconds(pid) for pid in (way.server.pid, *self._nodes)]

    def median(self, kind: str, way: str) -> list[float]:
        return [median(values) for values in zip(*self.found[kind, way], strict=True)]

    def lines(self, ways: Sequence[str], plain: dict[str, str]) -> Iterator[str]:
        """`plain`: for each way, the one that it is compared with."""
        yield line(["request", "way", "server µs", "coordinator µs", "workers µs", "of plain"])
        yield line(["---", "---", "---:", "---:", "---:", "---:"])
        for kind in _KINDS:
            for way in ways:
                used = self.median(kind, way)
                server, coordinator, *workers = used
                ratio = sum(used) / sum(self.median(kind, plain[way]))
                figures = [f"{server:,.0f}", f"{coordinator:,.0f}", f"{sum(workers):,.0f}"]
                yield line([kind, way, *figures, f"{ratio:.2f}"])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.citus_costs", description=__doc__)
    many = "how many venues are asked in turn, in the rows with many"
    parser.add_argument("--venues", type=int, default=1_000, help=many)
    parser.add_argument("--rounds", type=int, default=3, help="samples of each row")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    logs.configure(LogFormat.JSON, LogLevel.ERROR)
    with ExitStack() as running:
        cluster = running.enter_context(own_cluster())
        running.enter_context(distributed_database(cluster.nodes, _CITUS))
        asyncio.run(run(at(cluster.nodes[0], "postgres"), f"CREATE DATABASE {_PLAIN}"))
        asyncio.run(migrate(at(cluster.nodes[0], _PLAIN)))
        scratch = Path(running.enter_context(tempfile.TemporaryDirectory()))
        print("\n".join(_measured(running, cluster, scratch, options)))
    return 0


def _measured(
    running: ExitStack, cluster: OwnCluster, scratch: Path, options: argparse.Namespace
) -> Iterator[str]:
    plain_url = at(cluster.nodes[0], _PLAIN)
    plain, spread = asyncio.run(_both(cluster, options.venues))
    log = scratch / "epos.log"
    on_plain = running.enter_context(servers.epos(plain_url, log))
    on_node = [running.enter_context(servers.epos(at(node, _CITUS), log)) for node in cluster.nodes]
    first = [spread[0]]
    here = on_node[cluster.ports.index(spread[0].port)]
    there = next(one for one in on_node[1:] if one is not here)
    ways = [
        Way("plain, one venue", on_plain, plain[:1]),
        Way("coordinator, one venue", on_node[0], first),
        Way("the venue's own worker, one venue", here, first),
        Way("another worker, one venue", there, first),
        Way("plain, many venues", on_plain, plain),
        Way("coordinator, many venues", on_node[0], spread),
        Way("a worker, many venues", on_node[1], spread),
    ]
    costs = Costs(cluster)
    asyncio.run(_rounds(costs, ways, options.rounds))
    compared = {way.name: f"plain, {way.name.rpartition(', ')[2]}" for way in ways}
    yield f"Many venues: {options.venues:,}. Medians of {options.rounds} samples."
    yield ""
    yield from costs.lines([way.name for way in ways], compared)
    yield ""
    size = asyncio.run(bytes_of_a_tab(plain_url, ways[0]))
    yield f"A tab with six lines in three rounds, paid in two parts, takes {size:,.0f} bytes."


async def _rounds(costs: Costs, ways: Sequence[Way], rounds: int) -> None:
    """Each row once in each round, so that a disturbance reaches all alike; the first warms up."""
    for number in range(rounds + 1):
        _say(f"round {number} of {rounds}")
        for kind in _KINDS:
            for way in ways:
                await costs.measure(kind, way, 1)
        if number == 0:
            costs.found.clear()


async def _both(cluster: OwnCluster, count: int) -> tuple[list[Venue], list[Venue]]:
    plain = await made([at(cluster.nodes[0], _PLAIN)], count)
    _say("venues on plain PostgreSQL")
    spread = await made([at(node, _CITUS) for node in cluster.nodes], count)
    _say("venues on Citus")
    connection = await patiently(at(cluster.nodes[0], _CITUS))
    for venue in spread:
        venue.port = (await place_of(connection, venue.id)).port
    await connection.close()
    return plain, spread


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
