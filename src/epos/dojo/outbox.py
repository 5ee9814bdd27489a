"""What venues have still to announce, for whoever looks after them."""

from epos.store import outbox
from epos.store.database import Database
from epos.store.statements import Record


class Outbox:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def waiting(self, venue_id: str) -> outbox.Waiting:
        """How much waits, and since when."""
        async with self._database.connection() as connection:
            return await outbox.waiting(connection, venue_id)

    async def listed(self, venue_id: str, most: int) -> list[Record]:
        """A row for each order, party or reservation, the oldest first."""
        async with self._database.connection() as connection:
            return await outbox.listed(connection, venue_id, most)

    async def retry(self, venue_id: str, entity_id: str | None) -> int:
        """Announce it now, parked or not; without an id, everything. How many changes that is."""
        async with self._database.connection() as connection:
            return await outbox.retry(connection, venue_id, entity_id)

    async def discard(self, venue_id: str, entity_id: str | None) -> int:
        """Never announce it; without an id, anything that waits. How many changes that is."""
        async with self._database.connection() as connection:
            return await outbox.discard(connection, venue_id, entity_id)
