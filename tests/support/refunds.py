"""What the venue's connection to Dojo learns when it asks about a refund."""

from typing import Any

from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.services.refunds import note_refund
from epos.store.venue_store import VenueStore
from tests.support.venues import Venue


async def dojo_refunds(venue: Venue, paid: dict[str, Any], refunded: int) -> None:
    """Dojo says that so much of a card payment went back until now."""
    requester = Requester(venue.id, "dojo", "trace")

    async def work(store: VenueStore) -> bool:
        intent = paid["paymentIntentId"]
        return await note_refund(store, Identifiers(), intent, refunded, requester)

    assert await venue.database.write(venue.id, work)
