"""The set-up of a venue, as its manager reads and changes it."""

from sqlalchemy import bindparam, select

from epos.store.repository import Repository
from epos.store.statements import Record, Statement
from epos.store.tables import venue

_HERE = venue.c.id == bindparam("venue_id")
_NOT_SHOWN = {"id", "clock_offset", "clock_frozen_at", "last_account_id", "created_at"}
_PROFILE = Statement(select(*(c for c in venue.c if c.name not in _NOT_SHOWN)).where(_HERE))


class SetupRepository(Repository):
    async def profile(self) -> Record:
        row = await self._first(_PROFILE)
        if row is None:
            raise LookupError(self._venue_id)
        return row
