"""Opening a tab: at a table, to be fetched, or at the bar."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from epos.contract.codec import fingerprint
from epos.contract.orders import DineInDetails, OrderType
from epos.domain.errors import Conflict, InvalidRequest
from epos.domain.identifiers import Identifiers
from epos.domain.order_status import OrderStatus
from epos.domain.requester import Requester
from epos.domain.tab import Tab
from epos.domain.tab_sums import sums
from epos.services.order_placement import Placement, place
from epos.services.references import new_reference
from epos.services.till.tab_answers import answer
from epos.services.till.tab_content import amounts
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
        placement = await _place(store, request, requester)
        await _check_waiter(store, request.waiterId)
        venue = await store.setup.profile()
        fetched = request.collection is not None
        tab = Tab(
            service_charge_rate=0 if fetched else venue["service_charge_rate"],
            service_charge_bears_vat=venue["service_charge_bears_vat"],
        )
        tab_id, now = self._identifiers.new("ord"), await store.venue.now()
        columns = {
            "currency": venue["currency"],
            "table_id": placement.table_id,
            "party_id": placement.party_id,
            "waiter_id": request.waiterId or requester.waiter_id,
            "display_name": request.displayName,
            "reference": await new_reference(store, self._identifiers),
            "note": request.note,
            **_collection(request.collection),
        }
        await insert_order(store, tab_id, tab, columns, now)
        await store.tabs.insert(
            order_id=tab_id,
            key=request.key,
            fingerprint=None if request.key is None else fingerprint(request),
            covers=request.covers,
            opened_by=requester.waiter_id,
            service_charge_rate=tab.service_charge_rate,
            service_charge_bears_vat=tab.service_charge_bears_vat,
        )
        named = {name: columns[name] for name in ("table_id", "party_id", "reference")}
        await store.audit.add(requester, now, "tab.opened", tab_id, **named)
        return tab_id


async def insert_order(
    store: VenueStore, tab_id: str, tab: Tab, columns: Mapping[str, Any], now: datetime
) -> None:
    """The order of a new tab, as the contract shows it. `columns`: what the tab does not say."""
    currency = columns["currency"]
    plain: dict[str, Any] = {
        "id": tab_id,
        "origin": "till",
        "dojo_order_id": None,
        "fingerprint": None,
        "status": OrderStatus.NEW,
        "paid_amount": 0,
        "tips_amount": 0,
        "reservation_id": None,
        "ready_at": None,
        "reference_is_ours": True,
        "created_at": now,
        "updated_at": now,
    }
    named = columns.get("customer_name")
    given = {name: value for name, value in columns.items() if name != "customer_name"}
    await store.orders.insert(**plain | given | amounts(tab, sums(tab), currency, named))


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
    await store.tabs.claim(request.key)
    opened = await store.tabs.by_key(request.key)
    if opened is None:
        return None
    if opened["fingerprint"] != fingerprint(request):
        raise Conflict("key has been used to open a tab with other content")
    tab_id: str = opened["order_id"]
    return tab_id


async def _place(store: VenueStore, request: OpenTab, requester: Requester) -> Placement:
    if request.tableId is None and request.partyId is None:
        return Placement()
    dine_in = DineInDetails(tableId=request.tableId, partyId=request.partyId)
    try:
        return await place(store, dine_in, requester)
    except InvalidRequest as error:
        raise error.outside("details.dineIn") from None


async def _check_waiter(store: VenueStore, waiter_id: str | None) -> None:
    """Who is named by hand is a waiter: a tab under a name with a slip in it would be lost to all."""
    if waiter_id is not None and not await store.waiters.is_there(waiter_id):
        raise InvalidRequest("waiterId", "is not a waiter of the venue")


def _collection(collection: Collection | None) -> dict[str, Any]:
    if collection is None:
        return {"order_type": OrderType.DineIn, "asap": None, "collect_at": None}
    return {
        "order_type": OrderType.Collection,
        "asap": collection.collectAt is None,
        "collect_at": collection.collectAt,
        "customer_name": collection.name,
    }
