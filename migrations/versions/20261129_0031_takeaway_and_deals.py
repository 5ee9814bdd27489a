"""An item may cost something else when it is taken away, and may be a deal of several items.

Revision: 0031, after 0030
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

CHECKS = (
    ("takeaway_price", "takeaway_price BETWEEN 0 AND 1000000000000"),
    ("takeaway_vat_rate", "takeaway_vat_rate BETWEEN 0 AND 10000"),
)


def upgrade() -> None:
    op.add_column("menu_item", sa.Column("takeaway_price", sa.BigInteger()))
    op.add_column("menu_item", sa.Column("takeaway_vat_rate", sa.Integer()))
    op.add_column("menu_item", sa.Column("parts", JSONB()))
    for name, check in CHECKS:
        op.create_check_constraint(op.f(f"ck_menu_item_{name}"), "menu_item", check)
    op.add_column("tab", sa.Column("takeaway", sa.Boolean()))
    takeaway: sa.Column[bool] = sa.Column(
        "takeaway", sa.Boolean(), server_default=sa.text("false"), nullable=False
    )
    op.add_column("tab_line", takeaway)
    op.add_column("tab_line", sa.Column("other", JSONB()))


def downgrade() -> None:
    for table, column in (
        ("tab_line", "other"),
        ("tab_line", "takeaway"),
        ("tab", "takeaway"),
    ):
        op.drop_column(table, column)
    for name, _ in CHECKS:
        op.drop_constraint(op.f(f"ck_menu_item_{name}"), "menu_item")
    for column in ("parts", "takeaway_vat_rate", "takeaway_price"):
        op.drop_column("menu_item", column)
