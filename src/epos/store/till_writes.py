"""Keys of the till's writes, kept with their answers."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from epos.store.busy_rows import take_row
from epos.store.repository import Repository
from epos.store.statements import Record, Statement
from epos.store.tables import till_write
from epos.store.tables.base import Instant, Key
from epos.store.visibility import VENUE

KEPT = timedelta(days=7)
_FORGOTTEN_AT_ONCE = 50

_WRITE = till_write.c
_HERE = (_WRITE.venue_id == VENUE, _WRITE.key == bindparam("key", type_=Key))
_NEW = insert(till_write)
_BEGIN = Statement(
    _NEW.on_conflict_do_update(
        index_elements=["venue_id", "key"],
        set_={
            name: _NEW.excluded[name]
            for name in ("operation", "fingerprint", "answer", "created_at")
        },
        where=_WRITE.created_at <= bindparam("kept_since", type_=Instant),
    ).returning(_WRITE.key),
    columns=["venue_id", "key", "operation", "fingerprint", "answer", "created_at"],
)
_FIRST = Statement(
    select(_WRITE.operation, _WRITE.fingerprint, _WRITE.answer).where(
        *_HERE, _WRITE.created_at > bindparam("kept_since", type_=Instant)
    )
)
_FINISH = Statement(update(till_write).where(*_HERE).values(answer=bindparam("answered")))
_TAKE_BACK = Statement(delete(till_write).where(*_HERE))
_OLD = (
    select(_WRITE.key)
    .where(_WRITE.venue_id == VENUE, _WRITE.created_at <= bindparam("kept_since", type_=Instant))
    .limit(_FORGOTTEN_AT_ONCE)
    .with_for_update(skip_locked=True)
)
_FORGET = Statement(delete(till_write).where(_WRITE.venue_id == VENUE, _WRITE.key.in_(_OLD)))


class TillWriteRepository(Repository):
    async def begin(self, key: str, operation: str, fingerprint: str, now: datetime) -> bool:
        """Take the key; False if an earlier request has it. Waits for a transaction that has taken it
        and is not finished. Call before any other lock.
        """
        take_row(f"key {key}")
        taken = await self._value(
            _BEGIN,
            key=key,
            operation=operation,
            fingerprint=fingerprint,
            answer=None,
            created_at=now,
            kept_since=now - KEPT,
        )
        return taken is not None

    async def first(self, key: str, now: datetime) -> Record | None:
        """What the key was first used for, if that was not too long ago."""
        return await self._first(_FIRST, key=key, kept_since=now - KEPT)

    async def finish(self, key: str, answer: str, now: datetime) -> None:
        """Keep the answer, and forget some of those that were kept for long enough."""
        await self._run(_FINISH, key=key, answered=answer)
        await self._run(_FORGET, kept_since=now - KEPT)

    async def take_back(self, key: str) -> None:
        """Free the key: the request was refused."""
        await self._run(_TAKE_BACK, key=key)
