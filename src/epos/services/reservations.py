"""Reservations: as Dojo reads, searches and writes them, and the rules that the till shares.

Reservations may overlap, and every waiter sees all of them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from epos.contract.codec import fingerprint
from epos.contract.reservations import (
    CreateReservationRequest,
    PagedReservationsResponse,
    Reservation,
    SearchReservationsRequest,
    UpdateReservationRequest,
)
from epos.domain.errors import Conflict, InvalidRequest, NotFound
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.services import mapping
from epos.services.paging import Pages
from epos.services.replays import made_before
from epos.services.seating import refuse_unknown, without_repeats
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.venue_store import VenueStore

_KEY = (("start_time", datetime), ("id", str))


class Reservations:
    def __init__(self, database: Database, identifiers: Identifiers) -> None:
        self._database = database
        self._identifiers = identifiers

    async def create(self, request: CreateReservationRequest, requester: Requester) -> Reservation:
        """Make a reservation. The same content sent again answers it as it is now.

        Raises Conflict when `dojoReservationId` has been used for other content, InvalidRequest
        for a table that does not exist or an end that is not after the start.
        """

        async def work(store: VenueStore) -> Reservation:
            await store.reservations.serialize_on(request.dojoReservationId)
            # The fingerprint stays that of the create, as a party's does.
            existing = await store.reservations.by_dojo_id(request.dojoReservationId)
            row = made_before(existing, request, "dojoReservationId", "for a reservation")
            if row is None:
                reservation_id = self._identifiers.new("rsv")
                columns = _columns(request) | {"fingerprint": fingerprint(request)}
                booking = Booking(request.tableIds, columns)
                await make_reservation(store, reservation_id, booking, requester)
                row = await read_reservation(store, reservation_id)
            return mapping.reservation(row)

        return await self._database.write(requester.venue_id, work)

    async def get(self, reservation_id: str, requester: Requester) -> Reservation:
        """Raises NotFound."""
        async with self._database.read(requester.venue_id) as store:
            row = await read_reservation(store, reservation_id)
            return mapping.reservation(row)

    async def update(
        self, reservation_id: str, request: UpdateReservationRequest, requester: Requester
    ) -> Reservation:
        """Set the fields that are sent and clear the others.

        Raises NotFound, Conflict for a `dojoReservationId` that another reservation has, and
        InvalidRequest as for a new one.
        """

        async def work(store: VenueStore) -> Reservation:
            await store.reservations.serialize_on(request.dojoReservationId)
            reservation = await lock_reservation(store, reservation_id, request.tableIds)
            await _check_key(store, reservation_id, request)
            booking = Booking(request.tableIds, _columns(request))
            await change_reservation(store, reservation, booking, requester)
            row = await read_reservation(store, reservation_id)
            return mapping.reservation(row)

        return await self._database.write(requester.venue_id, work)

    async def delete(self, reservation_id: str, requester: Requester) -> None:
        """Delete it; a party that was seated from it stays. Raises NotFound, also the second time."""

        async def work(store: VenueStore) -> None:
            await lock_reservation(store, reservation_id)
            await delete_reservation(store, reservation_id, requester)

        await self._database.write(requester.venue_id, work)

    async def search(
        self, request: SearchReservationsRequest, requester: Requester
    ) -> PagedReservationsResponse:
        """Reservations by start time; a time window finds all that overlap it."""
        filters: dict[str, str | datetime | None] = {
            "table_id": request.tableId,
            "from_time": request.fromTime,
            "to_time": request.toTime,
        }
        pages = Pages(_KEY, requester.venue_id, "reservations", filters)
        wanted = pages.request(request.cursor)
        async with self._database.read(requester.venue_id) as store:
            page = await store.reservations.search(wanted, **filters)
        before, after = pages.around(page)
        return PagedReservationsResponse.model_construct(
            data=[mapping.reservation(row) for row in page.rows], before=before, after=after
        )


async def _check_key(
    store: VenueStore, reservation_id: str, request: UpdateReservationRequest
) -> None:
    holder = await store.reservations.by_dojo_id(request.dojoReservationId)
    if holder is not None and holder["id"] != reservation_id:
        raise Conflict("dojoReservationId belongs to another reservation")


def _columns(request: CreateReservationRequest) -> dict[str, Any]:
    """The columns that create and update both set."""
    return {
        "dojo_reservation_id": request.dojoReservationId,
        "name": request.name,
        "covers": request.covers,
        "start_time": request.startTime,
        "end_time": request.endTime,
        "host_notes": request.hostNotes,
        "guest_requests": request.guestRequests,
    }


# --- rules that Dojo and the till share -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Booking:
    """What a reservation becomes."""

    table_ids: list[str]
    """In the order in which they were sent."""
    columns: Mapping[str, Any]
    """The columns of its row that the sender decides."""


async def read_reservation(store: VenueStore, reservation_id: str) -> Record:
    row = await store.reservations.answer(reservation_id)
    if row is None:
        raise NotFound("The reservation")
    return row


async def lock_reservation(
    store: VenueStore, reservation_id: str, wanted: Collection[str] = ()
) -> Record:
    """Lock the tables that it will have (FOR SHARE), then the reservation. Raises NotFound."""
    if wanted:
        await _share_lock_tables(store, wanted)
    if not await store.reservations.lock(reservation_id):
        raise NotFound("The reservation")
    return await read_reservation(store, reservation_id)


async def make_reservation(
    store: VenueStore, reservation_id: str, booking: Booking, requester: Requester
) -> None:
    """Raises InvalidRequest for a table that is not there or an end that is not after the start."""
    _check_end(booking)
    await _share_lock_tables(store, booking.table_ids)
    await _check_tables(store, booking, requester)
    now = await store.venue.now()
    at_once = {"created_at": now, "updated_at": now}
    await store.reservations.insert(**{"id": reservation_id, **at_once, **booking.columns})
    tables = without_repeats(booking.table_ids)
    await store.reservations.keep_tables(reservation_id, tables)
    await store.audit.add(requester, now, "reservation.created", reservation_id, tables=tables)


async def change_reservation(
    store: VenueStore, reservation: Record, booking: Booking, requester: Requester
) -> None:
    """Call with the reservation and its new tables locked; `reservation` is its row as it is now.

    Raises InvalidRequest as `make_reservation` does.
    """
    reservation_id, before = reservation["id"], reservation["table_ids"]
    _check_end(booking)
    await _check_tables(store, booking, requester, kept=before)
    now = await store.venue.now()
    await store.reservations.update(reservation_id, **{**booking.columns, "updated_at": now})
    tables = without_repeats(booking.table_ids)
    if tables != before:
        await store.reservations.release_tables(reservation_id)
        await store.reservations.keep_tables(reservation_id, tables)
    await store.audit.add(
        requester, now, "reservation.updated", reservation_id, tables=tables, was_at=before
    )


async def delete_reservation(
    store: VenueStore, reservation_id: str, requester: Requester, ended_as: str = "canceled"
) -> None:
    """Call with the reservation locked. A party that was seated from it stays as it is. A till still sees
    it, with the status that it ended with.
    """
    now = await store.venue.now()
    await store.reservations.delete(reservation_id, now, ended_as)
    await store.audit.add(requester, now, "reservation.deleted", reservation_id, ended_as=ended_as)


def _check_end(booking: Booking) -> None:
    if booking.columns["end_time"] <= booking.columns["start_time"]:
        raise InvalidRequest("endTime", "must be after startTime")


async def _share_lock_tables(store: VenueStore, table_ids: Collection[str]) -> None:
    """Nobody can remove the tables until the transaction ends."""
    await store.floor.share_lock_tables(sorted({*table_ids}))


async def _check_tables(
    store: VenueStore, booking: Booking, requester: Requester, kept: Collection[str] = ()
) -> None:
    """Raises InvalidRequest for a table that does not exist, or that the waiter may not see and
    the reservation does not have already.
    """
    seen = await store.floor.table_names(booking.table_ids, requester.waiter_id)
    refuse_unknown(booking.table_ids, {*seen, *kept})
