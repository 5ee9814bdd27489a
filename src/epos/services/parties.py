"""Parties: read, searched, and written as `party_changes` says."""

from datetime import datetime

from epos.contract.parties import (
    CreatePartyRequest,
    PagedPartiesResponse,
    Party,
    SearchPartiesRequest,
    UpdatePartyRequest,
)
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.services import party_changes, party_mapping
from epos.services.paging import Pages
from epos.store.database import Database
from epos.store.venue_store import VenueStore

_KEY = (("start_time", datetime), ("id", str))


class Parties:
    def __init__(self, database: Database, identifiers: Identifiers) -> None:
        self._database = database
        self._identifiers = identifiers

    async def create(self, request: CreatePartyRequest, requester: Requester) -> Party:
        """The new party; the same content sent again answers the party as it is now.

        Raises Conflict when `dojoPartyId` has been used for other content or a table is taken,
        InvalidRequest for a table or reservation that is not there.
        """

        async def work(store: VenueStore) -> Party:
            await store.parties.claim(request.dojoPartyId)
            row = await party_changes.replayed(store, request)
            if row is None:
                party_id = self._identifiers.new("pty")
                await party_changes.seat(store, party_id, request, requester)
                row = await party_changes.answer(store, party_id)
            return party_mapping.party(row)

        return await self._database.write(requester.venue_id, work)

    async def get(self, party_id: str, requester: Requester) -> Party:
        """Raises NotFound for a party that does not exist or that the waiter may not see."""
        async with self._database.read(requester.venue_id) as store:
            return party_mapping.party(
                await party_changes.answer(store, party_id, requester.waiter_id)
            )

    async def update(
        self, party_id: str, request: UpdatePartyRequest, requester: Requester
    ) -> Party:
        """Set what is sent and clear what is not, but for `reservationId`.

        An `endTime` completes the party and frees its tables; without one it sits at its tables,
        again if it had left. Raises NotFound, Conflict for a table or a `dojoPartyId` that another
        party has, InvalidRequest for a table that is not there.
        """
        party_changes.check_end(request)

        async def work(store: VenueStore) -> Party:
            await store.parties.claim(request.dojoPartyId)
            await party_changes.change(store, party_id, request, requester)
            return party_mapping.party(await party_changes.answer(store, party_id))

        return await self._database.write(requester.venue_id, work)

    async def delete(self, party_id: str, requester: Requester) -> None:
        """Take the party away: its tables become free, its open orders are nobody's.

        Raises NotFound, also the second time.
        """

        async def work(store: VenueStore) -> None:
            await party_changes.remove(store, party_id, requester)

        await self._database.write(requester.venue_id, work)

    async def search(
        self, request: SearchPartiesRequest, requester: Requester
    ) -> PagedPartiesResponse:
        """By start time: those who sit now, or with `completedOnly` those who have left."""
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
            data=[party_mapping.party(row) for row in page.rows], before=before, after=after
        )
