"""What happens to the cluster during a history."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from functools import partial

import asyncpg

from benchmarks.citus_history.record import ALL, Record
from epos.store import placement
from epos.store.placement import Place
from tests.support.cluster import HOST, OwnCluster, at
from tests.support.frozen import frozen
from tests.support.proxy import Proxy

_DOWN_SECONDS = 3.0
_HUNG_SECONDS = 10.0
_AFTER_SECONDS = 3.0
"""What comes so soon after something still belongs to it."""
_REBALANCE = """
    SELECT citus_rebalance_start(rebalance_strategy => 'by_shard_count',
                                 shard_transfer_mode => 'force_logical')
"""
_CUT_ALL = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'epos'
"""
_PATIENCE_SECONDS = 300
Event = Callable[[], Awaitable[None]]


@dataclass
class Events:
    """`database`: its name on every node. `proxy`: the way of one server process to its node."""

    cluster: OwnCluster
    database: str
    venues: Collection[str]
    record: Record
    proxy: Proxy
    calm: float
    say: Callable[[str], None]
    movers: int = 2
    """How many venues move."""
    failed: list[str] = field(default_factory=list)
    """What an operator's command said that failed."""
    _alone: set[str] = field(default_factory=set)

    @property
    def coordinator(self) -> int:
        return self.cluster.ports[0]

    @property
    def workers(self) -> range:
        return self.cluster.ports[1:]

    @property
    def _movers(self) -> list[str]:
        return sorted(self.venues)[: self.movers]

    def url(self, port: int) -> str:
        return at(self.cluster.nodes[self.cluster.ports.index(port)], self.database)

    async def run(self, ends: float) -> None:
        """All of them in turn, at least once, until `ends` (`time.monotonic`)."""
        movers = self._movers
        while True:
            for event in self._in_turn(movers):
                await asyncio.sleep(self.calm)
                try:
                    await event()
                except (OSError, asyncpg.PostgresError) as error:
                    self.say(f"failed: {error}")
                    self.failed.append(str(error))
            if time.monotonic() >= ends:
                return

    def _in_turn(self, movers: list[str]) -> list[Event]:
        coordinator, first, second = (partial(self._kill, port) for port in self.cluster.ports)
        moves: list[Event] = [partial(self._move, venue_id) for venue_id in movers]
        hang = partial(self._hang, self.workers[1])
        before: list[Event] = [first, hang, self._cut_way]
        after: list[Event] = [coordinator, self._cut_sessions, second, self._rebalance]
        return before + moves + after

    async def _kill(self, port: int) -> None:
        kind = "the coordinator is killed" if port == self.coordinator else "a worker is killed"
        hit = await self._at(port)
        self.say(f"{kind}, {len(hit)} venues on it")
        with self.record.during(kind, hit):
            self.cluster.kill(port)
            await asyncio.sleep(_DOWN_SECONDS)
            await asyncio.to_thread(self.cluster.start, port)
            await self._until_up(port)
            await asyncio.sleep(_AFTER_SECONDS)

    async def _hang(self, port: int) -> None:
        hit = await self._at(port)
        self.say(f"a worker hangs, {len(hit)} venues on it")
        with self.record.during("a worker hangs", hit):
            with frozen(self.cluster, port):
                await asyncio.sleep(_HUNG_SECONDS)
            await self._until_up(port)
            await asyncio.sleep(_AFTER_SECONDS)

    async def _move(self, venue_id: str) -> None:
        connection = await placement.patiently(self.url(self.coordinator))
        try:
            here = await placement.place_of(connection, venue_id)
            there = Place(HOST, next(port for port in self.workers if port != here.port))
            kind = "a venue is moved"
            if venue_id not in self._alone:
                self._alone.add(venue_id)
                kind += ", out of a shard with others"
            self.say(kind)
            with self.record.during(kind, frozenset({venue_id})):
                await placement.move_alone(connection, venue_id, there)
                await asyncio.sleep(_AFTER_SECONDS)
        finally:
            await connection.close()

    async def _rebalance(self) -> None:
        """After all venues with a shard of their own were brought to one worker."""
        connection = await placement.patiently(self.url(self.coordinator))
        try:
            with self.record.during("a venue is moved", frozenset(self._movers)):
                for venue_id in self._movers:
                    await placement.move(connection, venue_id, Place(HOST, self.workers[0]))
            self.say("the cluster is rebalanced")
            with self.record.during("the cluster is rebalanced", frozenset(self.venues)):
                job = await connection.fetchval(_REBALANCE)
                if job is not None:
                    await connection.execute("SELECT citus_job_wait($1)", job)
                await asyncio.sleep(_AFTER_SECONDS)
        finally:
            await connection.close()

    async def _cut_way(self) -> None:
        self.say("one server's way to its node is cut")
        with self.record.during("one server's way to its node is cut"):
            await self.proxy.cut()
            await asyncio.sleep(_DOWN_SECONDS)
            await self.proxy.mend()
            await asyncio.sleep(_AFTER_SECONDS)

    async def _cut_sessions(self) -> None:
        self.say("all sessions are cut on all nodes")
        with self.record.during("all sessions are cut on all nodes"):
            for port in self.cluster.ports:
                await self._ask(port, _CUT_ALL)
            await asyncio.sleep(_AFTER_SECONDS)

    async def _at(self, port: int) -> frozenset[str]:
        if port == self.coordinator:
            return ALL
        connection = await placement.patiently(self.url(self.coordinator))
        try:
            places = {one: await placement.place_of(connection, one) for one in self.venues}
        finally:
            await connection.close()
        return frozenset(venue_id for venue_id, place in places.items() if place.port == port)

    async def _until_up(self, port: int) -> None:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                try:
                    await self._ask(port, "SELECT count(*) FROM venue")
                except (OSError, asyncpg.PostgresError):
                    await asyncio.sleep(0.2)
                else:
                    return

    async def _ask(self, port: int, sql: str) -> None:
        connection = await asyncpg.connect(self.url(port), timeout=10)
        try:
            await connection.fetch(sql)
        finally:
            await connection.close()
