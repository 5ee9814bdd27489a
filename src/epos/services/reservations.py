"""Reservations: Dojo knows its diary, so they may overlap, and no waiter is kept from them."""

from collections.abc import Collection
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
from epos.services import party_mapping
from epos.services.paging import Pages
from epos.services.seating import folded, refuse_unknown
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
                await _create(store, reservation_id, request, requester)
                row = await _answer(store, reservation_id)
            return party_mapping.reservation(row)

        return await self._database.write(requester.venue_id, work)

    async def get(self, reservation_id: str, requester: Requester) -> Reservation:
        """Raises NotFound."""
        async with self._database.read(requester.venue_id) as store:
            return party_mapping.reservation(await _answer(store, reservation_id))

    async def update(
        self, reservation_id: str, request: UpdateReservationRequest, requester: Requester
    ) -> Reservation:
        """Set what is sent and clear what is not.

        Raises NotFound, Conflict for a `dojoReservationId` that another reservation has, and
        InvalidRequest as for a new one.
        """

        async def work(store: VenueStore) -> Reservation:
            await store.reservations.claim(request.dojoReservationId)
            await _change(store, reservation_id, request, requester)
            return party_mapping.reservation(await _answer(store, reservation_id))

        return await self._database.write(requester.venue_id, work)

    async def delete(self, reservation_id: str, requester: Requester) -> None:
        """A party that was seated from it stays as it is. Raises NotFound, also the second time."""

        async def work(store: VenueStore) -> None:
            await _lock(store, reservation_id)
            now = await store.venue.now()
            await store.reservations.delete(reservation_id, now)
            await store.audit.add(requester, now, "reservation.deleted", reservation_id)

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


async def _answer(store: VenueStore, reservation_id: str) -> Record:
    row = await store.reservations.answer(reservation_id)
    if row is None:
        raise NotFound("The reservation")
    return row


async def _lock(store: VenueStore, reservation_id: str) -> None:
    if not await store.reservations.lock(reservation_id):
        raise NotFound("The reservation")


async def _replayed(store: VenueStore, request: CreateReservationRequest) -> Record | None:
    """The reservation that this request already made, answered before any rule refuses it.

    The fingerprint stays that of the create, as a party's does.
    """
    existing = await store.reservations.by_dojo_id(request.dojoReservationId)
    if existing is not None and existing["fingerprint"] != fingerprint(request):
        raise Conflict("dojoReservationId has been used for a reservation with other content")
    return existing


async def _create(
    store: VenueStore,
    reservation_id: str,
    request: CreateReservationRequest,
    requester: Requester,
) -> None:
    _check_end(request)
    await _check_tables(store, request, requester)
    now = await store.venue.now()
    await store.reservations.insert(
        id=reservation_id,
        **_columns(request),
        fingerprint=fingerprint(request),
        created_at=now,
        updated_at=now,
    )
    tables = folded(request.tableIds)
    await store.reservations.keep_tables(reservation_id, tables)
    await store.audit.add(requester, now, "reservation.created", reservation_id, tables=tables)


async def _change(
    store: VenueStore,
    reservation_id: str,
    request: UpdateReservationRequest,
    requester: Requester,
) -> None:
    await _lock(store, reservation_id)
    before = (await _answer(store, reservation_id))["table_ids"]
    _check_end(request)
    await _check_key(store, reservation_id, request)
    await _check_tables(store, request, requester, kept=before)
    now = await store.venue.now()
    await store.reservations.update(reservation_id, **_columns(request), updated_at=now)
    tables = folded(request.tableIds)
    if tables != before:
        await store.reservations.release_tables(reservation_id)
        await store.reservations.keep_tables(reservation_id, tables)
    await store.audit.add(
        requester, now, "reservation.updated", reservation_id, tables=tables, was_at=before
    )


def _check_end(request: CreateReservationRequest) -> None:
    if request.endTime <= request.startTime:
        raise InvalidRequest("endTime", "must be after startTime")


async def _check_key(
    store: VenueStore, reservation_id: str, request: UpdateReservationRequest
) -> None:
    holder = await store.reservations.by_dojo_id(request.dojoReservationId)
    if holder is not None and holder["id"] != reservation_id:
        raise Conflict("dojoReservationId belongs to another reservation")


async def _check_tables(
    store: VenueStore,
    request: CreateReservationRequest,
    requester: Requester,
    kept: Collection[str] = (),
) -> None:
    """Raises InvalidRequest for a table that does not exist, or that the waiter may not see and
    the reservation does not have already.
    """
    seen = await store.layout.table_names(request.tableIds, requester.waiter_id)
    refuse_unknown(request.tableIds, {*seen, *kept})


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
