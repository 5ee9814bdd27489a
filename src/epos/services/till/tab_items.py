"""What is on a tab: items ordered, put right, made void and sent to the kitchen."""

from dataclasses import replace

from epos.domain.identifiers import Identifiers
from epos.domain.tab_changes import sent, status_when_sent, with_line, with_void
from epos.domain.tab_rules import check_approved
from epos.services.till.approvals import Approvals
from epos.services.till.menu_lines import new_lines
from epos.services.till.tab_answers import answer
from epos.services.till.tab_writes import Change, HeldTab, Write, change_tab, hold, save
from epos.store.database import Database
from epos.store.venue_store import VenueStore
from epos.till_contract.tab_requests import ChangeLine, NewItem, VoidLine
from epos.till_contract.tabs import Tab


class TabItems:
    def __init__(self, database: Database, identifiers: Identifiers, approvals: Approvals) -> None:
        self._database = database
        self._identifiers = identifiers
        self._approvals = approvals

    async def add(self, items: list[NewItem], write: Write) -> Tab:
        """The tab with a line for each item, as the menu has it now; all of them, or none.

        Raises InvalidRequest naming the item that is wrong, Conflict for one that is not available.
        """

        async def work(store: VenueStore) -> Tab:
            held = await hold(store, write)
            added = await new_lines(store, items, self._new_id)
            tab = held.tab.with_lines([*held.tab.lines, *added])
            details = {"lines": [line.id for line in added]}
            await save(store, held, Change("tab.items_added", tab, details=details), write)
            return await answer(store, write.tab_id)

        return await self._database.write(write.requester.venue_id, work)

    async def change(self, line_id: str, request: ChangeLine, write: Write) -> Tab:
        """Raises Conflict for what the kitchen has been told already."""

        def decide(held: HeldTab) -> Change:
            tab = with_line(
                held.tab,
                line_id,
                quantity=request.quantity,
                note=request.note,
                cover=request.cover,
            )
            return Change(
                "tab.line_changed", tab, details={"line": line_id, "quantity": request.quantity}
            )

        return await change_tab(self._database, write, decide)

    async def void(self, request: VoidLine, write: Write) -> Tab:
        """Raises Forbidden for what was sent to the kitchen, without a manager's approval."""
        manager = await self._approvals.given(write.requester, request.approval)

        def decide(held: HeldTab) -> Change:
            line = held.tab.live_line(request.lineId)
            check_approved(line.name, line.sent_round, manager)
            tab = with_void(
                held.tab, request.lineId, request.quantity, request.reason, self._new_id
            )
            quantity = request.quantity or line.quantity
            return Change("tab.line_voided", tab, details={"line": line.id, "quantity": quantity})

        return await change_tab(self._database, replace(write, approved_by=manager), decide)

    async def send(self, write: Write) -> Tab:
        """The round's number is the tab's `rounds`. Raises Conflict where there is nothing to send."""

        def decide(held: HeldTab) -> Change:
            the_round = held.facts["rounds"] + 1
            return Change(
                "tab.sent",
                sent(held.tab, the_round),
                status=status_when_sent(held.status),
                details={"round": the_round},
                tab_columns={"rounds": the_round},
            )

        return await change_tab(self._database, write, decide)

    def _new_id(self) -> str:
        return self._identifiers.new("lin")
