"""The demo venue: a British bistro in the middle of service. Everyone and everything is made up."""

from epos.demo import guests, layout, tabs
from epos.demo.opening import Opening
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.domain.venue import NewVenue
from epos.store.database import Database
from epos.store.seeding import LayoutWriter, make_venue
from epos.store.venue_store import VenueStore

_VENUE = NewVenue(id="demo", name="The Heron & Hound")
_PRINTED: dict[str, str | list[str]] = {
    "address_lines": ["14 Weir Street", "Little Marlow"],
    "postcode": "ZZ1 4HH",
    "phone_number": "01632 960144",
    "email_address": "hello@heronandhound.example",
    "tax_number": "GB 123 4567 89",
    "website": "https://heronandhound.example",
    "bill_message": "Thank you. See you by the river!",
}


async def seed(database: Database) -> None:
    """Make the demo venue once: if it exists, whatever has become of it, nothing is changed."""
    await make_venue(database, _VENUE, _fill)


async def _fill(store: VenueStore, writer: LayoutWriter) -> None:
    await writer.print_on_bills(**_PRINTED)
    await writer.charge_for_service(tabs.SERVICE_CHARGE_RATE)
    await layout.write(writer)
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
