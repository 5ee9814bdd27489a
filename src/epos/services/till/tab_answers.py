"""A tab as it is answered."""

from epos.domain.errors import NotFound
from epos.services.till import tab_mapping
from epos.store.venue_store import VenueStore
from epos.till_contract.tabs import Tab


async def answer(store: VenueStore, tab_id: str, waiter_id: str | None = None) -> Tab:
    """Raises NotFound, also for what the access rules hide from `waiter_id`, if one is given."""
    row = await store.tabs.answer(tab_id, waiter_id)
    if row is None:
        raise NotFound("The tab")
    return tab_mapping.tab(row)
