"""Parties and reservations at the till, by the same rules as Dojo's (`services/seating.py`).

A till edits: fields that it does not send stay as they are, and it names the version it saw. It shows what
guests and Dojo decide, the requests and the deposit, and cannot change it.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from epos.domain.diary import Booked, overlaps
from epos.domain.errors import Conflict, InvalidRequest, NotFound
from epos.domain.identifiers import Identifiers
from epos.domain.limits import (
    Limits,
    Unusual,
    refuse_unusual,
    unusual_covers,
    unusual_stay,
    unusual_time,
)
from epos.domain.requester import Requester
from epos.services import seating
from epos.services.paging import Pages
from epos.services.reservations import (
    Booking,
    change_reservation,
    delete_reservation,
    lock_reservation,
    make_reservation,
    read_reservation,
)
from epos.services.seating import PartyState
from epos.services.till.unit_of_work import refuse_stale
from epos.store.database import Database
from epos.store.failures import Retry
from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.till_contract.parties import (
    Deposit,
    EditPartyRequest,
    FinishPartyRequest,
    ListParties,
    OpenTabOfParty,
    Parties,
    Party,
    ReturnPartyRequest,
    SeatPartyRequest,
)
from epos.till_contract.reservations import (
    BookRequest,
    CancelReservationRequest,
    EditReservationRequest,
    ListReservations,
    NoShowRequest,
    Reservation,
    Reservations,
)

_PARTY_KEY = (("start_time", datetime), ("id", str))
_PARTY_COLUMNS = {
    "name": "name",
    "covers": "covers",
    "status": "status",
    "expectedEndTime": "expected_end_time",
    "hostNotes": "host_notes",
}
_NO_DEPOSIT = dict.fromkeys(
    ["deposit_amount", "deposit_currency", "deposit_description", "deposit_intent_ids"]
)


class Seating:
    def __init__(self, database: Database, identifiers: Identifiers) -> None:
        self._database = database
        self._identifiers = identifiers

    async def seat(self, request: SeatPartyRequest, requester: Requester) -> Party:
        """The new party. Raises Conflict for a taken table and for a reservation that has been seated,
        InvalidRequest for a table or reservation that does not exist.
        """

        async def work(store: VenueStore) -> Party:
            await _ask_again(store, request)
            party_id = self._identifiers.new("pty")
            await _seat(store, party_id, request, requester)
            return _party(await seating.read_party(store, party_id))

        return await self._database.write(requester.venue_id, work)

    async def get_party(self, party_id: str, requester: Requester) -> Party:
        """Raises NotFound for a party that does not exist or that the waiter may not see."""
        async with self._database.read(requester.venue_id) as store:
            return _party(await seating.read_party(store, party_id, requester.waiter_id))

    async def list_parties(self, request: ListParties, requester: Requester) -> Parties:
        """The parties that are seated now, or with `completed` those that have left, by start time."""
        filters: dict[str, str | bool | None] = {
            "completed_only": request.completed == "true",
            "table_id": request.tableId,
        }
        pages = Pages(_PARTY_KEY, requester.venue_id, "till parties", filters)
        wanted = pages.request(request, prefix="")
        async with self._database.read(requester.venue_id) as store:
            page = await store.parties.search(
                wanted, **filters, requester_waiter_id=requester.waiter_id
            )
        before, after = pages.around(page)
        return Parties.model_construct(
            data=[_party(row) for row in page.rows], before=before, after=after
        )

    async def edit_party(
        self, party_id: str, request: EditPartyRequest, requester: Requester
    ) -> Party:
        """Raises NotFound, InvalidRequest for a table that does not exist, and Conflict for a stale
        version, a table that others have, or an order that Dojo has locked and that would move.
        """

        async def work(store: VenueStore) -> Party:
            party, names = await seating.lock_party(store, party_id, requester, request.tableIds)
            refuse_stale("party", party["version"], request.version)
            await _ask_again(store, request)
            state = PartyState(
                seating.without_repeats(request.tableIds or party["table_ids"]),
                {**party, **columns_sent(request, _PARTY_COLUMNS)},
                has_left=not party["is_live"],
                end_time=party["end_time"],
                moves_locked=False,
            )
            await seating.change_party(store, party, state, names, requester)
            return _party(await seating.read_party(store, party_id))

        return await self._database.write(requester.venue_id, work)

    async def finish_party(
        self, party_id: str, request: FinishPartyRequest, requester: Requester
    ) -> Party:
        """The guests leave now; their tables are free. The answer names the tabs that are still
        open. Raises NotFound, Conflict for a stale version.
        """

        async def work(store: VenueStore) -> Party:
            party, names = await seating.lock_party(store, party_id, requester)
            refuse_stale("party", party["version"], request.version)
            if party["is_live"]:
                state = PartyState(party["table_ids"], {**party}, has_left=True, moves_locked=False)
                await seating.change_party(store, party, state, names, requester)
            left = [_open_tab(row) for row in await store.orders.open_of_party(party_id)]
            finished = _party(await seating.read_party(store, party_id))
            return finished.model_copy(update={"openTabs": left or None})

        return await self._database.write(requester.venue_id, work)

    async def return_party(
        self, party_id: str, request: ReturnPartyRequest, requester: Requester
    ) -> Party:
        """Seat a finished party again: a mistake, or the guests came back. Raises as `edit_party`."""

        async def work(store: VenueStore) -> Party:
            party, names = await seating.lock_party(store, party_id, requester, request.tableIds)
            refuse_stale("party", party["version"], request.version)
            if party["is_live"]:
                raise Conflict("The party is seated")
            tables = seating.without_repeats(request.tableIds or party["table_ids"])
            state = PartyState(tables, {**party}, moves_locked=False)
            await seating.change_party(store, party, state, names, requester)
            return _party(await seating.read_party(store, party_id))

        return await self._database.write(requester.venue_id, work)

    async def book(self, request: BookRequest, requester: Requester) -> Reservation:
        """The new reservation. Raises InvalidRequest for a table that does not exist or an end that is
        not after the start.
        """

        async def work(store: VenueStore) -> Reservation:
            await _ask_again(store, request)
            reservation_id = self._identifiers.new("rsv")
            booking = Booking(request.tableIds, _new(request))
            await make_reservation(store, reservation_id, booking, requester)
            return await _answered(store, await read_reservation(store, reservation_id))

        return await self._database.write(requester.venue_id, work)

    async def get_reservation(self, reservation_id: str, requester: Requester) -> Reservation:
        """Raises NotFound."""
        async with self._database.snapshot(requester.venue_id) as store:
            row = await store.reservations.answer_ended_too(reservation_id)
            if row is None:
                raise NotFound("The reservation")
            return await _answered(store, row)

    async def list_reservations(
        self, request: ListReservations, requester: Requester
    ) -> Reservations:
        """The reservations of one business day, today if none is named, by start time."""
        async with self._database.snapshot(requester.venue_id) as store:
            filters = {**await _window(store, request.day), "table_id": request.tableId}
            if request.status != "booked":
                filters["status"] = request.status
            pages = Pages(_RESERVATION_KEY, requester.venue_id, "till reservations", filters)
            page = await store.reservations.search(pages.request(request, prefix=""), **filters)
            found = await _all_answered(store, page.rows)
        before, after = pages.around(page)
        return Reservations.model_construct(data=found, before=before, after=after)

    async def edit_reservation(
        self, reservation_id: str, request: EditReservationRequest, requester: Requester
    ) -> Reservation:
        """Raises NotFound, Conflict for a stale version, and InvalidRequest as for a new one."""

        async def work(store: VenueStore) -> Reservation:
            wanted = request.tableIds or ()
            row = await lock_reservation(store, reservation_id, wanted)
            refuse_stale("reservation", row["version"], request.version)
            await _ask_again(store, request)
            tables = row["table_ids"] if request.tableIds is None else request.tableIds
            booking = Booking(tables, {**row, **columns_sent(request, _RESERVATION_COLUMNS)})
            await change_reservation(store, row, booking, requester)
            return await _answered(store, await read_reservation(store, reservation_id))

        return await self._database.write(requester.venue_id, work)

    async def cancel_reservation(
        self, reservation_id: str, request: CancelReservationRequest, requester: Requester
    ) -> None:
        """A party that was seated from it stays. Raises NotFound, also when repeated, and Conflict
        for a stale version.
        """

        async def work(store: VenueStore) -> None:
            row = await lock_reservation(store, reservation_id)
            refuse_stale("reservation", row["version"], request.version)
            await delete_reservation(store, reservation_id, requester)

        await self._database.write(requester.venue_id, work)

    async def note_no_show(
        self, reservation_id: str, request: NoShowRequest, requester: Requester
    ) -> Reservation:
        """The guests did not come: their tables are free. Raises NotFound, and Conflict for a stale
        version or for guests who were seated.
        """

        async def work(store: VenueStore) -> Reservation:
            row = await lock_reservation(store, reservation_id)
            refuse_stale("reservation", row["version"], request.version)
            seated = await store.parties.came_from([reservation_id])
            if reservation_id in seated:
                raise Conflict(f"The reservation was seated as party {seated[reservation_id]}")
            await delete_reservation(store, reservation_id, requester, "no-show")
            ended = await store.reservations.answer_ended_too(reservation_id)
            assert ended is not None, "locked by this transaction"  # noqa: S101
            return await _answered(store, ended)

        return await self._database.write(requester.venue_id, work)


GuestRequest = SeatPartyRequest | EditPartyRequest | BookRequest | EditReservationRequest


async def _ask_again(store: VenueStore, request: GuestRequest) -> None:
    """Raises Conflict for unusual covers and times that are not confirmed."""
    if not request.confirm:
        unusual = _unusual(request, await store.setup.limits(), await store.venue.now())
        refuse_unusual(unusual, confirmed=False)


def _unusual(request: GuestRequest, limits: Limits, now: datetime) -> Iterator[Unusual]:
    yield from unusual_covers(limits, "covers", request.covers)
    if isinstance(request, (SeatPartyRequest, EditPartyRequest)):
        yield from unusual_time(limits, "expectedEndTime", request.expectedEndTime, now)
        return
    yield from unusual_time(limits, "startTime", request.startTime, now)
    if request.startTime is not None and request.endTime is not None:
        yield from unusual_stay("endTime", request.startTime, request.endTime)
    yield from unusual_time(limits, "endTime", request.endTime, now)


async def _seat(
    store: VenueStore, party_id: str, request: SeatPartyRequest, requester: Requester
) -> None:
    booked = await _booked(store, request.reservationId)
    tables = _needed("tableIds", request.tableIds, booked["table_ids"])
    names = await seating.lock_tables(store, tables, requester)
    if request.reservationId is not None:
        booked = await _locked_booking(store, request.reservationId)
        if request.tableIds is None and booked["table_ids"] != tables:
            raise Retry
    columns = {
        "fingerprint": None,
        "dojo_party_id": None,
        "reservation_id": request.reservationId,
        "guest_requests": booked["guest_requests"],
        "status": seating.DEFAULT_STATUS,
        "name": booked["name"],
        "covers": _needed("covers", request.covers, booked["covers"]),
        "expected_end_time": booked["end_time"],
        "host_notes": booked["host_notes"],
        **_NO_DEPOSIT,
        **columns_sent(request, _PARTY_COLUMNS),
    }
    state = PartyState(seating.without_repeats(tables), columns, moves_locked=False)
    await seating.seat_party(store, party_id, state, names, requester)


_NOT_BOOKED: Mapping[str, Any] = dict.fromkeys(
    ["name", "covers", "end_time", "host_notes", "guest_requests", "table_ids"]
)


async def _booked(store: VenueStore, reservation_id: str | None) -> Mapping[str, Any]:
    """The reservation, read before it is locked: its tables must be locked first."""
    if reservation_id is None:
        return _NOT_BOOKED
    row = await store.reservations.answer(reservation_id)
    if row is None:
        raise InvalidRequest("reservationId", "is not a reservation of the venue")
    return dict(row)


async def _locked_booking(store: VenueStore, reservation_id: str) -> Mapping[str, Any]:
    """Raises Conflict if its guests have been seated, also if they have left since."""
    await seating.lock_named_reservation(store, reservation_id)
    seated = await store.parties.came_from([reservation_id])
    if reservation_id in seated:
        raise Conflict(f"The reservation has been seated as party {seated[reservation_id]}")
    return await _booked(store, reservation_id)


def _needed(field: str, *values: Any) -> Any:
    for value in values:
        if value is not None:
            return value
    raise InvalidRequest(field, "is required for guests without a reservation")


_RESERVATION_KEY = (("start_time", datetime), ("id", str))
_RESERVATION_COLUMNS = {
    "name": "name",
    "covers": "covers",
    "startTime": "start_time",
    "endTime": "end_time",
    "hostNotes": "host_notes",
}


def _new(request: BookRequest) -> dict[str, Any]:
    return {
        "fingerprint": None,
        "dojo_reservation_id": None,
        "guest_requests": None,
        "host_notes": None,
        **columns_sent(request, _RESERVATION_COLUMNS),
    }


async def _window(store: VenueStore, day: date | None) -> dict[str, datetime]:
    """The start and end of the business day; of today, if none is named."""
    hours = await store.days.hours(day or (await store.days.current())["begun"])
    return {"from_time": hours["begins"], "to_time": hours["ends"]}


async def _answered(store: VenueStore, row: Record) -> Reservation:
    (answer,) = await _all_answered(store, [row])
    return answer


async def _all_answered(store: VenueStore, rows: Sequence[Record]) -> list[Reservation]:
    """Render reservations with their party and overlaps. Call it in a snapshot, or after the locks."""
    if not rows:
        return []
    start, end = min(row["start_time"] for row in rows), max(row["end_time"] for row in rows)
    around = [
        Booked(row["id"], row["start_time"], row["end_time"], frozenset(row["table_ids"]))
        for row in await store.reservations.between(start, end)
    ]
    wanted = [row["id"] for row in rows]
    expected = {booked.id for booked in around}
    wanted = [id_ for id_ in wanted if id_ in expected]
    # Not for one alone: a write would wait for a thread with its rows locked.
    if len(wanted) == 1:
        clashes = overlaps(around, wanted)
    else:
        clashes = await asyncio.to_thread(overlaps, around, wanted)
    parties = await store.parties.came_from([row["id"] for row in rows])
    return [_reservation(row, parties.get(row["id"]), clashes.get(row["id"], [])) for row in rows]


def _party(row: Record) -> Party:
    return Party.model_construct(
        id=row["id"],
        version=row["version"],
        name=row["name"],
        covers=row["covers"],
        tableIds=row["table_ids"],
        status=row["status"],
        startTime=row["start_time"],
        expectedEndTime=row["expected_end_time"],
        endTime=row["end_time"],
        hostNotes=row["host_notes"],
        guestRequests=row["guest_requests"],
        reservationId=row["reservation_id"],
        deposit=_deposit(row),
        updatedAt=row["updated_at"],
    )


def _open_tab(row: Record) -> OpenTabOfParty:
    return OpenTabOfParty.model_construct(
        tabId=row["id"],
        reference=row["reference"],
        tableId=row["table_id"],
        balance=row["total_amount"] - row["paid_amount"],
    )


def _deposit(row: Record) -> Deposit | None:
    if row["deposit_amount"] is None:
        return None
    return Deposit.model_construct(
        amount=row["deposit_amount"],
        description=row["deposit_description"],
        paymentIntentIds=row["deposit_intent_ids"],
    )


def _reservation(row: Record, party_id: str | None, overlaps: Sequence[str]) -> Reservation:
    """`overlaps`: the ids of reservations for one of its tables at the same time."""
    return Reservation.model_construct(
        id=row["id"],
        version=row["version"],
        name=row["name"],
        covers=row["covers"],
        startTime=row["start_time"],
        endTime=row["end_time"],
        tableIds=row["table_ids"],
        hostNotes=row["host_notes"],
        guestRequests=row["guest_requests"],
        status=None if row["status"] == "booked" else row["status"],
        partyId=party_id,
        overlaps=list(overlaps),
        updatedAt=row["updated_at"],
    )


def columns_sent(request: BaseModel, columns: Mapping[str, str]) -> dict[str, Any]:
    """The fields of the request, by column, that were sent. An empty string clears the field."""
    sent = {column: getattr(request, field) for field, column in columns.items()}
    return {
        name: None if value == "" else value for name, value in sent.items() if value is not None
    }
