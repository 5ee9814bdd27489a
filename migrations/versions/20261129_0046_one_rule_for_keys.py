"""The key of a tab, a party or a reservation is kept as that of every other write of a till.

Revision: 0046, after 0045
"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

MADE = (
    ("tab", "open-tab", "customer_order", "order_id"),
    ("party", "seat-party", "party", "id"),
    ("reservation", "book", "reservation", "id"),
)
"""The table with the key, the operation that made its row, and the table that knows when."""

KEEP = """
INSERT INTO till_write (venue_id, key, operation, fingerprint, answer, created_at)
SELECT made.venue_id, made.key, '{operation}', 'before 0046', '', at.created_at
FROM {table} made JOIN {dated} at ON at.venue_id = made.venue_id AND at.id = made.{column}
WHERE made.key IS NOT NULL AND at.created_at > now() - interval '7 days'
ON CONFLICT (venue_id, key) DO NOTHING
"""
"""What was answered then is not known. So the same request again, before the key is forgotten, is a
Conflict: nothing is opened, seated or booked twice."""


def upgrade() -> None:
    for table, operation, dated, column in MADE:
        op.execute(KEEP.format(table=table, operation=operation, dated=dated, column=column))
    op.drop_constraint(op.f("uq_tab_venue_id_key"), "tab")
    op.drop_column("tab", "fingerprint")
    for table in ("party", "reservation"):
        op.drop_index(f"uq_{table}_key", table_name=table)
    for table in ("tab", "party", "reservation"):
        op.drop_column(table, "key")


def downgrade() -> None:
    for table in ("tab", "party", "reservation"):
        op.add_column(table, sa.Column("key", sa.Text(collation="C")))
    for table in ("party", "reservation"):
        op.create_index(
            f"uq_{table}_key",
            table,
            ["venue_id", "key"],
            unique=True,
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
    op.add_column("tab", sa.Column("fingerprint", sa.Text(collation="C")))
    op.create_unique_constraint(op.f("uq_tab_venue_id_key"), "tab", ["venue_id", "key"])
