"""What was taken off, given away or given back on a day; what a bill showed; a running number for each Z.

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KINDS = (
    "void",
    "discount",
    "comp",
    "cancel",
    "refund",
    "correct",
    "reopen",
    "break-lock",
    "after-bill",
)
TRIGGERS = (
    """
    CREATE TRIGGER incident_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON incident
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER incident_of_open_day AFTER INSERT ON incident
    FOR EACH ROW EXECUTE FUNCTION refuse_closed_day()
    """,
)
# Days that were closed before get their numbers in their order.
NUMBERS = """
    UPDATE business_day SET z_number = numbered.number
    FROM (SELECT venue_id, day, row_number() OVER (PARTITION BY venue_id ORDER BY day) AS number
          FROM business_day WHERE closed_at IS NOT NULL) AS numbered
    WHERE business_day.venue_id = numbered.venue_id AND business_day.day = numbered.day
"""


def upgrade() -> None:
    op.create_table(
        "incident",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("order_id", sa.Text(collation="C"), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("table_id", sa.Text(collation="C"), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("waiter_id", sa.Text(collation="C"), nullable=True),
        sa.Column("approved_by", sa.Text(collation="C"), nullable=True),
        sa.CheckConstraint(
            f"kind IN ({', '.join(repr(kind) for kind in KINDS)})", name=op.f("ck_incident_kind")
        ),
        sa.ForeignKeyConstraint(
            ["venue_id", "order_id"],
            ["customer_order.venue_id", "customer_order.id"],
            name=op.f("fk_incident_venue_id_order_id"),
        ),
        sa.PrimaryKeyConstraint("venue_id", "id", name=op.f("pk_incident")),
    )
    op.create_index(op.f("ix_incident_venue_id_day"), "incident", ["venue_id", "day"], unique=False)
    for statement in TRIGGERS:
        op.execute(statement)
    op.add_column("tab", sa.Column("billed_total", sa.BigInteger(), nullable=True))
    op.add_column("business_day", sa.Column("z_number", sa.Integer(), nullable=True))
    op.execute("ALTER TABLE business_day DISABLE TRIGGER closed_day_never_changes")
    op.execute(NUMBERS)
    op.execute("ALTER TABLE business_day ENABLE TRIGGER closed_day_never_changes")
    op.create_unique_constraint(
        op.f("uq_business_day_venue_id_z_number"), "business_day", ["venue_id", "z_number"]
    )
    op.create_check_constraint(
        op.f("ck_business_day_z_number"), "business_day", "(closed_at IS NULL) = (z_number IS NULL)"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_business_day_z_number"), "business_day")
    op.drop_constraint(op.f("uq_business_day_venue_id_z_number"), "business_day", type_="unique")
    op.drop_column("business_day", "z_number")
    op.drop_column("tab", "billed_total")
    op.drop_table("incident")
