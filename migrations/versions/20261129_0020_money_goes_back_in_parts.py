"""A part of a payment may go back: the payment counts what is left, and the bill may become smaller by it.

Revision: 0020, after 0012
"""

from types import ModuleType

import sqlalchemy as sa
from alembic import context, op

revision = "0020"
down_revision = "0012"
branch_labels = None
depends_on = None

KINDS = "kind IN ('item', 'order', 'discount', {}'service_charge', 'vat', 'order_vat', 'void')"
ADDED = (
    ("payment", "refunded_paid"),
    ("payment", "refunded_tips"),
    ("customer_order", "refund_amount"),
)
CHECKS = (
    ("payment", "went_back_of_paid", "refunded_paid BETWEEN 0 AND paid_amount"),
    ("payment", "went_back_of_tips", "refunded_tips BETWEEN 0 AND tips_amount"),
    ("payment", "went_back", "refunded_paid + refunded_tips <= refunded_amount"),
    ("customer_order", "refund_amount", "refund_amount >= 0"),
)
REFUSE_DOWNGRADE = """
    DO $$ BEGIN
        IF EXISTS (SELECT FROM payment_refund) THEN
            RAISE EXCEPTION 'money went back in parts, and the older version would count it as paid';
        END IF;
    END $$
"""
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
        SELECT coalesce(sum(paid_amount - refunded_paid), 0) AS paid,
               coalesce(sum(tips_amount - refunded_tips), 0) AS tips INTO ledger
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
LEDGER_AGREES_WITH_ORDER = """
    CREATE CONSTRAINT TRIGGER ledger_agrees_with_order
    AFTER INSERT OR UPDATE OF order_id, paid_amount, tips_amount, status{} ON payment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_agrees('payment')
"""
# No amount of a ledger row ever changes, and what went back never comes again.
MOVES_FORWARD = """
    CREATE OR REPLACE FUNCTION payment_moves_forward() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.status <> NEW.status AND NOT (
            OLD.status = 'recorded' AND NEW.status <> 'recorded'
            OR OLD.status = 'captured' AND NEW.status NOT IN ('recorded', 'captured')
        ) OR (OLD.order_id, OLD.payment_intent_id, OLD.paid_amount, OLD.tips_amount)
            IS DISTINCT FROM (NEW.order_id, NEW.payment_intent_id, NEW.paid_amount, NEW.tips_amount)
        OR NEW.refunded_paid < OLD.refunded_paid OR NEW.refunded_tips < OLD.refunded_tips
        THEN
            RAISE EXCEPTION 'payment % cannot change so', NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_moves_forward';
        END IF;
        RETURN NEW;
    END $$
"""
# The taxes that Dojo says are in its order become smaller with its total.
SALES_OF = """
    CREATE FUNCTION sales_of(
        status text, sales jsonb, total_amount bigint, service_charge_amount bigint,
        refund_amount bigint, content jsonb
    ) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
    DECLARE
        whole bigint := total_amount + refund_amount;
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
                'amount', CASE WHEN refund_amount = 0 THEN line -> 'amountTotal' -> 'value' ELSE
                    to_jsonb(div(2 * (line -> 'amountTotal' ->> 'value')::numeric * total_amount
                                 + whole, 2 * whole)::bigint) END))
            FROM jsonb_array_elements(content -> 'taxLines') AS line
        ), '[]');
    END $$
"""
SALES_OF_BEFORE = "sales_of(text, jsonb, bigint, bigint, jsonb)"
SALES_OF_NOW = "sales_of(text, jsonb, bigint, bigint, bigint, jsonb)"
# What a payment counts is entered when it changes, as the difference to before.
JOURNAL_PAYMENT = """
    CREATE OR REPLACE FUNCTION journal_payment() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        day record := current_business_day(NEW.venue_id, is_shared => true);
        recorded takings_entry;
        paid bigint := 0;
        tips bigint := 0;
        part bigint := 0;
    BEGIN
        IF NEW.status IN ('recorded', 'captured') THEN
            paid := NEW.paid_amount - NEW.refunded_paid;
            tips := NEW.tips_amount - NEW.refunded_tips;
        END IF;
        IF TG_OP = 'INSERT' THEN
            recorded.of_day := day.today;
            SELECT coalesce(waiter_id, NEW.waiter_id) INTO recorded.waiter_id
            FROM customer_order WHERE venue_id = NEW.venue_id AND id = NEW.order_id;
        ELSE
            SELECT * INTO recorded FROM takings_entry
            WHERE venue_id = NEW.venue_id AND payment_id = NEW.id ORDER BY id LIMIT 1;
            IF OLD.status IN ('recorded', 'captured') THEN
                paid := paid - (OLD.paid_amount - OLD.refunded_paid);
                tips := tips - (OLD.tips_amount - OLD.refunded_tips);
                part := -OLD.refunded_amount;
            END IF;
            IF NEW.status IN ('recorded', 'captured') THEN
                part := NEW.refunded_amount - OLD.refunded_amount;
            END IF;
        END IF;
        IF paid <> 0 OR tips <> 0 OR part <> 0 THEN
            INSERT INTO takings_entry
                (venue_id, day, at, order_id, payment_id, waiter_id, source, method, status,
                 paid, tips, partly_refunded, of_day)
            VALUES
                (NEW.venue_id, day.today, day.at, NEW.order_id, NEW.id,
                 recorded.waiter_id, NEW.source, NEW.method, NEW.status,
                 paid, tips, part, recorded.of_day);
        END IF;
        RETURN NULL;
    END $$
"""
REFUNDS = (
    """
    CREATE FUNCTION date_refund() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        SELECT today INTO NEW.day FROM current_business_day(NEW.venue_id, is_shared => true);
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER payment_refund_is_dated BEFORE INSERT ON payment_refund
    FOR EACH ROW EXECUTE FUNCTION date_refund()
    """,
    """
    CREATE TRIGGER payment_refund_is_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON payment_refund
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
)


def journal_order() -> str:
    """As it was, with what went back in the sales of an order."""
    made: str = migration("0009").JOURNAL_ORDER
    for row in ("NEW", "OLD"):
        made = made.replace(f"{row}.content)", f"{row}.refund_amount, {row}.content)")
    return made


def upgrade() -> None:
    op.create_table(
        "payment_refund",
        sa.Column("venue_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("order_id", sa.Text(collation="C"), nullable=False),
        sa.Column("payment_id", sa.Text(collation="C"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("tips", sa.BigInteger(), nullable=False),
        sa.Column("credited", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("waiter_id", sa.Text(collation="C"), nullable=True),
        sa.Column("event_id", sa.Text(collation="C"), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_refund_amount")),
        sa.CheckConstraint("tips BETWEEN 0 AND amount", name=op.f("ck_payment_refund_tips")),
        sa.CheckConstraint(
            "credited BETWEEN 0 AND amount - tips", name=op.f("ck_payment_refund_credited")
        ),
        sa.ForeignKeyConstraint(
            ["venue_id", "order_id"],
            ["customer_order.venue_id", "customer_order.id"],
            name=op.f("fk_payment_refund_venue_id_order_id"),
        ),
        sa.ForeignKeyConstraint(
            ["venue_id", "payment_id"],
            ["payment.venue_id", "payment.id"],
            name=op.f("fk_payment_refund_venue_id_payment_id"),
        ),
        sa.PrimaryKeyConstraint("venue_id", "id", name=op.f("pk_payment_refund")),
    )
    for column in ("day", "order_id", "payment_id"):
        op.create_index(
            op.f(f"ix_payment_refund_venue_id_{column}"), "payment_refund", ["venue_id", column]
        )
    nothing = sa.text("0")
    for table, column in ADDED:
        op.add_column(
            table, sa.Column(column, sa.BigInteger(), server_default=nothing, nullable=False)
        )
    for table, name, condition in CHECKS:
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
    set_kinds("'refund', ")
    for statement in (*REFUNDS, LEDGER_AGREES, MOVES_FORWARD, SALES_OF, JOURNAL_PAYMENT):
        op.execute(statement)
    op.execute(journal_order())
    op.execute(f"DROP FUNCTION {SALES_OF_BEFORE}")
    replace_trigger(", refunded_paid, refunded_tips")


def downgrade() -> None:
    """Only where no money went back in parts: the older version would count it as paid."""
    op.execute(REFUSE_DOWNGRADE)
    replace_trigger("")
    second, till, both = (migration(number) for number in ("0002", "0004", "0009"))
    journal = next(one for one in till.JOURNAL if "FUNCTION journal_payment" in one)
    for function in (
        both.SALES_OF,
        both.LEDGER_AGREES,
        both.JOURNAL_ORDER,
        second.RULES[1],
        journal,
    ):
        op.execute(function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1))
    op.execute(f"DROP FUNCTION {SALES_OF_NOW}")
    set_kinds("")
    for table, name, _ in CHECKS:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    for table, column in ADDED:
        op.drop_column(table, column)
    op.drop_table("payment_refund")
    op.execute("DROP FUNCTION date_refund()")


def set_kinds(refund: str) -> None:
    op.drop_constraint(op.f("ck_sale_entry_kind"), "sale_entry")
    op.create_check_constraint(op.f("ck_sale_entry_kind"), "sale_entry", KINDS.format(refund))


def replace_trigger(agreeing: str) -> None:
    op.execute("DROP TRIGGER ledger_agrees_with_order ON payment")
    op.execute(LEDGER_AGREES_WITH_ORDER.format(agreeing))


def migration(number: str) -> ModuleType:
    """An earlier migration, which has the functions as they were."""
    found = context.script.get_revision(number)
    assert found is not None, number  # noqa: S101
    return found.module
