"""Tabs, read, listed and described; the orders of Dojo are among them."""

from datetime import datetime

from epos.domain.requester import Requester
from epos.services.paging import Pages
from epos.services.till import tab_mapping
from epos.services.till.lists import page_request
from epos.services.till.tab_answers import answer
from epos.services.till.tab_writes import Change, HeldTab, Write, change_tab
from epos.store.database import Database
from epos.till_contract.tab_requests import DescribeTab, ListTabs
from epos.till_contract.tabs import Tab, TabPage

_KEY = (("created_at", datetime), ("id", str))


class Tabs:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, tab_id: str, requester: Requester) -> Tab:
        """Raises NotFound for an order that does not exist or that the waiter may not see."""
        async with self._database.read(requester.venue_id) as store:
            return await answer(store, tab_id, requester.waiter_id)

    async def describe(self, request: DescribeTab, write: Write) -> Tab:
        """Covers, note and the name on terminals, as they shall be."""

        def decide(held: HeldTab) -> Change:
            return Change(
                "tab.described",
                held.tab,
                details={"covers": request.covers},
                order_columns={"note": request.note, "display_name": request.displayName},
                tab_columns={"covers": request.covers},
            )

        return await change_tab(self._database, write, decide)

    async def search(self, request: ListTabs, requester: Requester) -> TabPage:
        """Newest first; the open ones, if the request does not say otherwise."""
        named = request.status if request.status not in ("open", "all") else None
        filters = {"table_id": request.tableId, "waiter_id": request.waiterId, "status": named}
        pages = Pages(_KEY, requester.venue_id, "tabs", {**filters, "of": request.status})
        wanted = page_request(pages, request)
        async with self._database.read(requester.venue_id) as store:
            page = await store.tab_search.search(
                wanted,
                open_only=request.status == "open",
                requester_waiter_id=requester.waiter_id,
                **filters,
            )
        before, after = pages.around(page)
        return TabPage.model_construct(
            data=[tab_mapping.summary(row) for row in page.rows], before=before, after=after
        )
