"""How parties change: seated, moved, completed, taken away; by Dojo and by a till alike.

Every change locks in the one order: the natural key, the tables (old and new together), the
reservation, the party, its orders; then it reads the time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from epos.domain.errors import InvalidRequest, NotFound
from epos.domain.requester import Requester
from epos.services import seating
from epos.services.seating import Seating
from epos.store.failures import StartOver
from epos.store.statements import Record
from epos.store.venue_store import VenueStore

DEFAULT_STATUS = "Seated"


@dataclass(frozen=True, slots=True)
class Guests:
    """What a party is to be."""

    table_ids: list[str]
    """Each once, in the order in which they were sent."""
    columns: Mapping[str, Any]
    """The columns of its row that the sender decides."""
    have_left: bool = False
    end_time: datetime | None = None
    """When they left; now, if nobody says."""
    moves_locked: bool = True
    """Whether an order that Dojo has locked goes to another table with them."""

    def end(self, now: datetime) -> datetime | None:
        """Nobody leaves before they came, even if that is said to be in the future."""
        if not self.have_left:
            return None
        return self.end_time or max(now, self.columns["start_time"])


async def answer(store: VenueStore, party_id: str, waiter_id: str | None = None) -> Record:
    """Raises NotFound for a party that does not exist or that the waiter may not see."""
    row = await store.parties.answer(party_id, waiter_id)
    if row is None:
        raise NotFound("The party")
    return row


async def lock(
    store: VenueStore, party_id: str, requester: Requester, sent: list[str] | None = None
) -> tuple[Record, dict[str, str]]:
    """The party as it is, locked behind its tables and those that were sent, and the tables' names.

    Raises NotFound, InvalidRequest for a table, StartOver when the party moved between the looks.
    """
    seen = await answer(store, party_id, requester.waiter_id)
    names = await seating.lock_tables(store, sent or [], requester, kept=seen["table_ids"])
    if seen["reservation_id"] is not None:
        await store.reservations.lock(seen["reservation_id"])
    await store.parties.lock(party_id)
    party = await answer(store, party_id, requester.waiter_id)
    if not names.keys() >= {*party["table_ids"]}:
        raise StartOver
    return party, names


async def seat(
    store: VenueStore, party_id: str, guests: Guests, names: dict[str, str], requester: Requester
) -> None:
    """Their tables, with these names, and their reservation are locked already.

    Raises Conflict for a table that is taken.
    """
    tables, reservation_id = guests.table_ids, guests.columns["reservation_id"]
    await seating.refuse_taken(store, tables, names)
    at = Seating(party_id, reservation_id, table_ids=tables, arrived=tables)
    orders = await seating.lock_orders_that_follow(store, at)
    now = await store.venue.now()
    await _check_locks(store, guests, orders, now)
    at_once = {"start_time": now, "end_time": None, "created_at": now, "updated_at": now}
    await store.parties.insert(**{"id": party_id, **at_once, **guests.columns})
    await store.parties.seat_at(party_id, tables, live=True)
    await seating.place_orders(store, orders, party_id, now, requester)
    await store.audit.add(
        requester,
        now,
        "party.created",
        party_id,
        tables=tables,
        reservation=reservation_id,
        orders=len(orders),
    )


async def change(
    store: VenueStore, party: Record, guests: Guests, names: dict[str, str], requester: Requester
) -> None:
    """The party, as it is now, and all these tables are locked already.

    Raises Conflict for a table that another party has.
    """
    party_id, tables, was_at = party["id"], guests.table_ids, party["table_ids"]
    orders: seating.Plan = {}
    if not guests.have_left:
        if not party["is_live"]:  # a table that it had may have been removed since
            seating.refuse_unknown(tables, await store.layout.table_names(tables))
        await seating.refuse_taken(store, tables, names, party_id)
        orders = await seating.lock_orders_that_follow(store, _seating(party, tables))
    now = await store.venue.now()
    await _check_locks(store, guests, orders, now)
    await _write(store, party, guests, now)
    if party["is_live"]:
        gone = {*was_at, *tables} if guests.have_left else {*was_at} - {*tables}
        await seating.free_tables(store, gone, now)
    await seating.place_orders(store, orders, party_id, now, requester)
    leaves = guests.have_left and party["is_live"]
    action = "party.completed" if leaves else "party.updated"
    await store.audit.add(
        requester, now, action, party_id, tables=tables, was_at=was_at, orders=len(orders)
    )


async def remove(store: VenueStore, party_id: str, requester: Requester) -> None:
    """The tables become free, and the open orders nobody's. Raises NotFound."""
    party, _ = await lock(store, party_id, requester)
    orders = await seating.lock_orders_of(store, party_id)
    now = await store.venue.now()
    await store.parties.delete(party_id, now)
    if party["is_live"]:
        await seating.free_tables(store, party["table_ids"], now)
    await seating.place_orders(store, orders, None, now, requester)
    was_at = party["table_ids"]
    await store.audit.add(
        requester, now, "party.deleted", party_id, was_at=was_at, orders=len(orders)
    )


async def lock_reservation(store: VenueStore, reservation_id: str) -> None:
    """Raises InvalidRequest for one that the guests cannot have come with."""
    if not await store.reservations.lock(reservation_id):
        raise InvalidRequest("reservationId", "is not a reservation of the venue")


async def _check_locks(
    store: VenueStore, guests: Guests, orders: seating.Plan, now: datetime
) -> None:
    if not guests.moves_locked:
        await seating.refuse_locked(store, orders, now)


def _seating(party: Record, tables: list[str]) -> Seating:
    """Guests who come back arrive at all their tables; who moves arrives at the new ones."""
    before = party["table_ids"]
    kept = before if party["is_live"] else []
    return Seating(
        party["id"],
        party["reservation_id"],
        table_ids=tables,
        arrived=[table_id for table_id in tables if table_id not in kept],
        left=frozenset(before) - frozenset(tables),
    )


async def _write(store: VenueStore, party: Record, guests: Guests, now: datetime) -> None:
    """The seats it leaves go first: coming back to life, the party would claim them again."""
    party_id, moves = party["id"], guests.table_ids != party["table_ids"]
    if moves:
        await store.parties.unseat(party_id)
    columns = {**guests.columns, "end_time": guests.end(now), "updated_at": now}
    await store.parties.update(party_id, **columns)
    if moves:
        await store.parties.seat_at(party_id, guests.table_ids, live=not guests.have_left)
