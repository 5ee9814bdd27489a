"""Moving a tab, or an order of Dojo's, to another table or another waiter."""

from typing import Any

from epos.domain.errors import Conflict, InvalidRequest
from epos.domain.order_status import is_open
from epos.services.till.tab_answers import answer
from epos.services.till.tab_places import check_waiter, new_place, place_tab
from epos.services.till.tab_writes import HeldOrder, Write, hold_order
from epos.store.database import Database
from epos.store.venue_store import VenueStore
from epos.till_contract.tab_requests import Transfer
from epos.till_contract.tabs import Tab


class TabTransfers:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def transfer(self, request: Transfer, write: Write) -> Tab:
        """At another table the tab is the party's that sits there; where nobody sits, nobody's.

        Raises InvalidRequest for a table or a waiter that is not there, Conflict for a closed order.
        """
        if request.tableId is None and request.waiterId is None:
            raise InvalidRequest("tableId", "or waiterId must be sent")

        async def work(store: VenueStore) -> Tab:
            placement = await place_tab(store, request.tableId, None, write.requester)
            await check_waiter(store, request.waiterId)
            held = await hold_order(store, write)
            if not is_open(held.status):
                raise Conflict(f"The order is {held.status}")
            place = new_place(held.order, request.tableId, request.waiterId, placement)
            await _move(store, held, place, write)
            return await answer(store, write.tab_id)

        return await self._database.write(write.requester.venue_id, work)


async def _move(store: VenueStore, held: HeldOrder, place: dict[str, Any], write: Write) -> None:
    order = held.order
    await store.orders.change(order["id"], held.now, **place)
    details = place | {f"was_{name}": order[name] for name in place}
    await store.audit.add(write.requester, held.now, "order.transferred", order["id"], **details)
