"""The menu at the till: what there is, and what has run out."""

from epos.domain.errors import NotFound
from epos.domain.requester import Requester
from epos.services.till.menu_reading import items_of, read_menu
from epos.services.till.set_up import change_set_up, note_change
from epos.store.database import Database
from epos.store.venue_store import VenueStore
from epos.till_contract.menu import Availability, Menu, MenuItem


class TillMenu:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, requester: Requester) -> Menu:
        async with self._database.snapshot(requester.venue_id) as store:
            return await read_menu(store)

    async def set_available(
        self, plu: str, request: Availability, requester: Requester
    ) -> MenuItem:
        """Whether the item can be sold now. Raises NotFound."""

        async def work(store: VenueStore) -> MenuItem:
            if not await store.menus.set_available(plu, available=request.available):
                raise NotFound("The item")
            return await _noted(store, plu, request, requester)

        return await change_set_up(self._database, requester, work)

    async def set_modifier_available(
        self, item_plu: str, plu: str, request: Availability, requester: Requester
    ) -> MenuItem:
        """Whether it can be asked for with the item now. Raises NotFound."""

        async def work(store: VenueStore) -> MenuItem:
            available = request.available
            if not await store.menus.set_modifier_available(item_plu, plu, available=available):
                raise NotFound("The modifier")
            return await _noted(store, item_plu, request, requester, modifier=plu)

        return await change_set_up(self._database, requester, work)


async def _noted(
    store: VenueStore,
    plu: str,
    request: Availability,
    requester: Requester,
    **details: str,
) -> MenuItem:
    now, available = await store.venue.now(), request.available
    await note_change(
        store, requester, now, "menu.availability", plu, available=available, **details
    )
    return items_of(await read_menu(store))[plu]
