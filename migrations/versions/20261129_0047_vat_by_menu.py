"""An order of Dojo's is held against the menu when it comes: its VAT, its prices, what has run out.

Revision: 0047, after 0046
"""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

KINDS = "kind IN ('item', 'order', 'discount', 'refund', 'service_charge', 'vat', 'order_vat', 'void'{})"
INFORMING = "NOT IN ('vat', 'void')"
INFORMING_NOW = "NOT IN ('vat', 'void', 'derived', 'derived_vat')"
REFUSE_DOWNGRADE = """
    DO $$ BEGIN
        IF EXISTS (SELECT FROM sale_entry WHERE kind IN ('derived', 'derived_vat')) THEN
            RAISE EXCEPTION 'the journal has VAT by the menu, which the older version does not know';
        END IF;
    END $$
"""


def upgrade() -> None:
    op.add_column("customer_order", sa.Column("derived", JSONB()))
    refuses: sa.Column[bool] = sa.Column(
        "refuses_sold_out_orders", sa.Boolean(), server_default=sa.text("false"), nullable=False
    )
    op.add_column("venue", refuses)
    set_kinds(", 'derived', 'derived_vat'")
    before = journal_order()
    assert before.count(INFORMING) == 1  # noqa: S101 - it replaces what is there
    op.execute(before.replace(INFORMING, INFORMING_NOW))


def downgrade() -> None:
    op.execute(REFUSE_DOWNGRADE)
    op.execute(journal_order())
    set_kinds("")
    op.drop_column("venue", "refuses_sold_out_orders")
    op.drop_column("customer_order", "derived")


def set_kinds(more: str) -> None:
    op.drop_constraint(op.f("ck_sale_entry_kind"), "sale_entry")
    op.create_check_constraint(op.f("ck_sale_entry_kind"), "sale_entry", KINDS.format(more))


def journal_order() -> str:
    """As the migration of refunds made it."""
    refunds = context.script.get_revision("0020")
    assert refunds is not None  # noqa: S101 - narrows the type; 0020 is always there
    made: str = refunds.module.journal_order()
    return made
