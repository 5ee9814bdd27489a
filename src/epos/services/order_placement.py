"""Decide the table and the party of a new order, from what the request names."""

from dataclasses import dataclass

from epos.contract.orders import DineInDetails
from epos.domain.errors import InvalidRequest
from epos.domain.requester import Requester
from epos.store.failures import Retry
from epos.store.venue_store import VenueStore


@dataclass(frozen=True, slots=True)
class Placement:
    """The table and party that the order gets; both are locked until the transaction ends."""

    table_id: str | None = None
    party_id: str | None = None


async def place(
    store: VenueStore, dine_in: DineInDetails | None, requester: Requester
) -> Placement:
    """Lock tables, reservation and party, always in this order, then decide the order's table and party.

    Raises InvalidRequest for a table, party or reservation that does not exist, or that the waiter may
    not see, with the field names of CreateOrder. Raises Retry when the guests of the reservation sat
    down before the locks were taken.
    """
    if dine_in is None:
        return Placement()
    locked = await _lock_tables(store, dine_in, requester)
    await _lock_reservation(store, dine_in.reservationId)
    placement = await _find(store, dine_in)
    if placement.table_id is not None and placement.table_id not in locked:
        raise Retry
    if _is_preorder(dine_in):
        await _check_guests(store, placement, requester)
    await _lock_party(store, dine_in.partyId, placement.party_id, requester)
    return placement


async def _find(store: VenueStore, dine_in: DineInDetails) -> Placement:
    """The party: the named one, else the one seated from the reservation, else the one at the table.

    A pre-order waits for its own guests: a party at its table now is not theirs.
    """
    table_id, party_id = dine_in.tableId, dine_in.partyId
    if party_id is not None:
        return Placement(table_id, party_id)
    if dine_in.reservationId is not None:
        seated = await store.parties.seated_from(dine_in.reservationId)
        if seated is None:
            return Placement(table_id)
        tables = seated["table_ids"]
        return Placement(table_id if table_id in tables else tables[0], seated["party_id"])
    if table_id is not None:
        return Placement(table_id, await store.parties.at_table(table_id))
    return Placement()


async def _lock_tables(
    store: VenueStore, dine_in: DineInDetails, requester: Requester
) -> dict[str, str]:
    """Lock the named table, and the one where the guests of the reservation seem to sit."""
    wanted = {
        dine_in.tableId,
        (await _find(store, dine_in)).table_id if _is_preorder(dine_in) else None,
    }
    locked = await store.floor.share_lock_tables(
        sorted(table for table in wanted if table is not None)
    )
    if dine_in.tableId is not None:
        await _check_table(store, dine_in.tableId, locked, requester)
    return locked


def _is_preorder(dine_in: DineInDetails) -> bool:
    return dine_in.reservationId is not None and dine_in.partyId is None


async def _check_table(
    store: VenueStore, table_id: str, seen: dict[str, str], requester: Requester
) -> None:
    if requester.waiter_id is not None:
        seen = await store.floor.table_names([table_id], requester.waiter_id)
    if table_id not in seen:
        raise InvalidRequest("details.dineIn.tableId", "is not a table of the venue")


async def _check_guests(store: VenueStore, placement: Placement, requester: Requester) -> None:
    """A reservation is never hidden, but its party may be."""
    waiter_id, party_id = requester.waiter_id, placement.party_id
    if waiter_id is None or party_id is None:
        return
    if not await store.parties.is_visible(party_id, waiter_id):
        field = "details.dineIn.reservationId"
        raise InvalidRequest(field, "is of guests whom this waiter does not serve")


async def _lock_reservation(store: VenueStore, reservation_id: str | None) -> None:
    if reservation_id is not None and not await store.reservations.share_lock(reservation_id):
        raise InvalidRequest("details.dineIn.reservationId", "is not a reservation of the venue")


async def _lock_party(
    store: VenueStore, named: str | None, found: str | None, requester: Requester
) -> None:
    if found is None:
        return
    live = await store.parties.share_lock(found)
    if named is None:
        if not live:
            raise Retry  # the guests left before their row was locked
        return
    waiter_id = requester.waiter_id
    hidden = waiter_id is not None and not await store.parties.is_visible(named, waiter_id)
    if not live or hidden:
        raise InvalidRequest("details.dineIn.partyId", "is not a party that is seated now")
