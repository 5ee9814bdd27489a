"""The nodes of a Citus cluster: which of them can be reached, and whether a venue's can."""

import time

from sqlalchemy import text

from epos.store import venues
from epos.store.database import Database
from epos.store.statements import Statement

IS_CLUSTER = Statement(text("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')"))
_AWAY = Statement(
    text("""
    SELECT nodename || CAST(':' AS text) || CAST(nodeport AS text) AS node
    FROM run_command_on_all_nodes('SELECT 1', true, true) AS answer
        JOIN pg_dist_node ON pg_dist_node.nodeid = answer.nodeid
    WHERE NOT answer.success ORDER BY 1
    """)
)
_ASKED_AGAIN_SECONDS = 5.0


async def ask_node_of(database: Database, venue_id: str) -> None:
    """Raises Unavailable when the node that has this venue, or would have it, does not answer."""
    async with database.connection() as connection:
        await venues.exists(connection, venue_id)


class NodeWatch:
    """Which nodes cannot be reached, asked at most once in five seconds."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asked_at = -_ASKED_AGAIN_SECONDS
        self._away: list[str] = []

    async def away(self) -> list[str]:
        """`host:port` of each; none on PostgreSQL without Citus."""
        if time.monotonic() - self._asked_at >= _ASKED_AGAIN_SECONDS:
            self._asked_at = time.monotonic()
            async with self._database.connection() as connection:
                is_cluster = await IS_CLUSTER.value(connection)
                rows = await _AWAY.all(connection) if is_cluster else []
            self._away = [row["node"] for row in rows]
        return self._away
