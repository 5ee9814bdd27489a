"""The nodes of a Citus cluster: which can be reached, whether a venue's can, whether commits last there."""

from dataclasses import dataclass

from sqlalchemy import text

from epos.store.statements import Connection, Statement

LASTING = ("on", "remote_apply")
"""Of `synchronous_commit`: a commit waits for the disk, and for a synchronous standby if there is one."""
IS_CLUSTER = Statement(text("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')"))
COORDINATOR_ELSEWHERE = """
    SELECT nodename AS host, nodeport AS port FROM pg_dist_node
    WHERE groupid = 0 AND noderole = 'primary' AND (SELECT groupid FROM pg_dist_local_group) <> 0
"""
"""On a worker: the coordinator, by its name in the cluster. Only Citus has these tables."""
_NODES = Statement(
    text("""
    SELECT nodename || CAST(':' AS text) || CAST(nodeport AS text) AS node, answer.success, answer.result,
           EXISTS (SELECT FROM pg_dist_placement AS place
                       JOIN pg_dist_shard AS shard ON shard.shardid = place.shardid
                   WHERE shard.logicalrelid = to_regclass('venue')
                     AND place.groupid = pg_dist_node.groupid) AS has_venues
    FROM run_command_on_all_nodes(
            $$SELECT current_setting('fsync') || ' ' || current_setting('synchronous_commit')$$, true, true
        ) AS answer JOIN pg_dist_node ON pg_dist_node.nodeid = answer.nodeid
    ORDER BY 1
    """)
)


@dataclass(frozen=True, slots=True)
class Nodes:
    """`host:port` of nodes; none on PostgreSQL without Citus."""

    away: list[str]
    """They cannot be reached."""
    forgetful: list[str]
    """They have venues, and a power cut may lose what they have committed; with the setting that is why."""


async def ask_nodes(connection: Connection) -> Nodes:
    """Ask each for its settings, in the session that Citus opens there: it is not ours."""
    rows = await _NODES.all(connection) if await IS_CLUSTER.value(connection) else []
    here = [row for row in rows if row["success"] and row["has_venues"]]
    why = ((row["node"], _forgets(row["result"])) for row in here)
    return Nodes(
        away=[row["node"] for row in rows if not row["success"]],
        forgetful=[f"{node} ({setting})" for node, setting in why if setting],
    )


def _forgets(settings: str) -> str | None:
    fsync, synchronous_commit = settings.split(" ")
    if fsync != "on":
        return f"fsync={fsync}"
    return None if synchronous_commit in LASTING else f"synchronous_commit={synchronous_commit}"
