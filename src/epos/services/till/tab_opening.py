"""Opening a tab: at a table, to be fetched, or at the bar."""

from typing import Any

from epos.contract.codec import fingerprint
from epos.contract.orders import OrderType
from epos.domain.errors import InvalidRequest
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.domain.tab import Tab
from epos.services.order_placement import Placement
from epos.services.replays import refuse_other_content
from epos.services.till.new_tabs import NewTab, insert_tab
from epos.services.till.tab_answers import answer
from epos.services.till.tab_places import check_waiter, place_tab
from epos.store.database import Database
from epos.store.venue_store import VenueStore
from epos.till_contract import tabs as models
from epos.till_contract.tab_requests import Collection, OpenTab


class TabOpening:
    def __init__(self, database: Database, identifiers: Identifiers) -> None:
        self._database = database
        self._identifiers = identifiers

    async def open(self, request: OpenTab, requester: Requester) -> models.Tab:
        """The new tab. The same `key` with the same content answers the tab as it is now.

        Raises Conflict for a key that was used otherwise, InvalidRequest for a table, party or waiter
        that is not there.
        """
        _check(request)

        async def work(store: VenueStore) -> models.Tab:
            tab_id = await _opened_before(store, request)
            if tab_id is None:
                tab_id = await self._open(store, request, requester)
            return await answer(store, tab_id)

        return await self._database.write(requester.venue_id, work)

    async def _open(self, store: VenueStore, request: OpenTab, requester: Requester) -> str:
        placement = await place_tab(store, request.tableId, request.partyId, requester)
        await check_waiter(store, request.waiterId)
        new = await self._new(store, request, requester, placement)
        await insert_tab(store, new)
        named = {name: new.order_columns[name] for name in ("table_id", "party_id", "reference")}
        await store.audit.add(requester, new.now, "tab.opened", new.id, **named)
        return new.id

    async def _new(
        self, store: VenueStore, request: OpenTab, requester: Requester, placement: Placement
    ) -> NewTab:
        """Nobody is served who fetches: a tab for collection starts without a service charge."""
        venue = await store.setup.profile()
        rate = 0 if request.collection is not None else venue["service_charge_rate"]
        return NewTab(
            id=self._identifiers.new("ord"),
            tab=Tab(
                service_charge_rate=rate,
                service_charge_bears_vat=venue["service_charge_bears_vat"],
            ),
            now=await store.venue.now(),
            order_columns={
                "currency": venue["currency"],
                "table_id": placement.table_id,
                "party_id": placement.party_id,
                "waiter_id": request.waiterId or requester.waiter_id,
                "display_name": request.displayName,
                "reference": await store.orders.new_reference(self._identifiers),
                "note": request.note,
                **_collected(request.collection),
            },
            tab_columns={
                "key": request.key,
                "fingerprint": None if request.key is None else fingerprint(request),
                "covers": request.covers,
                "opened_by": requester.waiter_id,
            },
            customer=_customer(request.collection),
        )


def _check(request: OpenTab) -> None:
    collection = request.collection
    if collection is None:
        return
    if request.tableId is not None:
        raise InvalidRequest("tableId", "must not be sent with collection")
    if request.partyId is not None:
        raise InvalidRequest("partyId", "must not be sent with collection")
    if collection.asap and collection.collectAt is not None:
        raise InvalidRequest("collection.collectAt", "must not be sent with asap")


async def _opened_before(store: VenueStore, request: OpenTab) -> str | None:
    """The id of the tab that this request already opened, before any rule refuses it."""
    if request.key is None:
        return None
    await store.tabs.serialize_on(request.key)
    opened = await store.tabs.by_key(request.key)
    if opened is None:
        return None
    refuse_other_content(opened, request, "key", "to open a tab")
    tab_id: str = opened["order_id"]
    return tab_id


def _collected(collection: Collection | None) -> dict[str, Any]:
    if collection is None:
        return {"order_type": OrderType.DineIn, "asap": None, "collect_at": None}
    return {
        "order_type": OrderType.Collection,
        "asap": collection.collectAt is None,
        "collect_at": collection.collectAt,
    }


def _customer(collection: Collection | None) -> dict[str, Any] | None:
    if collection is None or not collection.name:
        return None
    return {"name": collection.name}
