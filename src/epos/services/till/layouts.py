"""A venue's whole set-up, taken out and put in as one document."""

from datetime import datetime

from epos.domain.errors import Conflict
from epos.domain.requester import Requester
from epos.services.till.floor_rules import holds
from epos.services.till.layout_reading import content, layout_of
from epos.services.till.layout_writing import (
    Plan,
    changing_tables,
    existing,
    planned,
    write_floor,
    write_menu,
)
from epos.services.till.profile import profile_fault, set_profile
from epos.services.till.set_up import change_set_up, note_change
from epos.services.till.versions import refuse_stale
from epos.store.database import Database
from epos.store.venue_store import VenueStore
from epos.till_contract.layout import Layout, summary


class LayoutRefused(Conflict):
    """The document is sound, and the state of the venue refuses it, for each of these reasons."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(summary(reasons))
        self.reasons = reasons


class Layouts:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, requester: Requester) -> Layout:
        async with self._database.snapshot(requester.venue_id) as store:
            return await layout_of(store)

    async def replace(
        self, layout: Layout, requester: Requester, version: int | None = None
    ) -> Layout:
        """The venue as the document has it; what it leaves out is removed. All of it or nothing.

        The document that the venue has already changes nothing. Raises LayoutRefused for all that
        the venue still needs, Conflict for a stale `version`, if one is given.
        """

        async def work(store: VenueStore) -> Layout:
            before = await store.setup.profile()
            if version is not None:
                refuse_stale("set-up", before["version"], version)
            if content(layout) != content(await layout_of(store)):
                await _replace(store, layout, requester)
            return await layout_of(store)

        return await change_set_up(self._database, requester, work)


async def _replace(store: VenueStore, layout: Layout, requester: Requester) -> None:
    is_now, to_be = await existing(store), planned(layout)
    await store.layout.lock_tables(sorted(changing_tables(is_now, to_be)))
    now = await store.venue.now()
    reasons = await _reasons(store, layout, is_now, to_be, now)
    if reasons:
        raise LayoutRefused(reasons)
    await set_profile(store, layout.venue, await store.setup.profile())
    await write_floor(store, is_now, to_be, now)
    await write_menu(store, layout.menu)
    await note_change(
        store,
        requester,
        now,
        "layout.replaced",
        requester.venue_id,
        waiters=len(to_be.waiters),
        areas=len(to_be.areas),
        tables=len(to_be.tables),
        items=sum(len(category.items) for category in layout.menu),
    )


async def _reasons(
    store: VenueStore, layout: Layout, is_now: Plan, to_be: Plan, now: datetime
) -> list[str]:
    """Everything about the venue as it is that speaks against the document."""
    fault = await profile_fault(store, layout.venue, await store.setup.profile())
    reasons = [] if fault is None else [f"venue: {fault.message}"]
    gone = sorted(id_ for id_ in is_now.tables if id_ not in to_be.tables)
    held = await holds(store, gone, now)
    return reasons + [
        f"areas: table {id_} is left out and cannot be removed: {held[id_]}"
        for id_ in gone
        if id_ in held
    ]
