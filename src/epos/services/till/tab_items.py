"""What is on a tab: items ordered, changed, sent to the kitchen and made void."""

from epos.domain.identifiers import Identifiers
from epos.services.till.menu_lines import new_lines
from epos.services.till.tab_answers import answer
from epos.services.till.tab_writes import Change, Write, hold, save
from epos.store.database import Database
from epos.store.venue_store import VenueStore
from epos.till_contract.tab_requests import NewItem
from epos.till_contract.tabs import Tab


class TabItems:
    def __init__(self, database: Database, identifiers: Identifiers) -> None:
        self._database = database
        self._identifiers = identifiers

    async def add(self, items: list[NewItem], write: Write) -> Tab:
        """The tab with a line for each item, as the menu has it now; all of them, or none.

        Raises InvalidRequest naming the item that is wrong, Conflict for one that is not available.
        """

        async def work(store: VenueStore) -> Tab:
            held = await hold(store, write)
            added = await new_lines(store, items, lambda: self._identifiers.new("lin"))
            tab = held.tab.with_lines([*held.tab.lines, *added])
            details = {"lines": [line.id for line in added]}
            await save(store, held, Change("tab.items_added", tab, details=details), write)
            return await answer(store, write.tab_id)

        return await self._database.write(write.requester.venue_id, work)
