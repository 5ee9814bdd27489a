"""Reservations as Dojo reads, searches and writes them, by the rules of `reservation_changes`."""

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
from epos.domain.errors import Conflict
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.services import party_mapping, reservation_changes
from epos.services.paging import Pages
from epos.services.replays import refuse_other_content
from epos.services.reservation_changes import Booking
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.venue_store import VenueStore

_KEY = (("start_time", datetime), ("id", str))


class Reservations:
    def __init__(self, database: Database, identifiers: Identifiers) -> None:
        self._database = database
        self._identifiers = identifiers

    async def create(self, request: CreateReservationRequest, requester: Requester) -> Reservation:
        """The new reservation; the same content sent again answers it as it is now.

        Raises Conflict when `dojoReservationId` has been used for other content, InvalidRequest
        for a table that is not there or an end that is not after the start.
        """

        async def work(store: VenueStore) -> Reservation:
            await store.reservations.claim(request.dojoReservationId)
            row = await _replayed(store, request)
            if row is None:
                reservation_id = self._identifiers.new("rsv")
                columns = _columns(request) | {"fingerprint": fingerprint(request)}
                booking = Booking(request.tableIds, columns)
                await reservation_changes.make(store, reservation_id, booking, requester)
                row = await reservation_changes.answer(store, reservation_id)
            return party_mapping.reservation(row)

        return await self._database.write(requester.venue_id, work)

    async def get(self, reservation_id: str, requester: Requester) -> Reservation:
        """Raises NotFound."""
        async with self._database.read(requester.venue_id) as store:
            row = await reservation_changes.answer(store, reservation_id)
            return party_mapping.reservation(row)

    async def update(
        self, reservation_id: str, request: UpdateReservationRequest, requester: Requester
    ) -> Reservation:
        """Set what is sent and clear what is not.

        Raises NotFound, Conflict for a `dojoReservationId` that another reservation has, and
        InvalidRequest as for a new one.
        """

        async def work(store: VenueStore) -> Reservation:
            await store.reservations.claim(request.dojoReservationId)
            reservation = await reservation_changes.lock(store, reservation_id, request.tableIds)
            await _check_key(store, reservation_id, request)
            booking = Booking(request.tableIds, _columns(request))
            await reservation_changes.change(store, reservation, booking, requester)
            row = await reservation_changes.answer(store, reservation_id)
            return party_mapping.reservation(row)

        return await self._database.write(requester.venue_id, work)

    async def delete(self, reservation_id: str, requester: Requester) -> None:
        """A party that was seated from it stays as it is. Raises NotFound, also the second time."""

        async def work(store: VenueStore) -> None:
            await reservation_changes.lock(store, reservation_id)
            await reservation_changes.remove(store, reservation_id, requester)

        await self._database.write(requester.venue_id, work)

    async def search(
        self, request: SearchReservationsRequest, requester: Requester
    ) -> PagedReservationsResponse:
        """By start time; a window finds what overlaps it."""
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
            data=[party_mapping.reservation(row) for row in page.rows], before=before, after=after
        )


async def _replayed(store: VenueStore, request: CreateReservationRequest) -> Record | None:
    """The reservation that this request already made, answered before any rule refuses it.

    The fingerprint stays that of the create, as a party's does.
    """
    existing = await store.reservations.by_dojo_id(request.dojoReservationId)
    if existing is not None:
        refuse_other_content(existing, request, "dojoReservationId", "for a reservation")
    return existing


async def _check_key(
    store: VenueStore, reservation_id: str, request: UpdateReservationRequest
) -> None:
    holder = await store.reservations.by_dojo_id(request.dojoReservationId)
    if holder is not None and holder["id"] != reservation_id:
        raise Conflict("dojoReservationId belongs to another reservation")


def _columns(request: CreateReservationRequest) -> dict[str, Any]:
    """What create and update both set."""
    return {
        "dojo_reservation_id": request.dojoReservationId,
        "name": request.name,
        "covers": request.covers,
        "start_time": request.startTime,
        "end_time": request.endTime,
        "host_notes": request.hostNotes,
        "guest_requests": request.guestRequests,
    }
