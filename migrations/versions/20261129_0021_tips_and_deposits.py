"""A tip without a payment of the bill, and a party's deposit that is counted on a tab, once.

Revision: 0021, after 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

PAID, ALONE = "paid_amount > 0", "paid_amount >= 0 AND (paid_amount > 0 OR tips_amount > 0)"


def upgrade() -> None:
    set_paid(ALONE)
    op.create_table(
        "deposit_use",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("payment_id", sa.Text(collation="C"), nullable=False),
        sa.Column("party_id", sa.Text(collation="C"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["venue_id", "party_id"],
            ["party.venue_id", "party.id"],
            name=op.f("fk_deposit_use_venue_id_party_id"),
        ),
        sa.ForeignKeyConstraint(
            ["venue_id", "payment_id"],
            ["payment.venue_id", "payment.id"],
            name=op.f("fk_deposit_use_venue_id_payment_id"),
        ),
        sa.PrimaryKeyConstraint("venue_id", "payment_id", name=op.f("pk_deposit_use")),
    )
    op.create_index(
        "uq_deposit_use_party",
        "deposit_use",
        ["venue_id", "party_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    """Fails where a tip stands alone: the older version has no such payment."""
    op.drop_index(
        "uq_deposit_use_party",
        table_name="deposit_use",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_table("deposit_use")
    set_paid(PAID)


def set_paid(condition: str) -> None:
    op.drop_constraint(op.f("ck_payment_paid_amount"), "payment")
    op.create_check_constraint(op.f("ck_payment_paid_amount"), "payment", condition)
