"""Values far outside reason are sent again with `confirm`; the venue says what is outside.

Revision: 0048, after 0047
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    none: sa.Column[object] = sa.Column(
        "limits", JSONB(), server_default=sa.text("'{}'"), nullable=False
    )
    op.add_column("venue", none)


def downgrade() -> None:
    op.drop_column("venue", "limits")
