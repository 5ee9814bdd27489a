"""One tab into two: the one that Dojo knows keeps its id and its payments, a new one gets the rest."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json

from epos.domain.errors import InvalidRequest
from epos.domain.identifiers import Identifiers
from epos.domain.tab import Tab
from epos.domain.tab_splits import by_covers, split
from epos.services.till.new_tabs import NewTab, insert_tab
from epos.services.till.tab_answers import answer
from epos.services.till.tab_places import check_waiter, new_place, place_tab
from epos.services.till.tab_writes import Change, HeldTab, Write, hold, line_rows, save
from epos.store.database import Database
from epos.store.venue_store import VenueStore
from epos.till_contract.tab_requests import Split
from epos.till_contract.tabs import Parted

_AS_ON_THE_TAB = (
    *("currency", "status", "order_type", "table_id", "party_id", "reservation_id", "waiter_id"),
    *("asap", "collect_at", "note"),
    "created_at",  # whoever sits down at the table later has no part in it
)


class TabSplitting:
    def __init__(self, database: Database, identifiers: Identifiers) -> None:
        self._database = database
        self._identifiers = identifiers

    async def split(self, request: Split, write: Write) -> Parted:
        """The tab without what is taken, and the new tab.

        Raises as `hold`, InvalidRequest for what is not on the tab, and Conflict where nothing would
        stay, or less than is paid.
        """
        _check(request)

        async def work(store: VenueStore) -> Parted:
            placement = await place_tab(store, request.tableId, None, write.requester)
            await check_waiter(store, request.waiterId)
            held = await hold(store, write)
            staying, moving = split(held.tab, _taken(request, held.tab), self._new_line_id)
            place = new_place(held.order, request.tableId, request.waiterId, placement)
            new = await self._new(store, held, moving, place, write)
            await _write(store, held, staying, new, write)
            return Parted.model_construct(
                tab=await answer(store, write.tab_id), taken=await answer(store, new.id)
            )

        return await self._database.write(write.requester.venue_id, work)

    def _new_line_id(self) -> str:
        return self._identifiers.new("lin")

    async def _new(
        self, store: VenueStore, held: HeldTab, moving: Tab, place: Mapping[str, Any], write: Write
    ) -> NewTab:
        return NewTab(
            id=self._identifiers.new("ord"),
            tab=moving,
            now=held.now,
            order_columns={
                **{name: held.order[name] for name in _AS_ON_THE_TAB},
                **place,
                "display_name": None,
                "reference": await store.orders.new_reference(self._identifiers),
            },
            tab_columns={
                "opened_by": write.requester.waiter_id,
                "rounds": held.facts["rounds"],
            },
            customer=from_json(held.order["content"]).get("customer"),
        )


def _check(request: Split) -> None:
    if (request.lines is None) == (request.covers is None):
        raise InvalidRequest("lines", "or covers must be sent, and not both")
    seen = set[str]()
    for index, line in enumerate(request.lines or ()):
        if line.lineId in seen:
            raise InvalidRequest(f"lines[{index}].lineId", "must not be named twice")
        seen.add(line.lineId)


def _taken(request: Split, tab: Tab) -> dict[str, int]:
    if request.lines is not None:
        return {line.lineId: line.quantity for line in request.lines}
    taken = by_covers(tab, request.covers or ())
    if not taken:
        raise InvalidRequest("covers", "have had nothing that is on this tab")
    return taken


async def _write(store: VenueStore, held: HeldTab, staying: Tab, new: NewTab, write: Write) -> None:
    """The new tab first: lines move to what is there."""
    await insert_tab(store, new)
    moved = [line.id for line in new.tab.lines]
    change = Change("tab.split", staying, details={"taken": new.id, "lines": moved})
    await save(store, held, change, write)
    await store.tabs.save_lines(line_rows(new.id, new.tab, held.lines, held.now, write))
    named = {name: new.order_columns[name] for name in ("table_id", "party_id", "reference")}
    await store.audit.add(
        write.requester, held.now, "tab.opened", new.id, split_from=write.tab_id, **named
    )
