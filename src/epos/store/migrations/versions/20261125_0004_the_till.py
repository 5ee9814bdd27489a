"""The till: menus, tabs and their lines, PINs, business days and the journal of sales and takings.

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

DAYS = (
    # Who closes a day takes this lock alone, everyone else shares it until they commit: what is
    # entered is in the report, or on the next day. What comes after the close counts on the day after.
    """
    CREATE FUNCTION share_business_day(the_venue text, OUT today date, OUT at timestamptz)
    LANGUAGE plpgsql VOLATILE AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock_shared(hashtextextended(the_venue || '/business_day', 0));
        SELECT coalesce(clock_frozen_at, clock_timestamp() + clock_offset),
               greatest(
                   ((coalesce(clock_frozen_at, clock_timestamp() + clock_offset)
                     AT TIME ZONE time_zone) - closing_time)::date,
                   (SELECT max(day) + 1 FROM business_day
                    WHERE venue_id = the_venue AND closed_at IS NOT NULL))
        INTO at, today
        FROM venue WHERE id = the_venue;
    END $$
    """,
    """
    CREATE FUNCTION refuse_closed_day() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM business_day
        WHERE venue_id = NEW.venue_id AND day = NEW.day AND closed_at IS NOT NULL;
        IF FOUND THEN
            RAISE EXCEPTION 'business day % is closed', NEW.day
                USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_day';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER closed_day_never_changes BEFORE UPDATE OR DELETE ON business_day
    FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION refuse_change()
    """,
)

ENTRIES = tuple(
    statement
    for table in ("sale_entry", "takings_entry")
    for statement in (
        f"""
        CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """,
        f"""
        CREATE TRIGGER {table}_of_open_day BEFORE INSERT ON {table}
        FOR EACH ROW EXECUTE FUNCTION refuse_closed_day()
        """,
    )
)

# Whoever changes what an order comes to, or the ledger, writes the journal, in the same transaction.
JOURNAL = (
    # What an order comes to, in parts; a cancelled one to nothing. Dojo owns the content of its own
    # orders, so they are one part, with the taxes that Dojo says are in it.
    """
    CREATE FUNCTION sales_of(o customer_order) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
    BEGIN
        IF o.status IN ('Canceled', 'Failed') THEN
            RETURN '[]';
        ELSIF o.sales IS NOT NULL THEN
            RETURN o.sales;
        END IF;
        RETURN jsonb_build_array(
            jsonb_build_object('kind', 'order', 'count', 1,
                               'amount', o.total_amount - coalesce(o.service_charge_amount, 0)),
            jsonb_build_object('kind', 'service_charge', 'count', 0,
                               'amount', coalesce(o.service_charge_amount, 0))
        ) || coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'kind', 'vat', 'count', 0, 'vat_rate', line -> 'amountPercentage',
                'amount', line -> 'amountTotal' -> 'value'))
            FROM jsonb_array_elements(o.content -> 'taxLines') AS line
        ), '[]');
    END $$
    """,
    """
    CREATE FUNCTION journal_order() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        is_now jsonb := sales_of(NEW);
        was jsonb := '[]';
        day record;
    BEGIN
        IF NEW.sales IS NOT NULL AND NEW.total_amount <> (
            SELECT coalesce(sum((part ->> 'amount')::bigint), 0)
            FROM jsonb_array_elements(NEW.sales) AS part
            WHERE part ->> 'kind' NOT IN ('vat', 'void')
        ) THEN
            RAISE EXCEPTION 'the sales of order % are not its total', NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'sales_are_the_total';
        END IF;
        IF TG_OP = 'UPDATE' THEN
            was := sales_of(OLD);
        END IF;
        IF is_now = was THEN
            RETURN NULL;
        END IF;
        day := share_business_day(NEW.venue_id);
        INSERT INTO sale_entry
            (venue_id, day, at, order_id, waiter_id, kind, category, vat_rate, amount, count)
        SELECT NEW.venue_id, day.today, day.at, NEW.id, NEW.waiter_id,
               part.kind, part.category, part.vat_rate, sum(sign * part.amount), sum(sign * part.count)
        FROM (VALUES (1, is_now), (-1, was)) AS sales (sign, parts),
            jsonb_to_recordset(parts) AS part
                (kind text, category text, vat_rate bigint, amount bigint, count bigint)
        GROUP BY part.kind, part.category, part.vat_rate
        HAVING sum(sign * part.amount) <> 0 OR sum(sign * part.count) <> 0;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER order_is_journaled AFTER INSERT ON customer_order
    FOR EACH ROW EXECUTE FUNCTION journal_order()
    """,
    """
    CREATE TRIGGER order_change_is_journaled AFTER UPDATE ON customer_order
    FOR EACH ROW WHEN (
        (OLD.sales, OLD.total_amount, OLD.service_charge_amount,
         OLD.status IN ('Canceled', 'Failed'))
        IS DISTINCT FROM
        (NEW.sales, NEW.total_amount, NEW.service_charge_amount,
         NEW.status IN ('Canceled', 'Failed'))
    ) EXECUTE FUNCTION journal_order()
    """,
    """
    CREATE FUNCTION journal_payment() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        day record := share_business_day(NEW.venue_id);
        recorded takings_entry;
        sign integer := 1;
        refunded bigint := NEW.refunded_amount;
    BEGIN
        recorded.of_day := day.today;
        IF TG_OP = 'UPDATE' THEN
            SELECT * INTO recorded FROM takings_entry
            WHERE venue_id = NEW.venue_id AND payment_id = NEW.id ORDER BY id LIMIT 1;
            sign := CASE WHEN OLD.status = NEW.status THEN 0 ELSE -1 END;
            refunded := NEW.refunded_amount - OLD.refunded_amount;
        ELSE
            SELECT coalesce(waiter_id, NEW.waiter_id) INTO recorded.waiter_id
            FROM customer_order WHERE venue_id = NEW.venue_id AND id = NEW.order_id;
        END IF;
        INSERT INTO takings_entry
            (venue_id, day, at, order_id, payment_id, waiter_id, source, method, status,
             paid, tips, partly_refunded, of_day)
        VALUES
            (NEW.venue_id, day.today, day.at, NEW.order_id, NEW.id,
             recorded.waiter_id, NEW.source, NEW.method, NEW.status,
             sign * NEW.paid_amount, sign * NEW.tips_amount, refunded,
             coalesce(recorded.of_day, NEW.recorded_at::date));
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER payment_is_journaled AFTER INSERT ON payment
    FOR EACH ROW EXECUTE FUNCTION journal_payment()
    """,
    """
    CREATE TRIGGER end_of_payment_is_journaled AFTER UPDATE ON payment
    FOR EACH ROW WHEN (
        OLD.status <> NEW.status AND NEW.status <> 'captured'
        OR OLD.refunded_amount <> NEW.refunded_amount
    ) EXECUTE FUNCTION journal_payment()
    """,
)


def upgrade() -> None:
    op.create_table(
        "business_day",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_by", sa.Text(collation="C"), nullable=True),
        sa.Column("opening_float", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Text(collation="C"), nullable=True),
        sa.Column("counted_cash", sa.BigInteger(), nullable=True),
        sa.Column("report", postgresql.JSONB(), nullable=True),
        sa.CheckConstraint("counted_cash >= 0", name=op.f("ck_business_day_counted_cash")),
        sa.CheckConstraint("opening_float >= 0", name=op.f("ck_business_day_opening_float")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_business_day_venue_id")),
        sa.PrimaryKeyConstraint("venue_id", "day", name=op.f("pk_business_day")),
    )
    op.create_table(
        "menu_category",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_menu_category_venue_id")),
        sa.PrimaryKeyConstraint("venue_id", "id", name=op.f("pk_menu_category")),
        sa.UniqueConstraint("venue_id", "name", name=op.f("uq_menu_category_venue_id_name")),
    )
    op.create_table(
        "menu_item",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("plu", sa.Text(collation="C"), nullable=False),
        sa.Column("category_id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("vat_rate", sa.Integer(), nullable=False),
        sa.Column("is_available", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("price BETWEEN 0 AND 1000000000000", name=op.f("ck_menu_item_price")),
        sa.CheckConstraint("vat_rate BETWEEN 0 AND 10000", name=op.f("ck_menu_item_vat_rate")),
        sa.ForeignKeyConstraint(
            ["venue_id", "category_id"],
            ["menu_category.venue_id", "menu_category.id"],
            name=op.f("fk_menu_item_venue_id_category_id"),
        ),
        sa.PrimaryKeyConstraint("venue_id", "plu", name=op.f("pk_menu_item")),
    )
    op.create_index(
        op.f("ix_menu_item_venue_id_category_id_position"),
        "menu_item",
        ["venue_id", "category_id", "position"],
        unique=False,
    )
    op.create_table(
        "menu_modifier",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("item_plu", sa.Text(collation="C"), nullable=False),
        sa.Column("plu", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("is_available", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "price BETWEEN -1000000000000 AND 1000000000000", name=op.f("ck_menu_modifier_price")
        ),
        sa.ForeignKeyConstraint(
            ["venue_id", "item_plu"],
            ["menu_item.venue_id", "menu_item.plu"],
            name=op.f("fk_menu_modifier_venue_id_item_plu"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("venue_id", "item_plu", "plu", name=op.f("pk_menu_modifier")),
    )
    op.create_table(
        "sale_entry",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("order_id", sa.Text(collation="C"), nullable=False),
        sa.Column("waiter_id", sa.Text(collation="C"), nullable=True),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("vat_rate", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('item', 'order', 'discount', 'service_charge', 'vat', 'void')",
            name=op.f("ck_sale_entry_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["venue_id", "order_id"],
            ["customer_order.venue_id", "customer_order.id"],
            name=op.f("fk_sale_entry_venue_id_order_id"),
        ),
        sa.PrimaryKeyConstraint("venue_id", "id", name=op.f("pk_sale_entry")),
    )
    op.create_index(
        op.f("ix_sale_entry_venue_id_day"), "sale_entry", ["venue_id", "day"], unique=False
    )
    op.create_index(
        op.f("ix_sale_entry_venue_id_order_id"),
        "sale_entry",
        ["venue_id", "order_id"],
        unique=False,
    )
    op.create_table(
        "tab",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("order_id", sa.Text(collation="C"), nullable=False),
        sa.Column("key", sa.Text(collation="C"), nullable=True),
        sa.Column("fingerprint", sa.Text(collation="C"), nullable=True),
        sa.Column("covers", sa.Integer(), nullable=True),
        sa.Column("service_charge_rate", sa.Integer(), nullable=False),
        sa.Column("service_charge_bears_vat", sa.Boolean(), nullable=False),
        sa.Column("discount", postgresql.JSONB(), nullable=True),
        sa.Column("as_split", postgresql.JSONB(), nullable=True),
        sa.Column("rounds", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("opened_by", sa.Text(collation="C"), nullable=True),
        sa.Column("merged_into", sa.Text(collation="C"), nullable=True),
        sa.CheckConstraint(
            "service_charge_rate BETWEEN 0 AND 10000", name=op.f("ck_tab_service_charge_rate")
        ),
        sa.ForeignKeyConstraint(
            ["venue_id", "merged_into"],
            ["customer_order.venue_id", "customer_order.id"],
            name=op.f("fk_tab_venue_id_merged_into"),
        ),
        sa.ForeignKeyConstraint(
            ["venue_id", "order_id"],
            ["customer_order.venue_id", "customer_order.id"],
            name=op.f("fk_tab_venue_id_order_id"),
        ),
        sa.PrimaryKeyConstraint("venue_id", "order_id", name=op.f("pk_tab")),
        sa.UniqueConstraint("venue_id", "key", name=op.f("uq_tab_venue_id_key")),
    )
    op.create_table(
        "tab_line",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("order_id", sa.Text(collation="C"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("plu", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("vat_rate", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("modifiers", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("sub_items", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("cover", sa.Integer(), nullable=True),
        sa.Column("discounts", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("sent_round", sa.Integer(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("voided_by", sa.Text(collation="C"), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Text(collation="C"), nullable=True),
        sa.CheckConstraint(
            "(void_reason IS NULL) = (voided_at IS NULL)", name=op.f("ck_tab_line_voided")
        ),
        sa.CheckConstraint("quantity BETWEEN 1 AND 1000000", name=op.f("ck_tab_line_quantity")),
        sa.CheckConstraint("vat_rate BETWEEN 0 AND 10000", name=op.f("ck_tab_line_vat_rate")),
        sa.ForeignKeyConstraint(
            ["venue_id", "order_id"],
            ["tab.venue_id", "tab.order_id"],
            name=op.f("fk_tab_line_venue_id_order_id"),
        ),
        sa.PrimaryKeyConstraint("venue_id", "id", name=op.f("pk_tab_line")),
        sa.UniqueConstraint(
            "venue_id",
            "order_id",
            "position",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_tab_line_venue_id_order_id_position"),
        ),
    )
    op.create_table(
        "takings_entry",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("order_id", sa.Text(collation="C"), nullable=False),
        sa.Column("payment_id", sa.Text(collation="C"), nullable=False),
        sa.Column("waiter_id", sa.Text(collation="C"), nullable=True),
        sa.Column("source", sa.Text(collation="C"), nullable=False),
        sa.Column("method", sa.Text(collation="C"), nullable=True),
        sa.Column("status", sa.Text(collation="C"), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("tips", sa.BigInteger(), nullable=False),
        sa.Column("partly_refunded", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("of_day", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "source IN ('dojo', 'cash', 'other')", name=op.f("ck_takings_entry_source")
        ),
        sa.CheckConstraint(
            "status IN ('recorded', 'captured', 'reversed', 'refunded', 'canceled')",
            name=op.f("ck_takings_entry_status"),
        ),
        sa.ForeignKeyConstraint(
            ["venue_id", "payment_id"],
            ["payment.venue_id", "payment.id"],
            name=op.f("fk_takings_entry_venue_id_payment_id"),
        ),
        sa.PrimaryKeyConstraint("venue_id", "id", name=op.f("pk_takings_entry")),
    )
    op.create_index(
        op.f("ix_takings_entry_venue_id_day"), "takings_entry", ["venue_id", "day"], unique=False
    )
    op.create_index(
        op.f("ix_takings_entry_venue_id_payment_id"),
        "takings_entry",
        ["venue_id", "payment_id"],
        unique=False,
    )
    op.add_column("area", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint(op.f("uq_area_venue_id_name"), "area", type_="unique")
    op.create_index(
        "uq_area_name",
        "area",
        ["venue_id", "name"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_unique_constraint(op.f("uq_venue_id_currency"), "venue", ["id", "currency"])
    op.drop_constraint(op.f("fk_customer_order_venue_id"), "customer_order", type_="foreignkey")
    op.create_foreign_key(
        op.f("fk_customer_order_venue_id_currency"),
        "customer_order",
        "venue",
        ["venue_id", "currency"],
        ["id", "currency"],
    )
    op.add_column("customer_order", sa.Column("sales", postgresql.JSONB(), nullable=True))
    op.add_column(
        "customer_order", sa.Column("held_until", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "dining_table", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.drop_constraint(
        op.f("uq_dining_table_venue_id_area_id_name"), "dining_table", type_="unique"
    )
    op.create_index(
        "uq_dining_table_name",
        "dining_table",
        ["venue_id", "area_id", "name"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.add_column("payment", sa.Column("tendered_amount", sa.BigInteger(), nullable=True))
    op.add_column("payment", sa.Column("method", sa.Text(collation="C"), nullable=True))
    op.add_column(
        "payment_transition", sa.Column("waiter_id", sa.Text(collation="C"), nullable=True)
    )
    op.add_column(
        "venue",
        sa.Column("service_charge_rate", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column(
        "venue",
        sa.Column(
            "service_charge_bears_vat",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
        ),
    )
    op.add_column(
        "venue",
        sa.Column("closing_time", sa.Time(), server_default=sa.text("'04:00'"), nullable=False),
    )
    op.add_column(
        "venue", sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False)
    )
    op.add_column("waiter", sa.Column("pin_hash", sa.Text(), nullable=True))
    op.add_column(
        "waiter",
        sa.Column("pin_attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column("waiter", sa.Column("pin_next_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("waiter", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))

    op.create_check_constraint(
        op.f("ck_payment_tendered_amount"),
        "payment",
        "tendered_amount >= paid_amount + tips_amount",
    )
    op.create_check_constraint(
        op.f("ck_payment_method"), "payment", "(source = 'other') = (method IS NOT NULL)"
    )
    for statement in (*DAYS, *ENTRIES, *JOURNAL):
        op.execute(statement)


def downgrade() -> None:
    for table, trigger in (
        ("payment", "end_of_payment_is_journaled"),
        ("payment", "payment_is_journaled"),
        ("customer_order", "order_change_is_journaled"),
        ("customer_order", "order_is_journaled"),
    ):
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
    for function in ("journal_payment()", "journal_order()", "sales_of(customer_order)"):
        op.execute(f"DROP FUNCTION {function}")
    op.drop_constraint(op.f("ck_payment_method"), "payment")
    op.drop_constraint(op.f("ck_payment_tendered_amount"), "payment")
    op.drop_column("waiter", "removed_at")
    op.drop_column("waiter", "pin_next_at")
    op.drop_column("waiter", "pin_attempts")
    op.drop_column("waiter", "pin_hash")
    op.drop_column("venue", "version")
    op.drop_column("venue", "closing_time")
    op.drop_column("venue", "service_charge_bears_vat")
    op.drop_column("venue", "service_charge_rate")
    op.drop_column("payment_transition", "waiter_id")
    op.drop_column("payment", "method")
    op.drop_column("payment", "tendered_amount")
    op.drop_index(
        "uq_dining_table_name",
        table_name="dining_table",
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_unique_constraint(
        op.f("uq_dining_table_venue_id_area_id_name"),
        "dining_table",
        ["venue_id", "area_id", "name"],
    )
    op.drop_column("dining_table", "removed_at")
    op.drop_constraint(
        op.f("fk_customer_order_venue_id_currency"), "customer_order", type_="foreignkey"
    )
    op.create_foreign_key(
        op.f("fk_customer_order_venue_id"), "customer_order", "venue", ["venue_id"], ["id"]
    )
    op.drop_constraint(op.f("uq_venue_id_currency"), "venue", type_="unique")
    op.drop_column("customer_order", "held_until")
    op.drop_column("customer_order", "sales")
    op.drop_index("uq_area_name", table_name="area", postgresql_where=sa.text("removed_at IS NULL"))
    op.create_unique_constraint(op.f("uq_area_venue_id_name"), "area", ["venue_id", "name"])
    op.drop_column("area", "removed_at")
    op.drop_index(op.f("ix_takings_entry_venue_id_payment_id"), table_name="takings_entry")
    op.drop_index(op.f("ix_takings_entry_venue_id_day"), table_name="takings_entry")
    op.drop_table("takings_entry")
    op.drop_table("tab_line")
    op.drop_table("tab")
    op.drop_index(op.f("ix_sale_entry_venue_id_order_id"), table_name="sale_entry")
    op.drop_index(op.f("ix_sale_entry_venue_id_day"), table_name="sale_entry")
    op.drop_table("sale_entry")
    op.drop_table("menu_modifier")
    op.drop_index(op.f("ix_menu_item_venue_id_category_id_position"), table_name="menu_item")
    op.drop_table("menu_item")
    op.drop_table("menu_category")
    op.drop_table("business_day")
    for function in ("refuse_closed_day()", "share_business_day(text)"):
        op.execute(f"DROP FUNCTION {function}")
