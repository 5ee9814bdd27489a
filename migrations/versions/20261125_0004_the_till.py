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

IS_OPEN = "status NOT IN ('Canceled', 'Failed', 'Finalized')"
OWED = (
    "CASE status WHEN 'Canceled'::text THEN 0::bigint WHEN 'Failed'::text THEN 0::bigint"
    " ELSE total_amount END - paid_amount"
)
DAYS = (
    # A day begins at the venue's closing time; one from noon on ends the day that it falls on. In the
    # night when that time comes twice the day ends at the second: a day that was over never comes back.
    """
    CREATE FUNCTION business_day_start(day date, zone text, closing_time time)
    RETURNS timestamptz LANGUAGE sql STABLE AS $$
        SELECT (day - (closing_time >= time '12:00')::integer + closing_time) AT TIME ZONE zone
    $$
    """,
    """
    CREATE FUNCTION business_day_of(at timestamptz, zone text, closing_time time)
    RETURNS date LANGUAGE plpgsql STABLE AS $$
    DECLARE
        day date := (at AT TIME ZONE zone)::date + 1;
    BEGIN
        WHILE at < business_day_start(day, zone, closing_time) LOOP
            day := day - 1;
        END LOOP;
        RETURN day;
    END $$
    """,
    # `begun`: the day by the clock. `today`: where entries go, the next one when that is closed already.
    # Who closes a day takes the lock alone; whoever enters something shares it until they commit. What
    # is entered is in the report, or on the next day. All that one transaction enters is of one moment,
    # the first: a merge across closing time is not in two reports.
    """
    CREATE FUNCTION current_business_day
        (the_venue text, is_shared boolean, OUT today date, OUT begun date, OUT at timestamptz)
    LANGUAGE plpgsql VOLATILE AS $$
    DECLARE
        zone text;
        closes time;
        first_use jsonb;
    BEGIN
        IF is_shared THEN
            PERFORM pg_advisory_xact_lock_shared(hashtextextended(the_venue || '/business_day', 0));
            first_use := nullif(current_setting('epos.first_use_of_day', true), '');
        END IF;
        IF first_use ->> 'venue' = the_venue THEN
            begun := first_use ->> 'begun';
            at := first_use ->> 'at';
        ELSE
            SELECT coalesce(clock_frozen_at, clock_timestamp() + clock_offset), time_zone, closing_time
            INTO at, zone, closes FROM venue WHERE id = the_venue;
            begun := business_day_of(at, zone, closes);
            IF is_shared THEN
                PERFORM set_config('epos.first_use_of_day', jsonb_build_object(
                    'venue', the_venue, 'begun', begun, 'at', at)::text, true);
            END IF;
        END IF;
        SELECT greatest(begun, max(day) + 1) INTO today
        FROM business_day WHERE venue_id = the_venue AND closed_at IS NOT NULL;
    END $$
    """,
    """
    CREATE FUNCTION refuse_closed_day() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        closed date;
    BEGIN
        SELECT business_day.day INTO closed
        FROM business_day JOIN entered USING (venue_id, day)
        WHERE closed_at IS NOT NULL LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'business day % is closed', closed
                USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_day';
        END IF;
        RETURN NULL;
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
        CREATE TRIGGER {table}_of_open_day AFTER INSERT ON {table}
        REFERENCING NEW TABLE AS entered
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_day()
        """,
    )
)

# Whoever changes what an order comes to, or the ledger, writes the journal, in the same transaction.
JOURNAL = (
    # What an order comes to, in parts; a cancelled one to nothing, but what was made void on it before
    # stays in the report of its day. Dojo owns the content of its own orders, so they are one part, with
    # the taxes that Dojo says are in it.
    """
    CREATE FUNCTION sales_of(o customer_order) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
    BEGIN
        IF o.status IN ('Canceled', 'Failed') THEN
            RETURN coalesce((
                SELECT jsonb_agg(part) FROM jsonb_array_elements(o.sales) AS part
                WHERE part ->> 'kind' = 'void'
            ), '[]');
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
                'kind', 'order_vat', 'count', 0, 'vat_rate', line -> 'amountPercentage',
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
        was_with text;
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
            was_with := OLD.waiter_id;
        END IF;
        IF is_now = was AND (was = '[]' OR was_with IS NOT DISTINCT FROM NEW.waiter_id) THEN
            RETURN NULL;
        END IF;
        day := current_business_day(NEW.venue_id, is_shared => true);
        INSERT INTO sale_entry
            (venue_id, day, at, order_id, waiter_id, kind, category, vat_rate, amount, count)
        SELECT NEW.venue_id, day.today, day.at, NEW.id, sales.waiter_id,
               part.kind, part.category, part.vat_rate, sum(sign * part.amount), sum(sign * part.count)
        FROM (VALUES (1, is_now, NEW.waiter_id), (-1, was, was_with))
                AS sales (sign, parts, waiter_id),
            jsonb_to_recordset(parts) AS part
                (kind text, category text, vat_rate bigint, amount bigint, count bigint)
        GROUP BY sales.waiter_id, part.kind, part.category, part.vat_rate
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
        (OLD.sales, OLD.total_amount, OLD.service_charge_amount, OLD.waiter_id,
         OLD.status IN ('Canceled', 'Failed'))
        IS DISTINCT FROM
        (NEW.sales, NEW.total_amount, NEW.service_charge_amount, NEW.waiter_id,
         NEW.status IN ('Canceled', 'Failed'))
    ) EXECUTE FUNCTION journal_order()
    """,
    """
    CREATE FUNCTION journal_payment() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        day record := current_business_day(NEW.venue_id, is_shared => true);
        recorded takings_entry;
        sign integer := 1;
        part bigint := NEW.refunded_amount;
    BEGIN
        IF TG_OP = 'INSERT' THEN
            recorded.of_day := day.today;
            SELECT coalesce(waiter_id, NEW.waiter_id) INTO recorded.waiter_id
            FROM customer_order WHERE venue_id = NEW.venue_id AND id = NEW.order_id;
        ELSE
            SELECT * INTO recorded FROM takings_entry
            WHERE venue_id = NEW.venue_id AND payment_id = NEW.id ORDER BY id LIMIT 1;
            IF NEW.status IN ('recorded', 'captured') THEN
                sign := 0;
                part := NEW.refunded_amount - OLD.refunded_amount;
            ELSIF OLD.status IN ('recorded', 'captured') THEN
                sign := -1;
                part := -OLD.refunded_amount;
            ELSE
                RETURN NULL;
            END IF;
        END IF;
        INSERT INTO takings_entry
            (venue_id, day, at, order_id, payment_id, waiter_id, source, method, status,
             paid, tips, partly_refunded, of_day)
        VALUES
            (NEW.venue_id, day.today, day.at, NEW.order_id, NEW.id,
             recorded.waiter_id, NEW.source, NEW.method, NEW.status,
             sign * NEW.paid_amount, sign * NEW.tips_amount, part, recorded.of_day);
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

# The orders and payments that were there before, as if they had been journaled.
LINES = (
    """
    CREATE TRIGGER tab_line_is_never_deleted BEFORE DELETE OR TRUNCATE ON tab_line
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER void_line_stays_void BEFORE UPDATE ON tab_line FOR EACH ROW WHEN (
        OLD.void_reason IS NOT NULL AND
        (NEW.void_reason, NEW.voided_at, NEW.voided_by)
        IS DISTINCT FROM (OLD.void_reason, OLD.voided_at, OLD.voided_by)
    ) EXECUTE FUNCTION refuse_change()
    """,
)

BEFORE = (
    """
    INSERT INTO sale_entry
        (venue_id, day, at, order_id, waiter_id, kind, category, vat_rate, amount, count)
    SELECT o.venue_id, business_day_of(o.created_at, v.time_zone, v.closing_time), o.created_at,
           o.id, o.waiter_id, part.kind, NULL, part.vat_rate, sum(part.amount), sum(part.count)
    FROM customer_order AS o
        JOIN venue AS v ON v.id = o.venue_id,
        jsonb_to_recordset(sales_of(o)) AS part
            (kind text, vat_rate bigint, amount bigint, count bigint)
    GROUP BY o.venue_id, o.id, v.id, part.kind, part.vat_rate
    HAVING sum(part.amount) <> 0 OR sum(part.count) <> 0
    ORDER BY o.created_at, o.id
    """,
    """
    INSERT INTO takings_entry
        (venue_id, day, at, order_id, payment_id, waiter_id, source, status, paid, tips,
         partly_refunded, of_day)
    SELECT p.venue_id, day, p.recorded_at, p.order_id, p.id, coalesce(o.waiter_id, p.waiter_id),
           p.source, 'recorded', p.paid_amount, p.tips_amount, p.refunded_amount, day
    FROM payment AS p
        JOIN customer_order AS o ON o.venue_id = p.venue_id AND o.id = p.order_id
        JOIN venue AS v ON v.id = p.venue_id,
        business_day_of(p.recorded_at, v.time_zone, v.closing_time) AS day
    ORDER BY p.recorded_at, p.id
    """,
    """
    INSERT INTO takings_entry
        (venue_id, day, at, order_id, payment_id, waiter_id, source, status, paid, tips,
         partly_refunded, of_day)
    SELECT p.venue_id, greatest(business_day_of(ended.at, v.time_zone, v.closing_time), e.day),
           ended.at, p.order_id, p.id, e.waiter_id, p.source, p.status,
           -p.paid_amount, -p.tips_amount, -p.refunded_amount, e.day
    FROM payment_transition AS ended
        JOIN payment AS p
            ON p.venue_id = ended.venue_id AND p.id = ended.payment_id AND p.status = ended.status
        JOIN takings_entry AS e ON e.venue_id = p.venue_id AND e.payment_id = p.id
        JOIN venue AS v ON v.id = p.venue_id
    WHERE p.status NOT IN ('recorded', 'captured')
    ORDER BY ended.at, p.id
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
        sa.Column("owed_at_end", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "num_nulls(closed_at, report, owed_at_end) IN (0, 3)",
            name=op.f("ck_business_day_closed"),
        ),
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
            "kind IN ('item', 'order', 'discount', 'service_charge', 'vat', 'order_vat', 'void')",
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
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("voided_by", sa.Text(collation="C"), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Text(collation="C"), nullable=True),
        sa.CheckConstraint(
            "(void_reason IS NULL) = (voided_at IS NULL)", name=op.f("ck_tab_line_voided")
        ),
        sa.CheckConstraint("quantity BETWEEN 1 AND 1000000", name=op.f("ck_tab_line_quantity")),
        sa.CheckConstraint(
            "(sent_round IS NULL) = (sent_at IS NULL)", name=op.f("ck_tab_line_sent")
        ),
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
    op.add_column("customer_order", sa.Column("status_reason", sa.Text(), nullable=True))
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
    for table in ("party", "reservation"):
        op.add_column(table, sa.Column("key", sa.Text(collation="C"), nullable=True))
        op.add_column(
            table,
            sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        )
        op.create_index(
            f"uq_{table}_key",
            table,
            ["venue_id", "key"],
            unique=True,
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
    op.create_index(
        op.f("ix_reservation_venue_id_end_time"),
        "reservation",
        ["venue_id", "end_time"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
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
    op.create_check_constraint(
        op.f("ck_venue_service_charge_rate"), "venue", "service_charge_rate BETWEEN 0 AND 10000"
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

    owed = sa.Column("owed", sa.BigInteger(), sa.Computed(OWED, persisted=True), nullable=False)
    op.add_column("customer_order", owed)
    for name, condition in (("open", IS_OPEN), ("owes", "owed <> 0")):
        op.create_index(
            f"ix_customer_order_{name}",
            "customer_order",
            ["venue_id", "created_at", "id"],
            unique=False,
            postgresql_where=sa.text(condition),
        )
    op.create_check_constraint(
        op.f("ck_payment_tendered_amount"),
        "payment",
        "tendered_amount >= paid_amount + tips_amount",
    )
    op.create_check_constraint(
        op.f("ck_payment_method"), "payment", "(source = 'other') = (method IS NOT NULL)"
    )
    for statement in (*DAYS, *ENTRIES, *JOURNAL, *LINES, *BEFORE):
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
    op.drop_index(op.f("ix_reservation_venue_id_end_time"), table_name="reservation")
    for table in ("reservation", "party"):
        op.drop_index(f"uq_{table}_key", table_name=table)
        op.drop_column(table, "version")
        op.drop_column(table, "key")
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
    op.drop_index("ix_customer_order_owes", table_name="customer_order")
    op.drop_index("ix_customer_order_open", table_name="customer_order")
    op.drop_column("customer_order", "owed")
    op.drop_column("customer_order", "held_until")
    op.drop_column("customer_order", "status_reason")
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
    for function in (
        "refuse_closed_day()",
        "current_business_day(text, boolean)",
        "business_day_of(timestamptz, text, time)",
        "business_day_start(date, text, time)",
    ):
        op.execute(f"DROP FUNCTION {function}")
