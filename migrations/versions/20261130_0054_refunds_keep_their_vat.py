"""A refund keeps the VAT that it took off the bill, and its paper the refunds that it says.

So each credit note has only what is on no earlier one, whatever becomes of the order.

Revision: 0054, after 0053
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payment_refund", sa.Column("taken_off", JSONB()))
    op.add_column("receipt", sa.Column("refunds", JSONB()))


def downgrade() -> None:
    op.drop_column("receipt", "refunds")
    op.drop_column("payment_refund", "taken_off")
