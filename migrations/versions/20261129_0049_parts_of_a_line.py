"""A line may be split between tabs by parts.

Revision: 0049, after 0048
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

REFUSE_DOWNGRADE = """
    DO $$ BEGIN
        IF EXISTS (SELECT FROM tab_line WHERE piece IS NOT NULL) THEN
            RAISE EXCEPTION 'there are parts of lines, which the older version would count as whole ones';
        END IF;
    END $$
"""


def upgrade() -> None:
    op.add_column("tab_line", sa.Column("piece", JSONB()))


def downgrade() -> None:
    op.execute(REFUSE_DOWNGRADE)
    op.drop_column("tab_line", "piece")
