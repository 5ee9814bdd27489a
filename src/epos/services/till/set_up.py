"""What every change of the set-up shares: one at a time, counted, and written into the audit trail."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from epos.domain.requester import Requester
from epos.store.database import Database
from epos.store.venue_store import VenueStore

T = TypeVar("T")


async def change_set_up(
    database: Database, requester: Requester, work: Callable[[VenueStore], Awaitable[T]]
) -> T:
    """`work` in a unit of work of its own; it ends with `note_change`, or changes nothing."""

    async def alone(store: VenueStore) -> T:
        await store.setup.serialize_changes()
        return await work(store)

    return await database.write(requester.venue_id, alone)


async def note_change(
    store: VenueStore,
    requester: Requester,
    now: datetime,
    action: str,
    subject_id: str,
    **details: str | int | bool | list[str] | None,
) -> None:
    await store.setup.count_change()
    await store.audit.add(requester, now, action, subject_id, **details)
