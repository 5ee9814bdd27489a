"""Payments and refunds about which Dojo must still be asked."""

from datetime import timedelta

from sqlalchemy import select, text

from epos.store.repository import Repository
from epos.store.statements import Record, Statement
from epos.store.tables import venue
from epos.store.venues import NOW
from epos.store.visibility import VENUE

_PATIENCE = timedelta(days=7)
"""How long Dojo is asked; after that it is decided without its answer."""
_NOW = """(
        SELECT coalesce(clock_frozen_at, statement_timestamp() + clock_offset)
        FROM venue WHERE id = :venue_id
    )"""
"""The venue's time, as `venues.NOW` has it, at the start of the statement; a parameter of each change."""
_READ_NOW = Statement(select(NOW).where(venue.c.id == VENUE))

_IS_SETTLED = Statement(
    text("""
    SELECT EXISTS (SELECT FROM payment WHERE venue_id = :venue_id AND payment_intent_id = :intent_id)
        OR EXISTS (SELECT FROM payment_intent
                   WHERE venue_id = :venue_id AND id = :intent_id AND refused_at IS NOT NULL)
    """)
)
_SET = Statement(
    text("""
    UPDATE payment
    SET check_state = :state, check_note = :note, check_attempts = check_attempts + 1,
        check_due_at = CAST(:now AS timestamptz) + CAST(:seconds AS float8) * interval '1 second'
    WHERE venue_id = :venue_id AND id = :payment_id
    """)
)
_DUE = Statement(
    text(f"""
    SELECT payment.id, payment.order_id, payment.payment_intent_id AS intent_id, payment.paid_amount,
           payment.tips_amount, payment.status, payment.check_attempts AS attempts,
           customer_order.currency, customer_order.dojo_order_id,
           payment.recorded_at < {_NOW} - CAST(:patience AS interval) AS is_old
    FROM payment JOIN customer_order
      ON customer_order.venue_id = :venue_id AND customer_order.id = payment.order_id
    WHERE payment.venue_id = :venue_id AND payment.check_due_at <= {_NOW}
    ORDER BY payment.check_due_at LIMIT :most
    """)
)
_LISTED = Statement(
    text("""
    SELECT id, order_id, payment_intent_id AS intent_id, paid_amount, tips_amount, status,
           check_state, check_note, recorded_at
    FROM payment
    WHERE venue_id = :venue_id AND check_state IN ('unverified', 'disputed')
    ORDER BY recorded_at LIMIT :most
    """)
)
# With the link locked, a venue that leaves Dojo waits, and then finds this refund among those that wait.
_AWAIT_REFUND = Statement(
    text("""
    WITH link AS (
        SELECT venue_id FROM dojo_link WHERE venue_id = :venue_id FOR KEY SHARE
    )
    UPDATE dojo_event SET refund_due_at = CAST(:now AS timestamptz)
    FROM link
    WHERE dojo_event.venue_id = :venue_id AND dojo_event.id = :event_id
    RETURNING true
    """)
)
_REFUNDS_DUE = Statement(
    text(f"""
    SELECT id, payment_intent_id AS intent_id, refund_attempts AS attempts,
           received_at < {_NOW} - CAST(:patience AS interval) AS is_old
    FROM dojo_event
    WHERE venue_id = :venue_id AND refund_due_at <= {_NOW}
    ORDER BY refund_due_at LIMIT :most
    """)
)
_REFUNDS_WAITING = Statement(
    text(f"""
    SELECT id FROM dojo_event
    WHERE venue_id = :venue_id AND refund_due_at IS NOT NULL
      AND (received_at < {_NOW} - CAST(:patience AS interval) OR NOT :only_old)
    """)
)
_LOCK_REFUND = Statement(
    text("""
    SELECT payment_intent_id FROM dojo_event
    WHERE venue_id = :venue_id AND id = :event_id AND refund_due_at IS NOT NULL
    FOR NO KEY UPDATE
    """)
)
_MOVE_REFUND = Statement(
    text("""
    UPDATE dojo_event
    SET refund_due_at = CAST(:now AS timestamptz) + CAST(:seconds AS float8) * interval '1 second',
        refund_attempts = refund_attempts + 1
    WHERE venue_id = :venue_id AND id = :event_id AND refund_due_at IS NOT NULL
    """)
)


class PaymentCheckRepository(Repository):
    async def is_settled(self, intent_id: str) -> bool:
        """Whether the intent was recorded or refused: then the answer is known, and Dojo is not asked."""
        settled: bool = await self._value(_IS_SETTLED, intent_id=intent_id)
        return settled

    async def set(
        self, payment_id: str, state: str, note: str | None, seconds: float | None
    ) -> None:
        """`seconds` until Dojo is asked again; None: it has answered."""
        now = await self._value(_READ_NOW)
        await self._run(
            _SET, payment_id=payment_id, state=state, note=note, seconds=seconds, now=now
        )

    async def due(self, most: int) -> list[Record]:
        return await self._all(_DUE, most=most, patience=_PATIENCE)

    async def listed(self, most: int) -> list[Record]:
        """Payments that are unverified or disputed, for the operator."""
        return await self._all(_LISTED, most=most)

    async def await_refund(self, event_id: str) -> bool:
        """Let a refund wait until Dojo has been asked for its amount. False if the venue has no link, so
        that nobody would ask.
        """
        now = await self._value(_READ_NOW)
        return await self._value(_AWAIT_REFUND, event_id=event_id, now=now) is not None

    async def refunds_due(self, most: int) -> list[Record]:
        return await self._all(_REFUNDS_DUE, most=most, patience=_PATIENCE)

    async def refunds_waiting(self, *, only_old: bool) -> list[str]:
        """The event ids of all refunds whose amount is not known yet, due or not; `only_old`: those that
        have waited for a week.
        """
        rows = await self._all(_REFUNDS_WAITING, only_old=only_old, patience=_PATIENCE)
        return [row["id"] for row in rows]

    async def lock_refund(self, event_id: str) -> str | None:
        """Lock an event that waits for its amount. Returns its intent, or None if it does not wait."""
        intent_id: str | None = await self._value(_LOCK_REFUND, event_id=event_id)
        return intent_id

    async def move_refund(self, event_id: str, seconds: float | None) -> None:
        """Ask again after `seconds`; None: it is settled. Does nothing for an event that does not wait."""
        now = await self._value(_READ_NOW)
        await self._run(_MOVE_REFUND, event_id=event_id, seconds=seconds, now=now)
