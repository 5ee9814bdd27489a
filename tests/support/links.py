"""A venue connected to Dojo, and its outbox as a test sees it."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

from epos.dojo.client import DojoError
from epos.dojo.links import Links
from epos.dojo.outbox_sender import OutboxSender
from epos.dojo.sealing import Sealer
from epos.domain.dojo import DojoLink, Entity, Transport
from epos.store import leases
from tests.support.dojo import ALL, DojoAccount
from tests.support.rows import execute, fetch
from tests.support.venues import Venue

LEASE = "test"


def link(venue_id: str, **more: Any) -> DojoLink:
    return DojoLink(
        venue_id=venue_id,
        **{
            "transport": Transport.WEBSOCKET,
            "software_house_id": "test-house",
            "reseller_id": "test-reseller",
            "api_url": "http://127.0.0.1:9",
            "ws_url": "ws://127.0.0.1:9/epos",
            **more,
        },
    )


async def connect(venue: Venue, **more: Any) -> None:
    """No process has the key of this link, so none but the test sends."""
    await Links(venue.database, Sealer(None)).put(link(venue.id, **more))


class ToldDojo:
    """Stands for Dojo's API: hears events, or fails as it is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[Entity, str]] = []
        self.failure: Callable[[str], DojoError | None] = lambda _: None
        self.gate: asyncio.Event | None = None
        self.now, self.most = Counter[str](), Counter[str]()

    async def announce(self, entity: Entity, entity_id: str) -> None:
        self.now[entity_id] += 1
        self.most[entity_id] = max(self.most[entity_id], self.now[entity_id])
        try:
            if self.gate is not None:
                await self.gate.wait()
            failure = self.failure(entity_id)
            if failure is not None:
                raise failure
            self.heard.append((entity, entity_id))
        finally:
            self.now[entity_id] -= 1

    def times(self, entity_id: str) -> int:
        return sum(1 for _, heard in self.heard if heard == entity_id)


class Outbox:
    """What one venue has still to announce."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue

    async def waiting(self) -> list[tuple[str, str]]:
        rows = await fetch(
            self.venue, "SELECT entity, entity_id FROM outbox WHERE venue_id = $1 ORDER BY id"
        )
        return [(row["entity"], row["entity_id"]) for row in rows]

    async def rows(self) -> list[dict[str, Any]]:
        return await fetch(self.venue, "SELECT * FROM outbox WHERE venue_id = $1 ORDER BY id")

    async def put_off(self) -> None:
        """What was tried in vain is not due again while the test runs, however long that takes."""
        await execute(
            self.venue,
            "UPDATE outbox SET due_at = statement_timestamp() + interval '1 hour' "
            "WHERE venue_id = $1 AND attempts > 0",
        )

    async def sender(self, dojo: ToldDojo, holder: str = "me", **more: Any) -> OutboxSender:
        """One that holds the lease for a minute, or until somebody else takes it."""
        database, venue_id = self.venue.database, self.venue.id
        async with database.connection() as connection:
            fence = await leases.take(connection, venue_id, LEASE, holder, 60)
        assert fence is not None
        return OutboxSender(database, dojo, venue_id, LEASE, fence, **{"poll": 0.02, **more})


async def is_reached(account: DojoAccount) -> bool:
    """Dojo knows every capability, and a call of it is answered."""
    held = await account.sim("GET", "integrations")
    names = {
        one["name"]
        for kind in ("wsIntegrations", "restIntegrations")
        for integration in held[kind]
        for one in integration["capabilities"]
    }
    if names != set(ALL):
        return False
    reply = await account.sim("POST", "call", {"capability": "ListAreas"})
    return reply.get("answer") is not None and not reply.get("violations")


async def heard(account: DojoAccount, entity_id: str) -> int:
    """How often Dojo was told that it has changed."""
    entities = (await account.sim("GET", "events"))["entities"]
    return int(entities.get(entity_id, {}).get("count", 0))


async def nothing_waits(venue: Venue) -> bool:
    return not await fetch(venue, "SELECT 1 FROM outbox WHERE venue_id = $1 LIMIT 1")
