"""Make the demo venue: a British bistro in the middle of service. All people and things are invented."""

from epos.demo import guests, layout, tabs
from epos.demo.opening import Opening
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.domain.venue import NewVenue
from epos.store.database import Database
from epos.store.seeding import make_venue
from epos.store.venue_store import VenueStore

VENUE = NewVenue(id="demo", name="The Heron & Hound")


async def seed(database: Database) -> None:
    """Make the demo venue. If it exists, nothing is changed, whatever was done with it."""

    async def fill_it(store: VenueStore) -> None:
        await fill(store, VENUE, Identifiers())

    await make_venue(database, VENUE, fill_it)


async def fill(store: VenueStore, venue: NewVenue, identifiers: Identifiers) -> None:
    """Put the demo into a venue that is new and empty, with ids of these identifiers."""
    await layout.write(store, venue)
    opening = Opening(
        store=store,
        identifiers=identifiers,
        requester=Requester(venue.id, credential="demo", trace_id=identifiers.trace_id()),
        now=await store.venue.now(),
        time_zone=venue.time_zone,
        currency=venue.currency,
    )
    seated = await guests.write(opening)
    await tabs.write(opening, seated)
    await store.audit.add(opening.requester, opening.now, "venue.seeded", venue.id)
