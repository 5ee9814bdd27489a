"""Tabs: opened, read, listed and described. Dojo's orders are read and listed beside them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydantic_core import from_json

from epos.contract.orders import DineInDetails, OrderType
from epos.domain.errors import InvalidRequest
from epos.domain.identifiers import Identifiers
from epos.domain.limits import Limits, Unusual, refuse_unusual, unusual_covers, unusual_time
from epos.domain.requester import Requester
from epos.domain.tab import Tab
from epos.services.order_placement import Placement, place
from epos.services.paging import Pages
from epos.services.till import tab_rows
from epos.services.till.unit_of_work import (
    Change,
    LockedTab,
    NewTab,
    Write,
    answer,
    change_tab,
    insert_tab,
)
from epos.store.database import Database
from epos.store.venue_store import VenueStore
from epos.till_contract import tabs as models
from epos.till_contract.tab_requests import Collection, DescribeTab, ListTabs, OpenTab

_KEY = (("created_at", datetime), ("id", str))


class Tabs:
    def __init__(self, database: Database, identifiers: Identifiers) -> None:
        self._database = database
        self._identifiers = identifiers

    async def get(self, tab_id: str, requester: Requester) -> models.Tab:
        """Raises NotFound for an order that does not exist or that the waiter may not see."""
        async with self._database.read(requester.venue_id) as store:
            return await answer(store, tab_id, requester.waiter_id)

    async def search(self, request: ListTabs, requester: Requester) -> models.TabPage:
        """Newest first; the open ones, if the request does not ask for others."""
        named = request.status if request.status not in ("open", "all") else None
        filters = {"table_id": request.tableId, "waiter_id": request.waiterId, "status": named}
        pages = Pages(_KEY, requester.venue_id, "tabs", {**filters, "of": request.status})
        wanted = pages.request(request, prefix="")
        async with self._database.read(requester.venue_id) as store:
            page = await store.tab_search.search(
                wanted,
                open_only=request.status == "open",
                requester_waiter_id=requester.waiter_id,
                **filters,
            )
        before, after = pages.around(page)
        return models.TabPage.model_construct(
            data=[tab_rows.render_summary(row) for row in page.rows], before=before, after=after
        )

    async def open(self, request: OpenTab, requester: Requester) -> models.Tab:
        """The new tab. Raises InvalidRequest for a table, party or waiter that does not exist, Conflict for
        unusual covers or an unusual time that are not confirmed.
        """
        _check(request)

        async def work(store: VenueStore) -> models.Tab:
            return await answer(store, await self._open(store, request, requester))

        return await self._database.write(requester.venue_id, work)

    async def describe(self, request: DescribeTab, write: Write) -> models.Tab:
        """Set covers, note and the name on terminals."""

        def decide(locked: LockedTab) -> Change:
            covers = unusual_covers(locked.limits, "covers", request.covers)
            refuse_unusual(covers, confirmed=request.confirm)
            return Change(
                "tab.described",
                locked.tab,
                details={"covers": request.covers},
                order_columns={"note": request.note, "display_name": request.displayName},
                tab_columns={"covers": request.covers},
            )

        return await change_tab(self._database, write, decide)

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
        """A tab for collection starts without a service charge: nobody is served at a table."""
        venue = await store.setup.profile()
        now = await store.venue.now()
        unusual = _unusual(request, Limits.of(from_json(venue["limits"])), now)
        refuse_unusual(unusual, confirmed=request.confirm)
        rate = 0 if request.collection is not None else venue["service_charge_rate"]
        return NewTab(
            id=self._identifiers.new("ord"),
            tab=Tab(
                service_charge_rate=rate,
                service_charge_bears_vat=venue["service_charge_bears_vat"],
            ),
            now=now,
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
                "covers": request.covers,
                "opened_by": requester.waiter_id,
            },
            customer=_customer(request.collection),
        )


# --- the place of a tab ---------------------------------------------------------------------------


async def place_tab(
    store: VenueStore, table_id: str | None, party_id: str | None, requester: Requester
) -> Placement:
    """Lock the table and its party, and answer them: the party that is named, else the one that sits
    there. Lock the tab after them.

    Raises InvalidRequest for what does not exist, or what the waiter may not see.
    """
    if table_id is None and party_id is None:
        return Placement()
    try:
        return await place(store, DineInDetails(tableId=table_id, partyId=party_id), requester)
    except InvalidRequest as error:
        raise error.outside("details.dineIn") from None


async def check_waiter(store: VenueStore, waiter_id: str | None) -> None:
    """Raises InvalidRequest for an unknown waiter: nobody would see a tab under a mistyped id."""
    if waiter_id is not None and not await store.waiters.is_there(waiter_id):
        raise InvalidRequest("waiterId", "is not a waiter of the venue")


# --- a request to open a tab ----------------------------------------------------------------------


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


def _unusual(request: OpenTab, limits: Limits, now: datetime) -> Iterator[Unusual]:
    yield from unusual_covers(limits, "covers", request.covers)
    if request.collection is not None:
        at = request.collection.collectAt
        yield from unusual_time(limits, "collection.collectAt", at, now)


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
