"""A venue that leaves Dojo."""

from epos.dojo.links import Links
from epos.domain.credentials import SystemActor
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.services.events import Events
from epos.store.database import Database


async def leave(links: Links, database: Database, venue_id: str, *, who: SystemActor) -> None:
    """Remove the venue's link. Refunds that wait for Dojo's word on their amount count as full: the job
    that asks, and gives up after a week, works for venues with a link. `who` is what the trail names.
    Raises NotFound.
    """
    identifiers = Identifiers()
    events = Events(database, identifiers)
    requester = Requester(venue_id, credential=who, trace_id=identifiers.trace_id())
    if await links.find(venue_id) is not None:  # first, so that a half-done leave can be done again
        await events.settle_waiting_refunds(requester)
    await links.remove(venue_id)  # no refund begins to wait after this
    await events.settle_waiting_refunds(requester)
