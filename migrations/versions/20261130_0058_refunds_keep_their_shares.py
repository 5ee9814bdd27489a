"""A tab keeps how what went back of it was shared by category and VAT rate.

So what comes to the tab later, or goes to another one, bears nothing of it. Tabs of before have no shares:
what went back of them is shared by what is on them, as it was.

Revision: 0058, after 0054
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0058"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tab", sa.Column("as_refunded", JSONB()))


def downgrade() -> None:
    op.drop_column("tab", "as_refunded")
