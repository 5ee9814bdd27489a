"""What waits in the outbox of venues, for the operator's commands."""

from epos.store import outbox
from epos.store.database import Database
from epos.store.statements import Record


class Outbox:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def waiting(self, venue_id: str) -> outbox.Waiting:
        """Count what waits, and since when."""
        async with self._database.connection(venue_id) as connection:
            return await outbox.waiting(connection, venue_id)

    async def listed(self, venue_id: str, most: int) -> list[Record]:
        """One row for each order, party or reservation, the oldest first."""
        async with self._database.connection(venue_id) as connection:
            return await outbox.listed(connection, venue_id, most)

    async def retry(self, venue_id: str, entity_id: str | None) -> int:
        """Send the changes of one entity now, parked or not; None: of all. Returns how many changes."""
        async with self._database.connection(venue_id) as connection:
            return await outbox.retry(connection, venue_id, entity_id)

    async def discard(self, venue_id: str, entity_id: str | None) -> int:
        """Delete the changes of one entity unsent; None: of all. Returns how many changes."""
        async with self._database.connection(venue_id) as connection:
            return await outbox.discard(connection, venue_id, entity_id)
