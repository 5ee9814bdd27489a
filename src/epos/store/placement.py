"""Which node of a Citus cluster has a venue, and moving it, while it trades.

Its rows are copied while they are written; writes stop only for the moment in which the new place takes
over. A move takes all venues that share the shard, unless the venue has one of its own.
"""

from dataclasses import dataclass
from typing import Any

import asyncpg

from epos.domain.errors import Conflict, NotFound, Unavailable
from epos.store.failures import reason
from epos.store.nodes import COORDINATOR_ELSEWHERE
from epos.store.statements import Connection, Record

_ATTEMPTS = 5
_IS_CLUSTER = "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')"
_EXISTS = "SELECT EXISTS (SELECT FROM venue WHERE id = $1)"
_PLACE = """
    SELECT shard.shardid, CAST(shard.shardminvalue AS bigint) AS first,
           CAST(shard.shardmaxvalue AS bigint) AS last,
           node.nodename AS host, node.nodeport AS port
    FROM pg_dist_shard AS shard
        JOIN pg_dist_placement AS placement ON placement.shardid = shard.shardid
        JOIN pg_dist_node AS node ON node.groupid = placement.groupid AND node.noderole = 'primary'
    WHERE shard.logicalrelid = 'venue'::regclass
"""
_PLACE_OF_VENUE = (
    f"{_PLACE} AND shard.shardid = get_shard_id_for_distribution_column('venue', $1::text)"
)
_PLACES_BETWEEN = (
    f"{_PLACE} AND CAST(shard.shardminvalue AS bigint) >= $1"
    " AND CAST(shard.shardmaxvalue AS bigint) <= $2 ORDER BY 2"
)
_HASH = "SELECT worker_hash($1::text)"
_SPLIT = """
    SELECT citus_split_shard_by_split_points(
        $1, $2::text[], array_fill($3::integer, ARRAY[cardinality($2::text[]) + 1]), 'force_logical')
"""
_MOVE = "SELECT citus_move_shard_placement($1, $2, $3, $4, $5, 'force_logical')"
_NODES = """
    SELECT nodeid AS id, nodename AS host, nodeport AS port FROM pg_dist_node
    WHERE isactive AND shouldhaveshards AND noderole = 'primary' ORDER BY nodename, nodeport
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A node, by the name under which the cluster knows it."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class _Shard:
    """The rows of the venues whose ids have a hash from `first` to `last`, in all tables."""

    id: int
    first: int
    last: int
    place: Place


async def place_of(connection: Connection, venue_id: str) -> Place:
    """Raises Conflict without Citus, NotFound for a venue that does not exist."""
    return (await _found(connection, venue_id)).place


async def move(connection: Connection, venue_id: str, to: Place) -> None:
    """Move the venue's shard to another node. Nothing happens if it is there already.

    Raises Conflict for a node that the cluster does not have.
    """
    shard = await _found(connection, venue_id)
    await _node_id(connection, to)
    await _move(connection, shard, to)


async def move_alone(connection: Connection, venue_id: str, to: Place) -> None:
    """Give the venue a shard of its own, unless it has one, and move it to the node, if it is elsewhere.
    Afterwards the venues that shared its shard are where they were. If this ends in the middle, they stay
    on the other node; nothing else is wrong then, and the same again brings the venue to its place.

    Raises Conflict as `move`.
    """
    shard = await _found(connection, venue_id)
    node = await _node_id(connection, to)
    if shard.first < shard.last:
        if to == shard.place:
            node = await _another_node(connection, shard.place)
        own: int = await connection.fetchval(_HASH, venue_id)
        await _split(connection, shard, own, node)
        for one in await connection.fetch(_PLACES_BETWEEN, shard.first, shard.last):
            part = _shard(one)
            await _move(connection, part, to if part.first <= own <= part.last else shard.place)
    else:
        await _move(connection, shard, to)


async def _split(connection: Connection, shard: _Shard, own: int, node: int) -> None:
    """Split the shard into what is below the hash `own`, it, and what is above, all on another node.

    All: `isolate_tenant_to_new_shard` leaves them where they are, and then a row that is updated while the
    split begins makes it wait for ever, since a part has no primary key yet (seen; like Citus's issue
    6790). Parts on another node get theirs first.
    """
    points = [point for point in (own - 1, own) if shard.first <= point < shard.last]
    await _until_done(connection, _SPLIT, shard.id, [str(point) for point in points], node)


async def _until_done(connection: Connection, sql: str, *arguments: Any) -> None:
    """At the end of a copy Citus locks what requests lock, in another order, and waits on the nodes as long
    as the role waits for a row there. A deadlock or a wait that is too long ends the copy, and it had no
    effect: begin again.
    """
    for attempt in range(_ATTEMPTS):
        try:
            await connection.execute(sql, *arguments)
        except asyncpg.PostgresError as error:
            if attempt + 1 == _ATTEMPTS or not _was_in_the_way(error):
                raise
        else:
            return


def _was_in_the_way(error: asyncpg.PostgresError) -> bool:
    """What another node says may come without its SQLSTATE."""
    kinds = (asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError)
    return isinstance(error, kinds) or "due to lock timeout" in str(error)


async def _move(connection: Connection, shard: _Shard, to: Place) -> None:
    if to != shard.place:
        here = shard.place
        await _until_done(connection, _MOVE, shard.id, here.host, here.port, to.host, to.port)


async def _node_id(connection: Connection, place: Place) -> int:
    nodes = await _nodes(connection)
    if place not in nodes:
        raise Conflict(f"The nodes for venues are {', '.join(map(str, nodes))}, not {place}")
    return nodes[place]


async def _another_node(connection: Connection, place: Place) -> int:
    others = [node for other, node in (await _nodes(connection)).items() if other != place]
    if not others:
        raise Conflict("A shard is split by way of another node, and there is none")
    return others[0]


async def _nodes(connection: Connection) -> dict[Place, int]:
    rows = await connection.fetch(_NODES)
    return {Place(row["host"], row["port"]): row["id"] for row in rows}


async def _found(connection: Connection, venue_id: str) -> _Shard:
    if not await connection.fetchval(_IS_CLUSTER):
        raise Conflict("The database is not a Citus cluster: all venues are in one place")
    if not await connection.fetchval(_EXISTS, venue_id):
        raise NotFound("The venue")
    row = await connection.fetchrow(_PLACE_OF_VENUE, venue_id)
    if row is None:
        raise Conflict("The tables are not distributed yet: run `epos migrate`")
    return _shard(row)


def _shard(row: Record) -> _Shard:
    return _Shard(row["shardid"], row["first"], row["last"], Place(row["host"], row["port"]))


async def patiently(url: str) -> Connection:
    """A connection without the deadlines of requests: a copy takes as long as its rows are many. The role
    has one for row locks in a database of Citus (`epos migrate`).
    """
    return await _connected(url)


async def at_coordinator(url: str) -> Connection:
    """As `patiently`, to the coordinator: no other node may move a shard. Where the URL leads to a worker,
    its user, password, database and options are kept, and host and port are the coordinator's.

    Raises Unavailable if the coordinator cannot be reached from here.
    """
    connection = await _connected(url)
    try:
        coordinator = await _coordinator_elsewhere(connection)
    finally:
        await connection.close()
    if coordinator is None:
        return await _connected(url)
    try:
        return await _connected(url, host=coordinator.host, port=coordinator.port)
    except (OSError, asyncpg.PostgresError) as error:
        raise Unavailable(
            f"The coordinator, {coordinator}, cannot be reached: {reason(error)}"
        ) from error


async def _coordinator_elsewhere(connection: Connection) -> Place | None:
    """If this is another node of a cluster."""
    if not await connection.fetchval(_IS_CLUSTER):
        return None
    row = await connection.fetchrow(COORDINATOR_ELSEWHERE)
    return None if row is None else Place(row["host"], row["port"])


async def _connected(url: str, **node: Any) -> Connection:
    """`node`: host and port, instead of those of the URL."""
    settings = {"application_name": "epos move", "lock_timeout": "0"}
    connection: Connection = await asyncpg.connect(
        url, server_settings=settings, timeout=10, **node
    )
    return connection
