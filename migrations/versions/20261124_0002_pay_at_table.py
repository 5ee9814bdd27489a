"""Pay at Table: locks, the transitions of payments, and what a bill prints of the venue.

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

RULES = (
    """
    CREATE TRIGGER payment_transition_is_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON payment_transition
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
    # A payment that has ended never counts again, and no amount of a ledger row ever changes.
    """
    CREATE FUNCTION payment_moves_forward() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.status <> NEW.status AND NOT (
            OLD.status = 'recorded' AND NEW.status <> 'recorded'
            OR OLD.status = 'captured' AND NEW.status NOT IN ('recorded', 'captured')
        ) OR (OLD.order_id, OLD.payment_intent_id, OLD.paid_amount, OLD.tips_amount)
            IS DISTINCT FROM (NEW.order_id, NEW.payment_intent_id, NEW.paid_amount, NEW.tips_amount)
        THEN
            RAISE EXCEPTION 'payment % cannot change so', NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_moves_forward';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER payment_moves_forward BEFORE UPDATE ON payment
    FOR EACH ROW EXECUTE FUNCTION payment_moves_forward()
    """,
)

# Until now events moved intents only. From here on an intent that is dead pays for nothing, so its
# payments end as they would if the event came today. Amounts are summed per order: one order may
# have several such payments.
END_DEAD_PAYMENTS = """
    WITH dead AS (
        SELECT payment.venue_id, payment.id, payment.order_id, payment.paid_amount,
               payment.tips_amount, payment.status AS was, lower(payment_intent.status) AS status
        FROM payment
        JOIN payment_intent ON payment_intent.venue_id = payment.venue_id
            AND payment_intent.id = payment.payment_intent_id
        WHERE payment.status IN ('recorded', 'captured')
          AND payment_intent.status IN ('Reversed', 'Refunded', 'Canceled')
    ), ended AS (
        UPDATE payment SET status = dead.status FROM dead
        WHERE payment.venue_id = dead.venue_id AND payment.id = dead.id
    ), noted AS (
        INSERT INTO payment_transition (venue_id, payment_id, status, was, at, reason)
        SELECT venue_id, id, status, was, clock_timestamp(), 'migration' FROM dead
    ), sums AS (
        SELECT venue_id, order_id, sum(paid_amount) AS paid, sum(tips_amount) AS tips
        FROM dead GROUP BY venue_id, order_id
    ), audited AS (
        INSERT INTO audit_entry (venue_id, at, action, subject_id, credential, trace_id, details)
        SELECT venue_id, clock_timestamp(), 'payment.ended', order_id, 'migration', 'migration-0002',
               jsonb_build_object('payment', id, 'paid', paid_amount, 'tips', tips_amount,
                                  'status', status)
        FROM dead
    )
    UPDATE customer_order
    SET paid_amount = customer_order.paid_amount - sums.paid,
        tips_amount = customer_order.tips_amount - sums.tips,
        status = CASE WHEN customer_order.status = 'Finalized' THEN 'Ready'
                      ELSE customer_order.status END,
        updated_at = clock_timestamp(),
        version = customer_order.version + 1
    FROM sums
    WHERE customer_order.venue_id = sums.venue_id AND customer_order.id = sums.order_id
"""


def upgrade() -> None:
    op.create_table(
        "order_lock",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("order_id", sa.Text(collation="C"), nullable=False),
        sa.Column("lock_id", sa.Text(collation="C"), nullable=False),
        sa.Column("holder", sa.Text(collation="C"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("release_reason", sa.Text(collation="C"), nullable=True),
        sa.Column("waiter_id", sa.Text(collation="C"), nullable=True),
        sa.Column("device_id", sa.Text(collation="C"), nullable=True),
        sa.Column("product", sa.Text(collation="C"), nullable=True),
        sa.Column("credential", sa.Text(collation="C"), nullable=False),
        sa.CheckConstraint("holder IN ('dojo', 'till')", name=op.f("ck_order_lock_holder")),
        sa.CheckConstraint(
            "release_reason IN ('released', 'expired', 'broken')",
            name=op.f("ck_order_lock_release_reason"),
        ),
        sa.CheckConstraint(
            "(released_at IS NULL) = (release_reason IS NULL)", name=op.f("ck_order_lock_released")
        ),
        sa.ForeignKeyConstraint(
            ["venue_id", "order_id"],
            ["customer_order.venue_id", "customer_order.id"],
            name=op.f("fk_order_lock_venue_id_order_id"),
        ),
        sa.PrimaryKeyConstraint("venue_id", "order_id", "lock_id", name=op.f("pk_order_lock")),
    )
    op.create_index(
        "uq_order_lock_unreleased",
        "order_lock",
        ["venue_id", "order_id"],
        unique=True,
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_table(
        "payment_transition",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("payment_id", sa.Text(collation="C"), nullable=False),
        sa.Column("status", sa.Text(collation="C"), nullable=False),
        sa.Column("was", sa.Text(collation="C"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Text(collation="C"), nullable=True),
        sa.Column("reason", sa.Text(collation="C"), nullable=True),
        sa.CheckConstraint(
            "status IN ('recorded', 'captured', 'reversed', 'refunded', 'canceled')",
            name=op.f("ck_payment_transition_status"),
        ),
        sa.CheckConstraint(
            "was IN ('recorded', 'captured', 'reversed', 'refunded', 'canceled')",
            name=op.f("ck_payment_transition_was"),
        ),
        sa.ForeignKeyConstraint(
            ["venue_id", "payment_id"],
            ["payment.venue_id", "payment.id"],
            name=op.f("fk_payment_transition_venue_id_payment_id"),
        ),
        sa.PrimaryKeyConstraint(
            "venue_id", "payment_id", "status", name=op.f("pk_payment_transition")
        ),
    )
    op.add_column(
        "venue",
        sa.Column(
            "finalizes_paid_tabs", sa.Boolean(), server_default=sa.text("true"), nullable=False
        ),
    )
    op.add_column(
        "venue",
        sa.Column(
            "address_lines",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
    )
    op.add_column("venue", sa.Column("postcode", sa.Text(), nullable=True))
    op.add_column("venue", sa.Column("phone_number", sa.Text(), nullable=True))
    op.add_column("venue", sa.Column("email_address", sa.Text(), nullable=True))
    op.add_column("venue", sa.Column("tax_number", sa.Text(), nullable=True))
    op.add_column("venue", sa.Column("website", sa.Text(), nullable=True))
    op.add_column("venue", sa.Column("bill_message", sa.Text(), nullable=True))
    for statement in RULES:
        op.execute(statement)
    op.execute(END_DEAD_PAYMENTS)


def downgrade() -> None:
    op.execute("DROP TRIGGER payment_moves_forward ON payment")
    op.execute("DROP FUNCTION payment_moves_forward()")
    op.drop_column("venue", "bill_message")
    op.drop_column("venue", "website")
    op.drop_column("venue", "tax_number")
    op.drop_column("venue", "email_address")
    op.drop_column("venue", "phone_number")
    op.drop_column("venue", "postcode")
    op.drop_column("venue", "address_lines")
    op.drop_column("venue", "finalizes_paid_tabs")
    op.drop_table("payment_transition")
    op.drop_index(
        "uq_order_lock_unreleased",
        table_name="order_lock",
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.drop_table("order_lock")
