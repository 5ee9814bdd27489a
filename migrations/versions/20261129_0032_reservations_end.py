"""A reservation that ended without its guests says why: it was cancelled, or nobody came.

Revision: 0032, after 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    status = sa.Column(
        "status", sa.Text(collation="C"), server_default=sa.text("'booked'"), nullable=False
    )
    op.add_column("reservation", status)
    op.execute("UPDATE reservation SET status = 'canceled' WHERE deleted_at IS NOT NULL")
    op.create_check_constraint(
        op.f("ck_reservation_status"), "reservation", "status IN ('booked', 'canceled', 'no-show')"
    )
    op.create_index(
        "ix_reservation_ended",
        "reservation",
        ["venue_id", "status", "start_time", "id"],
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_reservation_ended", "reservation")
    op.drop_constraint(op.f("ck_reservation_status"), "reservation")
    op.drop_column("reservation", "status")
