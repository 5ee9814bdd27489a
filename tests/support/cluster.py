"""Databases on a Citus cluster, when the tests run on one.

`EPOS_DATABASE_URL` is then its coordinator, and `EPOS_CITUS_WORKERS` names the other nodes: `host:port`,
with commas. User and password are the same everywhere.

`EPOS_CITUS_CONNECT` says where the application connects: `each` (the default: for each new database to
the next node, so that a run covers them all), `worker` (to the workers in turn), or `coordinator`.
Databases are made and migrated through the coordinator; a test that changes a distributed table or a
trigger does so with `through_coordinator`.
"""

import asyncio
import os
import random
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path

import asyncpg
from sqlalchemy import URL, make_url

from epos import store
from epos.store.migrate import migrate
from epos.store.revisions import migrations_folder
from tests.support.processes import descendants

HOST = "127.0.0.1"
_MAINTENANCE = "postgres"
_MADE = count()
_PATIENT = "lock_timeout = '25s'"
SHARDS = 4
"""Enough for two workers; each costs a table more for each of our tables."""
NOT_ON_CITUS = Path(__file__).with_name("not_on_citus.txt")
"""Tests that cannot apply there: each line a node id's beginning, a tab, and the reason."""


def nodes(coordinator: str) -> list[URL]:
    """The coordinator and the workers; none where the tests run on PostgreSQL alone."""
    workers = os.environ.get("EPOS_CITUS_WORKERS")
    if not workers:
        return []
    first = make_url(coordinator)
    hosts = (worker.rsplit(":", 1) for worker in workers.split(","))
    return [first, *(first.set(host=host, port=int(port)) for host, port in hosts)]


def node_to_connect(cluster: list[URL]) -> URL:
    """The node that the application is connected to for the next database. Two processes of a run begin at
    different ones.
    """
    coordinator, *workers = cluster
    ways = {"each": [*workers, coordinator], "worker": workers, "coordinator": [coordinator]}
    chosen = ways[os.environ.get("EPOS_CITUS_CONNECT", "each")]
    process = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return chosen[(int(process) + next(_MADE)) % len(chosen)]


def through_coordinator(url: str) -> str:
    """The same database, where Citus lets tables and triggers be changed; on PostgreSQL alone, as it is."""
    if not is_citus():
        return url
    return at(make_url(os.environ["EPOS_DATABASE_URL"]), make_url(url).database or _MAINTENANCE)


def is_citus() -> bool:
    return bool(os.environ.get("EPOS_CITUS_WORKERS"))


def reasons() -> dict[str, str]:
    """Why a test cannot apply on Citus, by the beginning of its node id."""
    lines = NOT_ON_CITUS.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines if line and not line.startswith("#"))


@contextmanager
def distributed_database(cluster: list[URL], name: str) -> Iterator[str]:
    """A migrated database on all nodes, distributed; dropped afterwards."""
    with empty_database(cluster, name) as url:
        asyncio.run(join(cluster, name))
        asyncio.run(migrate(url))
        yield url


@contextmanager
def copied_database(cluster: list[URL], name: str) -> Iterator[str]:
    """The same in a second or two: a copy of one that is made once, and stays. Its sessions wait for a row
    as long as those of races. The URL is one for the application (`node_to_connect`).
    """
    template = asyncio.run(_template(cluster))
    with empty_database(cluster, name, f"TEMPLATE {template}"):
        asyncio.run(
            _on_each(
                cluster,
                f"ALTER DATABASE {name} SET synchronous_commit = on",
                f"ALTER DATABASE {name} SET {_PATIENT}",
            )
        )
        yield at(node_to_connect(cluster), name)


async def forget_commits(cluster: list[URL], url: str) -> None:
    """Set the database of this URL to lose commits, as its owner may; then do what `epos migrate` does."""
    name = make_url(url).database or ""
    await _on_each(cluster, f"ALTER DATABASE {name} SET synchronous_commit = off")
    await migrate(at(cluster[0], name))


@contextmanager
def empty_database(cluster: list[URL], name: str, options: str = "") -> Iterator[str]:
    """A database on every node; they do not know each other yet."""
    asyncio.run(_on_each(cluster, f"CREATE DATABASE {name} {options}"))
    try:
        yield at(cluster[0], name)
    finally:
        asyncio.run(_drop(cluster, name))


_ATTEMPTS_TO_DROP = 6


async def _drop(cluster: list[URL], name: str) -> None:
    """No node connects to another any more, else PostgreSQL refuses: the database is in use."""
    await _on_each(cluster, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    await asyncio.gather(*(_drop_on(node, name) for node in cluster))


async def _drop_on(node: URL, name: str) -> None:
    """PostgreSQL gives sessions five seconds to end; a busy machine takes longer."""
    for _ in range(_ATTEMPTS_TO_DROP):
        with suppress(asyncpg.ObjectInUseError):
            await run(at(node, _MAINTENANCE), f"DROP DATABASE {name} WITH (FORCE)")
            return
    raise TimeoutError(name)


async def _template(cluster: list[URL]) -> str:
    """The name of a distributed database that holds nothing, with a copy on each node.

    Nothing in it names its database: the copies on the nodes are a cluster as they are.
    """

    async def fill(name: str) -> None:
        await _join(cluster, name)
        await migrate(at(cluster[0], name))

    return await made_once(cluster, "distributed", fill)


async def made_once(nodes: list[URL], kind: str, fill: Callable[[str], Awaitable[None]]) -> str:
    """The name of a database on these nodes that others are made from.

    The first process of all makes it, and it stays for later runs. Nobody can connect to it, not even a
    process of Citus, else it could not be copied.
    """
    name = f"epos_test_{kind}_{_fingerprint()}"
    async with _alone(nodes):
        if not await _is_whole(nodes[0], name):
            await _on_each(nodes, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            await _on_each(nodes, f"CREATE DATABASE {name}")
            await fill(name)
            await _on_each(nodes, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false", _leave(name))
            for node in reversed(nodes):
                await _on_each([node], f"ALTER DATABASE {name} IS_TEMPLATE true")
    return name


async def _is_whole(coordinator: URL, name: str) -> bool:
    """The first node, here the coordinator, gets the mark last."""
    connection = await asyncpg.connect(at(coordinator, _MAINTENANCE))
    try:
        found = await connection.fetchval(
            "SELECT datistemplate FROM pg_database WHERE datname = $1", name
        )
    finally:
        await connection.close()
    return found is True


def _leave(database: str) -> str:
    return f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{database}'"


def _fingerprint() -> str:
    """Of all that makes the schema, so that a template of an older one is not taken."""
    folders = (migrations_folder(), *map(Path, store.__path__))
    files = sorted(file for folder in folders for file in folder.rglob("*.py"))
    text = b"".join(file.read_bytes() for file in files) + str(SHARDS).encode()
    return sha256(text).hexdigest()[:12]


@asynccontextmanager
async def _alone(cluster: list[URL]) -> AsyncIterator[None]:
    """One process at a time."""
    connection = await asyncpg.connect(at(cluster[0], _MAINTENANCE))
    try:
        await connection.execute("SELECT pg_advisory_lock(hashtext('epos test cluster'))")
        yield
    finally:
        await connection.close()


def at(node: URL, name: str) -> str:
    return node.set(database=name).render_as_string(hide_password=False)


def tried_in_turn(node: URL, name: str, *ports: int) -> str:
    """The database by several ports of this node's host."""
    hosts = ",".join(f"{node.host}:{port}" for port in ports)
    return at(node, name).replace(f"{node.host}:{node.port}", hosts)


async def _on_each(cluster: list[URL], *statements: str) -> None:
    await asyncio.gather(*(run(at(node, _MAINTENANCE), *statements) for node in cluster))


async def join(cluster: list[URL], name: str) -> None:
    """Make one cluster of the databases, as an operator does.

    One process at a time: with each node that is added, Citus alters its roles, which all databases share.
    Of two at the same moment, PostgreSQL refuses one ("tuple concurrently updated").
    """
    async with _alone(cluster):
        await _join(cluster, name)


async def _join(cluster: list[URL], name: str) -> None:
    await _on_each(cluster, f"ALTER DATABASE {name} SET citus.shard_count = {SHARDS}")
    for node in cluster:
        await run(at(node, name), "CREATE EXTENSION citus")
    coordinator, *workers = cluster
    await run(
        at(coordinator, name),
        f"SELECT citus_set_coordinator_host('{coordinator.host}', {coordinator.port})",
        *(f"SELECT citus_add_node('{node.host}', {node.port})" for node in workers),
    )


async def run(url: str, *statements: str) -> None:
    """Each in a transaction of its own."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


# --- a cluster whose nodes may be stopped ---------------------------------------------------------

_BIN = Path("/usr/lib/postgresql/15/bin")
_AS_POSTGRES = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
_MAY_COPY = "ALTER SYSTEM SET output_plugin_libraries = pgoutput, test_decoding, citus"
"""Newer minor versions of PostgreSQL let a shard be copied only by a library that is named here."""


_BURIED_SECONDS = 30
_FOLLOWING_SECONDS = 30


@dataclass(frozen=True, slots=True)
class OwnCluster:
    """A coordinator and two workers, on three ports that follow one another."""

    folder: Path
    port: int

    @property
    def nodes(self) -> list[URL]:
        return [URL.create("postgresql", "epos", host=HOST, port=port) for port in self.ports]

    @property
    def ports(self) -> range:
        return range(self.port, self.port + 3)

    def log(self, port: int) -> Path:
        return self.folder / f"{port}.log"

    def kill(self, port: int) -> None:
        """As a power cut: no process of the node says goodbye."""
        postmaster = int((self.folder / str(port) / "postmaster.pid").read_text().split()[0])
        for pid in (postmaster, *descendants(postmaster)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def start(self, port: int) -> None:
        """Start a node. One that was killed lives on, to others, until the system has buried it."""
        pid_file = self.folder / str(port) / "postmaster.pid"
        if pid_file.exists():
            _wait_until_gone(int(pid_file.read_text().split()[0]))
        self._control(port, "start")

    @contextmanager
    def standby(self, primary: int) -> Iterator[int]:
        """The port of a standby of this node: whatever commits there waits until it has it as well."""
        port = _free_port()
        copy = [
            *(
                str(_BIN / "pg_basebackup"),
                "--checkpoint=fast",
                "--no-sync",
                "--write-recovery-conf",
            ),
            *(f"--host={HOST}", f"--port={primary}", "--username=epos"),
            *("--pgdata", str(self.folder / str(port))),
        ]
        subprocess.run([*_AS_POSTGRES, *copy], check=True, stdout=subprocess.DEVNULL, cwd="/")
        with (self.folder / str(port) / "postgresql.conf").open("a") as settings:
            settings.write(f"port={port}\n")
        self.start(port)
        try:
            asyncio.run(_wait_for_standby(at(self.nodes[primary - self.port], _MAINTENANCE)))
            yield port
        finally:
            self._control(port, "stop", "--mode=immediate")

    def promote(self, port: int) -> None:
        self._control(port, "promote")

    def stop(self) -> None:
        for port in self.ports:
            with suppress(subprocess.CalledProcessError):
                self._control(port, "stop", "--mode=immediate")

    def _control(self, port: int, *what: str) -> None:
        data, log = self.folder / str(port), self.log(port)
        told = [str(_BIN / "pg_ctl"), "--pgdata", str(data), "--log", str(log), "--wait", *what]
        subprocess.run([*_AS_POSTGRES, *told], check=True, stdout=subprocess.DEVNULL, cwd="/")


async def _wait_for_standby(primary: str) -> None:
    """Let commits wait for it, as soon as it follows."""
    await run(
        primary, "ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()"
    )
    connection = await asyncpg.connect(primary)
    try:
        async with asyncio.timeout(_FOLLOWING_SECONDS):
            while await connection.fetchval("SELECT sync_state FROM pg_stat_replication") != "sync":
                await asyncio.sleep(0.05)
    finally:
        await connection.close()


def _wait_until_gone(pid: int) -> None:
    end = time.monotonic() + _BURIED_SECONDS
    while Path(f"/proc/{pid}").exists() and time.monotonic() < end:
        time.sleep(0.05)


@contextmanager
def own_cluster() -> Iterator[OwnCluster]:
    """Made by `cluster.sh` in the folder that EPOS_CITUS_DIR names."""
    with tempfile.TemporaryDirectory(prefix="epos-citus-") as name:
        Path(name).chmod(0o755)  # PostgreSQL runs as a user of its own
        with _cluster_in(Path(name)) as cluster:
            yield cluster


@contextmanager
def _cluster_in(folder: Path) -> Iterator[OwnCluster]:
    script = Path(os.environ.get("EPOS_CITUS_DIR", "../shared/citus")) / "cluster.sh"
    cluster = OwnCluster(folder / "nodes", _three_free_ports())
    subprocess.run(
        ["bash", str(script), "start", str(cluster.folder), str(cluster.port)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    try:
        for node in cluster.nodes:
            asyncio.run(run(at(node, _MAINTENANCE), _MAY_COPY, "SELECT pg_reload_conf()"))
        yield cluster
    finally:
        cluster.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _three_free_ports() -> int:
    while True:
        first = random.SystemRandom().randrange(10_000, 29_000)
        with ExitStack() as probes:
            try:
                for port in range(first, first + 3):
                    probes.enter_context(socket.socket()).bind((HOST, port))
            except OSError:
                continue
        return first
