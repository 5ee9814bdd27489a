"""The venues that are connected to Dojo, and their API keys."""

from dataclasses import replace

from epos.dojo.sealing import Sealer
from epos.domain.dojo import Access, DojoLink
from epos.domain.errors import Conflict, NotFound
from epos.store import dojo_links, leases, venues
from epos.store.database import Database

LEASE = "dojo"
"""The name of the lease of the process that keeps a venue connected."""


class Links:
    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        environment_key: str | None = None,
        environment_venue: str | None = None,
    ) -> None:
        """`environment_key`: the key of `environment_venue`, if that has none in the database. It is used
        for no other venue: one key is one account at Dojo, and an account has one registration.
        """
        self._database = database
        self._sealer = sealer
        self._environment_key = environment_key
        self._environment_venue = environment_venue

    async def put(self, link: DojoLink, api_key: str | None = None) -> None:
        """Connect a venue. Without `api_key`, the key in the environment is used.

        Raises NotFound for the venue.
        """
        sealed = None if api_key is None else self._sealer.seal(api_key)
        async with self._database.connection() as connection:
            if not await venues.exists(connection, link.venue_id):
                raise NotFound(f"Venue {link.venue_id}")
            await dojo_links.put(connection, replace(link, api_key_sealed=sealed))

    async def remove(self, venue_id: str) -> None:
        """Disconnect a venue and delete its outbox. Raises NotFound."""
        async with self._database.connection() as connection:
            if not await dojo_links.remove(connection, venue_id):
                raise NotFound(f"A link of venue {venue_id}")

    async def all(self) -> list[DojoLink]:
        async with self._database.connection() as connection:
            return await dojo_links.listed(connection)

    async def find(self, venue_id: str) -> DojoLink | None:
        async with self._database.connection() as connection:
            return await dojo_links.find(connection, venue_id)

    async def keeper(self, venue_id: str) -> str | None:
        """The process that keeps the venue connected, or None."""
        async with self._database.connection() as connection:
            return await leases.holder(connection, venue_id, LEASE)

    def unlocked(self, link: DojoLink) -> Access:
        """The link with its key. Raises Conflict when this process has no key for it."""
        if link.api_key_sealed is not None:
            return Access(link, self._sealer.open(link.api_key_sealed))
        if self._environment_key is None or link.venue_id != self._environment_venue:
            raise Conflict(f"EPOS_DOJO_API_KEY is not set for EPOS_DOJO_VENUE={link.venue_id}")
        return Access(link, self._environment_key)
