"""How reservations change: made, edited, cancelled; by Dojo and by a till alike.

They may overlap, and no waiter is kept from them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from epos.domain.errors import InvalidRequest, NotFound
from epos.domain.requester import Requester
from epos.services.seating import folded, refuse_unknown
from epos.store.statements import Record
from epos.store.venue_store import VenueStore


@dataclass(frozen=True, slots=True)
class Booking:
    """What a reservation is to be."""

    table_ids: list[str]
    """As they were sent."""
    columns: Mapping[str, Any]
    """The columns of its row that the sender decides."""


async def answer(store: VenueStore, reservation_id: str) -> Record:
    row = await store.reservations.answer(reservation_id)
    if row is None:
        raise NotFound("The reservation")
    return row


async def lock(store: VenueStore, reservation_id: str, wanted: Collection[str] = ()) -> Record:
    """The reservation as it is, locked behind the tables that it is to have. Raises NotFound."""
    if wanted:
        await _hold_tables(store, wanted)
    if not await store.reservations.lock(reservation_id):
        raise NotFound("The reservation")
    return await answer(store, reservation_id)


async def make(
    store: VenueStore, reservation_id: str, booking: Booking, requester: Requester
) -> None:
    """Raises InvalidRequest for a table that is not there or an end that is not after the start."""
    _check_end(booking)
    await _hold_tables(store, booking.table_ids)
    await _check_tables(store, booking, requester)
    now = await store.venue.now()
    at_once = {"created_at": now, "updated_at": now}
    await store.reservations.insert(**{"id": reservation_id, **at_once, **booking.columns})
    tables = folded(booking.table_ids)
    await store.reservations.keep_tables(reservation_id, tables)
    await store.audit.add(requester, now, "reservation.created", reservation_id, tables=tables)


async def change(
    store: VenueStore, reservation: Record, booking: Booking, requester: Requester
) -> None:
    """The reservation, as it is now, is locked already, and its new tables are.

    Raises InvalidRequest as `make` does.
    """
    reservation_id, before = reservation["id"], reservation["table_ids"]
    _check_end(booking)
    await _check_tables(store, booking, requester, kept=before)
    now = await store.venue.now()
    await store.reservations.update(reservation_id, **{**booking.columns, "updated_at": now})
    tables = folded(booking.table_ids)
    if tables != before:
        await store.reservations.release_tables(reservation_id)
        await store.reservations.keep_tables(reservation_id, tables)
    await store.audit.add(
        requester, now, "reservation.updated", reservation_id, tables=tables, was_at=before
    )


async def remove(store: VenueStore, reservation_id: str, requester: Requester) -> None:
    """A party that was seated from it stays as it is. The reservation is locked already."""
    now = await store.venue.now()
    await store.reservations.delete(reservation_id, now)
    await store.audit.add(requester, now, "reservation.deleted", reservation_id)


def _check_end(booking: Booking) -> None:
    if booking.columns["end_time"] <= booking.columns["start_time"]:
        raise InvalidRequest("endTime", "must be after startTime")


async def _hold_tables(store: VenueStore, table_ids: Collection[str]) -> None:
    """None of them is removed until the transaction ends."""
    await store.layout.share_tables(sorted({*table_ids}))


async def _check_tables(
    store: VenueStore, booking: Booking, requester: Requester, kept: Collection[str] = ()
) -> None:
    """Raises InvalidRequest for a table that does not exist, or that the waiter may not see and
    the reservation does not have already.
    """
    seen = await store.layout.table_names(booking.table_ids, requester.waiter_id)
    refuse_unknown(booking.table_ids, {*seen, *kept})
