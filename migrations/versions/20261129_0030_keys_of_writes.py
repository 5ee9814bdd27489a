"""A till's write can be sent again: its key is kept with its answer.

Revision: 0030, after 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.Text(collation="C")
    op.create_table(
        "till_write",
        sa.Column("venue_id", key, nullable=False),
        sa.Column("key", key, nullable=False),
        sa.Column("operation", key, nullable=False),
        sa.Column("fingerprint", key, nullable=False),
        sa.Column("answer", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("venue_id", "key", name=op.f("pk_till_write")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_till_write_venue_id")),
    )
    op.create_index(
        op.f("ix_till_write_venue_id_created_at"), "till_write", ["venue_id", "created_at"]
    )


def downgrade() -> None:
    op.drop_table("till_write")
