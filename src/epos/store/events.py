"""The inbox of Dojo's events."""

from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert as upsert

from epos.store.busy_rows import take_row
from epos.store.repository import Repository
from epos.store.statements import Statement
from epos.store.tables import dojo_event
from epos.store.visibility import VENUE

_RECEIVE = Statement(
    upsert(dojo_event).on_conflict_do_nothing().returning(dojo_event.c.id),
    columns=[column.name for column in dojo_event.c if not column.name.startswith("refund_")],
)
_FINGERPRINT = Statement(
    select(dojo_event.c.fingerprint).where(
        dojo_event.c.venue_id == VENUE, dojo_event.c.id == bindparam("event_id")
    )
)


class EventRepository(Repository):
    async def receive(self, **columns: Any) -> bool:
        """Store the event; False if its id exists. Waits for a transaction that is storing the same id."""
        take_row(f"event {columns['id']}")
        return await self._value(_RECEIVE, **columns) is not None

    async def fingerprint(self, event_id: str) -> str:
        fingerprint: str = await self._value(_FINGERPRINT, event_id=event_id)
        return fingerprint
