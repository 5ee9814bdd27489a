"""No time of Dojo's or a till's is without end: what is read as a time must be one.

Revision: 0006, after 0005
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TIMES = {
    "customer_order": ["ready_at", "collect_at"],
    "order_lock": ["expires_at"],
    "party": ["start_time", "expected_end_time", "end_time"],
    "reservation": ["start_time", "end_time"],
    "dojo_event": ["created_at"],
}
# What the driver had made endless were exactly these two.
FIRST, LAST = "0001-01-01 00:00:00+00", "9999-12-31 23:59:59.999999+00"


def upgrade() -> None:
    for table, columns in TIMES.items():
        for column in columns:
            replace(table, column, "-infinity", FIRST)
            replace(table, column, "infinity", LAST)
        finite = " AND ".join(f"isfinite({column})" for column in columns)
        op.create_check_constraint(op.f(f"ck_{table}_finite"), table, finite)


def replace(table: str, column: str, endless: str, time: str) -> None:
    cell: sa.ColumnClause[Any] = sa.column(column)
    found = sa.update(sa.table(table, cell)).where(cell == sa.text(f"'{endless}'"))
    op.execute(found.values({column: sa.text(f"'{time}'")}))


def downgrade() -> None:
    for table in TIMES:
        op.drop_constraint(op.f(f"ck_{table}_finite"), table)
