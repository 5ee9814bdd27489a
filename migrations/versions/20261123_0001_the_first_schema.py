"""The first schema, and the rules that a table definition cannot hold.

Revision: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

RULES = (
    """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER audit_entry_is_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER payment_is_never_deleted
    BEFORE DELETE OR TRUNCATE ON payment
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
    # An order's sums are what its ledger says, whoever wrote either, when the transaction commits.
    """
    CREATE FUNCTION ledger_agrees() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        changed_order text;
        books record;
        ledger record;
    BEGIN
        IF TG_TABLE_NAME = 'payment' THEN
            changed_order := NEW.order_id;
        ELSE
            changed_order := NEW.id;
        END IF;
        SELECT paid_amount AS paid, tips_amount AS tips INTO books
        FROM customer_order WHERE venue_id = NEW.venue_id AND id = changed_order;
        SELECT coalesce(sum(paid_amount), 0) AS paid, coalesce(sum(tips_amount), 0) AS tips INTO ledger
        FROM payment
        WHERE venue_id = NEW.venue_id AND order_id = changed_order
          AND status IN ('captured', 'recorded');
        IF books.paid <> ledger.paid OR books.tips <> ledger.tips THEN
            RAISE EXCEPTION 'order % disagrees with its ledger', changed_order
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_agrees';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER order_agrees_with_ledger
    AFTER INSERT OR UPDATE OF paid_amount, tips_amount ON customer_order
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_agrees()
    """,
    """
    CREATE CONSTRAINT TRIGGER ledger_agrees_with_order
    AFTER INSERT OR UPDATE OF order_id, paid_amount, tips_amount, status ON payment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_agrees()
    """,
)


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.Text(collation="C"), nullable=False),
        sa.Column("subject_id", sa.Text(collation="C"), nullable=False),
        sa.Column("credential", sa.Text(collation="C"), nullable=False),
        sa.Column("waiter_id", sa.Text(collation="C"), nullable=True),
        sa.Column("product", sa.Text(collation="C"), nullable=True),
        sa.Column("device_id", sa.Text(collation="C"), nullable=True),
        sa.Column("device_type", sa.Text(collation="C"), nullable=True),
        sa.Column("trace_id", sa.Text(collation="C"), nullable=False),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("venue_id", "id", name=op.f("pk_audit_entry")),
    )
    op.create_index(
        op.f("ix_audit_entry_venue_id_subject_id_id"),
        "audit_entry",
        ["venue_id", "subject_id", "id"],
        unique=False,
    )
    op.create_table(
        "dojo_event",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("fingerprint", sa.Text(collation="C"), nullable=False),
        sa.Column("account_id", sa.Text(collation="C"), nullable=False),
        sa.Column("event", sa.Text(collation="C"), nullable=False),
        sa.Column("payment_intent_id", sa.Text(collation="C"), nullable=False),
        sa.Column("payment_status", sa.Text(collation="C"), nullable=False),
        sa.Column("capture_mode", sa.Text(collation="C"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "capture_mode IN ('Auto', 'Manual')", name=op.f("ck_dojo_event_capture_mode")
        ),
        sa.CheckConstraint(
            "payment_status IN ('Created', 'Authorized', 'Captured', 'Reversed', 'Refunded', 'Canceled')",
            name=op.f("ck_dojo_event_payment_status"),
        ),
        sa.PrimaryKeyConstraint("venue_id", "id", name=op.f("pk_dojo_event")),
    )
    op.create_index(
        op.f("ix_dojo_event_venue_id_payment_intent_id"),
        "dojo_event",
        ["venue_id", "payment_intent_id"],
        unique=False,
    )
    op.create_table(
        "payment_intent",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("status", sa.Text(collation="C"), nullable=True),
        sa.Column("refused_order_id", sa.Text(collation="C"), nullable=True),
        sa.Column("refused_paid_amount", sa.BigInteger(), nullable=True),
        sa.Column("refused_tips_amount", sa.BigInteger(), nullable=True),
        sa.Column("refused_currency", sa.Text(collation="C"), nullable=True),
        sa.Column("refused_reason", sa.Text(), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('Created', 'Authorized', 'Captured', 'Reversed', 'Refunded', 'Canceled')",
            name=op.f("ck_payment_intent_status"),
        ),
        sa.PrimaryKeyConstraint("venue_id", "id", name=op.f("pk_payment_intent")),
    )
    op.create_table(
        "venue",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(collation="C"), nullable=False),
        sa.Column("time_zone", sa.Text(collation="C"), nullable=False),
        sa.Column("access_policy", sa.Text(collation="C"), server_default="open", nullable=False),
        sa.Column("accepts_orders", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("clock_offset", sa.Interval(), server_default=sa.text("'0'"), nullable=False),
        sa.Column("clock_frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_account_id", sa.Text(collation="C"), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "access_policy IN ('open', 'assigned')", name=op.f("ck_venue_access_policy")
        ),
        sa.CheckConstraint("currency IN ('GBP', 'EUR')", name=op.f("ck_venue_currency")),
        sa.CheckConstraint("id ~ '^[a-z0-9][a-z0-9-]{0,39}$'", name=op.f("ck_venue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venue")),
    )
    op.create_table(
        "area",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_area_venue_id")),
        sa.PrimaryKeyConstraint("venue_id", "id", name=op.f("pk_area")),
        sa.UniqueConstraint("venue_id", "name", name=op.f("uq_area_venue_id_name")),
    )
    op.create_table(
        "credential",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("role", sa.Text(collation="C"), nullable=False),
        sa.Column("secret_sha256", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("name ~ '^[a-z0-9][a-z0-9-]{0,39}$'", name=op.f("ck_credential_name")),
        sa.CheckConstraint("role IN ('dojo', 'till', 'admin')", name=op.f("ck_credential_role")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_credential_venue_id")),
        sa.PrimaryKeyConstraint("venue_id", "name", name=op.f("pk_credential")),
    )
    op.create_table(
        "reservation",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("dojo_reservation_id", sa.Text(collation="C"), nullable=True),
        sa.Column("fingerprint", sa.Text(collation="C"), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("covers", sa.Integer(), nullable=False),
        sa.Column("start_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("host_notes", sa.Text(), nullable=True),
        sa.Column("guest_requests", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("covers >= 0", name=op.f("ck_reservation_covers")),
        sa.CheckConstraint("end_time > start_time", name=op.f("ck_reservation_end_time")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_reservation_venue_id")),
        sa.PrimaryKeyConstraint("venue_id", "id", name=op.f("pk_reservation")),
    )
    op.create_index(
        op.f("ix_reservation_venue_id_start_time_id"),
        "reservation",
        ["venue_id", "start_time", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "uq_reservation_dojo_reservation_id",
        "reservation",
        ["venue_id", "dojo_reservation_id"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "waiter",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_manager", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_waiter_venue_id")),
        sa.PrimaryKeyConstraint("venue_id", "id", name=op.f("pk_waiter")),
    )
    op.create_table(
        "area_waiter",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("area_id", sa.Text(collation="C"), nullable=False),
        sa.Column("waiter_id", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["venue_id", "area_id"],
            ["area.venue_id", "area.id"],
            name=op.f("fk_area_waiter_venue_id_area_id"),
        ),
        sa.ForeignKeyConstraint(
            ["venue_id", "waiter_id"],
            ["waiter.venue_id", "waiter.id"],
            name=op.f("fk_area_waiter_venue_id_waiter_id"),
        ),
        sa.PrimaryKeyConstraint("venue_id", "area_id", "waiter_id", name=op.f("pk_area_waiter")),
    )
    op.create_table(
        "dining_table",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("area_id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(collation="C"), nullable=False),
        sa.Column("max_covers", sa.Integer(), nullable=True),
        sa.Column("freed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["venue_id", "area_id"],
            ["area.venue_id", "area.id"],
            name=op.f("fk_dining_table_venue_id_area_id"),
        ),
        sa.PrimaryKeyConstraint("venue_id", "id", name=op.f("pk_dining_table")),
        sa.UniqueConstraint(
            "venue_id", "area_id", "name", name=op.f("uq_dining_table_venue_id_area_id_name")
        ),
    )
    op.create_index(
        op.f("ix_dining_table_venue_id_area_id_name_key_id"),
        "dining_table",
        ["venue_id", "area_id", "name_key", "id"],
        unique=False,
    )
    op.create_table(
        "party",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("dojo_party_id", sa.Text(collation="C"), nullable=True),
        sa.Column("fingerprint", sa.Text(collation="C"), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("covers", sa.Integer(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("start_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expected_end_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("host_notes", sa.Text(), nullable=True),
        sa.Column("guest_requests", sa.Text(), nullable=True),
        sa.Column("reservation_id", sa.Text(collation="C"), nullable=True),
        sa.Column("deposit_amount", sa.BigInteger(), nullable=True),
        sa.Column("deposit_currency", sa.Text(collation="C"), nullable=True),
        sa.Column("deposit_description", sa.Text(), nullable=True),
        sa.Column("deposit_intent_ids", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "is_live",
            sa.Boolean(),
            sa.Computed("end_time IS NULL AND deleted_at IS NULL", persisted=True),
            nullable=False,
        ),
        sa.CheckConstraint(
            "deposit_currency IN ('GBP', 'EUR')", name=op.f("ck_party_deposit_currency")
        ),
        sa.CheckConstraint("status <> ''", name=op.f("ck_party_status")),
        sa.CheckConstraint("covers >= 0", name=op.f("ck_party_covers")),
        sa.CheckConstraint("end_time >= start_time", name=op.f("ck_party_end_time")),
        sa.ForeignKeyConstraint(
            ["venue_id", "reservation_id"],
            ["reservation.venue_id", "reservation.id"],
            name=op.f("fk_party_venue_id_reservation_id"),
        ),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_party_venue_id")),
        sa.PrimaryKeyConstraint("venue_id", "id", name=op.f("pk_party")),
        sa.UniqueConstraint("venue_id", "id", "is_live", name=op.f("uq_party_venue_id_id_is_live")),
    )
    op.create_index(
        "ix_party_completed",
        "party",
        ["venue_id", "start_time", "id"],
        unique=False,
        postgresql_where=sa.text("NOT is_live AND deleted_at IS NULL"),
    )
    op.create_index(
        "ix_party_live",
        "party",
        ["venue_id", "start_time", "id"],
        unique=False,
        postgresql_where=sa.text("is_live"),
    )
    op.create_index(
        op.f("ix_party_venue_id_reservation_id"),
        "party",
        ["venue_id", "reservation_id"],
        unique=False,
        postgresql_where=sa.text("reservation_id IS NOT NULL"),
    )
    op.create_index(
        "uq_party_dojo_party_id",
        "party",
        ["venue_id", "dojo_party_id"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "customer_order",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("origin", sa.Text(collation="C"), nullable=False),
        sa.Column("dojo_order_id", sa.Text(collation="C"), nullable=True),
        sa.Column("fingerprint", sa.Text(collation="C"), nullable=True),
        sa.Column("status", sa.Text(collation="C"), nullable=False),
        sa.Column("currency", sa.Text(collation="C"), nullable=False),
        sa.Column("total_amount", sa.BigInteger(), nullable=False),
        sa.Column("service_charge_amount", sa.BigInteger(), nullable=True),
        sa.Column("paid_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("tips_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("order_type", sa.Text(collation="C"), nullable=False),
        sa.Column("table_id", sa.Text(collation="C"), nullable=True),
        sa.Column("waiter_id", sa.Text(collation="C"), nullable=True),
        sa.Column("party_id", sa.Text(collation="C"), nullable=True),
        sa.Column("reservation_id", sa.Text(collation="C"), nullable=True),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asap", sa.Boolean(), nullable=True),
        sa.Column("collect_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("display_name", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(collation="C"), nullable=False),
        sa.Column("reference_is_ours", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(origin = 'dojo') = (dojo_order_id IS NOT NULL)",
            name=op.f("ck_customer_order_dojo_order_id"),
        ),
        sa.CheckConstraint("currency IN ('GBP', 'EUR')", name=op.f("ck_customer_order_currency")),
        sa.CheckConstraint(
            "order_type IN ('DineIn', 'Collection')", name=op.f("ck_customer_order_order_type")
        ),
        sa.CheckConstraint("origin IN ('dojo', 'till')", name=op.f("ck_customer_order_origin")),
        sa.CheckConstraint(
            "status IN ('New', 'Submitted', 'Confirmed', 'Accepted', 'Preparing', 'Prepared', 'Ready', 'Finalized', 'Canceled', 'Failed')",
            name=op.f("ck_customer_order_status"),
        ),
        sa.CheckConstraint(
            "paid_amount BETWEEN 0 AND total_amount", name=op.f("ck_customer_order_paid_amount")
        ),
        sa.CheckConstraint(
            "service_charge_amount >= 0", name=op.f("ck_customer_order_service_charge_amount")
        ),
        sa.CheckConstraint("tips_amount >= 0", name=op.f("ck_customer_order_tips_amount")),
        sa.ForeignKeyConstraint(
            ["venue_id", "party_id"],
            ["party.venue_id", "party.id"],
            name=op.f("fk_customer_order_venue_id_party_id"),
        ),
        sa.ForeignKeyConstraint(
            ["venue_id", "reservation_id"],
            ["reservation.venue_id", "reservation.id"],
            name=op.f("fk_customer_order_venue_id_reservation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["venue_id", "table_id"],
            ["dining_table.venue_id", "dining_table.id"],
            name=op.f("fk_customer_order_venue_id_table_id"),
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("fk_customer_order_venue_id")
        ),
        sa.PrimaryKeyConstraint("venue_id", "id", name=op.f("pk_customer_order")),
        sa.UniqueConstraint(
            "venue_id", "dojo_order_id", name=op.f("uq_customer_order_venue_id_dojo_order_id")
        ),
    )
    op.create_index(
        "ix_customer_order_payable",
        "customer_order",
        ["venue_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text(
            "status NOT IN ('Canceled', 'Failed', 'Finalized') AND paid_amount < total_amount"
        ),
    )
    op.create_index(
        op.f("ix_customer_order_venue_id_created_at_id"),
        "customer_order",
        ["venue_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_customer_order_venue_id_party_id_created_at_id"),
        "customer_order",
        ["venue_id", "party_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("party_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_customer_order_venue_id_reservation_id_created_at_id"),
        "customer_order",
        ["venue_id", "reservation_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("reservation_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_customer_order_venue_id_table_id_created_at_id"),
        "customer_order",
        ["venue_id", "table_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("table_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_customer_order_venue_id_waiter_id_created_at_id"),
        "customer_order",
        ["venue_id", "waiter_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("waiter_id IS NOT NULL"),
    )
    op.create_index(
        "uq_customer_order_reference",
        "customer_order",
        ["venue_id", "reference"],
        unique=True,
        postgresql_where=sa.text(
            "reference_is_ours AND status NOT IN ('Canceled', 'Failed', 'Finalized')"
        ),
    )
    op.create_table(
        "party_table",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("party_id", sa.Text(collation="C"), nullable=False),
        sa.Column("table_id", sa.Text(collation="C"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["venue_id", "party_id", "is_live"],
            ["party.venue_id", "party.id", "party.is_live"],
            name=op.f("fk_party_table_venue_id_party_id_is_live"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["venue_id", "table_id"],
            ["dining_table.venue_id", "dining_table.id"],
            name=op.f("fk_party_table_venue_id_table_id"),
        ),
        sa.PrimaryKeyConstraint("venue_id", "party_id", "table_id", name=op.f("pk_party_table")),
    )
    op.create_index(
        op.f("ix_party_table_venue_id_table_id"),
        "party_table",
        ["venue_id", "table_id"],
        unique=False,
    )
    op.create_index(
        "uq_party_table_live",
        "party_table",
        ["venue_id", "table_id"],
        unique=True,
        postgresql_where=sa.text("is_live"),
    )
    op.create_table(
        "reservation_table",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("reservation_id", sa.Text(collation="C"), nullable=False),
        sa.Column("table_id", sa.Text(collation="C"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["venue_id", "reservation_id"],
            ["reservation.venue_id", "reservation.id"],
            name=op.f("fk_reservation_table_venue_id_reservation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["venue_id", "table_id"],
            ["dining_table.venue_id", "dining_table.id"],
            name=op.f("fk_reservation_table_venue_id_table_id"),
        ),
        sa.PrimaryKeyConstraint(
            "venue_id", "reservation_id", "table_id", name=op.f("pk_reservation_table")
        ),
    )
    op.create_index(
        op.f("ix_reservation_table_venue_id_table_id"),
        "reservation_table",
        ["venue_id", "table_id"],
        unique=False,
    )
    op.create_table(
        "table_waiter",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("table_id", sa.Text(collation="C"), nullable=False),
        sa.Column("waiter_id", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["venue_id", "table_id"],
            ["dining_table.venue_id", "dining_table.id"],
            name=op.f("fk_table_waiter_venue_id_table_id"),
        ),
        sa.ForeignKeyConstraint(
            ["venue_id", "waiter_id"],
            ["waiter.venue_id", "waiter.id"],
            name=op.f("fk_table_waiter_venue_id_waiter_id"),
        ),
        sa.PrimaryKeyConstraint("venue_id", "table_id", "waiter_id", name=op.f("pk_table_waiter")),
    )
    op.create_table(
        "payment",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("order_id", sa.Text(collation="C"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(collation="C"), nullable=False),
        sa.Column("payment_intent_id", sa.Text(collation="C"), nullable=True),
        sa.Column("paid_amount", sa.BigInteger(), nullable=False),
        sa.Column("tips_amount", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(collation="C"), nullable=False),
        sa.Column("refunded_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waiter_id", sa.Text(collation="C"), nullable=True),
        sa.Column("device_id", sa.Text(collation="C"), nullable=True),
        sa.Column("product", sa.Text(collation="C"), nullable=True),
        sa.Column("credential", sa.Text(collation="C"), nullable=False),
        sa.Column("trace_id", sa.Text(collation="C"), nullable=False),
        sa.CheckConstraint("source IN ('dojo', 'cash', 'other')", name=op.f("ck_payment_source")),
        sa.CheckConstraint(
            "status IN ('recorded', 'captured', 'reversed', 'refunded', 'canceled')",
            name=op.f("ck_payment_status"),
        ),
        sa.CheckConstraint("paid_amount > 0", name=op.f("ck_payment_paid_amount")),
        sa.CheckConstraint(
            "refunded_amount BETWEEN 0 AND paid_amount + tips_amount",
            name=op.f("ck_payment_refunded_amount"),
        ),
        sa.CheckConstraint("tips_amount >= 0", name=op.f("ck_payment_tips_amount")),
        sa.ForeignKeyConstraint(
            ["venue_id", "order_id"],
            ["customer_order.venue_id", "customer_order.id"],
            name=op.f("fk_payment_venue_id_order_id"),
        ),
        sa.ForeignKeyConstraint(
            ["venue_id", "payment_intent_id"],
            ["payment_intent.venue_id", "payment_intent.id"],
            name=op.f("fk_payment_venue_id_payment_intent_id"),
        ),
        sa.PrimaryKeyConstraint("venue_id", "id", name=op.f("pk_payment")),
        sa.UniqueConstraint(
            "venue_id", "order_id", "position", name=op.f("uq_payment_venue_id_order_id_position")
        ),
        sa.UniqueConstraint(
            "venue_id", "payment_intent_id", name=op.f("uq_payment_venue_id_payment_intent_id")
        ),
    )
    for statement in RULES:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("payment")
    op.drop_table("table_waiter")
    op.drop_index(op.f("ix_reservation_table_venue_id_table_id"), table_name="reservation_table")
    op.drop_table("reservation_table")
    op.drop_index(
        "uq_party_table_live", table_name="party_table", postgresql_where=sa.text("is_live")
    )
    op.drop_index(op.f("ix_party_table_venue_id_table_id"), table_name="party_table")
    op.drop_table("party_table")
    op.drop_index(
        "uq_customer_order_reference",
        table_name="customer_order",
        postgresql_where=sa.text(
            "reference_is_ours AND status NOT IN ('Canceled', 'Failed', 'Finalized')"
        ),
    )
    op.drop_index(
        op.f("ix_customer_order_venue_id_waiter_id_created_at_id"),
        table_name="customer_order",
        postgresql_where=sa.text("waiter_id IS NOT NULL"),
    )
    op.drop_index(
        op.f("ix_customer_order_venue_id_table_id_created_at_id"),
        table_name="customer_order",
        postgresql_where=sa.text("table_id IS NOT NULL"),
    )
    op.drop_index(
        op.f("ix_customer_order_venue_id_reservation_id_created_at_id"),
        table_name="customer_order",
        postgresql_where=sa.text("reservation_id IS NOT NULL"),
    )
    op.drop_index(
        op.f("ix_customer_order_venue_id_party_id_created_at_id"),
        table_name="customer_order",
        postgresql_where=sa.text("party_id IS NOT NULL"),
    )
    op.drop_index(op.f("ix_customer_order_venue_id_created_at_id"), table_name="customer_order")
    op.drop_index(
        "ix_customer_order_payable",
        table_name="customer_order",
        postgresql_where=sa.text(
            "status NOT IN ('Canceled', 'Failed', 'Finalized') AND paid_amount < total_amount"
        ),
    )
    op.drop_table("customer_order")
    op.drop_index(
        "uq_party_dojo_party_id", table_name="party", postgresql_where=sa.text("deleted_at IS NULL")
    )
    op.drop_index(
        op.f("ix_party_venue_id_reservation_id"),
        table_name="party",
        postgresql_where=sa.text("reservation_id IS NOT NULL"),
    )
    op.drop_index("ix_party_live", table_name="party", postgresql_where=sa.text("is_live"))
    op.drop_index(
        "ix_party_completed",
        table_name="party",
        postgresql_where=sa.text("NOT is_live AND deleted_at IS NULL"),
    )
    op.drop_table("party")
    op.drop_index(op.f("ix_dining_table_venue_id_area_id_name_key_id"), table_name="dining_table")
    op.drop_table("dining_table")
    op.drop_table("area_waiter")
    op.drop_table("waiter")
    op.drop_index(
        "uq_reservation_dojo_reservation_id",
        table_name="reservation",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index(
        op.f("ix_reservation_venue_id_start_time_id"),
        table_name="reservation",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_table("reservation")
    op.drop_table("credential")
    op.drop_table("area")
    op.drop_table("venue")
    op.drop_table("payment_intent")
    op.drop_index(op.f("ix_dojo_event_venue_id_payment_intent_id"), table_name="dojo_event")
    op.drop_table("dojo_event")
    op.drop_index(op.f("ix_audit_entry_venue_id_subject_id_id"), table_name="audit_entry")
    op.drop_table("audit_entry")
    for function in ("ledger_agrees", "refuse_change"):
        op.execute(f"DROP FUNCTION {function}()")
