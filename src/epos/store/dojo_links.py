"""The links of venues to Dojo."""

import json
from typing import Any

from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.dialects.postgresql import ARRAY, insert

from epos.domain.dojo import DojoLink, Transport
from epos.store.statements import Connection, Record, Statement
from epos.store.tables import dojo_link, outbox
from epos.store.tables.base import Key
from epos.store.visibility import VENUE

_NAMES = [
    "venue_id",
    "transport",
    "software_house_id",
    "api_url",
    "ws_url",
    "reseller_id",
    "public_url",
    "verifies_payments",
    "api_key_sealed",
]
_COLUMNS = [dojo_link.c[name] for name in _NAMES]
_NEW = insert(dojo_link)
_CHANGES = {name: _NEW.excluded[name] for name in _NAMES if name != "venue_id"}
_PUT = Statement(
    _NEW.on_conflict_do_update(
        index_elements=["venue_id"], set_={**_CHANGES, "updated_at": _NEW.excluded.updated_at}
    ),
    columns=_NAMES,
)
_FIND = Statement(select(*_COLUMNS).where(dojo_link.c.venue_id == VENUE))
_LIST = Statement(select(*_COLUMNS).order_by(dojo_link.c.venue_id))
# As `_LIST`, but each shard is asked alone, so that one node that is away takes only its own venues.
_LIST_BY_SHARD = Statement(
    text("""
    SELECT answer.success, answer.result
    FROM (
        SELECT array_agg(nodename) AS names, array_agg(nodeport) AS ports,
               array_agg('SELECT coalesce(jsonb_agg(to_jsonb(one)), ''[]'') FROM '
                         || shard_name('dojo_link', shard.shardid) || ' AS one') AS commands
        FROM pg_dist_shard AS shard
            JOIN pg_dist_placement AS placement ON placement.shardid = shard.shardid
            JOIN pg_dist_node AS node ON node.groupid = placement.groupid AND noderole = 'primary'
        WHERE logicalrelid = CAST('dojo_link' AS regclass)
          AND NOT nodename || CAST(':' AS text) || CAST(nodeport AS text) = ANY (:away)
    ) AS asked, master_run_on_worker(asked.names, asked.ports, asked.commands, true) AS answer
    """).bindparams(bindparam("away", type_=ARRAY(Key)))
)
_REMOVE = Statement(
    delete(dojo_link).where(dojo_link.c.venue_id == VENUE).returning(dojo_link.c.venue_id)
)
_EMPTY_OUTBOX = Statement(delete(outbox).where(outbox.c.venue_id == VENUE))


async def put(connection: Connection, link: DojoLink) -> None:
    """Insert or replace the venue's link; from now on triggers write its changes into the outbox."""
    await _PUT.run(connection, **{name: getattr(link, name) for name in _NAMES})


async def find(connection: Connection, venue_id: str) -> DojoLink | None:
    row = await _FIND.first(connection, venue_id=venue_id)
    return None if row is None else _link(row)


async def listed(connection: Connection) -> list[DojoLink]:
    """The links of all venues: for the process that keeps them connected, never for a request."""
    return [_link(row) for row in await _LIST.all(connection)]


async def listed_where(connection: Connection, away: list[str]) -> list[DojoLink]:
    """The links of the venues on nodes of a Citus cluster that answer. `away`: nodes (host:port) that are
    not asked.
    """
    answers = await _LIST_BY_SHARD.all(connection, away=away)
    rows = (row for answer in answers if answer["success"] for row in json.loads(answer["result"]))
    return [_link({name: row[name] for name in _NAMES}) for row in rows]


async def remove(connection: Connection, venue_id: str) -> bool:
    """Delete the venue's link and its outbox; False if it had no link."""
    async with connection.transaction():
        removed = await _REMOVE.first(connection, venue_id=venue_id)
        await _EMPTY_OUTBOX.run(connection, venue_id=venue_id)
    return removed is not None


def _link(row: Record | dict[str, Any]) -> DojoLink:
    values = dict(row)
    return DojoLink(**{**values, "transport": Transport(values["transport"])})
