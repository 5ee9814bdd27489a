"""Create venues, and create, list and revoke their credentials."""

from dataclasses import dataclass

from epos.domain.credentials import Role, SystemActor, secret_hash, username
from epos.domain.errors import Conflict, InvalidRequest, NotFound
from epos.domain.identifiers import Identifiers
from epos.domain.venue import TIME_ZONE_RULE, NewVenue
from epos.store import credentials, venues
from epos.store.database import Database
from epos.store.statements import Record


@dataclass(frozen=True, slots=True)
class NewCredential:
    """Shown once: only a hash of the secret is kept."""

    username: str
    secret: str


class Venues:
    def __init__(self, database: Database, identifiers: Identifiers) -> None:
        self._database = database
        self._identifiers = identifiers

    async def create(self, venue: NewVenue) -> None:
        """Raises InvalidRequest for a bad setting, Conflict if the id is taken."""
        venue.check()
        async with self._database.connection() as connection:
            if not await venues.knows_time_zone(connection, venue.time_zone):
                raise InvalidRequest("time_zone", TIME_ZONE_RULE)
            if not await venues.add(connection, venue):
                raise Conflict(f"There is a venue {venue.id} already")

    async def all(self) -> list[Record]:
        async with self._database.connection() as connection:
            return await venues.listed(connection)

    async def require(self, venue_id: str) -> None:
        """Raises NotFound."""
        async with self._database.connection(venue_id) as connection:
            if not await venues.exists(connection, venue_id):
                raise NotFound(f"Venue {venue_id}")

    async def create_credential(self, venue_id: str, name: str, role: Role) -> NewCredential:
        """Create a credential with a new 256-bit secret.

        Raises NotFound for the venue, Conflict for a name that is taken, InvalidRequest for one that no
        credential may have.
        """
        if not NewVenue.is_name(name):
            raise InvalidRequest("name", NewVenue.NAME_RULE)
        if name in tuple(SystemActor):
            raise InvalidRequest(
                "name", "is reserved: the audit trail uses it for the server itself"
            )
        secret = self._identifiers.secret()
        await self.require(venue_id)
        async with self._database.connection(venue_id) as connection:
            added = await credentials.add(connection, venue_id, name, role, secret_hash(secret))
        if not added:
            raise Conflict(
                f"{username(venue_id, name)} exists, or existed: names are not used again"
            )
        return NewCredential(username(venue_id, name), secret)

    async def revoke_credential(self, venue_id: str, name: str) -> None:
        """It stops working within five seconds. Raises NotFound if there is none to revoke."""
        async with self._database.connection(venue_id) as connection:
            if not await credentials.revoke(connection, venue_id, name):
                raise NotFound(f"Credential {username(venue_id, name)}")

    async def credentials(self, venue_id: str) -> list[Record]:
        await self.require(venue_id)
        async with self._database.connection(venue_id) as connection:
            return await credentials.listed(connection, venue_id)
