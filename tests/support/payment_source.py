"""Stands in for Dojo where the services look up payments."""

from collections.abc import Awaitable, Callable

from epos.domain.payment_checks import KnownPayment

GOOD = KnownPayment(status="Captured", currency="GBP", paid=4_000, tips=500)


class FixedSource:
    """Gives the same answer about every payment, and remembers the questions."""

    def __init__(self, known: KnownPayment | None = GOOD) -> None:
        self.known = known
        self.of: dict[str, KnownPayment | None] = {}
        """Other answers, by payment intent."""
        self.asked: list[str] = []
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        """Runs while the answer is on its way."""

    async def can_be_asked(self, venue_id: str) -> bool:
        return True

    async def verifies(self, venue_id: str) -> bool:
        return True

    async def look_up(self, venue_id: str, intent_id: str) -> KnownPayment | None:
        self.asked.append(intent_id)
        if self.meanwhile is not None:
            await self.meanwhile()
        return self.of.get(intent_id, self.known)
