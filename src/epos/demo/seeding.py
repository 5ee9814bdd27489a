"""Make the demo venue: a British bistro in the middle of service. All people and things are invented."""

from epos.demo import guests, layout, tabs
from epos.demo.opening import Opening
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.domain.venue import NewVenue
from epos.store.database import Database
from epos.store.seeding import make_venue
from epos.store.venue_store import VenueStore

_VENUE = NewVenue(id="demo", name="The Heron & Hound")


async def seed(database: Database) -> None:
    """Make the demo venue. If it exists, nothing is changed, whatever was done with it."""
    await make_venue(database, _VENUE, _fill)


async def _fill(store: VenueStore) -> None:
    await layout.write(store, _VENUE)
    opening = await _opening(store)
    seated = await guests.write(opening)
    await tabs.write(opening, seated)
    await store.audit.add(opening.requester, opening.now, "venue.seeded", _VENUE.id)


async def _opening(store: VenueStore) -> Opening:
    identifiers = Identifiers()
    return Opening(
        store=store,
        identifiers=identifiers,
        requester=Requester(_VENUE.id, credential="demo", trace_id=identifiers.trace_id()),
        now=await store.venue.now(),
        time_zone=_VENUE.time_zone,
        currency=_VENUE.currency,
    )
