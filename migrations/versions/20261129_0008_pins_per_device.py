"""Wrong PINs are counted for each waiter and device, and for waiter, credential and venue.

Revision: 0008, after 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = [
        sa.Column(name, sa.Text(collation="C"), nullable=False)
        for name in ("venue_id", "waiter_id", "credential", "device_id")
    ]
    op.create_table(
        "pin_attempts",
        *key,
        sa.Column("tried", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("forgiven", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("pending", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint(*(column.name for column in key), name=op.f("pk_pin_attempts")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_pin_attempts_venue_id")),
    )
    op.create_index(
        op.f("ix_pin_attempts_venue_id_touched_at"), "pin_attempts", ["venue_id", "touched_at"]
    )
    op.drop_column("waiter", "pin_next_at")
    op.drop_column("waiter", "pin_attempts")


def downgrade() -> None:
    op.add_column(
        "waiter",
        sa.Column("pin_attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column("waiter", sa.Column("pin_next_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_table("pin_attempts")
