"""A receipt keeps whom it named, so that a credit note can name them too.

Revision: 0052, after 0051
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("receipt", sa.Column("customer", JSONB()))


def downgrade() -> None:
    op.drop_column("receipt", "customer")
