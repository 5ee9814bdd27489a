"""Whoever knows what really became of a payment."""

from typing import Protocol

from epos.domain.payment_checks import KnownPayment


class SourceOfTruth(Protocol):
    """Dojo, where a venue has a key for its API. Never asked while a row is locked."""

    async def can_be_asked(self, venue_id: str) -> bool: ...

    async def verifies(self, venue_id: str) -> bool:
        """Whether the venue wants its payments checked before they are recorded."""
        ...

    async def look_up(self, venue_id: str, intent_id: str) -> KnownPayment | None:
        """None when there is no answer in time, or none that says anything."""
        ...


class NobodyToAsk:
    """For a server that knows no Dojo."""

    async def can_be_asked(self, venue_id: str) -> bool:
        return False

    async def verifies(self, venue_id: str) -> bool:
        return False

    async def look_up(self, venue_id: str, intent_id: str) -> KnownPayment | None:
        return None
