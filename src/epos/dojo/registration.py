"""Telling Dojo what this server can do, and reading back what Dojo made of it."""

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
"""Of the credentials that Dojo is given, one after the other."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What was sent beside what Dojo holds, both in the newest spelling."""

    wanted: frozenset[str]
    held: frozenset[str]

    @property
    def missing(self) -> list[str]:
        return sorted(self.wanted - self.held)

    @property
    def unexpected(self) -> list[str]:
        return sorted(self.held - self.wanted)

    @property
    def warnings(self) -> list[str]:
        found = warnings(self.held)
        if self.missing:
            found.append(f"Dojo does not hold {', '.join(self.missing)}")
        if self.unexpected:
            found.append(f"Dojo also holds {', '.join(self.unexpected)}")
        return found


def implemented(capabilities: Collection[str]) -> list[str]:
    """The names to register for these operations: 23 for all 22, HandleEvent once for each event."""
    served = [operation for operation in OPERATIONS if operation.capability in capabilities]
    return [name for operation in served for name in operation.registrable_names]


def held_by(integrations: Integrations, link: DojoLink) -> frozenset[str]:
    """What Dojo has registered for the link's transport."""
    return frozenset().union(*(one.names for one in _ours(integrations, link)))


class Registrar:
    """Registers one venue. For REST it makes the credential that Dojo is to use, and revokes the one
    of the last time as soon as Dojo is seen to hold the new one.
    """

    def __init__(self, venues: Venues, capabilities: Collection[str]) -> None:
        self._venues = venues
        self._names = implemented(capabilities)
        self._made: dict[str, NewCredential] = {}
        """Of a venue whose registration has not succeeded yet: the next try sends the same."""

    async def register(
        self, link: DojoLink, client: DojoClient, *, renew: bool = False
    ) -> Registration:
        """Sends the full set. For REST nothing is sent when Dojo holds it already, unless `renew`.

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
        return Registration(frozenset(self._names), held_by(integrations, link))

    async def _is_current(self, integrations: Integrations, link: DojoLink) -> bool:
        active = {
            username(link.venue_id, row["name"])
            for row in await self._venues.credentials(link.venue_id)
            if row["revoked_at"] is None
        }
        ours = _ours(integrations, link)
        known = bool(ours) and all(one.username in active for one in ours)
        return known and held_by(integrations, link) == frozenset(self._names)

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
        """Names are not used again, so each registration has the next number."""
        taken = {row["name"] for row in await self._venues.credentials(venue_id)}
        number = next(n for n in range(1, len(taken) + 2) if f"{_PREFIX}{n}" not in taken)
        return await self._venues.create_credential(venue_id, f"{_PREFIX}{number}", Role.DOJO)

    async def _revoke_others(self, venue_id: str, made: NewCredential) -> None:
        for row in await self._venues.credentials(venue_id):
            ours = row["name"].startswith(_PREFIX) and row["revoked_at"] is None
            if ours and username(venue_id, row["name"]) != made.username:
                await self._venues.revoke_credential(venue_id, row["name"])


def _ours(integrations: Integrations, link: DojoLink) -> list[Integration]:
    """An account may have registrations of other servers beside ours; for REST the URL tells."""
    if link.transport is Transport.WEBSOCKET:
        return integrations.wsIntegrations or []
    wanted = (link.public_url or "").rstrip("/")
    return [
        one for one in integrations.restIntegrations or [] if (one.url or "").rstrip("/") == wanted
    ]
