"""The short codes by which staff call out orders."""

from epos.domain.identifiers import Identifiers
from epos.store.venue_store import VenueStore


async def new_reference(store: VenueStore, identifiers: Identifiers) -> str:
    """A code that no other open order of the venue has; the unique index settles a race."""
    attempt = 0
    while await store.orders.is_reference_taken(code := identifiers.reference(attempt)):
        attempt += 1
    return code
