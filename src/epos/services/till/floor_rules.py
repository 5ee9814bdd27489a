"""What the floor of a venue holds, and so keeps from being removed."""

from collections.abc import Collection
from datetime import datetime

from epos.domain.errors import InvalidRequest
from epos.store.venue_store import VenueStore


async def holds(store: VenueStore, table_ids: list[str], now: datetime) -> dict[str, str]:
    """Why each of the locked tables cannot be removed; what holds nothing is not among them."""
    booked = await store.floor.bookings(table_ids, now)
    ordered = await store.floor.open_orders(table_ids)
    seated = await store.parties.seated_at(table_ids)
    return (
        {table_id: f"it is kept for reservation {id_}" for table_id, id_ in booked.items()}
        | {table_id: f"order {id_} on it is open" for table_id, id_ in ordered.items()}
        | {table_id: f"party {id_} sits there" for table_id, id_ in seated.items()}
    )


def refuse_unknown_waiters(sent: list[str], known: Collection[str]) -> None:
    """Raises InvalidRequest for the first that is no waiter of the venue."""
    for index, waiter_id in enumerate(sent):
        if waiter_id not in known:
            raise InvalidRequest(f"waiterIds[{index}]", "is not a waiter of the venue")
