"""A venue that leaves Dojo."""

from epos.dojo.links import Links
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.services.events import Events
from epos.store.database import Database


async def leave(links: Links, database: Database, venue_id: str) -> None:
    """Remove the venue's link. Refunds that wait for Dojo's word on their amount count as full: the job
    that asks, and gives up after a week, works for venues with a link. Raises NotFound.
    """
    await links.remove(venue_id)
    identifiers = Identifiers()
    requester = Requester(venue_id, credential="cli", trace_id=identifiers.trace_id())
    await Events(database, identifiers).settle_waiting_refunds(requester)
