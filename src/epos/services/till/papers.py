"""What a till prints: the bill, the VAT receipt, the kitchen's ticket."""

from dataclasses import dataclass

from epos.domain.errors import NotFound
from epos.domain.requester import Requester
from epos.services.bills import Bills
from epos.services.till import kitchen_ticket, receipt
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.venue_store import VenueStore


@dataclass(frozen=True, slots=True)
class Sheet:
    """One paper: lines of text on a grid of characters, and what it is called."""

    title: str
    text: str


class Papers:
    def __init__(self, database: Database, bills: Bills) -> None:
        self._database = database
        self._bills = bills

    async def bill(self, tab_id: str, requester: Requester) -> Sheet:
        """The bill that a terminal would print. Raises NotFound."""
        return Sheet("Bill", await self._bills.text(tab_id, requester))

    async def receipt(self, tab_id: str, requester: Requester) -> Sheet:
        """Raises NotFound, and Conflict while nothing has been paid or for what was cancelled."""
        async with self._database.snapshot(requester.venue_id) as store:
            row = await _visible(store, tab_id, requester)
            receipt.refuse_unpaid(row)
            order = await store.orders.answer(tab_id)
            assert order is not None, "of the same snapshot"  # noqa: S101
            profile = await store.venue.bill_profile(order)
        return Sheet("Receipt", receipt.render(profile, order, row))

    async def kitchen_ticket(self, tab_id: str, wanted: int | None, requester: Requester) -> Sheet:
        """Of one round, the last one unless another is wanted.

        Raises NotFound, also for the round, and Conflict for a tab that was never sent.
        """
        async with self._database.snapshot(requester.venue_id) as store:
            row = await _visible(store, tab_id, requester)
            the_round = kitchen_ticket.round_of(row, wanted)
            profile = await store.venue.bill_profile(row)
            wishes = await _guest_requests(store, row["party_id"])
        return Sheet("Kitchen ticket", kitchen_ticket.render(row, profile, the_round, wishes))


async def _visible(store: VenueStore, tab_id: str, requester: Requester) -> Record:
    row = await store.tabs.answer(tab_id, requester.waiter_id)
    if row is None:
        raise NotFound("The tab")
    return row


async def _guest_requests(store: VenueStore, party_id: str | None) -> str | None:
    party = None if party_id is None else await store.parties.answer(party_id)
    requests: str | None = None if party is None else party["guest_requests"]
    return requests
