"""The ledger, the payment intents behind it, and the events that Dojo sent about them."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
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
from epos.store.tables.base import (
    Instant,
    JsonText,
    Key,
    Minor,
    finite,
    metadata,
    one_of,
    venue_key,
)

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
    Column("refunded_paid", Minor, nullable=False, server_default=text("0")),
    Column("refunded_tips", Minor, nullable=False, server_default=text("0")),
    Column("recorded_at", Instant, nullable=False),
    Column("waiter_id", Key),
    Column("device_id", Key),
    Column("product", Key),
    Column("credential", Key, nullable=False),
    Column("trace_id", Key, nullable=False),
    Column("tendered_amount", Minor),
    Column("method", Key),
    Column("voucher_id", Key),
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
    ForeignKeyConstraint(["venue_id", "voucher_id"], ["voucher.venue_id", "voucher.id"]),
    UniqueConstraint("venue_id", "payment_intent_id"),
    UniqueConstraint("venue_id", "order_id", "position"),
    one_of("source", PaymentSource),
    one_of("status", PaymentStatus),
    one_of("check_state", CheckState),
    CheckConstraint(
        "paid_amount >= 0 AND (paid_amount > 0 OR tips_amount > 0)", name="paid_amount"
    ),
    CheckConstraint("tips_amount >= 0", name="tips_amount"),
    CheckConstraint("tendered_amount >= paid_amount + tips_amount", name="tendered_amount"),
    CheckConstraint("(source = 'other') = (method IS NOT NULL)", name="method"),
    CheckConstraint(
        "refunded_amount BETWEEN 0 AND paid_amount + tips_amount", name="refunded_amount"
    ),
    CheckConstraint("refunded_paid BETWEEN 0 AND paid_amount", name="went_back_of_paid"),
    CheckConstraint("refunded_tips BETWEEN 0 AND tips_amount", name="went_back_of_tips"),
    CheckConstraint("refunded_paid + refunded_tips <= refunded_amount", name="went_back"),
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
`refunded_paid` and `refunded_tips` went back of it, and what is left counts; only the full sum ends the
payment. `refunded_amount` is both, and what older versions only noted.
`check_state`: whether Dojo's own record agrees; `check_due_at`: when a job asks Dojo again."""

payment_refund = Table(
    "payment_refund",
    metadata,
    venue_key(),
    Column("id", Key, primary_key=True),
    Column("order_id", Key, nullable=False),
    Column("payment_id", Key, nullable=False),
    Column("day", Date, nullable=False),
    Column("at", Instant, nullable=False),
    Column("amount", Minor, nullable=False),
    Column("tips", Minor, nullable=False),
    Column("credited", Minor, nullable=False),
    Column("reason", Text),
    Column("waiter_id", Key),
    Column("event_id", Key),
    Column("taken_off", JsonText),
    ForeignKeyConstraint(["venue_id", "payment_id"], ["payment.venue_id", "payment.id"]),
    ForeignKeyConstraint(
        ["venue_id", "order_id"], ["customer_order.venue_id", "customer_order.id"]
    ),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("tips BETWEEN 0 AND amount", name="tips"),
    CheckConstraint("credited BETWEEN 0 AND amount - tips", name="credited"),
    Index(None, "venue_id", "payment_id"),
    Index(None, "venue_id", "order_id"),
    Index(None, "venue_id", "day"),
)
"""Each time that money of a payment went back: `amount`, of which `tips` from the tip. By `credited` the
order's total became smaller, so that the guest is not asked for it again. `taken_off`: the change of the
bill by VAT rate at that moment, whatever staff say of it later; negative where an ended payment is owed
again. Null for no change, and in rows of older versions. `day`: the business day
when it was heard, set by a trigger. `waiter_id`: the manager who approved it. Append-only."""

deposit_use = Table(
    "deposit_use",
    metadata,
    venue_key(),
    Column("payment_id", Key, primary_key=True),
    Column("party_id", Key, nullable=False),
    Column("ended_at", Instant),
    ForeignKeyConstraint(["venue_id", "payment_id"], ["payment.venue_id", "payment.id"]),
    ForeignKeyConstraint(["venue_id", "party_id"], ["party.venue_id", "party.id"]),
    Index(
        "uq_deposit_use_party",
        "venue_id",
        "party_id",
        unique=True,
        postgresql_where=text("ended_at IS NULL"),
    ),
)
"""A party's deposit that was counted on a tab as a payment; a unique index refuses it twice. `ended_at`:
when that payment was corrected, so that the deposit may be counted again."""

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
