"""Account codes of a bookkeeper's journal, and lines found by when they were sold.

Revision: 0012, after 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_code",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_account_code_venue_id")),
        sa.PrimaryKeyConstraint("venue_id", "name", name=op.f("pk_account_code")),
    )
    op.create_index(
        op.f("ix_tab_line_venue_id_added_at"), "tab_line", ["venue_id", "added_at"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_tab_line_venue_id_added_at"), table_name="tab_line")
    op.drop_table("account_code")
