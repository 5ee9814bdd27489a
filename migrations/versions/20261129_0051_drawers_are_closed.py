"""Each drawer is closed by itself, with a running number.

Revision: 0051, after 0050
"""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

RULES = (
    """
    CREATE TRIGGER drawer_z_is_append_only BEFORE UPDATE OR DELETE ON drawer_z
    FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER drawer_z_is_never_emptied BEFORE TRUNCATE ON drawer_z
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER drawer_z_of_open_day AFTER INSERT ON drawer_z
    FOR EACH ROW EXECUTE FUNCTION refuse_closed_day()
    """,
)
AMOUNTS = ("opening_float", "taken", "given_back", "paid_in", "paid_out", "to_safe")


def upgrade() -> None:
    op.create_table(
        "drawer_z",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("drawer", sa.Text(collation="C"), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.Text(collation="C"), nullable=True),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in AMOUNTS),
        sa.Column("counted", sa.BigInteger(), nullable=True),
        sa.Column("movements", sa.Integer(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_drawer_z_number")),
        sa.CheckConstraint("counted >= 0", name=op.f("ck_drawer_z_counted")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_drawer_z_venue_id")),
        sa.PrimaryKeyConstraint("venue_id", "drawer", "number", name=op.f("pk_drawer_z")),
    )
    op.create_index(op.f("ix_drawer_z_venue_id_day"), "drawer_z", ["venue_id", "day"])
    for statement in RULES:
        op.execute(statement)


def downgrade() -> None:
    """The numbers are lost: after another upgrade the drawers begin with 1 again."""
    op.drop_table("drawer_z")
