"""Whose an order is, as a column that an index lists: searches by waiter read nobody else's orders.

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BELONGS_TO = "coalesce('waiter ' || waiter_id, 'table ' || table_id, 'nobody')"
BY_TABLE = "ix_customer_order_venue_id_table_id_created_at_id"
BY_WAITER = "ix_customer_order_venue_id_waiter_id_created_at_id"


def upgrade() -> None:
    op.add_column(
        "customer_order",
        sa.Column(
            "belongs_to",
            sa.Text(collation="C"),
            sa.Computed(BELONGS_TO, persisted=True),
            nullable=False,
        ),
    )
    op.create_index(
        op.f("ix_customer_order_venue_id_belongs_to_created_at_id"),
        "customer_order",
        ["venue_id", "belongs_to", "created_at", "id"],
    )
    op.drop_index(op.f(BY_WAITER), table_name="customer_order")
    op.drop_index(op.f(BY_TABLE), table_name="customer_order")
    index_by_table(include=["belongs_to"])


def downgrade() -> None:
    op.drop_index(op.f(BY_TABLE), table_name="customer_order")
    index_by_table(include=[])
    op.create_index(
        op.f(BY_WAITER),
        "customer_order",
        ["venue_id", "waiter_id", "created_at", "id"],
        postgresql_where=sa.text("waiter_id IS NOT NULL"),
    )
    op.drop_index(
        op.f("ix_customer_order_venue_id_belongs_to_created_at_id"), table_name="customer_order"
    )
    op.drop_column("customer_order", "belongs_to")


def index_by_table(include: list[str]) -> None:
    op.create_index(
        op.f(BY_TABLE),
        "customer_order",
        ["venue_id", "table_id", "created_at", "id"],
        postgresql_where=sa.text("table_id IS NOT NULL"),
        postgresql_include=include,
    )
