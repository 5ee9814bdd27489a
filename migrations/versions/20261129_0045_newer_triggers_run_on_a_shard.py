"""The triggers of incidents, of the drawer, of refunds and of the journal run on a shard too, as those before in 0009.

Revision: 0045, after 0040
"""

from alembic import context, op

revision = "0045"
down_revision = "0040"
branch_labels = None
depends_on = None

APPEND_ONLY = ("cash_movement", "incident", "payment_refund")
ROW_TYPE = {
    "recorded takings_entry;": "recorded_day date;\n        recorded_with text;",
    "recorded.of_day": "recorded_day",
    "recorded.waiter_id": "recorded_with",
    "SELECT * INTO recorded FROM": "SELECT of_day, waiter_id INTO recorded_day, recorded_with FROM",
}
"""A node may get the function before it has the table, so no variable has the table's row type."""


def upgrade() -> None:
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER {table}_is_append_only ON {table}")
        refuse(f"{table}_is_append_only", f"BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW")
        refuse(f"{table}_is_never_emptied", f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT")
    function = journal_payment()
    for before, now in ROW_TYPE.items():
        function = function.replace(before, now)
    op.execute(function)


def downgrade() -> None:
    op.execute(journal_payment())
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER {table}_is_never_emptied ON {table}")
        op.execute(f"DROP TRIGGER {table}_is_append_only ON {table}")
        changes = "UPDATE OR DELETE OR TRUNCATE"
        refuse(f"{table}_is_append_only", f"BEFORE {changes} ON {table} FOR EACH STATEMENT")


def refuse(trigger: str, when: str) -> None:
    op.execute(f"CREATE TRIGGER {trigger} {when} EXECUTE FUNCTION refuse_change()")


def journal_payment() -> str:
    """As the migration of refunds made it."""
    refunds = context.script.get_revision("0020")
    assert refunds is not None  # noqa: S101
    made: str = refunds.module.JOURNAL_PAYMENT
    return made
