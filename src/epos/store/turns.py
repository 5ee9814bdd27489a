"""Turns: requests under the same natural key run one after the other, each until its transaction ends.

With the unique index alone, a second creator would apply its rules to an incomplete state. A turn is a
lock on a row of the venue, so that it holds wherever a process is connected. Many keys share a row: that
can only make two requests wait for each other that need not.
"""

from zlib import crc32

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from epos.store.busy_rows import take_row
from epos.store.repository import Repository
from epos.store.statements import Statement
from epos.store.tables import turn
from epos.store.tables.base import Key
from epos.store.visibility import VENUE

_ROWS = 64
_TAKE = Statement(
    select(turn.c.name)
    .where(turn.c.venue_id == VENUE, turn.c.name == bindparam("name", type_=Key))
    .with_for_update(key_share=True)
)
_MAKE = Statement(insert(turn).on_conflict_do_nothing(), columns=["venue_id", "name"])


class Turns(Repository):
    """Take one turn at most, before anything else is read or locked."""

    async def _take_turn(self, kind: str, key: str) -> None:
        """Wait for every transaction with the same kind of key and the same key."""
        await self._take(f"key {crc32(f'{kind}/{key}'.encode()) % _ROWS}")

    async def _take(self, name: str) -> None:
        take_row(f"turn {name}")
        while await self._first(_TAKE, name=name) is None:
            await self._run(_MAKE, name=name)
