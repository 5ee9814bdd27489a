"""Which nodes of a Citus cluster do not answer, and which venues are there."""

import asyncio
import time
from collections.abc import Collection

import structlog
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from epos.domain.errors import Unavailable
from epos.store.connection_pool import ConnectionPool
from epos.store.failures import DATABASE_AWAY, is_passing
from epos.store.hosts import Hosts
from epos.store.nodes import IS_CLUSTER, Nodes, ask_nodes
from epos.store.statements import Connection, Statement
from epos.store.tables.base import Key

# From the catalog, which every node has: nobody is asked for it.
_NODES_OF = Statement(
    text("""
    SELECT venue_id, nodename || CAST(':' AS text) || CAST(nodeport AS text) AS node
    FROM unnest(:venue_ids) AS venue_id
        JOIN pg_dist_placement AS placement
            ON placement.shardid = get_shard_id_for_distribution_column('venue', venue_id)
        JOIN pg_dist_node AS node ON node.groupid = placement.groupid AND noderole = 'primary'
    """).bindparams(bindparam("venue_ids", type_=ARRAY(Key)))
)
_SESSION = {
    "application_name": "epos nodes",
    "statement_timeout": "5000",
    "jit": "off",
    "citus.node_connection_timeout": "2000",
}
_LOOK_SECONDS = 0.5
_LONG_SECONDS = 1.0
"""For a unit of work: longer than any takes on a node that is well, unless it waits for a lock."""
_STUCK_SECONDS = 3.0
"""For what is of no venue, while a node is away: the list of all links, which asks every node."""
_ANSWER_SECONDS = 4.0
"""For the node that we are connected to, which waits two for each other one, all at once."""
_ASKED_AGAIN_SECONDS = 5.0
_log = structlog.get_logger("epos.database")


class NodeWatch:
    """Keeps the venues of a node that hangs from taking everybody's connections.

    A node that is dead refuses connections at once. One that hangs, or a network that loses what is sent,
    lets each request wait. So when a unit of work takes long, all nodes are asked, over new connections.
    While one does not answer, what is under way for its venues is cut, and what comes is refused.
    """

    def __init__(self, url: str) -> None:
        self.any_away = False
        self._hosts = Hosts(url)
        self._pool = ConnectionPool(self._hosts, 2, _SESSION, 20, 1.0)
        self._watched: list[ConnectionPool] = []
        self._is_cluster: bool | None = None
        self._nodes = Nodes([], [])
        self._node_of: dict[str, str] = {}
        """Of the venues that were asked for lately."""
        self._forget_at = 0.0
        self._asked_at = -_ASKED_AGAIN_SECONDS
        self._asking: asyncio.Task[None] | None = None

    def watch(self, *pools: ConnectionPool) -> None:
        """Look after these as well."""
        self._watched += pools

    async def run(self) -> None:
        """Until cancelled. On PostgreSQL without Citus there is nothing to do after the first time."""
        while self._is_cluster is not False:
            await asyncio.sleep(_LOOK_SECONDS)
            if self.any_away or any(pool.longest() > _LONG_SECONDS for pool in self._watched):
                try:
                    await self._ask_once()
                except Unavailable:
                    pass  # so is ours: the requests tell it
                except Exception:  # noqa: BLE001 - it is logged, and the next time may fare better
                    _log.exception("the nodes cannot be asked")

    async def close(self) -> None:
        await self._pool.close()

    async def nodes(self) -> Nodes:
        """Asked at most once in five seconds. Raises Unavailable when our own does not answer."""
        due = time.monotonic() - self._asked_at >= _ASKED_AGAIN_SECONDS
        if due and self._is_cluster is not False:
            await self._ask_once()
        return self._nodes

    async def refuse(self, venue_id: str) -> None:
        """Raises Unavailable for a venue on a node that does not answer. Call it while there is one."""
        if await self.on_those([venue_id]):
            raise Unavailable(DATABASE_AWAY)

    async def on_those(self, venue_ids: Collection[str]) -> set[str]:
        """Those venues whose node does not answer."""
        unknown = set(venue_ids) - self._node_of.keys()
        if unknown:
            await self._find(unknown)
        return {
            venue_id for venue_id in venue_ids if self._node_of.get(venue_id) in self._nodes.away
        }

    async def _ask_once(self) -> None:
        """Whoever comes while it is asked gets the same answer."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.ensure_future(self._ask())
            self._asking.add_done_callback(_retrieve)
        await asyncio.shield(self._asking)

    async def _ask(self) -> None:
        self._asked_at = time.monotonic()
        connection = await self._connected()
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                self._is_cluster = await IS_CLUSTER.value(connection)
                nodes = await ask_nodes(connection)
        except TimeoutError as error:
            self._leave(connection)
            raise Unavailable(DATABASE_AWAY) from error
        except Exception as error:
            self._pool.discard(connection)
            if is_passing(error):
                raise Unavailable(DATABASE_AWAY) from error
            raise
        self._pool.release(connection)
        await self._tell(nodes)

    async def _connected(self) -> Connection:
        try:
            return await self._pool.acquire()
        except Exception as error:
            if is_passing(error):
                raise Unavailable(DATABASE_AWAY) from error
            raise

    def _leave(self, connection: Connection) -> None:
        """The node that we are connected to does not answer: go to another, if the URL names several."""
        host = self._hosts.of(connection)
        self._pool.discard(connection)
        if host is not None and self._is_cluster:
            _log.warning("the node that this process is connected to does not answer")
            for pool in (self._pool, *self._watched):
                pool.leave(host)

    async def _tell(self, nodes: Nodes) -> None:
        away = nodes.away
        if away != self._nodes.away:
            _log.warning("nodes of the cluster that do not answer", nodes=away)
        if away != self._nodes.away or time.monotonic() >= self._forget_at:
            self._node_of.clear()  # a venue may have moved
            self._forget_at = time.monotonic() + _ASKED_AGAIN_SECONDS
        self._nodes, self.any_away = nodes, bool(away)
        if away:
            under_way = {venue_id for pool in self._watched for venue_id in pool.venues()}
            there = await self.on_those(under_way)
            for pool in self._watched:
                pool.cut(there, _STUCK_SECONDS)

    async def _find(self, venue_ids: Collection[str]) -> None:
        connection = await self._connected()
        try:
            rows = await _NODES_OF.all(connection, venue_ids=list(venue_ids))
        except Exception as error:
            self._pool.discard(connection)
            if is_passing(error):
                raise Unavailable(DATABASE_AWAY) from error
            raise
        self._pool.release(connection)
        self._node_of.update((row["venue_id"], row["node"]) for row in rows)


def _retrieve(asking: "asyncio.Task[None]") -> None:
    if not asking.cancelled():
        asking.exception()
