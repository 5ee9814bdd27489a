"""Areas of the venue."""

from epos.contract.areas import Area
from epos.domain.requester import Requester
from epos.services import mapping
from epos.store.database import Database


class Areas:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, requester: Requester) -> list[Area]:
        """All areas, in the order of the venue. Access rules hide none."""
        async with self._database.read(requester.venue_id) as store:
            return [mapping.area(row) for row in await store.floor.areas()]
