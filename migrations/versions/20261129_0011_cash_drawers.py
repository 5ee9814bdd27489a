"""What went into the cash drawers and out of them beside payments, and whether each device has its own.

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TRIGGERS = (
    """
    CREATE TRIGGER cash_movement_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cash_movement
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER cash_movement_of_open_day AFTER INSERT ON cash_movement
    FOR EACH ROW EXECUTE FUNCTION refuse_closed_day()
    """,
)


def upgrade() -> None:
    op.create_table(
        "cash_movement",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("type", sa.Text(collation="C"), nullable=False),
        sa.Column("drawer", sa.Text(collation="C"), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("waiter_id", sa.Text(collation="C"), nullable=True),
        sa.Column("approved_by", sa.Text(collation="C"), nullable=True),
        sa.Column("device_id", sa.Text(collation="C"), nullable=True),
        sa.CheckConstraint(
            "type IN ('float', 'paid-in', 'paid-out', 'to-safe', 'no-sale')",
            name=op.f("ck_cash_movement_type"),
        ),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_cash_movement_amount")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_cash_movement_venue_id")),
        sa.PrimaryKeyConstraint("venue_id", "id", name=op.f("pk_cash_movement")),
    )
    op.create_index(
        op.f("ix_cash_movement_venue_id_day"), "cash_movement", ["venue_id", "day"], unique=False
    )
    for statement in TRIGGERS:
        op.execute(statement)
    for column in ("has_drawer_per_device", "cash_needs_approval"):
        op.add_column(
            "venue",
            sa.Column(column, sa.Boolean(), server_default=sa.text("false"), nullable=False),
        )


def downgrade() -> None:
    op.drop_column("venue", "cash_needs_approval")
    op.drop_column("venue", "has_drawer_per_device")
    op.drop_table("cash_movement")
