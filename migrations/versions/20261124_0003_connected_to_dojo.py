"""Connected to Dojo: links, the outbox and leases; payments that Dojo is asked about.

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ENTITIES = {"customer_order": "order", "party": "party", "reservation": "reservation"}

# Whoever changes an order, a party or a reservation announces it, in the same transaction; a change
# that changes nothing is none. Only venues that are connected have an outbox.
ANNOUNCE = """
    CREATE FUNCTION announce_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO outbox (venue_id, entity, entity_id)
        SELECT venue_id, TG_ARGV[0], NEW.id FROM dojo_link WHERE venue_id = NEW.venue_id;
        RETURN NULL;
    END $$
"""


def announce(table: str, entity: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_insert_is_announced AFTER INSERT ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION announce_change('{entity}')"
    )
    op.execute(
        f"CREATE TRIGGER {table}_update_is_announced AFTER UPDATE ON {table} FOR EACH ROW "
        f"WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION announce_change('{entity}')"
    )


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("entity", sa.Text(collation="C"), nullable=False),
        sa.Column("entity_id", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=True),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "entity IN ('order', 'party', 'reservation')", name=op.f("ck_outbox_entity")
        ),
        sa.PrimaryKeyConstraint("venue_id", "id", name=op.f("pk_outbox")),
    )
    op.create_index(
        op.f("ix_outbox_venue_id_entity_entity_id_id"),
        "outbox",
        ["venue_id", "entity", "entity_id", "id"],
        unique=False,
    )
    op.create_table(
        "dojo_link",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("transport", sa.Text(collation="C"), nullable=False),
        sa.Column("software_house_id", sa.Text(), nullable=False),
        sa.Column("reseller_id", sa.Text(), nullable=True),
        sa.Column("api_url", sa.Text(), nullable=False),
        sa.Column("ws_url", sa.Text(), nullable=False),
        sa.Column("public_url", sa.Text(), nullable=True),
        sa.Column("api_key_sealed", sa.Text(), nullable=True),
        sa.Column(
            "verifies_payments", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "transport <> 'rest' OR public_url IS NOT NULL", name=op.f("ck_dojo_link_public_url")
        ),
        sa.CheckConstraint(
            "transport IN ('websocket', 'rest')", name=op.f("ck_dojo_link_transport")
        ),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_dojo_link_venue_id")),
        sa.PrimaryKeyConstraint("venue_id", name=op.f("pk_dojo_link")),
    )
    op.create_table(
        "lease",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("holder", sa.Text(collation="C"), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_lease_venue_id")),
        sa.PrimaryKeyConstraint("venue_id", "name", name=op.f("pk_lease")),
    )
    op.add_column(
        "dojo_event", sa.Column("refund_due_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "dojo_event",
        sa.Column("refund_attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.create_index(
        "ix_dojo_event_refund_due",
        "dojo_event",
        ["venue_id", "refund_due_at"],
        unique=False,
        postgresql_where=sa.text("refund_due_at IS NOT NULL"),
    )
    op.add_column("payment", sa.Column("check_state", sa.Text(collation="C"), nullable=True))
    op.add_column("payment", sa.Column("check_note", sa.Text(), nullable=True))
    op.add_column("payment", sa.Column("check_due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "payment",
        sa.Column("check_attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.create_index(
        "ix_payment_check_due",
        "payment",
        ["venue_id", "check_due_at"],
        unique=False,
        postgresql_where=sa.text("check_due_at IS NOT NULL"),
    )
    op.create_check_constraint(
        op.f("ck_payment_check_state"),
        "payment",
        "check_state IN ('verified', 'unverified', 'disputed')",
    )
    op.execute(ANNOUNCE)
    for table, entity in ENTITIES.items():
        announce(table, entity)


def downgrade() -> None:
    for table in ENTITIES:
        op.execute(f"DROP TRIGGER {table}_update_is_announced ON {table}")
        op.execute(f"DROP TRIGGER {table}_insert_is_announced ON {table}")
    op.execute("DROP FUNCTION announce_change()")
    op.drop_index(
        "ix_payment_check_due",
        table_name="payment",
        postgresql_where=sa.text("check_due_at IS NOT NULL"),
    )
    op.drop_column("payment", "check_attempts")
    op.drop_column("payment", "check_due_at")
    op.drop_column("payment", "check_note")
    op.drop_column("payment", "check_state")
    op.drop_index(
        "ix_dojo_event_refund_due",
        table_name="dojo_event",
        postgresql_where=sa.text("refund_due_at IS NOT NULL"),
    )
    op.drop_column("dojo_event", "refund_attempts")
    op.drop_column("dojo_event", "refund_due_at")
    op.drop_table("lease")
    op.drop_table("dojo_link")
    op.drop_index(op.f("ix_outbox_venue_id_entity_entity_id_id"), table_name="outbox")
    op.drop_table("outbox")
