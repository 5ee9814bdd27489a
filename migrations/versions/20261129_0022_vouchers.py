"""Vouchers: sold outside VAT, owed until they are redeemed by payments.

Revision: 0022, after 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

RULES = (
    """
    CREATE TRIGGER voucher_is_dated BEFORE INSERT ON voucher
    FOR EACH ROW EXECUTE FUNCTION date_refund()
    """,
    # What its payments count is redeemed of a voucher, whoever takes a payment or gives it back.
    """
    CREATE FUNCTION redeem_voucher() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        change bigint := 0;
    BEGIN
        IF NEW.status IN ('recorded', 'captured') THEN
            change := NEW.paid_amount + NEW.tips_amount - NEW.refunded_paid - NEW.refunded_tips;
        END IF;
        IF TG_OP = 'UPDATE' AND OLD.status IN ('recorded', 'captured') THEN
            change := change
                - (OLD.paid_amount + OLD.tips_amount - OLD.refunded_paid - OLD.refunded_tips);
        END IF;
        IF change <> 0 THEN
            UPDATE voucher SET redeemed = redeemed + change
            WHERE venue_id = NEW.venue_id AND id = NEW.voucher_id;
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER payment_redeems_voucher AFTER INSERT OR UPDATE ON payment
    FOR EACH ROW WHEN (NEW.voucher_id IS NOT NULL) EXECUTE FUNCTION redeem_voucher()
    """,
)


def upgrade() -> None:
    op.create_table(
        "voucher",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("redeemed", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("source", sa.Text(collation="C"), nullable=False),
        sa.Column("method", sa.Text(collation="C"), nullable=True),
        sa.Column("waiter_id", sa.Text(collation="C"), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_voucher_amount")),
        sa.CheckConstraint("redeemed BETWEEN 0 AND amount", name=op.f("ck_voucher_redeemed")),
        sa.CheckConstraint("source IN ('cash', 'other')", name=op.f("ck_voucher_source")),
        sa.CheckConstraint(
            "(source = 'other') = (method IS NOT NULL)", name=op.f("ck_voucher_method")
        ),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_voucher_venue_id")),
        sa.PrimaryKeyConstraint("venue_id", "id", name=op.f("pk_voucher")),
    )
    op.create_index(op.f("ix_voucher_venue_id_day"), "voucher", ["venue_id", "day"])
    op.add_column("payment", sa.Column("voucher_id", sa.Text(collation="C"), nullable=True))
    op.create_foreign_key(
        op.f("fk_payment_venue_id_voucher_id"),
        "payment",
        "voucher",
        ["venue_id", "voucher_id"],
        ["venue_id", "id"],
    )
    for statement in RULES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER payment_redeems_voucher ON payment")
    op.execute("DROP FUNCTION redeem_voucher()")
    op.drop_constraint(op.f("fk_payment_venue_id_voucher_id"), "payment", type_="foreignkey")
    op.drop_column("payment", "voucher_id")
    op.drop_index(op.f("ix_voucher_venue_id_day"), table_name="voucher")
    op.drop_table("voucher")
