"""Guests as a till seats, moves and finishes them, by the same rules as Dojo's (`services/seating.py`).

A till edits: what it does not send stays as it is, and it says which version it saw. What guests and
Dojo own, the requests and the deposit, it shows and cannot change.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from epos.contract.codec import fingerprint
from epos.domain.errors import Conflict, InvalidRequest
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.services import seating
from epos.services.paging import Pages
from epos.services.replays import refuse_other_content
from epos.services.seating import PartyState
from epos.services.till import party_mapping
from epos.services.till.edits import columns_sent
from epos.services.till.lists import page_request
from epos.services.till.versions import refuse_stale
from epos.store.database import Database
from epos.store.failures import Retry
from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.till_contract.parties import (
    EditPartyRequest,
    FinishPartyRequest,
    ListParties,
    Parties,
    Party,
    ReturnPartyRequest,
    SeatPartyRequest,
)

_KEY = (("start_time", datetime), ("id", str))
_SENT = {
    "name": "name",
    "covers": "covers",
    "status": "status",
    "expectedEndTime": "expected_end_time",
    "hostNotes": "host_notes",
}
_NO_DEPOSIT = dict.fromkeys(
    ["deposit_amount", "deposit_currency", "deposit_description", "deposit_intent_ids"]
)


class TillParties:
    def __init__(self, database: Database, identifiers: Identifiers) -> None:
        self._database = database
        self._identifiers = identifiers

    async def seat(self, request: SeatPartyRequest, requester: Requester) -> Party:
        """The new party; the same key and content sent again answer the party as it is now.

        Raises Conflict for a taken table, for a reservation that has been seated, and for a key of
        other content; InvalidRequest for a table or reservation that is not there.
        """

        async def work(store: VenueStore) -> Party:
            row = await _replayed(store, request)
            if row is None:
                party_id = self._identifiers.new("pty")
                await _seat(store, party_id, request, requester)
                row = await seating.read_party(store, party_id)
            return party_mapping.party(row)

        return await self._database.write(requester.venue_id, work)

    async def get(self, party_id: str, requester: Requester) -> Party:
        """Raises NotFound for a party that does not exist or that the waiter may not see."""
        async with self._database.read(requester.venue_id) as store:
            return party_mapping.party(
                await seating.read_party(store, party_id, requester.waiter_id)
            )

    async def list(self, request: ListParties, requester: Requester) -> Parties:
        """Those who sit now, or with `completed` those who have left, by start time."""
        filters: dict[str, str | bool | None] = {
            "completed_only": request.completed == "true",
            "table_id": request.tableId,
        }
        pages = Pages(_KEY, requester.venue_id, "till parties", filters)
        wanted = page_request(pages, request)
        async with self._database.read(requester.venue_id) as store:
            page = await store.parties.search(
                wanted, **filters, requester_waiter_id=requester.waiter_id
            )
        before, after = pages.around(page)
        return Parties.model_construct(
            data=[party_mapping.party(row) for row in page.rows], before=before, after=after
        )

    async def edit(self, party_id: str, request: EditPartyRequest, requester: Requester) -> Party:
        """Raises NotFound, InvalidRequest for a table that is not there, and Conflict for a stale
        version, a table that others have, or an order that Dojo has locked and that would move.
        """

        async def work(store: VenueStore) -> Party:
            party, names = await seating.lock_party(store, party_id, requester, request.tableIds)
            refuse_stale("party", party["version"], request.version)
            state = PartyState(
                seating.without_repeats(request.tableIds or party["table_ids"]),
                {**party, **columns_sent(request, _SENT)},
                has_left=not party["is_live"],
                end_time=party["end_time"],
                moves_locked=False,
            )
            await seating.change_party(store, party, state, names, requester)
            return party_mapping.party(await seating.read_party(store, party_id))

        return await self._database.write(requester.venue_id, work)

    async def finish(
        self, party_id: str, request: FinishPartyRequest, requester: Requester
    ) -> Party:
        """They leave now, and their tables are free. Raises NotFound, Conflict for a stale version."""

        async def work(store: VenueStore) -> Party:
            party, names = await seating.lock_party(store, party_id, requester)
            refuse_stale("party", party["version"], request.version)
            if party["is_live"]:
                state = PartyState(party["table_ids"], {**party}, has_left=True, moves_locked=False)
                await seating.change_party(store, party, state, names, requester)
            return party_mapping.party(await seating.read_party(store, party_id))

        return await self._database.write(requester.venue_id, work)

    async def bring_back(
        self, party_id: str, request: ReturnPartyRequest, requester: Requester
    ) -> Party:
        """They sit again, whether they were finished by mistake or come back. Raises as `edit`."""

        async def work(store: VenueStore) -> Party:
            party, names = await seating.lock_party(store, party_id, requester, request.tableIds)
            refuse_stale("party", party["version"], request.version)
            if party["is_live"]:
                raise Conflict("The party is seated")
            tables = seating.without_repeats(request.tableIds or party["table_ids"])
            state = PartyState(tables, {**party}, moves_locked=False)
            await seating.change_party(store, party, state, names, requester)
            return party_mapping.party(await seating.read_party(store, party_id))

        return await self._database.write(requester.venue_id, work)


async def _replayed(store: VenueStore, request: SeatPartyRequest) -> Record | None:
    """The party that this request already made, answered before any rule refuses it."""
    if request.key is None:
        return None
    await store.parties.serialize_on_key(request.key)
    existing = await store.parties.by_key(request.key)
    if existing is not None:
        refuse_other_content(existing, request, "key", "for a party")
    return existing


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
        "key": request.key,
        "fingerprint": fingerprint(request),
        "dojo_party_id": None,
        "reservation_id": request.reservationId,
        "guest_requests": booked["guest_requests"],
        "status": seating.DEFAULT_STATUS,
        "name": booked["name"],
        "covers": _needed("covers", request.covers, booked["covers"]),
        "expected_end_time": booked["end_time"],
        "host_notes": booked["host_notes"],
        **_NO_DEPOSIT,
        **columns_sent(request, _SENT),
    }
    state = PartyState(seating.without_repeats(tables), columns, moves_locked=False)
    await seating.seat_party(store, party_id, state, names, requester)


_NOT_BOOKED: Mapping[str, Any] = dict.fromkeys(
    ["name", "covers", "end_time", "host_notes", "guest_requests", "table_ids"]
)


async def _booked(store: VenueStore, reservation_id: str | None) -> Mapping[str, Any]:
    """What the guests' reservation says, not locked: which tables to lock before it."""
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
