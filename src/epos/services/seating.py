"""Seat, move, complete and delete parties, with the tables and orders that go with them.

Dojo and the till use the same rules. Every change takes its locks in this order: the natural key, the
tables (old and new together), the reservation, the party, its orders. Then it reads the time.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from epos.domain.errors import Conflict, InvalidRequest, NotFound
from epos.domain.requester import Requester
from epos.services.locked_orders import locked_by
from epos.store.failures import Retry
from epos.store.statements import Record
from epos.store.venue_store import VenueStore

DEFAULT_STATUS = "Seated"

OrderTables: TypeAlias = dict[str, str | None]
"""Open orders, and the table that each moves to; None where it stays."""


@dataclass(frozen=True, slots=True)
class PartyState:
    """What a party becomes."""

    table_ids: list[str]
    """Each once, in the order in which they were sent."""
    columns: Mapping[str, Any]
    """The columns of its row that the sender decides."""
    has_left: bool = False
    end_time: datetime | None = None
    """When the guests left; None: now."""
    moves_locked: bool = True
    """Whether an order that Dojo has locked moves to another table with the party."""

    def end(self, now: datetime) -> datetime | None:
        """Never before the start, even if the start is in the future."""
        if not self.has_left:
            return None
        return self.end_time or max(now, self.columns["start_time"])


@dataclass(frozen=True, slots=True)
class SeatedParty:
    """A party at its tables: which of them are new, and which it left."""

    party_id: str
    reservation_id: str | None
    table_ids: list[str]
    arrived: list[str]
    left: frozenset[str] = frozenset()


# --- parties --------------------------------------------------------------------------------------


async def read_party(store: VenueStore, party_id: str, waiter_id: str | None = None) -> Record:
    """Raises NotFound for a party that does not exist or that the waiter may not see."""
    row = await store.parties.answer(party_id, waiter_id)
    if row is None:
        raise NotFound("The party")
    return row


async def lock_party(
    store: VenueStore, party_id: str, requester: Requester, sent: list[str] | None = None
) -> tuple[Record, dict[str, str]]:
    """Lock the party's tables and those that were sent, its reservation, and the party.

    Returns the party, and the tables' names. Raises NotFound, InvalidRequest for a table, and Retry
    when the party moved before it was locked.
    """
    seen = await read_party(store, party_id, requester.waiter_id)
    names = await lock_tables(store, sent or [], requester, kept=seen["table_ids"])
    if seen["reservation_id"] is not None:
        await store.reservations.lock(seen["reservation_id"])
    await store.parties.lock(party_id)
    party = await read_party(store, party_id, requester.waiter_id)
    if not names.keys() >= {*party["table_ids"]}:
        raise Retry
    return party, names


async def seat_party(
    store: VenueStore, party_id: str, state: PartyState, names: dict[str, str], requester: Requester
) -> None:
    """Call with the tables and the reservation locked; `names` are the tables' names.

    Raises Conflict for a table that is taken.
    """
    tables, reservation_id = state.table_ids, state.columns["reservation_id"]
    await _refuse_taken(store, tables, names)
    at = SeatedParty(party_id, reservation_id, table_ids=tables, arrived=tables)
    orders = await _lock_orders_that_follow(store, at)
    now = await store.venue.now()
    await _check_locks(store, state, orders, now)
    at_once = {"start_time": now, "end_time": None, "created_at": now, "updated_at": now}
    await store.parties.insert(**{"id": party_id, **at_once, **state.columns})
    await store.parties.seat_at(party_id, tables, live=True)
    await _place_orders(store, orders, party_id, now, requester)
    await store.audit.add(
        requester,
        now,
        "party.created",
        party_id,
        tables=tables,
        reservation=reservation_id,
        orders=len(orders),
    )


async def change_party(
    store: VenueStore, party: Record, state: PartyState, names: dict[str, str], requester: Requester
) -> None:
    """Call with the party and all these tables locked; `party` is its row as it is now.

    Raises Conflict for a table that another party has.
    """
    party_id, tables, was_at = party["id"], state.table_ids, party["table_ids"]
    orders: OrderTables = {}
    if not state.has_left:
        if not party["is_live"]:  # a table that it had may have been removed since
            refuse_unknown(tables, await store.floor.table_names(tables))
        await _refuse_taken(store, tables, names, party_id)
        orders = await _lock_orders_that_follow(store, _seating(party, tables))
    now = await store.venue.now()
    await _check_locks(store, state, orders, now)
    await _write(store, party, state, now)
    if party["is_live"]:
        gone = {*was_at, *tables} if state.has_left else {*was_at} - {*tables}
        await _free_tables(store, gone, now)
    await _place_orders(store, orders, party_id, now, requester)
    leaves = state.has_left and party["is_live"]
    action = "party.completed" if leaves else "party.updated"
    await store.audit.add(
        requester, now, action, party_id, tables=tables, was_at=was_at, orders=len(orders)
    )


async def delete_party(store: VenueStore, party_id: str, requester: Requester) -> None:
    """Free the party's tables; its open orders belong to no party. Raises NotFound."""
    party, _ = await lock_party(store, party_id, requester)
    orders = await _lock_orders_of(store, party_id)
    now = await store.venue.now()
    await store.parties.delete(party_id, now)
    if party["is_live"]:
        await _free_tables(store, party["table_ids"], now)
    await _place_orders(store, orders, None, now, requester)
    was_at = party["table_ids"]
    await store.audit.add(
        requester, now, "party.deleted", party_id, was_at=was_at, orders=len(orders)
    )


async def lock_named_reservation(store: VenueStore, reservation_id: str) -> None:
    """Lock the reservation that the guests came with. Raises InvalidRequest if there is none."""
    if not await store.reservations.lock(reservation_id):
        raise InvalidRequest("reservationId", "is not a reservation of the venue")


def _seating(party: Record, tables: list[str]) -> SeatedParty:
    """A party that comes back arrives at all its tables; one that moves, at the new ones."""
    before = party["table_ids"]
    kept = before if party["is_live"] else []
    return SeatedParty(
        party["id"],
        party["reservation_id"],
        table_ids=tables,
        arrived=[table_id for table_id in tables if table_id not in kept],
        left=frozenset(before) - frozenset(tables),
    )


async def _write(store: VenueStore, party: Record, state: PartyState, now: datetime) -> None:
    """Remove the old seats first: a party that comes back would take them again."""
    party_id, moves = party["id"], state.table_ids != party["table_ids"]
    if moves:
        await store.parties.unseat(party_id)
    columns = {**state.columns, "end_time": state.end(now), "updated_at": now}
    await store.parties.update(party_id, **columns)
    if moves:
        await store.parties.seat_at(party_id, state.table_ids, live=not state.has_left)


# --- tables ---------------------------------------------------------------------------------------


def without_repeats(table_ids: Iterable[str]) -> list[str]:
    """Each table once, in the order in which they were sent."""
    return list(dict.fromkeys(table_ids))


def refuse_unknown(sent: list[str], known: Collection[str]) -> None:
    """Raises InvalidRequest for the first table that is not known, at its place in the request."""
    for index, table_id in enumerate(sent):
        if table_id not in known:
            raise InvalidRequest(f"tableIds[{index}]", "is not a table of the venue")


async def lock_tables(
    store: VenueStore, sent: list[str], requester: Requester, kept: Collection[str] = ()
) -> dict[str, str]:
    """Lock the tables of a request and those that the party has; returns their names.

    Raises InvalidRequest for a table that does not exist or that the waiter may not see. Everyone who
    sees the party may send a table again that the party has already.
    """
    names = await store.floor.lock_tables(sorted({*sent, *kept}))
    seen = await store.floor.table_names(sent, requester.waiter_id)
    refuse_unknown(sent, {*seen, *kept})
    return names


async def _refuse_taken(
    store: VenueStore, table_ids: list[str], names: dict[str, str], party_id: str | None = None
) -> None:
    """Raises Conflict for the first of the locked tables where another party sits."""
    taken = await store.parties.seated_at(table_ids)
    for table_id in table_ids:
        if taken.get(table_id, party_id) != party_id:
            raise Conflict(f"Table {names[table_id]} is taken by party {taken[table_id]}")


async def _free_tables(store: VenueStore, table_ids: Iterable[str], now: datetime) -> None:
    """Note when these tables became free, except those where another party sits."""
    wanted = sorted(table_ids)
    taken = await store.parties.seated_at(wanted) if wanted else {}
    free = [table_id for table_id in wanted if table_id not in taken]
    if free:
        await store.floor.free_tables(free, now)


# --- orders ---------------------------------------------------------------------------------------


async def _lock_orders_that_follow(store: VenueStore, seating: SeatedParty) -> OrderTables:
    """Lock the open orders that now belong to the party."""

    async def look() -> OrderTables:
        return await _orders_that_follow(store, seating)

    return await _lock_orders(store, look)


async def _lock_orders_of(store: VenueStore, party_id: str) -> OrderTables:
    """Lock the party's open orders; they stay where they are."""

    async def look() -> OrderTables:
        return {row["id"]: None for row in await store.orders.open_of_party(party_id)}

    return await _lock_orders(store, look)


async def _lock_orders(
    store: VenueStore, look: Callable[[], Awaitable[OrderTables]]
) -> OrderTables:
    """Look again after waiting for the locks: an order may have been closed or taken meanwhile.

    An order that was not locked can appear only if another party lost it: then Retry.
    """
    found = await look()
    if not found:
        return found
    await store.orders.lock_all(found)
    orders = await look()
    if not orders.keys() <= found.keys():
        raise Retry
    return orders


async def _orders_that_follow(store: VenueStore, seating: SeatedParty) -> OrderTables:
    first = seating.table_ids[0]
    orders: OrderTables = {}
    if seating.left:
        for order in await store.orders.open_of_party(seating.party_id):
            if order["table_id"] in seating.left:
                orders[order["id"]] = first
    if seating.arrived:
        orders |= dict.fromkeys(await store.orders.open_at_tables(seating.arrived))
        if seating.reservation_id is not None:
            for order in await store.orders.open_preorders(seating.reservation_id):
                stays = order["table_id"] in seating.table_ids
                orders[order["id"]] = None if stays else first
    return orders


async def _place_orders(
    store: VenueStore,
    orders: OrderTables,
    party_id: str | None,
    now: datetime,
    requester: Requester,
) -> None:
    """Give the locked orders to the party, or to none."""
    for table_id in set(orders.values()):
        order_ids = sorted(order for order, to in orders.items() if to == table_id)
        await store.orders.place(order_ids, party_id, table_id, now)
        for order_id in order_ids:
            await store.audit.add(
                requester, now, "order.placed", order_id, party=party_id, moved_to=table_id
            )


async def _check_locks(
    store: VenueStore, state: PartyState, orders: OrderTables, now: datetime
) -> None:
    """Raises Conflict for an order that would move and is locked by Dojo, unless the sender may move it.

    The orders are locked already.
    """
    if state.moves_locked:
        return
    for order_id, table_id in orders.items():
        lock = None if table_id is None else await store.locks.unreleased(order_id)
        if lock is not None and lock.is_live_for_dojo(now):
            raise Conflict(f"Order {order_id} would have to move. {locked_by(lock)}")
