"""What happens on the floor when guests sit down, move or leave: tables, and the orders on them.

Locks are taken in the order of the whole server: tables, reservation, party, orders.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from epos.domain.errors import Conflict, InvalidRequest
from epos.domain.requester import Requester
from epos.services.held_orders import held_by, is_held_by_dojo
from epos.store.failures import StartOver
from epos.store.venue_store import VenueStore

# --- tables ---------------------------------------------------------------------------------------


def folded(table_ids: Iterable[str]) -> list[str]:
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
    """Lock the tables of a request with those that the party has, and answer their names.

    Raises InvalidRequest for a table that does not exist or that the waiter may not see. A table
    that the party has already may be sent again by everyone who sees the party.
    """
    names = await store.layout.lock_tables(sorted({*sent, *kept}))
    seen = await store.layout.table_names(sent, requester.waiter_id)
    refuse_unknown(sent, {*seen, *kept})
    return names


async def refuse_taken(
    store: VenueStore, table_ids: list[str], names: dict[str, str], party_id: str | None = None
) -> None:
    """Raises Conflict for the first of the locked tables where another party sits."""
    taken = await store.parties.seated_at(table_ids)
    for table_id in table_ids:
        if taken.get(table_id, party_id) != party_id:
            raise Conflict(f"Table {names[table_id]} is taken by party {taken[table_id]}")


async def free_tables(store: VenueStore, table_ids: Iterable[str], now: datetime) -> None:
    """Note that nobody sits at the tables any more, but for those where another party sits."""
    wanted = sorted(table_ids)
    taken = await store.parties.seated_at(wanted) if wanted else {}
    free = [table_id for table_id in wanted if table_id not in taken]
    if free:
        await store.layout.free_tables(free, now)


# --- orders ---------------------------------------------------------------------------------------

Plan: TypeAlias = dict[str, str | None]
"""Open orders, and for each the table it is to be on; None where it is now."""


@dataclass(frozen=True, slots=True)
class Seating:
    """A party that sits at `table_ids` now: which of them it came to, and which it left."""

    party_id: str
    reservation_id: str | None
    table_ids: list[str]
    arrived: list[str]
    left: frozenset[str] = frozenset()


async def lock_orders_that_follow(store: VenueStore, seating: Seating) -> Plan:
    """The open orders that belong to the party now, locked."""

    async def look() -> Plan:
        return await _orders_that_follow(store, seating)

    return await _lock(store, look)


async def lock_orders_of(store: VenueStore, party_id: str) -> Plan:
    """The party's open orders, locked; they are to stay where they are."""

    async def look() -> Plan:
        return {row["id"]: None for row in await store.orders.open_of_party(party_id)}

    return await _lock(store, look)


async def place_orders(
    store: VenueStore, plan: Plan, party_id: str | None, now: datetime, requester: Requester
) -> None:
    """Give the locked orders to the party, or to none."""
    for table_id in set(plan.values()):
        order_ids = sorted(order for order, to in plan.items() if to == table_id)
        await store.orders.place(order_ids, party_id, table_id, now)
        for order_id in order_ids:
            await store.audit.add(
                requester, now, "order.placed", order_id, party=party_id, moved_to=table_id
            )


async def refuse_locked(store: VenueStore, plan: Plan, now: datetime) -> None:
    """Raises Conflict if an order that is to go to another table is locked by Dojo.

    The orders are locked already.
    """
    for order_id, table_id in plan.items():
        held = None if table_id is None else await store.locks.unreleased(order_id)
        if held is not None and is_held_by_dojo(held, now):
            raise Conflict(f"Order {order_id} would have to move. {held_by(held)}")


async def _lock(store: VenueStore, look: Callable[[], Awaitable[Plan]]) -> Plan:
    """What was found may have been closed or taken while we waited for it, so look again.

    More than was locked can be there only if another party's orders were let go: start over.
    """
    found = await look()
    if not found:
        return found
    await store.orders.lock_all(found)
    plan = await look()
    if not plan.keys() <= found.keys():
        raise StartOver
    return plan


async def _orders_that_follow(store: VenueStore, seating: Seating) -> Plan:
    first = seating.table_ids[0]
    plan: Plan = {}
    if seating.left:
        for order in await store.orders.open_of_party(seating.party_id):
            if order["table_id"] in seating.left:
                plan[order["id"]] = first
    if seating.arrived:
        plan |= dict.fromkeys(await store.orders.open_at_tables(seating.arrived))
        if seating.reservation_id is not None:
            for order in await store.orders.open_preorders(seating.reservation_id):
                stays = order["table_id"] in seating.table_ids
                plan[order["id"]] = None if stays else first
    return plan
