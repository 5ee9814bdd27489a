"""Which node of a Citus cluster has a venue, and moving it, while it trades.

Its rows are copied while they are written; writes stop only for the moment in which the new place takes
over. A move takes all venues that share the shard, unless the venue has one of its own.
"""

from dataclasses import dataclass

import asyncpg

from epos.domain.errors import Conflict, NotFound
from epos.store.statements import Connection

_IS_CLUSTER = "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')"
_EXISTS = "SELECT EXISTS (SELECT FROM venue WHERE id = $1)"
_PLACE = """
    SELECT shard.shardid, shard.nodename AS host, shard.nodeport AS port
    FROM citus_shards AS shard
    WHERE shard.table_name = 'venue'::regclass
      AND shard.shardid = get_shard_id_for_distribution_column('venue', $1::text)
"""
_ONLY_VENUE = """
    SELECT shardminvalue = shardmaxvalue FROM pg_dist_shard
    WHERE shardid = get_shard_id_for_distribution_column('venue', $1::text)
"""
_ISOLATE = """
    SELECT isolate_tenant_to_new_shard('venue', $1::text, 'CASCADE',
                                       shard_transfer_mode => 'force_logical')
"""
_MOVE = "SELECT citus_move_shard_placement($1, $2, $3, $4, $5, 'force_logical')"
_NODES = """
    SELECT nodename AS host, nodeport AS port FROM pg_dist_node
    WHERE isactive AND shouldhaveshards ORDER BY nodename, nodeport
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A node, by the name under which the cluster knows it."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


async def place_of(connection: Connection, venue_id: str) -> Place:
    """Raises Conflict without Citus, NotFound for a venue that does not exist."""
    _, place = await _found(connection, venue_id)
    return place


async def give_own_shard(connection: Connection, venue_id: str) -> None:
    """From now on the venue moves alone. Nothing happens if it does already."""
    await _found(connection, venue_id)
    if not await connection.fetchval(_ONLY_VENUE, venue_id):
        await connection.execute(_ISOLATE, venue_id)


async def move(connection: Connection, venue_id: str, to: Place) -> None:
    """Move the venue's shard to another node. Nothing happens if it is there already.

    Raises Conflict for a node that the cluster does not have.
    """
    shard, place = await _found(connection, venue_id)
    nodes = [Place(row["host"], row["port"]) for row in await connection.fetch(_NODES)]
    if to not in nodes:
        raise Conflict(f"The nodes for venues are {', '.join(map(str, nodes))}, not {to}")
    if to != place:
        await connection.execute(_MOVE, shard, place.host, place.port, to.host, to.port)


async def _found(connection: Connection, venue_id: str) -> tuple[int, Place]:
    if not await connection.fetchval(_IS_CLUSTER):
        raise Conflict("The database is not a Citus cluster: all venues are in one place")
    if not await connection.fetchval(_EXISTS, venue_id):
        raise NotFound("The venue")
    row = await connection.fetchrow(_PLACE, venue_id)
    if row is None:
        raise Conflict("The tables are not distributed yet: run `epos migrate`")
    return row["shardid"], Place(row["host"], row["port"])


async def patiently(url: str) -> Connection:
    """A connection without the deadlines of requests: a copy takes as long as its rows are many."""
    connection: Connection = await asyncpg.connect(
        url, server_settings={"application_name": "epos move"}, timeout=10
    )
    return connection
