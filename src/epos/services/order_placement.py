"""Where a new order belongs: its table, its party, and the reservation it was made for."""

from dataclasses import dataclass

from epos.contract.orders import DineInDetails
from epos.domain.errors import InvalidRequest
from epos.domain.requester import Requester
from epos.store.failures import StartOver
from epos.store.venue_store import VenueStore


@dataclass(frozen=True, slots=True)
class Placement:
    """The table and party that the order gets; both are held still until the transaction ends."""

    table_id: str | None = None
    party_id: str | None = None


async def place(
    store: VenueStore, dine_in: DineInDetails | None, requester: Requester
) -> Placement:
    """Find the order's place, lock what it touches, and see that it still is its place.

    Raises InvalidRequest for a table, party or reservation that is not there (or that the waiter may
    not see), StartOver when guests moved between the two looks.
    """
    if dine_in is None:
        return Placement()
    placement = await _look(store, dine_in)
    await _hold(store, dine_in, placement, requester)
    if await _look(store, dine_in) != placement:
        raise StartOver
    return placement


async def _look(store: VenueStore, dine_in: DineInDetails) -> Placement:
    """Read without a lock where the order would go now."""
    table_id, party_id = dine_in.tableId, dine_in.partyId
    if dine_in.reservationId is not None and party_id is None:
        seated = await store.parties.seated_from(dine_in.reservationId)
        if seated is not None:
            tables = seated["table_ids"]
            return Placement(table_id if table_id in tables else tables[0], seated["party_id"])
    elif table_id is not None and party_id is None:
        party_id = await store.parties.at_table(table_id)
    return Placement(table_id, party_id)


async def _hold(
    store: VenueStore, dine_in: DineInDetails, placement: Placement, requester: Requester
) -> None:
    """Tables, then the reservation, then the party: the order in which everyone locks them."""
    wanted = {placement.table_id, dine_in.tableId} - {None}
    held = await store.layout.share_tables(sorted(table for table in wanted if table))
    await _check_table(store, dine_in.tableId, held, requester)
    reservation_id = dine_in.reservationId
    if reservation_id is not None and not await store.reservations.share(reservation_id):
        raise InvalidRequest("details.dineIn.reservationId", "is not a reservation of the venue")
    if placement.party_id is not None:
        live = await store.parties.share(placement.party_id)
        await _check_party(store, dine_in.partyId, requester, live=bool(live))


async def _check_table(
    store: VenueStore, table_id: str | None, held: dict[str, str], requester: Requester
) -> None:
    if table_id is None:
        return
    if requester.waiter_id is not None:
        held = await store.layout.table_names([table_id], requester.waiter_id)
    if table_id not in held:
        raise InvalidRequest("details.dineIn.tableId", "is not a table of the venue")


async def _check_party(
    store: VenueStore, party_id: str | None, requester: Requester, *, live: bool
) -> None:
    if party_id is None:
        if not live:
            raise StartOver  # it left between the two looks
        return
    waiter_id = requester.waiter_id
    hidden = waiter_id is not None and not await store.parties.is_visible(party_id, waiter_id)
    if not live or hidden:
        raise InvalidRequest("details.dineIn.partyId", "is not a party that is seated now")
