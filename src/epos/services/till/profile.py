"""The venue as its manager describes it."""

from epos.domain.requester import Requester
from epos.services.till import mapping
from epos.store.database import Database
from epos.till_contract.setup import VenueProfile


class Profile:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, requester: Requester) -> VenueProfile:
        async with self._database.read(requester.venue_id) as store:
            return mapping.profile(await store.setup.profile())
