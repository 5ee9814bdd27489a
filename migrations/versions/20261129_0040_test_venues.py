"""Venues that were made for tests: only these can be reset, moved in time or removed.

Revision: 0040, after 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "test_venue",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=True),
        sa.Column(
            "made_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("kind IN ('empty', 'demo')", name=op.f("ck_test_venue_kind")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_test_venue_venue_id")),
        sa.PrimaryKeyConstraint("venue_id", name=op.f("pk_test_venue")),
    )


def downgrade() -> None:
    op.drop_table("test_venue")
