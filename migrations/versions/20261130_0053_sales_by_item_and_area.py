"""The journal knows the item that was sold and the area, so that a closed day never changes in any report.

Revision: 0053, after 0052
"""

from types import ModuleType

import sqlalchemy as sa
from alembic import context, op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

CHANGES_JOURNALED = """
    CREATE TRIGGER order_change_is_journaled AFTER UPDATE ON customer_order
    FOR EACH ROW WHEN (
        (OLD.sales, OLD.total_amount, OLD.service_charge_amount, OLD.waiter_id,{0}
         OLD.status IN ('Canceled', 'Failed'))
        IS DISTINCT FROM
        (NEW.sales, NEW.total_amount, NEW.service_charge_amount, NEW.waiter_id,{1}
         NEW.status IN ('Canceled', 'Failed'))
    ) EXECUTE FUNCTION journal_order()
"""
JOURNAL_ORDER = """
    CREATE OR REPLACE FUNCTION journal_order() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        is_now jsonb := sales_of(NEW.status, NEW.sales, NEW.total_amount,
                                 NEW.service_charge_amount, NEW.refund_amount, NEW.content);
        was jsonb := '[]';
        was_with text;
        was_in text;
        day record;
        entry record;
    BEGIN
        IF NEW.sales IS NOT NULL AND NEW.total_amount <> (
            SELECT coalesce(sum((part ->> 'amount')::bigint), 0)
            FROM jsonb_array_elements(NEW.sales) AS part
            WHERE part ->> 'kind' NOT IN ('vat', 'void', 'derived', 'derived_vat')
        ) THEN
            RAISE EXCEPTION 'the sales of order % are not its total', NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'sales_are_the_total';
        END IF;
        IF TG_OP = 'UPDATE' THEN
            was := sales_of(OLD.status, OLD.sales, OLD.total_amount,
                            OLD.service_charge_amount, OLD.refund_amount, OLD.content);
            was_with := OLD.waiter_id;
            was_in := OLD.area_id;
        END IF;
        IF is_now = was AND (was = '[]' OR (was_with, was_in) IS NOT DISTINCT FROM
                                           (NEW.waiter_id, NEW.area_id)) THEN
            RETURN NULL;
        END IF;
        day := current_business_day(NEW.venue_id, is_shared => true);
        FOR entry IN
            SELECT sold.waiter_id, sold.area_id, part.kind, part.plu, part.name, part.category,
                   part.vat_rate, sum(sign * part.amount) AS amount, sum(sign * part.count) AS count
            FROM (VALUES (1, is_now, NEW.waiter_id, NEW.area_id), (-1, was, was_with, was_in))
                    AS sold (sign, parts, waiter_id, area_id),
                jsonb_to_recordset(parts) AS part
                    (kind text, plu text, name text, category text, vat_rate bigint, amount bigint,
                     count bigint)
            GROUP BY sold.waiter_id, sold.area_id, part.kind, part.plu, part.name, part.category,
                     part.vat_rate
            HAVING sum(sign * part.amount) <> 0 OR sum(sign * part.count) <> 0
        LOOP
            INSERT INTO sale_entry
                (venue_id, day, at, order_id, waiter_id, area_id, kind, plu, name, category, vat_rate,
                 amount, count)
            VALUES
                (NEW.venue_id, day.today, day.at, NEW.id, entry.waiter_id, entry.area_id, entry.kind,
                 entry.plu, entry.name, entry.category, entry.vat_rate, entry.amount, entry.count);
        END LOOP;
        RETURN NULL;
    END $$
"""
IN_AREA = (
    """
    CREATE FUNCTION order_in_area() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        SELECT area_id INTO NEW.area_id
        FROM dining_table WHERE venue_id = NEW.venue_id AND id = NEW.table_id;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER order_comes_to_area BEFORE INSERT ON customer_order
    FOR EACH ROW WHEN (NEW.table_id IS NOT NULL) EXECUTE FUNCTION order_in_area()
    """,
    """
    CREATE TRIGGER order_moves_to_area BEFORE UPDATE ON customer_order
    FOR EACH ROW WHEN (OLD.table_id IS DISTINCT FROM NEW.table_id)
    EXECUTE FUNCTION order_in_area()
    """,
)
# What was before: the orders are where their tables are.
AREAS_OF_ORDERS = """
    UPDATE customer_order SET area_id = dining_table.area_id FROM dining_table
    WHERE dining_table.venue_id = customer_order.venue_id
        AND dining_table.id = customer_order.table_id
"""
AREAS_OF_ENTRIES = """
    UPDATE sale_entry SET area_id = customer_order.area_id FROM customer_order
    WHERE customer_order.venue_id = sale_entry.venue_id AND customer_order.id = sale_entry.order_id
        AND customer_order.area_id IS NOT NULL
"""
APPEND_ONLY = """
    CREATE TRIGGER sale_entry_is_append_only BEFORE UPDATE OR DELETE ON sale_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change()
"""
# Each product of what the tabs have now. Of a part of a line, a product has what it and those before it come to, less
# what those before it come to (docs/arithmetic.md).
SOLD = """
    WITH product AS (
        SELECT venue_id, order_id, id, 0 AS place, plu, name, quantity AS count, price, modifiers,
               category, vat_rate, piece, added_at
        FROM tab_line WHERE void_reason IS NULL
        UNION ALL
        SELECT venue_id, order_id, id, part.place, part.plu, part.name,
               line.quantity * part.quantity, part.price, part.modifiers, part.category,
               part.vat_rate, piece, added_at
        FROM tab_line AS line, ROWS FROM (jsonb_to_recordset(line.sub_items)
            AS (plu text, name text, price bigint, quantity bigint, modifiers jsonb, category text,
                vat_rate bigint)) WITH ORDINALITY
            AS part (plu, name, price, quantity, modifiers, category, vat_rate, place)
        WHERE void_reason IS NULL
    ), whole AS (
        SELECT venue_id, order_id, id, place, plu, name, category, vat_rate, count, added_at,
               count * (price + (
                   SELECT coalesce(sum(one.price * one.quantity), 0)
                   FROM jsonb_to_recordset(modifiers) AS one (price bigint, quantity bigint)
               )) AS items,
               coalesce((piece ->> 0)::numeric, 0) AS from_part,
               coalesce((piece ->> 1)::numeric, 1) AS to_part,
               coalesce((piece ->> 2)::numeric, 1) AS of
        FROM product
    ), until AS (
        SELECT *, sum(count) OVER before_it AS counts, sum(items) OVER before_it AS sums
        FROM whole
        WINDOW before_it AS (PARTITION BY venue_id, id, category, vat_rate ORDER BY place)
    ), sold AS (
        SELECT venue_id, order_id, id, place, plu, name, category, vat_rate, added_at, (
                   ceil(counts * to_part / of) - ceil(counts * from_part / of)
                   - ceil((counts - count) * to_part / of) + ceil((counts - count) * from_part / of)
               )::bigint AS count, (
                   ceil(sums * to_part / of) - ceil(sums * from_part / of)
                   - ceil((sums - items) * to_part / of) + ceil((sums - items) * from_part / of)
               )::bigint AS amount
        FROM until
    )
"""
# While the trigger of before looks at kind, category and VAT rate alone: for it, nothing changes.
SALES_OF_TABS = f"""
    UPDATE customer_order SET sales = told_apart.sales
    FROM (
        {SOLD}, by_item AS (
            SELECT venue_id, order_id, category, vat_rate, plu, name, sum(amount)::bigint AS amount,
                   sum(count)::bigint AS count
            FROM sold GROUP BY venue_id, order_id, category, vat_rate, plu, name
        )
        SELECT tab.venue_id, tab.id, jsonb_agg(jsonb_build_object(
                   'kind', 'item', 'category', category, 'vat_rate', vat_rate, 'amount', amount,
                   'count', count, 'plu', plu, 'name', name
               )) || jsonb_path_query_array(tab.sales, '$[*] ? (@.kind <> "item")') AS sales
        FROM by_item
            JOIN customer_order AS tab ON tab.venue_id = by_item.venue_id AND tab.id = order_id
        WHERE amount <> 0 OR count <> 0
        GROUP BY tab.venue_id, tab.id, tab.sales
    ) AS told_apart
    WHERE told_apart.venue_id = customer_order.venue_id AND told_apart.id = customer_order.id
        AND customer_order.sales IS NOT NULL
"""  # noqa: S608 - constants of ours
# What the tabs have now is told apart by item, on the day of the last entry before the line was added (of a line
# that came by a split: of the first entry). What is entered adds up to nothing by category, rate, waiter and hour.
ITEMS_OF_ENTRIES = f"""
    INSERT INTO sale_entry
        (venue_id, day, at, order_id, waiter_id, area_id, kind, plu, name, category, vat_rate, amount,
         count)
    {SOLD}, entered AS (
        SELECT entry.venue_id, entry.order_id, category, vat_rate, day, min(at) AS first_at,
               max(at) AS at, min(tab.waiter_id) AS waiter_id, min(tab.area_id) AS area_id
        FROM sale_entry AS entry
            JOIN customer_order AS tab
                ON tab.venue_id = entry.venue_id AND tab.id = entry.order_id
        WHERE kind = 'item' AND tab.status NOT IN ('Canceled', 'Failed')
        GROUP BY entry.venue_id, entry.order_id, category, vat_rate, day
        HAVING sum(amount) <> 0 OR sum(count) <> 0
    ), told_apart AS (
        SELECT DISTINCT ON (venue_id, id, place)
               venue_id, order_id, day, at, waiter_id, area_id, plu, name, category, vat_rate, amount, count
        FROM entered JOIN sold USING (venue_id, order_id, category, vat_rate)
        WHERE amount <> 0 OR count <> 0
        ORDER BY venue_id, id, place,
                 CASE WHEN first_at <= added_at + interval '1 minute' THEN day END DESC NULLS LAST, day
    )
    SELECT venue_id, day, at, order_id, waiter_id, area_id, 'item', plu, name, category, vat_rate,
           sum(amount), sum(count)
    FROM told_apart
    GROUP BY venue_id, day, at, order_id, waiter_id, area_id, plu, name, category, vat_rate
    UNION ALL
    SELECT venue_id, day, at, order_id, waiter_id, area_id, 'item', NULL, NULL, category, vat_rate,
           -sum(amount), -sum(count)
    FROM told_apart
    GROUP BY venue_id, day, at, order_id, waiter_id, area_id, category, vat_rate
"""  # noqa: S608 - constants of ours


def upgrade() -> None:
    op.add_column("customer_order", sa.Column("area_id", sa.Text(collation="C")))
    for name, type_ in (
        ("area_id", sa.Text(collation="C")),
        ("plu", sa.Text(collation="C")),
        ("name", sa.Text()),
    ):
        op.add_column("sale_entry", sa.Column(name, type_))
    op.execute(AREAS_OF_ORDERS)
    op.execute(SALES_OF_TABS)
    op.execute("DROP TRIGGER sale_entry_is_append_only ON sale_entry")
    op.execute("DROP TRIGGER sale_entry_of_open_day ON sale_entry")
    op.execute(AREAS_OF_ENTRIES)
    op.execute(ITEMS_OF_ENTRIES)
    op.execute(APPEND_ONLY)
    op.execute(migration("0009").OF_OPEN_DAY.format("sale_entry"))
    op.execute("DROP TRIGGER order_change_is_journaled ON customer_order")
    op.execute(JOURNAL_ORDER)
    op.execute(CHANGES_JOURNALED.format(" OLD.area_id,", " NEW.area_id,"))
    for statement in IN_AREA:
        op.execute(statement)
    # The report by item found the lines of some days by it.
    op.drop_index(op.f("ix_tab_line_venue_id_added_at"), table_name="tab_line")


def downgrade() -> None:
    """Entries of items become entries without a name, and stay what they add up to."""
    op.create_index(op.f("ix_tab_line_venue_id_added_at"), "tab_line", ["venue_id", "added_at"])
    for trigger in ("order_comes_to_area", "order_moves_to_area", "order_change_is_journaled"):
        op.execute(f"DROP TRIGGER {trigger} ON customer_order")
    op.execute("DROP FUNCTION order_in_area()")
    vat = migration("0047")
    op.execute(vat.journal_order().replace(vat.INFORMING, vat.INFORMING_NOW))
    op.execute(CHANGES_JOURNALED.format("", ""))
    for column in ("area_id", "plu", "name"):
        op.drop_column("sale_entry", column)
    op.drop_column("customer_order", "area_id")


def migration(number: str) -> ModuleType:
    """An earlier migration, which has the functions as they were."""
    found = context.script.get_revision(number)
    assert found is not None, number  # noqa: S101 - narrows the type; earlier ones are always there
    return found.module
