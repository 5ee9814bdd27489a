"""One schema for PostgreSQL and Citus: triggers that run on a shard, and locks that are rows.

On Citus a trigger runs on the shard of its row, which has a name and a row type of its own; it may read
and write the rows of its venue there, one by one. Advisory locks belong to one node, so what excluded
others by one now locks a row of the venue, which is in one place.

Revision: 0009, after 0008
"""

from collections.abc import Iterable
from types import ModuleType

import sqlalchemy as sa
from alembic import context, op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# (trigger, table, definition): dropped and made again in both directions.
BY_ARGUMENT = (
    (
        "order_agrees_with_ledger",
        "customer_order",
        (
            "CREATE CONSTRAINT TRIGGER order_agrees_with_ledger"
            " AFTER INSERT OR UPDATE OF paid_amount, tips_amount ON customer_order"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_agrees('order')"
        ),
    ),
    (
        "ledger_agrees_with_order",
        "payment",
        (
            "CREATE CONSTRAINT TRIGGER ledger_agrees_with_order"
            " AFTER INSERT OR UPDATE OF order_id, paid_amount, tips_amount, status ON payment"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_agrees('payment')"
        ),
    ),
)
LEDGER_AGREES = """
    CREATE OR REPLACE FUNCTION ledger_agrees() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        changed_order text;
        books record;
        ledger record;
    BEGIN
        IF TG_ARGV[0] = 'payment' THEN
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
"""
ANNOUNCE = """
    CREATE OR REPLACE FUNCTION announce_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM dojo_link WHERE venue_id = NEW.venue_id) THEN
            INSERT INTO outbox (venue_id, entity, entity_id)
            VALUES (NEW.venue_id, TG_ARGV[0], NEW.id);
        END IF;
        RETURN NULL;
    END $$
"""
DAYS = (
    # Whoever enters something shares the venue's row until they commit; who closes a day has it alone.
    # A change of the venue's settings is in nobody's way. All that one transaction enters is of one
    # moment, the first, which is read after the row is locked.
    """
    CREATE OR REPLACE FUNCTION current_business_day
        (the_venue text, is_shared boolean, OUT today date, OUT begun date, OUT at timestamptz)
    LANGUAGE plpgsql VOLATILE AS $$
    DECLARE
        frozen timestamptz;
        ahead interval;
        zone text;
        closes time;
        first_use jsonb;
    BEGIN
        IF is_shared THEN
            first_use := nullif(current_setting('epos.first_use_of_day', true), '');
        END IF;
        IF first_use ->> 'venue' = the_venue THEN
            begun := first_use ->> 'begun';
            at := first_use ->> 'at';
        ELSE
            IF is_shared THEN
                SELECT clock_frozen_at, clock_offset, time_zone, closing_time
                INTO frozen, ahead, zone, closes FROM venue WHERE id = the_venue FOR KEY SHARE;
            ELSE
                SELECT clock_frozen_at, clock_offset, time_zone, closing_time
                INTO frozen, ahead, zone, closes FROM venue WHERE id = the_venue;
            END IF;
            at := coalesce(frozen, clock_timestamp() + ahead);
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
    CREATE OR REPLACE FUNCTION refuse_closed_day() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM business_day
            WHERE venue_id = NEW.venue_id AND day = NEW.day AND closed_at IS NOT NULL
        ) THEN
            RAISE EXCEPTION 'business day % is closed', NEW.day
                USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_day';
        END IF;
        RETURN NULL;
    END $$
    """,
)
ENTRIES = ("sale_entry", "takings_entry")
OF_OPEN_DAY = (
    "CREATE TRIGGER {0}_of_open_day AFTER INSERT ON {0}"
    " FOR EACH ROW EXECUTE FUNCTION refuse_closed_day()"
)
OF_OPEN_DAY_BEFORE = (
    "CREATE TRIGGER {0}_of_open_day AFTER INSERT ON {0} REFERENCING NEW TABLE AS entered"
    " FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_day()"
)
SALES_OF = """
    CREATE FUNCTION sales_of(
        status text, sales jsonb, total_amount bigint, service_charge_amount bigint, content jsonb
    ) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
    BEGIN
        IF status IN ('Canceled', 'Failed') THEN
            RETURN coalesce((
                SELECT jsonb_agg(part) FROM jsonb_array_elements(sales) AS part
                WHERE part ->> 'kind' = 'void'
            ), '[]');
        ELSIF sales IS NOT NULL THEN
            RETURN sales;
        END IF;
        RETURN jsonb_build_array(
            jsonb_build_object('kind', 'order', 'count', 1,
                               'amount', total_amount - coalesce(service_charge_amount, 0)),
            jsonb_build_object('kind', 'service_charge', 'count', 0,
                               'amount', coalesce(service_charge_amount, 0))
        ) || coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'kind', 'order_vat', 'count', 0, 'vat_rate', line -> 'amountPercentage',
                'amount', line -> 'amountTotal' -> 'value'))
            FROM jsonb_array_elements(content -> 'taxLines') AS line
        ), '[]');
    END $$
"""
JOURNAL_ORDER = """
    CREATE OR REPLACE FUNCTION journal_order() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        is_now jsonb := sales_of(NEW.status, NEW.sales, NEW.total_amount,
                                 NEW.service_charge_amount, NEW.content);
        was jsonb := '[]';
        was_with text;
        day record;
        entry record;
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
            was := sales_of(OLD.status, OLD.sales, OLD.total_amount,
                            OLD.service_charge_amount, OLD.content);
            was_with := OLD.waiter_id;
        END IF;
        IF is_now = was AND (was = '[]' OR was_with IS NOT DISTINCT FROM NEW.waiter_id) THEN
            RETURN NULL;
        END IF;
        day := current_business_day(NEW.venue_id, is_shared => true);
        FOR entry IN
            SELECT sold.waiter_id, part.kind, part.category, part.vat_rate,
                   sum(sign * part.amount) AS amount, sum(sign * part.count) AS count
            FROM (VALUES (1, is_now, NEW.waiter_id), (-1, was, was_with))
                    AS sold (sign, parts, waiter_id),
                jsonb_to_recordset(parts) AS part
                    (kind text, category text, vat_rate bigint, amount bigint, count bigint)
            GROUP BY sold.waiter_id, part.kind, part.category, part.vat_rate
            HAVING sum(sign * part.amount) <> 0 OR sum(sign * part.count) <> 0
        LOOP
            INSERT INTO sale_entry
                (venue_id, day, at, order_id, waiter_id, kind, category, vat_rate, amount, count)
            VALUES
                (NEW.venue_id, day.today, day.at, NEW.id, entry.waiter_id, entry.kind,
                 entry.category, entry.vat_rate, entry.amount, entry.count);
        END LOOP;
        RETURN NULL;
    END $$
"""
# Without a variable of the table's row type: a node may get the function before it has the table.
JOURNAL_PAYMENT = """
    CREATE OR REPLACE FUNCTION journal_payment() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        day record := current_business_day(NEW.venue_id, is_shared => true);
        recorded_day date;
        recorded_with text;
        sign integer := 1;
        part bigint := NEW.refunded_amount;
    BEGIN
        IF TG_OP = 'INSERT' THEN
            recorded_day := day.today;
            SELECT coalesce(waiter_id, NEW.waiter_id) INTO recorded_with
            FROM customer_order WHERE venue_id = NEW.venue_id AND id = NEW.order_id;
        ELSE
            SELECT of_day, waiter_id INTO recorded_day, recorded_with FROM takings_entry
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
             recorded_with, NEW.source, NEW.method, NEW.status,
             sign * NEW.paid_amount, sign * NEW.tips_amount, part, recorded_day);
        RETURN NULL;
    END $$
"""
NEXT_POSITION = (
    """
    CREATE FUNCTION place_payment() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        SELECT coalesce(max(position) + 1, 0) INTO NEW.position
        FROM payment WHERE venue_id = NEW.venue_id AND order_id = NEW.order_id;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER payment_has_next_position BEFORE INSERT ON payment
    FOR EACH ROW WHEN (NEW.position IS NULL) EXECUTE FUNCTION place_payment()
    """,
)
# A shard runs no trigger for the whole of an UPDATE or DELETE: these run for each row.
APPEND_ONLY = {
    "audit_entry": "UPDATE OR DELETE",
    "payment": "DELETE",
    "payment_transition": "UPDATE OR DELETE",
    "sale_entry": "UPDATE OR DELETE",
    "tab_line": "DELETE",
    "takings_entry": "UPDATE OR DELETE",
}
SEATS = (
    # A seat is live exactly while its party is.
    """
    CREATE FUNCTION seat_as_party() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        SELECT is_live INTO NEW.is_live
        FROM party WHERE venue_id = NEW.venue_id AND id = NEW.party_id;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER seat_is_live_with_party BEFORE INSERT OR UPDATE ON party_table
    FOR EACH ROW EXECUTE FUNCTION seat_as_party()
    """,
    """
    CREATE FUNCTION move_seats() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE party_table SET is_live = NEW.is_live
        WHERE venue_id = NEW.venue_id AND party_id = NEW.id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER party_moves_its_seats AFTER UPDATE ON party
    FOR EACH ROW WHEN (OLD.is_live <> NEW.is_live) EXECUTE FUNCTION move_seats()
    """,
)
SEAT_OF_PARTY = "fk_party_table_venue_id_party_id"
SEAT_OF_PARTY_BEFORE = "fk_party_table_venue_id_party_id_is_live"
LIVE_PARTY_BEFORE = "uq_party_venue_id_id_is_live"


def upgrade() -> None:
    op.create_table(
        "turn",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_turn_venue_id")),
        sa.PrimaryKeyConstraint("venue_id", "name", name=op.f("pk_turn")),
    )
    op.execute(LEDGER_AGREES)
    replace_triggers(BY_ARGUMENT)
    op.execute(ANNOUNCE)
    for table in ENTRIES:
        op.execute(f"DROP TRIGGER {table}_of_open_day ON {table}")
    for statement in DAYS:
        op.execute(statement)
    for table in ENTRIES:
        op.execute(OF_OPEN_DAY.format(table))
    op.execute(SALES_OF)
    op.execute(JOURNAL_ORDER)
    op.execute(JOURNAL_PAYMENT)
    op.execute("DROP FUNCTION sales_of(customer_order)")
    op.drop_constraint(op.f(SEAT_OF_PARTY_BEFORE), "party_table", type_="foreignkey")
    op.drop_constraint(op.f(LIVE_PARTY_BEFORE), "party", type_="unique")
    op.create_foreign_key(
        op.f(SEAT_OF_PARTY), "party_table", "party", ["venue_id", "party_id"], ["venue_id", "id"]
    )
    for statement in (*NEXT_POSITION, *SEATS):
        op.execute(statement)
    for table, changes in APPEND_ONLY.items():
        op.execute(f"DROP TRIGGER {kept(table)} ON {table}")
        refuse(kept(table), f"BEFORE {changes} ON {table} FOR EACH ROW")
        refuse(f"{table}_is_never_emptied", f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT")


def kept(table: str) -> str:
    """The name of the trigger that keeps a table's rows."""
    only_deletes = APPEND_ONLY[table] == "DELETE"
    return f"{table}_is_never_deleted" if only_deletes else f"{table}_is_append_only"


def refuse(trigger: str, when: str) -> None:
    op.execute(f"CREATE TRIGGER {trigger} {when} EXECUTE FUNCTION refuse_change()")


def downgrade() -> None:
    for table, changes in APPEND_ONLY.items():
        op.execute(f"DROP TRIGGER {table}_is_never_emptied ON {table}")
        op.execute(f"DROP TRIGGER {kept(table)} ON {table}")
        refuse(kept(table), f"BEFORE {changes} OR TRUNCATE ON {table} FOR EACH STATEMENT")
    op.execute("DROP TRIGGER party_moves_its_seats ON party")
    op.execute("DROP TRIGGER seat_is_live_with_party ON party_table")
    op.execute("DROP TRIGGER payment_has_next_position ON payment")
    for function in ("move_seats()", "seat_as_party()", "place_payment()"):
        op.execute(f"DROP FUNCTION {function}")
    op.drop_constraint(op.f(SEAT_OF_PARTY), "party_table", type_="foreignkey")
    op.create_unique_constraint(op.f(LIVE_PARTY_BEFORE), "party", ["venue_id", "id", "is_live"])
    op.create_foreign_key(
        op.f(SEAT_OF_PARTY_BEFORE),
        "party_table",
        "party",
        ["venue_id", "party_id", "is_live"],
        ["venue_id", "id", "is_live"],
        onupdate="CASCADE",
    )
    first, connected, till = (migration(number) for number in ("0001", "0003", "0004"))
    sales_of, journal_order, journal_payment = (till.JOURNAL[place] for place in (0, 1, 4))
    op.execute(sales_of)
    before = (*till.DAYS[2:4], journal_order, journal_payment, connected.ANNOUNCE, first.RULES[3])
    for function in before:
        op.execute(function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1))
    op.execute("DROP FUNCTION sales_of(text, jsonb, bigint, bigint, jsonb)")
    for table in ENTRIES:
        op.execute(f"DROP TRIGGER {table}_of_open_day ON {table}")
        op.execute(OF_OPEN_DAY_BEFORE.format(table))
    replace_triggers(
        (trigger, table, made.replace("('order')", "()").replace("('payment')", "()"))
        for trigger, table, made in BY_ARGUMENT
    )
    op.drop_table("turn")


def replace_triggers(triggers: Iterable[tuple[str, str, str]]) -> None:
    for trigger, table, made in triggers:
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
        op.execute(made)


def migration(number: str) -> ModuleType:
    """An earlier migration, which has the functions as they were."""
    found = context.script.get_revision(number)
    assert found is not None, number  # noqa: S101
    return found.module
