"""The venues that are connected to Dojo, and their API keys."""

from dataclasses import replace

from epos.dojo.sealing import Sealer
from epos.domain.dojo import Access, DojoLink
from epos.domain.errors import Conflict, NotFound, Unavailable
from epos.store import dojo_links, leases, venues
from epos.store.database import Database
from epos.store.node_watch import NodeWatch

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
        self._seen: dict[str, DojoLink] = {}
        """By venue, when all were read last."""

    async def put(self, link: DojoLink, api_key: str | None = None) -> None:
        """Connect a venue. Without `api_key`, the key in the environment is used.

        Raises NotFound for the venue.
        """
        sealed = None if api_key is None else self._sealer.seal(api_key)
        async with self._database.connection(link.venue_id) as connection:
            if not await venues.exists(connection, link.venue_id):
                raise NotFound(f"Venue {link.venue_id}")
            await dojo_links.put(connection, replace(link, api_key_sealed=sealed))

    async def remove(self, venue_id: str) -> None:
        """Disconnect a venue and delete its outbox. Raises NotFound."""
        async with self._database.connection(venue_id) as connection:
            if not await dojo_links.remove(connection, venue_id):
                raise NotFound(f"A link of venue {venue_id}")

    async def all(self) -> list[DojoLink]:
        """While a node of a cluster is away, the links of its venues are as they were before."""
        nodes = self._database.nodes
        if nodes is None or not nodes.any_away:
            try:
                async with self._database.connection() as connection:
                    found = await dojo_links.listed(connection)
            except Unavailable:
                if nodes is None or not (await nodes.nodes()).away:
                    raise
            else:
                self._seen = {link.venue_id: link for link in found}
                return found
        return await self._all_of_others(nodes)

    async def _all_of_others(self, nodes: NodeWatch) -> list[DojoLink]:
        async with self._database.connection() as connection:
            answered = await dojo_links.listed_where(connection, (await nodes.nodes()).away)
        found = {link.venue_id: link for link in answered}
        there = await nodes.on_those(self._seen.keys() - found.keys())
        self._seen = found | {venue_id: self._seen[venue_id] for venue_id in there}
        return list(self._seen.values())

    async def find(self, venue_id: str) -> DojoLink | None:
        async with self._database.connection(venue_id) as connection:
            return await dojo_links.find(connection, venue_id)

    async def keeper(self, venue_id: str) -> str | None:
        """The process that keeps the venue connected, or None."""
        async with self._database.connection(venue_id) as connection:
            return await leases.holder(connection, venue_id, LEASE)

    def unlocked(self, link: DojoLink) -> Access:
        """The link with its key. Raises Conflict when this process has no key for it."""
        if link.api_key_sealed is not None:
            return Access(link, self._sealer.open(link.api_key_sealed))
        if self._environment_key is None or link.venue_id != self._environment_venue:
            raise Conflict(f"EPOS_DOJO_API_KEY is not set for EPOS_DOJO_VENUE={link.venue_id}")
        return Access(link, self._environment_key)
