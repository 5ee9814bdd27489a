"""Receipts have a running number per venue, without a gap.

Revision: 0050, after 0045
"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

RULES = (
    # Its day first: that takes the venue's row, and the counter comes last.
    """
    CREATE TRIGGER receipt_is_dated BEFORE INSERT ON receipt
    FOR EACH ROW EXECUTE FUNCTION date_refund()
    """,
    """
    CREATE FUNCTION number_receipt() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO receipt_counter AS counter (venue_id, last_number) VALUES (NEW.venue_id, 1)
        ON CONFLICT (venue_id) DO UPDATE SET last_number = counter.last_number + 1
        RETURNING last_number INTO NEW.number;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER receipt_is_numbered BEFORE INSERT ON receipt
    FOR EACH ROW EXECUTE FUNCTION number_receipt()
    """,
    """
    CREATE TRIGGER receipt_is_append_only BEFORE UPDATE OR DELETE ON receipt
    FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER receipt_is_never_emptied BEFORE TRUNCATE ON receipt
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
)


def upgrade() -> None:
    op.create_table(
        "receipt_counter",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("last_number > 0", name=op.f("ck_receipt_counter_last_number")),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("fk_receipt_counter_venue_id")
        ),
        sa.PrimaryKeyConstraint("venue_id", name=op.f("pk_receipt_counter")),
    )
    op.create_table(
        "receipt",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("order_id", sa.Text(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fingerprint", sa.Text(collation="C"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('receipt', 'refund')", name=op.f("ck_receipt_kind")),
        sa.ForeignKeyConstraint(
            ["venue_id", "order_id"],
            ["customer_order.venue_id", "customer_order.id"],
            name=op.f("fk_receipt_venue_id_order_id"),
        ),
        sa.PrimaryKeyConstraint("venue_id", "number", name=op.f("pk_receipt")),
        sa.UniqueConstraint(
            "venue_id",
            "order_id",
            "fingerprint",
            name=op.f("uq_receipt_venue_id_order_id_fingerprint"),
        ),
    )
    op.create_index(op.f("ix_receipt_venue_id_day"), "receipt", ["venue_id", "day"])
    for statement in RULES:
        op.execute(statement)


def downgrade() -> None:
    """The numbers are lost: after another upgrade the venue begins with 1 again."""
    op.drop_table("receipt")
    op.drop_table("receipt_counter")
    op.execute("DROP FUNCTION number_receipt()")
