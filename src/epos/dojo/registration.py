"""Register this server's capabilities with Dojo, and read back what Dojo has registered."""

from collections.abc import Collection
from dataclasses import dataclass

from epos.contract.operations import OPERATIONS
from epos.dojo.client import DojoClient
from epos.dojo.models import Integration, Integrations
from epos.dojo.products import warnings
from epos.domain.credentials import Role, SystemActor, username
from epos.domain.dojo import DojoLink, Transport
from epos.domain.errors import InvalidRequest
from epos.services.venues import NewCredential, Venues

_PREFIX = f"{SystemActor.DOJO_LINK}-"
"""Begins the names of the credentials that are made for Dojo."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What was sent, and what Dojo has registered; both in the newest spelling."""

    wanted: frozenset[str]
    registered: frozenset[str]

    @property
    def missing(self) -> list[str]:
        return sorted(self.wanted - self.registered)

    @property
    def unexpected(self) -> list[str]:
        return sorted(self.registered - self.wanted)

    @property
    def warnings(self) -> list[str]:
        found = warnings(self.registered)
        if self.missing:
            found.append(f"Dojo has not registered {', '.join(self.missing)}")
        if self.unexpected:
            found.append(f"Dojo has also registered {', '.join(self.unexpected)}")
        return found


def implemented(capabilities: Collection[str]) -> list[str]:
    """The names to register for these operations; HandleEvent has one for each event."""
    served = [operation for operation in OPERATIONS if operation.capability in capabilities]
    return [name for operation in served for name in operation.registrable_names]


def registered_names(integrations: Integrations, link: DojoLink) -> frozenset[str]:
    """What Dojo has registered for the link's transport."""
    return frozenset().union(*(one.names for one in _ours(integrations, link)))


class Registrar:
    """Registers venues. For REST it makes the credential that Dojo will use, and revokes the previous one
    when Dojo shows the new one.
    """

    def __init__(self, venues: Venues, capabilities: Collection[str]) -> None:
        self._venues = venues
        self._names = implemented(capabilities)
        self._made: dict[str, NewCredential] = {}
        """Of venues whose registration has not succeeded yet: the next attempt sends the same."""

    async def register(
        self, link: DojoLink, client: DojoClient, *, renew: bool = False
    ) -> Registration:
        """Send the full set. For REST, send nothing if Dojo has it already, unless `renew`.

        Raises DojoError.
        """
        if link.transport is Transport.WEBSOCKET:
            await client.register_websocket(self._names)
            return self._compared(await client.integrations(), link)
        before = await client.integrations()
        if not renew and await self._is_current(before, link):
            return self._compared(before, link)
        return await self._register_rest(link, client)

    def _compared(self, integrations: Integrations, link: DojoLink) -> Registration:
        return Registration(frozenset(self._names), registered_names(integrations, link))

    async def _is_current(self, integrations: Integrations, link: DojoLink) -> bool:
        active = {
            username(link.venue_id, row["name"])
            for row in await self._venues.credentials(link.venue_id)
            if row["revoked_at"] is None
        }
        ours = _ours(integrations, link)
        known = bool(ours) and all(one.username in active for one in ours)
        return known and registered_names(integrations, link) == frozenset(self._names)

    async def _register_rest(self, link: DojoLink, client: DojoClient) -> Registration:
        if link.public_url is None:
            raise InvalidRequest("EPOS_PUBLIC_URL", "is needed for the transport rest")
        made = self._made.get(link.venue_id) or await self._new_credential(link.venue_id)
        self._made[link.venue_id] = made
        await client.register_rest(self._names, link.public_url, made.username, made.secret)
        del self._made[link.venue_id]
        integrations = await client.integrations()
        ours = _ours(integrations, link)
        if ours and all(one.username == made.username for one in ours):
            await self._revoke_others(link.venue_id, made)
        return self._compared(integrations, link)

    async def _new_credential(self, venue_id: str) -> NewCredential:
        """A name is never used again, so each registration takes the next number."""
        taken = {row["name"] for row in await self._venues.credentials(venue_id)}
        number = next(n for n in range(1, len(taken) + 2) if f"{_PREFIX}{n}" not in taken)
        return await self._venues.create_credential(venue_id, f"{_PREFIX}{number}", Role.DOJO)

    async def _revoke_others(self, venue_id: str, made: NewCredential) -> None:
        for row in await self._venues.credentials(venue_id):
            ours = row["name"].startswith(_PREFIX) and row["revoked_at"] is None
            if ours and username(venue_id, row["name"]) != made.username:
                await self._venues.revoke_credential(venue_id, row["name"])


def _ours(integrations: Integrations, link: DojoLink) -> list[Integration]:
    """The registrations of this server: an account may have others. For REST, the URL tells them apart."""
    if link.transport is Transport.WEBSOCKET:
        return integrations.wsIntegrations or []
    wanted = (link.public_url or "").rstrip("/")
    return [
        one for one in integrations.restIntegrations or [] if (one.url or "").rstrip("/") == wanted
    ]
