"""Where a tab belongs, as the till names it: a table, a party, a waiter."""

from typing import Any

from epos.contract.orders import DineInDetails, OrderType
from epos.domain.errors import Conflict, InvalidRequest
from epos.domain.requester import Requester
from epos.services.order_placement import Placement, place
from epos.store.statements import Record
from epos.store.venue_store import VenueStore


async def place_tab(
    store: VenueStore, table_id: str | None, party_id: str | None, requester: Requester
) -> Placement:
    """The table, and the party that was named, else the one that sits there. Both are held still; the
    tab itself is locked after them.

    Raises InvalidRequest for what is not there, or hidden from the waiter who asks.
    """
    if table_id is None and party_id is None:
        return Placement()
    try:
        return await place(store, DineInDetails(tableId=table_id, partyId=party_id), requester)
    except InvalidRequest as error:
        raise error.outside("details.dineIn") from None


async def check_waiter(store: VenueStore, waiter_id: str | None) -> None:
    """Who is named by hand is a waiter: a tab under a name with a slip in it would be lost to all."""
    if waiter_id is not None and not await store.waiters.is_there(waiter_id):
        raise InvalidRequest("waiterId", "is not a waiter of the venue")


def new_place(
    order: Record, table_id: str | None, waiter_id: str | None, placement: Placement
) -> dict[str, Any]:
    """What changes in an order that goes to a table or a waiter; `placement` is that of the table.

    A pre-order goes on waiting for its own guests, whoever sits at its table now. Raises Conflict for
    an order that is to be fetched and a table.
    """
    place: dict[str, Any] = {}
    if table_id is not None:
        if order["order_type"] == OrderType.Collection:
            raise Conflict("The order is to be fetched and has no table")
        place["table_id"] = table_id
        if order["reservation_id"] is None or order["party_id"] is not None:
            place["party_id"] = placement.party_id
    if waiter_id is not None:
        place["waiter_id"] = waiter_id
    return place
