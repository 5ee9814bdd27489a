"""Deposits of parties that were counted on tabs."""

from datetime import datetime

from sqlalchemy import text

from epos.store.repository import Repository
from epos.store.statements import Statement

_USE = Statement(
    text("""
    INSERT INTO deposit_use (venue_id, payment_id, party_id)
    VALUES (:venue_id, :payment_id, :party_id)
    """)
)
_USED_ON = Statement(
    text("""
    SELECT payment.order_id FROM deposit_use
        JOIN payment ON payment.venue_id = :venue_id AND payment.id = deposit_use.payment_id
    WHERE deposit_use.venue_id = :venue_id AND party_id = :party_id AND ended_at IS NULL
    """)
)
_RELEASE = Statement(
    text("""
    UPDATE deposit_use SET ended_at = :now
    WHERE venue_id = :venue_id AND payment_id = :payment_id AND ended_at IS NULL
    """)
)


class DepositRepository(Repository):
    async def use(self, party_id: str, payment_id: str) -> None:
        """The party's deposit is that payment. The database refuses it twice."""
        await self._run(_USE, party_id=party_id, payment_id=payment_id)

    async def used_on(self, party_id: str) -> str | None:
        """The order on which the party's deposit was counted."""
        order_id: str | None = await self._value(_USED_ON, party_id=party_id)
        return order_id

    async def release(self, payment_id: str, now: datetime) -> None:
        """The payment was a mistake: its deposit, if it was one, may be counted again."""
        await self._run(_RELEASE, payment_id=payment_id, now=now)
