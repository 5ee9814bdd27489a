"""What the audit trail says."""

import json
from typing import Any

from tests.support.rows import fetch
from tests.support.venues import Venue

Json = dict[str, Any]


async def trail(
    venue: Venue, subject_id: str | None = None, action: str | None = None
) -> list[Json]:
    """All entries, or those about one thing or of one action, oldest first."""
    rows = await fetch(
        venue,
        """SELECT * FROM audit_entry
           WHERE venue_id = $1 AND ($2::text IS NULL OR subject_id = $2)
             AND ($3::text IS NULL OR action = $3)
           ORDER BY id""",
        subject_id,
        action,
    )
    return [row | {"details": json.loads(row["details"])} for row in rows]
