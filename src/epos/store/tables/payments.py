"""The ledger, the payment intents behind it, and the events that Dojo sent about them."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from epos.domain.dojo import CheckState
from epos.domain.payments import EFFECTIVE, IntentStatus, PaymentSource, PaymentStatus
from epos.store.tables.base import Instant, Key, Minor, finite, metadata, one_of, venue_key

IS_EFFECTIVE = "payment.status IN ({})".format(
    ", ".join(f"'{status}'" for status in sorted(EFFECTIVE))
)

payment_intent = Table(
    "payment_intent",
    metadata,
    venue_key(),
    Column("id", Key, primary_key=True),
    Column("status", Key),
    Column("refused_order_id", Key),
    Column("refused_paid_amount", Minor),
    Column("refused_tips_amount", Minor),
    Column("refused_currency", Key),
    Column("refused_reason", Text),
    Column("refused_at", Instant),
    one_of("status", IntentStatus),
)
"""`status` is the highest that was heard, null before the first event. `refused_reason` is set when a
payment of this intent was refused: the refusal is final, since Dojo gives the money back."""

payment = Table(
    "payment",
    metadata,
    venue_key(),
    Column("id", Key, primary_key=True),
    Column("order_id", Key, nullable=False),
    Column("position", Integer, nullable=False),
    Column("source", Key, nullable=False),
    Column("payment_intent_id", Key),
    Column("paid_amount", Minor, nullable=False),
    Column("tips_amount", Minor, nullable=False),
    Column("status", Key, nullable=False),
    Column("refunded_amount", Minor, nullable=False, server_default=text("0")),
    Column("recorded_at", Instant, nullable=False),
    Column("waiter_id", Key),
    Column("device_id", Key),
    Column("product", Key),
    Column("credential", Key, nullable=False),
    Column("trace_id", Key, nullable=False),
    Column("tendered_amount", Minor),
    Column("method", Key),
    Column("check_state", Key),
    Column("check_note", Text),
    Column("check_due_at", Instant),
    Column("check_attempts", Integer, nullable=False, server_default=text("0")),
    ForeignKeyConstraint(
        ["venue_id", "order_id"], ["customer_order.venue_id", "customer_order.id"]
    ),
    ForeignKeyConstraint(
        ["venue_id", "payment_intent_id"], ["payment_intent.venue_id", "payment_intent.id"]
    ),
    UniqueConstraint("venue_id", "payment_intent_id"),
    UniqueConstraint("venue_id", "order_id", "position"),
    one_of("source", PaymentSource),
    one_of("status", PaymentStatus),
    one_of("check_state", CheckState),
    CheckConstraint("paid_amount > 0", name="paid_amount"),
    CheckConstraint("tips_amount >= 0", name="tips_amount"),
    CheckConstraint("tendered_amount >= paid_amount + tips_amount", name="tendered_amount"),
    CheckConstraint("(source = 'other') = (method IS NOT NULL)", name="method"),
    CheckConstraint(
        "refunded_amount BETWEEN 0 AND paid_amount + tips_amount", name="refunded_amount"
    ),
    Index(
        "ix_payment_check_due",
        "venue_id",
        "check_due_at",
        postgresql_where=text("check_due_at IS NOT NULL"),
    ),
)
"""One row per payment, never deleted. The currency is the order's. Effective: recorded or captured.
`tendered_amount`: the cash that was handed over; the change is what is above paid and tip.
`method` says how, where the source is `other` (voucher, cheque, bank transfer).
`refunded_amount` is the largest partial refund heard of; only the full sum ends the payment.
`check_state`: whether Dojo's own record agrees; `check_due_at`: when a job asks Dojo again."""

payment_transition = Table(
    "payment_transition",
    metadata,
    venue_key(),
    Column("payment_id", Key, primary_key=True),
    Column("status", Key, primary_key=True),
    Column("was", Key, nullable=False),
    Column("at", Instant, nullable=False),
    Column("event_id", Key),
    Column("reason", Key),
    Column("waiter_id", Key),
    ForeignKeyConstraint(["venue_id", "payment_id"], ["payment.venue_id", "payment.id"]),
    one_of("status", PaymentStatus),
    one_of("was", PaymentStatus),
)
"""Every change of a payment's status, and the event that caused it; append-only by trigger.
Another trigger refuses a change that the ledger does not know: what has ended never counts again."""

dojo_event = Table(
    "dojo_event",
    metadata,
    venue_key(),
    Column("id", Key, primary_key=True),
    Column("fingerprint", Key, nullable=False),
    Column("account_id", Key, nullable=False),
    Column("event", Key, nullable=False),
    Column("payment_intent_id", Key, nullable=False),
    Column("payment_status", Key, nullable=False),
    Column("capture_mode", Key, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("refund_due_at", Instant),
    Column("refund_attempts", Integer, nullable=False, server_default=text("0")),
    finite("created_at"),
    one_of("payment_status", IntentStatus),
    one_of("capture_mode", ["Auto", "Manual"]),
    Index(None, "venue_id", "payment_intent_id"),
    Index(
        "ix_dojo_event_refund_due",
        "venue_id",
        "refund_due_at",
        postgresql_where=text("refund_due_at IS NOT NULL"),
    ),
)
"""The inbox: every event as it came, once per id. `refund_due_at`: a refund whose amount is still to
be asked for, and when a job asks Dojo."""
