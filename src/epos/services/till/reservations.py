"""Reservations as a till makes, edits and cancels them, by the same rules as Dojo's.

A till edits: what it does not send stays as it is, and it says which version it saw. It is shown which
reservations overlap; nothing refuses that.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from epos.contract.codec import fingerprint
from epos.domain.diary import Booked, overlaps
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.services.paging import Pages
from epos.services.replays import refuse_other_content
from epos.services.reservations import (
    Booking,
    change_reservation,
    delete_reservation,
    lock_reservation,
    make_reservation,
    read_reservation,
)
from epos.services.till import party_mapping
from epos.services.till.edits import columns_sent
from epos.services.till.lists import page_request
from epos.services.till.versions import refuse_stale
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.till_contract.reservations import (
    BookRequest,
    CancelReservationRequest,
    EditReservationRequest,
    ListReservations,
    Reservation,
    Reservations,
)

_KEY = (("start_time", datetime), ("id", str))
_SENT = {
    "name": "name",
    "covers": "covers",
    "startTime": "start_time",
    "endTime": "end_time",
    "hostNotes": "host_notes",
}


class TillReservations:
    def __init__(self, database: Database, identifiers: Identifiers) -> None:
        self._database = database
        self._identifiers = identifiers

    async def book(self, request: BookRequest, requester: Requester) -> Reservation:
        """The new reservation; the same key and content sent again answer it as it is now.

        Raises Conflict for a key of other content, InvalidRequest for a table that is not there or an
        end that is not after the start.
        """

        async def work(store: VenueStore) -> Reservation:
            row = await _replayed(store, request)
            if row is None:
                reservation_id = self._identifiers.new("rsv")
                booking = Booking(request.tableIds, _new(request))
                await make_reservation(store, reservation_id, booking, requester)
                row = await read_reservation(store, reservation_id)
            return await _answered(store, row)

        return await self._database.write(requester.venue_id, work)

    async def get(self, reservation_id: str, requester: Requester) -> Reservation:
        """Raises NotFound."""
        async with self._database.snapshot(requester.venue_id) as store:
            return await _answered(store, await read_reservation(store, reservation_id))

    async def list(self, request: ListReservations, requester: Requester) -> Reservations:
        """Those of one business day, today's unless another is named, by start time."""
        async with self._database.snapshot(requester.venue_id) as store:
            filters = {**await _window(store, request.day), "table_id": request.tableId}
            pages = Pages(_KEY, requester.venue_id, "till reservations", filters)
            page = await store.reservations.search(page_request(pages, request), **filters)
            found = await _all_answered(store, page.rows)
        before, after = pages.around(page)
        return Reservations.model_construct(data=found, before=before, after=after)

    async def edit(
        self, reservation_id: str, request: EditReservationRequest, requester: Requester
    ) -> Reservation:
        """Raises NotFound, Conflict for a stale version, and InvalidRequest as for a new one."""

        async def work(store: VenueStore) -> Reservation:
            wanted = request.tableIds or ()
            row = await lock_reservation(store, reservation_id, wanted)
            refuse_stale("reservation", row["version"], request.version)
            tables = row["table_ids"] if request.tableIds is None else request.tableIds
            booking = Booking(tables, {**row, **columns_sent(request, _SENT)})
            await change_reservation(store, row, booking, requester)
            return await _answered(store, await read_reservation(store, reservation_id))

        return await self._database.write(requester.venue_id, work)

    async def cancel(
        self, reservation_id: str, request: CancelReservationRequest, requester: Requester
    ) -> None:
        """A party that was seated from it stays. Raises NotFound, also the second time, and Conflict
        for a stale version.
        """

        async def work(store: VenueStore) -> None:
            row = await lock_reservation(store, reservation_id)
            refuse_stale("reservation", row["version"], request.version)
            await delete_reservation(store, reservation_id, requester)

        await self._database.write(requester.venue_id, work)


async def _replayed(store: VenueStore, request: BookRequest) -> Record | None:
    """The reservation that this request already made, answered before any rule refuses it."""
    if request.key is None:
        return None
    await store.reservations.serialize_on_key(request.key)
    existing = await store.reservations.by_key(request.key)
    if existing is not None:
        refuse_other_content(existing, request, "key", "for a reservation")
    return existing


def _new(request: BookRequest) -> dict[str, Any]:
    return {
        "key": request.key,
        "fingerprint": fingerprint(request),
        "dojo_reservation_id": None,
        "guest_requests": None,
        "host_notes": None,
        **columns_sent(request, _SENT),
    }


async def _window(store: VenueStore, day: date | None) -> dict[str, datetime]:
    """When the business day begins and ends; today, if none is named."""
    hours = await store.days.hours(day or (await store.days.current())["begun"])
    return {"from_time": hours["begins"], "to_time": hours["ends"]}


async def _answered(store: VenueStore, row: Record) -> Reservation:
    (answer,) = await _all_answered(store, [row])
    return answer


async def _all_answered(store: VenueStore, rows: Sequence[Record]) -> list[Reservation]:
    """With the party of each and what it overlaps: read from one snapshot, or after the locks."""
    if not rows:
        return []
    start, end = min(row["start_time"] for row in rows), max(row["end_time"] for row in rows)
    around = [
        Booked(row["id"], row["start_time"], row["end_time"], frozenset(row["table_ids"]))
        for row in await store.reservations.between(start, end)
    ]
    clashes = overlaps(around)
    parties = await store.parties.came_from([row["id"] for row in rows])
    return [
        party_mapping.reservation(row, parties.get(row["id"]), clashes[row["id"]]) for row in rows
    ]
