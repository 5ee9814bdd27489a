"""The ledger and the payment intents behind it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from epos.domain.dojo import CheckState
from epos.domain.locks import is_live
from epos.domain.payments import IntentStatus, PaymentSource, PaymentStatus
from epos.domain.requester import Requester
from epos.store.busy_rows import take_row
from epos.store.repository import Repository
from epos.store.statements import Record, Statement
from epos.store.tables import order_lock, payment, payment_intent, payment_transition, venue
from epos.store.tables.base import Key
from epos.store.venues import NOW
from epos.store.visibility import VENUE

_INTENT_IDS = bindparam("intent_ids", type_=ARRAY(Key))
_INTENT = (payment_intent.c.venue_id == VENUE, payment_intent.c.id == bindparam("intent_id"))
# The update changes nothing: it locks a row that was there, and returns it as it was last committed.
_LOCK_INTENT = Statement(
    upsert(payment_intent)
    .on_conflict_do_update(
        index_elements=["venue_id", "id"], set_={"status": payment_intent.c.status}
    )
    .returning(payment_intent.c.id, payment_intent.c.status, payment_intent.c.refused_reason),
    columns=["venue_id", "id"],
)
_ENTRY = (
    payment.c.id,
    payment.c.order_id,
    payment.c.payment_intent_id,
    payment.c.source,
    payment.c.method,
    payment.c.status,
    payment.c.paid_amount,
    payment.c.tips_amount,
    payment.c.refunded_paid,
    payment.c.refunded_tips,
    payment.c.check_state,
)
_OF_INTENTS = Statement(
    select(*_ENTRY).where(
        payment.c.venue_id == VENUE, payment.c.payment_intent_id == func.any(_INTENT_IDS)
    )
)
_OF_ORDER = Statement(
    select(*_ENTRY).where(
        payment.c.venue_id == VENUE,
        payment.c.id == bindparam("payment_id"),
        payment.c.order_id == bindparam("order_id"),
    )
)
_ALL_OF_ORDER = Statement(
    select(*_ENTRY)
    .where(payment.c.venue_id == VENUE, payment.c.order_id == bindparam("order_id"))
    .order_by(payment.c.position)
)
_WITH_LEDGER = Statement(
    select(payment.c.order_id)
    .where(
        payment.c.venue_id == VENUE,
        payment.c.order_id == func.any(bindparam("order_ids", type_=ARRAY(Key))),
    )
    .distinct()
)
_CONTEXT = Statement(
    select(
        NOW.label("now"),
        venue.c.finalizes_paid_tabs,
        payment.c.order_id.label("recorded_order_id"),
        payment.c.paid_amount.label("recorded_paid"),
        payment.c.tips_amount.label("recorded_tips"),
        order_lock.c.lock_id,
        order_lock.c.expires_at.label("lock_expires_at"),
        order_lock.c.waiter_id.label("lock_waiter_id"),
    )
    .join_from(
        venue,
        payment,
        (payment.c.venue_id == VENUE) & (payment.c.payment_intent_id == bindparam("intent_id")),
        isouter=True,
    )
    .outerjoin(
        order_lock,
        (order_lock.c.venue_id == VENUE)
        & (order_lock.c.order_id == bindparam("order_id"))
        & order_lock.c.released_at.is_(None)
        & (order_lock.c.holder == "dojo"),
    )
    .where(venue.c.id == VENUE)
)
_LATER = {
    "position",
    "refunded_amount",
    "refunded_paid",
    "refunded_tips",
    *(c.name for c in payment.c if c.name.startswith("check_")),
}
_INSERTED = [c.name for c in payment.c if c.name not in _LATER]
_INSERT = Statement(insert(payment), columns=_INSERTED)
_SET_INTENT_STATUS = Statement(
    update(payment_intent).where(*_INTENT).values(status=bindparam("new_status"))
)
_REFUSE = Statement(
    update(payment_intent)
    .where(*_INTENT)
    .values(
        refused_order_id=bindparam("order_id"),
        refused_paid_amount=bindparam("paid"),
        refused_tips_amount=bindparam("tips"),
        refused_currency=bindparam("currency"),
        refused_reason=bindparam("reason"),
        refused_at=bindparam("now"),
    )
)
_SET_STATUS = Statement(
    update(payment)
    .where(payment.c.venue_id == VENUE, payment.c.id == bindparam("payment_id"))
    .values(status=bindparam("new_status"))
)
_NOTE_TRANSITION = Statement(
    insert(payment_transition),
    columns=[c.name for c in payment_transition.c],
)


@dataclass(frozen=True, slots=True)
class IntentRow:
    """A payment intent whose row is locked."""

    id: str
    status: IntentStatus | None
    """The highest that was received; None before the first event."""
    refused_reason: str | None
    """Why a payment of it was refused; the refusal is final."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One row of the ledger. Amounts in minor units, the currency is the order's."""

    id: str
    order_id: str
    intent_id: str | None
    source: PaymentSource
    method: str | None
    status: PaymentStatus
    paid: int
    tips: int
    refunded_paid: int
    """What went back of `paid`."""
    refunded_tips: int
    """What went back of `tips`."""
    check_state: CheckState | None

    @property
    def left_paid(self) -> int:
        """What the payment counts for the bill, while it counts."""
        return self.paid - self.refunded_paid

    @property
    def left_tips(self) -> int:
        return self.tips - self.refunded_tips

    @property
    def left(self) -> int:
        """What can still be given back."""
        return self.left_paid + self.left_tips

    @property
    def refunded(self) -> int:
        return self.refunded_paid + self.refunded_tips


@dataclass(frozen=True, slots=True)
class Recorded:
    """What an intent has paid already."""

    order_id: str
    paid: int
    tips: int


@dataclass(frozen=True, slots=True)
class PaymentContext:
    """What decides about a payment, beside its intent and its order."""

    now: datetime
    """The venue's time."""
    finalizes_paid_tabs: bool
    recorded: Recorded | None
    """The intent's ledger row, whatever order it belongs to."""
    lock_id: str | None
    """The order's Dojo lock that is not released; it may have expired."""
    lock_expires_at: datetime | None
    lock_waiter_id: str | None

    @property
    def live_lock_id(self) -> str | None:
        expires_at = self.lock_expires_at
        return self.lock_id if expires_at and is_live(expires_at, None, self.now) else None

    @property
    def live_lock_waiter_id(self) -> str | None:
        return self.lock_waiter_id if self.live_lock_id is not None else None


class PaymentRepository(Repository):
    async def lock_intents(self, intent_ids: Iterable[str]) -> dict[str, IntentRow]:
        """Lock the intents in ascending id until the transaction ends; insert those that are new."""
        intents = {}
        for intent_id in sorted(set(intent_ids)):
            take_row(f"intent {intent_id}")
            row = await self._first(_LOCK_INTENT, id=intent_id)
            assert row is not None, "inserted or updated"  # noqa: S101
            intents[intent_id] = _intent(row)
        return intents

    async def of_intents(self, intent_ids: Iterable[str]) -> dict[str, LedgerEntry]:
        """Ledger rows by intent. Call with the intents locked."""
        rows = await self._all(_OF_INTENTS, intent_ids=sorted(set(intent_ids)))
        return {row["payment_intent_id"]: _entry(row) for row in rows}

    async def orders_with_ledger(self, order_ids: Iterable[str]) -> set[str]:
        """Those that have ledger rows, in whatever status. Call with the orders locked."""
        rows = await self._all(_WITH_LEDGER, order_ids=list(order_ids))
        return {row["order_id"] for row in rows}

    async def context(self, intent_id: str, order_id: str) -> PaymentContext:
        """Read with one statement. Call with the intent and the order locked."""
        row = await self._first(_CONTEXT, intent_id=intent_id, order_id=order_id)
        if row is None:
            raise LookupError(self._venue_id)
        order = row["recorded_order_id"]
        return PaymentContext(
            row["now"],
            row["finalizes_paid_tabs"],
            None if order is None else Recorded(order, row["recorded_paid"], row["recorded_tips"]),
            row["lock_id"],
            row["lock_expires_at"],
            row["lock_waiter_id"],
        )

    async def insert(
        self,
        requester: Requester,
        *,
        tendered_amount: int | None = None,
        method: str | None = None,
        voucher_id: str | None = None,
        **columns: Any,
    ) -> None:
        """Append a row to the order's ledger; a trigger gives it the next position. Call with the order
        locked.

        `tendered_amount` is for cash, `method` for what is neither a card of Dojo's nor cash.
        """
        await self._run(
            _INSERT,
            tendered_amount=tendered_amount,
            method=method,
            voucher_id=voucher_id,
            waiter_id=requester.waiter_id,
            device_id=requester.device_id,
            product=requester.product,
            credential=requester.credential,
            trace_id=requester.trace_id,
            **columns,
        )

    async def set_intent_status(self, intent_id: str, status: str) -> None:
        await self._run(_SET_INTENT_STATUS, intent_id=intent_id, new_status=status)

    async def refuse(self, intent_id: str, **refusal: Any) -> None:
        """Keep for ever that this intent was refused: order_id, paid, tips, currency, reason, now."""
        await self._run(_REFUSE, intent_id=intent_id, **refusal)

    async def of_order(self, order_id: str, payment_id: str) -> LedgerEntry | None:
        """One row of an order's ledger. Call with the order locked."""
        row = await self._first(_OF_ORDER, order_id=order_id, payment_id=payment_id)
        return None if row is None else _entry(row)

    async def all_of_order(self, order_id: str) -> list[LedgerEntry]:
        """An order's ledger, oldest first. Call with the order locked."""
        return [_entry(row) for row in await self._all(_ALL_OF_ORDER, order_id=order_id)]

    async def change_status(
        self, payment_id: str, was: str, status: str, at: datetime, **why: str | None
    ) -> None:
        """Change the status of a ledger row, and record the transition. `why`: the `event_id` of Dojo's
        event, or the `reason` and `waiter_id` of who did it at a till.
        """
        await self._run(_SET_STATUS, payment_id=payment_id, new_status=status)
        unsaid = {"event_id": None, "reason": None, "waiter_id": None}
        await self._run(
            _NOTE_TRANSITION, payment_id=payment_id, status=status, was=was, at=at, **unsaid | why
        )


def _intent(row: Record) -> IntentRow:
    status = row["status"]
    return IntentRow(
        row["id"], None if status is None else IntentStatus(status), row["refused_reason"]
    )


def _entry(row: Record) -> LedgerEntry:
    check = row["check_state"]
    return LedgerEntry(
        id=row["id"],
        order_id=row["order_id"],
        intent_id=row["payment_intent_id"],
        source=PaymentSource(row["source"]),
        method=row["method"],
        status=PaymentStatus(row["status"]),
        paid=row["paid_amount"],
        tips=row["tips_amount"],
        refunded_paid=row["refunded_paid"],
        refunded_tips=row["refunded_tips"],
        check_state=None if check is None else CheckState(check),
    )
