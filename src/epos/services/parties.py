"""Parties as Dojo reads, searches and writes them, by the rules of `seating`."""

from datetime import datetime
from typing import Any

from epos.contract.codec import fingerprint
from epos.contract.parties import (
    CreatePartyRequest,
    PagedPartiesResponse,
    Party,
    SearchPartiesRequest,
    UpdatePartyRequest,
)
from epos.domain.errors import Conflict, InvalidRequest
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.services import mapping, seating
from epos.services.paging import Pages
from epos.services.replays import made_before
from epos.services.seating import PartyState
from epos.store.database import Database
from epos.store.venue_store import VenueStore

_KEY = (("start_time", datetime), ("id", str))


class Parties:
    def __init__(self, database: Database, identifiers: Identifiers) -> None:
        self._database = database
        self._identifiers = identifiers

    async def create(self, request: CreatePartyRequest, requester: Requester) -> Party:
        """Seat a party. The same content sent again answers the party as it is now.

        Raises Conflict when `dojoPartyId` has been used for other content or a table is taken,
        InvalidRequest for a table or reservation that does not exist.
        """

        async def work(store: VenueStore) -> Party:
            await store.parties.serialize_on(request.dojoPartyId)
            # An update changes the key but not the fingerprint: a create with that key is a Conflict.
            existing = await store.parties.by_dojo_id(request.dojoPartyId)
            row = made_before(existing, request, "dojoPartyId", "for a party")
            if row is None:
                party_id = self._identifiers.new("pty")
                await _seat(store, party_id, request, requester)
                row = await seating.read_party(store, party_id)
            return mapping.party(row)

        return await self._database.write(requester.venue_id, work)

    async def get(self, party_id: str, requester: Requester) -> Party:
        """Raises NotFound for a party that does not exist or that the waiter may not see."""
        async with self._database.read(requester.venue_id) as store:
            return mapping.party(await seating.read_party(store, party_id, requester.waiter_id))

    async def update(
        self, party_id: str, request: UpdatePartyRequest, requester: Requester
    ) -> Party:
        """Set the fields that are sent and clear the others, except `reservationId`.

        An `endTime` completes the party and frees its tables. Without one the party sits at its tables,
        also if it had left. Raises NotFound, Conflict for a table or a key that another party has,
        InvalidRequest for a table that does not exist.
        """
        if request.endTime is not None and request.endTime < request.startTime:
            raise InvalidRequest("endTime", "must not be before startTime")

        async def work(store: VenueStore) -> Party:
            await store.parties.serialize_on(request.dojoPartyId)
            await _change(store, party_id, request, requester)
            return mapping.party(await seating.read_party(store, party_id))

        return await self._database.write(requester.venue_id, work)

    async def delete(self, party_id: str, requester: Requester) -> None:
        """Delete the party: its tables become free, its open orders belong to no party.

        Raises NotFound, also the second time.
        """

        async def work(store: VenueStore) -> None:
            await seating.delete_party(store, party_id, requester)

        await self._database.write(requester.venue_id, work)

    async def search(
        self, request: SearchPartiesRequest, requester: Requester
    ) -> PagedPartiesResponse:
        """Parties by start time: those that are seated, or with `completedOnly` those that have left."""
        filters: dict[str, str | bool | None] = {
            "completed_only": bool(request.completedOnly),
            "table_id": request.tableId,
        }
        pages = Pages(_KEY, requester.venue_id, "parties", filters)
        wanted = pages.request(request.cursor)
        async with self._database.read(requester.venue_id) as store:
            page = await store.parties.search(
                wanted, **filters, requester_waiter_id=requester.waiter_id
            )
        before, after = pages.around(page)
        return PagedPartiesResponse.model_construct(
            data=[mapping.party(row) for row in page.rows], before=before, after=after
        )


async def _seat(
    store: VenueStore, party_id: str, request: CreatePartyRequest, requester: Requester
) -> None:
    """Raises InvalidRequest for a table or reservation that does not exist, Conflict for a taken table."""
    await _check_currency(store, request)
    names = await seating.lock_tables(store, request.tableIds, requester)
    made = {
        "status": request.status or seating.DEFAULT_STATUS,
        "fingerprint": fingerprint(request),
        "reservation_id": await _lock_reservation(store, request),
    }
    state = PartyState(seating.without_repeats(request.tableIds), _columns(request) | made)
    await seating.seat_party(store, party_id, state, names, requester)


async def _lock_reservation(store: VenueStore, request: CreatePartyRequest) -> str | None:
    """Lock the reservation that the guests came with. Dojo's key may be of one that is unknown here."""
    if request.reservationId is not None:
        await seating.lock_named_reservation(store, request.reservationId)
        return request.reservationId
    if request.dojoReservationId is not None:
        return await store.reservations.lock_by_dojo_id(request.dojoReservationId)
    return None


async def _change(
    store: VenueStore, party_id: str, request: UpdatePartyRequest, requester: Requester
) -> None:
    """Raises as `seating.lock_party`, and Conflict for a table or a key that another party has."""
    party, names = await seating.lock_party(store, party_id, requester, request.tableIds)
    holder = await store.parties.by_dojo_id(request.dojoPartyId)
    if holder is not None and holder["id"] != party_id:
        raise Conflict("dojoPartyId belongs to another party")
    await _check_currency(store, request)
    state = PartyState(
        seating.without_repeats(request.tableIds),
        _columns(request) | {"status": request.status},
        has_left=request.endTime is not None,
        end_time=request.endTime,
    )
    await seating.change_party(store, party, state, names, requester)


async def _check_currency(
    store: VenueStore, request: CreatePartyRequest | UpdatePartyRequest
) -> None:
    if request.deposit is None:
        return
    currency = (await store.venue.profile()).currency
    if request.deposit.totalAmount.currencyCode != currency:
        words = f"must be {currency}, the currency of the venue"
        raise InvalidRequest("deposit.totalAmount.currencyCode", words)


def _columns(request: CreatePartyRequest | UpdatePartyRequest) -> dict[str, Any]:
    """The columns that create and update both set."""
    deposit = request.deposit
    return {
        "dojo_party_id": request.dojoPartyId,
        "name": request.name,
        "covers": request.covers,
        "start_time": request.startTime,
        "expected_end_time": request.expectedEndTime,
        "host_notes": request.hostNotes,
        "guest_requests": request.guestRequests,
        "deposit_amount": deposit and deposit.totalAmount.value,
        "deposit_currency": deposit and deposit.totalAmount.currencyCode,
        "deposit_description": deposit and deposit.description,
        "deposit_intent_ids": deposit and deposit.paymentIntentIds,
    }
