"""Disconnect a venue from Dojo."""

from epos.dojo.links import Links
from epos.domain.credentials import SystemActor
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.services.events import Events
from epos.store.database import Database


async def leave(links: Links, database: Database, venue_id: str, *, who: SystemActor) -> None:
    """Remove the venue's link. Refunds that wait for their amount count as full, because the job that
    asks Dojo works only for venues with a link. `who`: the actor in the audit trail. Raises NotFound.
    """
    identifiers = Identifiers()
    events = Events(database, identifiers)
    requester = Requester(venue_id, credential=who, trace_id=identifiers.trace_id())
    if await links.find(venue_id) is not None:  # first, so that a failed call can be repeated
        await events.settle_waiting_refunds(requester)
    await links.remove(venue_id)  # no refund starts to wait after this
    await events.settle_waiting_refunds(requester)
